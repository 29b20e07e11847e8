"""The watch page: a creator is live from the go-live page, people watch and talk.

One creator and two viewers stay for the whole file: what a test changes it puts back. The last tests end the stream.
"""

import dataclasses
import itertools

import pytest

from support.accessibility import nameless_controls, violations
from support.browsers import close_all
from support.channel import Creator, Viewer, reads_in_chat, say
from support.server import running
from support.waiting import eventually

names = (f"viewer-{number}" for number in itertools.count(1))


@pytest.fixture(scope="module")
def server():
    with running(config={"http": {"rate_limits": False}}) as server:
        yield server


@dataclasses.dataclass
class Show:
    host: Creator
    bob: Viewer
    guest: Viewer


@pytest.fixture(scope="module")
def show(loop, server, chromium):
    async def begin():
        host = await Creator.with_stream(chromium, server, "ada", "Engines & <b>poetry</b>")
        await host.check()
        await host.go_live()
        bob = await Viewer.come(chromium, server, "bob", path="/")
        guest = await Viewer.come(chromium, server, path="/", width=1280)
        for viewer in (bob, guest):
            await viewer.watch("ada")
            await viewer.sees()
        return Show(host, bob, guest)

    show = loop.run_until_complete(begin())
    yield show
    loop.run_until_complete(close_all([show.host.visit, show.bob.visit, show.guest.visit]))


@pytest.fixture
def visitors(loop, server, chromium):
    """Brings people without an account, who leave when the test is over."""
    present = []

    async def come(path, **options):
        visitor = await Viewer.come(chromium, server, path=path, **options)
        present.append(visitor.visit)
        return visitor

    yield come
    loop.run_until_complete(close_all(present))


async def video(person, member):
    return await person.page.evaluate("member => document.querySelector('#video')[member]", member)


async def press(person, key):
    await person.page.evaluate("() => document.activeElement.blur()")
    await person.page.keyboard.press(key)


# The picture


async def test_viewers_see_frames_and_hear(show):
    for viewer in (show.bob, show.guest):
        assert (await viewer.visit.frames(2))["fps"] > 10
        before = (await viewer.visit.received("audio"))["audioEnergy"]

        async def louder(viewer=viewer, before=before):
            return (await viewer.visit.received("audio"))["audioEnergy"] > before + 0.001

        await eventually(louder, "audio energy grows")


async def test_the_page_says_what_is_on_and_markup_stays_text(show):
    for text in ("Engines & <b>poetry</b>", "ada", "Follow"):
        await show.bob.reads(text, within="#info")
    assert await show.bob.page.evaluate("() => document.querySelector('#info h1').childElementCount") == 0


async def test_the_number_of_viewers_moves_by_itself(show, visitors):
    count = "n => document.querySelector('.channel-count').title === n"
    await show.bob.eventually(count, "two watch", argument="2 viewers")
    another = await visitors("/ada")
    await show.bob.eventually(count, "three watch", argument="3 viewers")
    await another.visit.close()
    await show.bob.eventually(count, "two watch again", argument="2 viewers")


async def test_a_size_is_chosen_by_its_name(show):
    page = show.guest.page
    await show.guest.eventually("() => document.querySelector('.player-quality').options.length === 4", "three sizes")
    options = await page.evaluate("() => [...document.querySelector('.player-quality').options].map((one) => one.text)")
    assert options == ["Auto", "720p", "360p", "180p"]
    await page.select_option(".player-quality", label="180p")
    await show.guest.visit.width(320)
    await page.select_option(".player-quality", label="Auto")
    await show.guest.eventually("() => probe.width > 320", "a larger picture comes back", 30)


async def test_what_is_received_and_how_late_is_shown(show):
    await press(show.guest, "s")
    for name in ("VP8", "Resolution", "Bitrate", "Loss", "Round trip", "Jitter buffer"):
        await show.guest.reads(name, within=".player-stats")
    await show.guest.reads("ms from camera to screen", within=".player-stats", deadline=20)
    latency = await show.guest.page.inner_text(".player-stats div:last-child dd")
    assert int(latency.split()[0]) < 3000, latency
    await press(show.guest, "s")
    assert await show.guest.page.is_hidden(".player-stats")


async def test_keys_do_what_the_help_says(show):
    guest = show.guest
    await press(guest, "m")
    assert await video(guest, "muted") is True
    await press(guest, "m")
    assert await video(guest, "muted") is False
    await press(guest, "k")
    assert await video(guest, "paused") is True
    await press(guest, " ")
    await guest.eventually("() => !document.querySelector('#video').paused", "it plays again")
    await press(guest, "t")
    assert await guest.page.evaluate("() => document.body.classList.contains('theatre')")
    await press(guest, "t")
    await press(guest, "?")
    assert await guest.page.is_visible(".player-help")
    await guest.page.keyboard.press("Escape")
    await guest.page.focus(".player-frame")
    await guest.page.keyboard.press("ArrowDown")
    assert await video(guest, "volume") < 1
    await guest.page.keyboard.press("ArrowUp")
    await press(guest, "f")
    await guest.eventually("() => document.fullscreenElement !== null", "it fills the screen")
    await press(guest, "f")
    await guest.eventually("() => document.fullscreenElement === null", "it is back in the page")


async def test_keys_are_letters_while_somebody_types(show):
    guest = show.guest
    await guest.eventually("() => !document.querySelector('input[name=message]').disabled", "the chat is open")
    await guest.page.fill("input[name=message]", "")
    await guest.page.type("input[name=message]", "mkt f?p")
    assert await guest.page.input_value("input[name=message]") == "mkt f?p"
    assert await video(guest, "muted") is False
    assert await video(guest, "paused") is False
    assert not await guest.page.evaluate("() => document.body.classList.contains('theatre')")
    await guest.page.fill("input[name=message]", "")


async def test_a_viewer_that_loses_its_socket_is_told_and_comes_back(show):
    guest = show.guest
    states = """() => {
      globalThis.states = [];
      const frame = document.querySelector(".player-frame");
      new MutationObserver(() => states.push(frame.dataset.state)).observe(frame, { attributeFilter: ["data-state"] });
    }"""
    await guest.page.evaluate(states)
    await guest.page.evaluate("() => probe.sockets.at(-1).close(4000)")
    await guest.eventually("() => states.includes('reconnecting') && states.at(-1) === 'live'", "it came back")
    count = await guest.page.evaluate("() => probe.count")
    await guest.visit.picture("the picture is back", after=count + 5)


async def test_the_camera_turned_off_is_another_picture_than_a_lost_one(show):
    await show.host.page.click("[aria-label='Camera off']")
    await show.guest.reads("The camera is off", within=".player-frame")
    await show.host.page.click("[aria-label='Camera on']")
    await show.guest.eventually("() => document.querySelector('.player-screen').hidden", "the picture is back")


# Chat


async def test_chat_goes_both_ways(show):
    await say(show.bob, "Good evening, <i>Ada</i>")
    await say(show.guest, "I have no account")
    await say(show.host, "Welcome, both of you")
    for person in (show.host, show.bob, show.guest):
        for text in ("Good evening, <i>Ada</i>", "I have no account", "Welcome, both of you"):
            await reads_in_chat(person, text)
    host_line = "() => [...document.querySelectorAll('.chat-message')].find((one) => one.innerText.includes('Welcome, both'))"
    assert await show.bob.page.evaluate(f"({host_line})().querySelector('.badge').innerText") == "Host"


async def test_who_comes_late_reads_what_was_said(show, visitors):
    await say(show.bob, "Said before you came")
    await reads_in_chat(show.guest, "Said before you came")
    late = await visitors("/ada")
    await reads_in_chat(late, "Said before you came")


async def test_a_guest_gives_themself_a_name(show):
    guest = show.guest
    await guest.page.click("text=Change name")
    await guest.page.fill(".chat-guest input", "Charles")
    await guest.page.press(".chat-guest input", "Enter")
    await guest.reads("You are Charles", within=".chat-guest")
    await say(guest, "It is me, Charles")
    await show.bob.eventually(
        "() => [...document.querySelectorAll('.chat-message')].some((one) => /Charles\\s*It is me/.test(one.innerText))",
        "the message has the new name",
    )


async def test_a_message_that_is_refused_says_why(show):
    await show.bob.eventually("() => document.querySelector('.chat-composer button')?.disabled === false", "the chat is open")
    for number in range(7):
        await show.bob.page.fill("input[name=message]", f"Flood {number}")
        await show.bob.page.press("input[name=message]", "Enter")
    await show.bob.eventually(
        "() => /too fast/i.test(document.querySelector('.chat-message[data-state=refused]')?.innerText ?? '')", "the reason"
    )
    await show.bob.reads("You can write again in", within=".chat-note")
    await show.bob.eventually("() => document.querySelector('.chat-note').innerText === ''", "the wait is over")


async def moderate(show, text, button):
    """The host opens what can be done about the message with this text, and does it."""
    line = show.host.page.locator(".chat-message", has_text=text)
    await line.hover()
    await line.locator(".chat-more").click()
    await line.get_by_role("button", name=button, exact=True).click()
    return line


async def test_the_host_deletes_a_message_for_everyone(show):
    await say(show.bob, "Something regrettable")
    await reads_in_chat(show.host, "Something regrettable")
    await reads_in_chat(show.guest, "Something regrettable")
    await moderate(show, "Something regrettable", "Delete")
    for person in (show.host, show.bob, show.guest):
        gone = "() => !document.querySelector('.chat-list').innerText.includes('Something regrettable')"
        await person.eventually(gone, "the message is gone")


async def test_who_is_timed_out_cannot_write_until_it_is_lifted(show):
    await say(show.bob, "One word too many")
    await reads_in_chat(show.host, "One word too many")
    await moderate(show, "One word too many", "Time out for 1 minute")
    await show.bob.reads("You cannot write in this chat right now", within=".chat-note")
    user = await show.bob.call("get", "/api/auth/me")
    await show.host.call("put", f"/api/chat/ada/timeouts/{user['id']}", {"seconds": 0})
    await show.bob.eventually("() => document.querySelector('.chat-note').innerText === ''", "the chat is open again")


@pytest.mark.parametrize(
    ("settings", "reason"),
    [({"isChatEnabled": False}, "turned the chat off"), ({"isChatFollowersOnly": True}, "Only followers can chat")],
)
async def test_a_closed_chat_says_why_at_once(show, settings, reason):
    await show.host.call("put", "/api/stream/chat-settings", settings)
    await show.bob.reads(reason, within=".chat-note")
    await show.host.call("put", "/api/stream/chat-settings", {name: not value for name, value in settings.items()})
    await show.bob.eventually("() => document.querySelector('.chat-note').innerText === ''", "the chat is open again")


async def test_whoever_reads_back_is_not_moved_and_told_how_many_came(show):
    for number in range(4):
        for person in (show.host, show.bob):
            await say(person, f"Line {number} of a long conversation, to fill the list with words and more words")
        await show.bob.eventually("() => document.querySelector('.chat-note').innerText === ''", "the wait is over")
    await show.guest.page.set_viewport_size({"width": 1280, "height": 480})
    await show.guest.page.evaluate("() => (document.querySelector('.chat-list').scrollTop = 0)")
    await show.guest.eventually("() => !document.querySelector('.chat-new').hidden", "there is a way to the end")
    await say(show.host, "News from below")
    await show.guest.reads("1 new", within=".chat-new")
    assert await show.guest.page.evaluate("() => document.querySelector('.chat-list').scrollTop") == 0
    await show.guest.page.click(".chat-new")
    assert await show.guest.page.is_hidden(".chat-new")
    await show.guest.page.set_viewport_size({"width": 1280, "height": 800})


# Other pages of the same picture


async def test_the_embed_is_the_player_alone(show, visitors):
    visitor = await visitors("/login")
    await visitor.page.goto(f"{show.host.server.url}/embed/ada")
    await visitor.sees()
    assert await visitor.page.locator("header, .chat").count() == 0


async def test_who_is_offline_and_who_does_not_exist_are_different_pictures(show, server, chromium, visitors):
    creator = await Creator.with_stream(chromium, server, "offline-one")
    try:
        visitor = await visitors("/offline-one")
        await visitor.is_shown("offline")
        await visitor.reads("is offline", within=".player-frame")
        await visitor.open("/nobody-at-all")
        await visitor.is_shown("missing")
    finally:
        await creator.visit.close()


@pytest.mark.parametrize("width", [360, 1280])
async def test_the_page_is_readable_for_everyone_at_any_width(show, visitors, width):
    visitor = await visitors("/ada", width=width)
    await visitor.sees()
    assert await violations(visitor.page) == []
    assert await nameless_controls(visitor.page) == []
    assert await visitor.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


# The end


async def test_who_is_blocked_while_watching_is_out_at_once(show, server, chromium):
    name = next(names)
    eve = await Viewer.come(chromium, server, name, path="/")
    try:
        await eve.watch("ada")
        await eve.sees()
        await show.host.call("put", f"/api/users/{name}/block")
        await eve.reads("You cannot watch this channel", within=".player-frame")
    finally:
        await eve.visit.close()


async def test_pages_reported_no_error(show):
    for person in (show.host, show.bob, show.guest):
        assert person.errors == []


async def test_viewers_are_told_that_it_ended(show):
    await show.host.end()
    for viewer in (show.bob, show.guest):
        await viewer.is_shown("ended")
        await viewer.reads("The stream has ended", within=".player-frame")
