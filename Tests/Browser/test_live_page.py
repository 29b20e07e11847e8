"""The go-live page as it is meant to be: setup, the check before live, live, the end; and who may not go live yet.
What goes wrong is in test_live_permissions, test_live_devices, test_live_troubles and test_live_network."""

import itertools

import pytest

from support.accessibility import nameless_controls, violations
from support.artifacts import photograph
from support.browsers import close_all
from support.channel import Creator, Viewer
from support.people import at_the_pages
from support.server import running

names = (f"creator-{number}" for number in itertools.count(1))


@pytest.fixture(scope="module")
def server():
    with running(config={"http": {"rate_limits": False}}) as server:
        yield server


@pytest.fixture
def creators(loop, server, chromium):
    """Brings creators with a stream, who leave when the test is over."""
    present = []

    async def come(**options):
        creator = await Creator.with_stream(chromium, server, next(names), **options)
        present.append(creator.visit)
        return creator

    yield come
    loop.run_until_complete(close_all(present))


@pytest.fixture
def viewers(loop, server, chromium):
    present = []

    async def come(username):
        viewer = await Viewer.come(chromium, server, path=f"/{username}")
        present.append(viewer.visit)
        return viewer

    yield come
    loop.run_until_complete(close_all(present))


async def sent_kinds(creator):
    return sorted(await creator.page.evaluate("() => room.localTracks.map(({ track }) => track.kind)"))


async def test_the_first_time_begins_with_a_setup(server, chromium):
    creator = await Creator.come(chromium, server, next(names), path="/")
    if (await creator.call("get", "/api/auth/me"))["creatorStatus"] != "approved":
        await creator.call("post", "/api/creator/application", {})
    try:
        await creator.open(f"/u/{creator.username}/live")
        await creator.reads("Set up your stream")
        assert await violations(creator.page) == []
        await photograph(creator.page, "live-setup")
        await creator.page.fill("#title", "My first stream")
        await creator.page.click("text=Save and continue")
        await creator.reads("My first stream")
        await creator.check()
        await creator.go_live()
        assert (await creator.call("get", "/api/stream/status"))["isLive"]
        await creator.end()
        assert not (await creator.call("get", "/api/stream/status"))["isLive"]
        await creator.reads("Viewers at most")
        assert await violations(creator.page) == []
        await photograph(creator.page, "live-ended")
        assert creator.errors == []
    finally:
        await creator.visit.close()


async def test_the_check_shows_the_picture_the_level_and_the_network(creators):
    creator = await creators()
    await creator.check()
    await creator.eventually("() => document.querySelector('#preview').videoWidth > 0", "the preview plays")
    await creator.eventually("() => document.querySelector('.mic-meter').value > 0.2", "the microphone is heard")
    await creator.reads("Media gets through", within=".live-network")
    assert not (await creator.call("get", "/api/stream/status"))["isLive"]
    assert await creator.page.evaluate("() => room.localTracks.length") == 0


@pytest.mark.parametrize(
    ("off", "rest"), [("Camera off", ["audio"]), ("Microphone off", ["video"])],
)
async def test_a_device_that_is_off_before_live_is_never_sent(creators, off, rest):
    creator = await creators()
    await creator.check()
    await creator.page.click(f"[aria-label='{off}']")
    await creator.go_live(tracks=1)
    assert await sent_kinds(creator) == rest
    await creator.page.click(f"[aria-label='{off.replace('off', 'on')}']")
    await creator.eventually("() => room.localTracks.length === 2", "it is sent when it is turned on")


async def test_live_shows_how_long_how_many_and_how_well(creators, viewers):
    creator = await creators()
    await creator.check()
    await creator.go_live()
    viewer = await viewers(creator.username)
    await viewer.sees()
    await creator.eventually("() => document.querySelector('.live-count span').textContent === '1'", "one watches")
    await creator.eventually("() => /[1-9]/.test(document.querySelector('.live-signs time').textContent)", "the clock runs")
    await creator.eventually("() => /bit\\/s/.test(document.querySelector('.live-uplink').textContent)", "the uplink in words")
    assert creator.errors == []


async def test_title_and_rules_are_changed_before_live_and_while_live(creators, viewers):
    creator = await creators()
    await creator.check()
    await creator.page.click("text=Edit")
    await creator.page.fill("#title", "Better")
    await creator.page.click("dialog >> text=Save")
    await creator.reads("Better")
    await creator.go_live()
    viewer = await viewers(creator.username)
    await viewer.reads("Better", within="#info")
    await creator.page.click("text=Edit")
    assert await violations(creator.page) == []
    await photograph(creator.page, "live-edit")
    await creator.page.fill("#title", "Best")
    await creator.page.uncheck("dialog >> text=Viewers may chat")
    await creator.page.click("dialog >> text=Save")
    await creator.eventually("() => document.querySelector('h1').innerText === 'Best'", "the page has it")
    await viewer.reads("Best", within="#info")
    await viewer.reads("turned the chat off", within=".chat-note")


async def test_the_keyboard_goes_on_where_a_new_view_begins(creators):
    creator = await creators()
    await creator.check()
    await creator.page.focus("#go-live")
    await creator.page.keyboard.press("Enter")
    await creator.is_live()
    assert await creator.page.evaluate("() => document.activeElement.tagName") == "H1"


async def test_the_end_is_asked_for(creators):
    creator = await creators()
    await creator.check()
    await creator.go_live()
    await creator.page.click("#end-stream")
    await photograph(creator.page, "live-question")
    await creator.page.click("text=Keep streaming")
    assert (await creator.call("get", "/api/stream/status"))["isLive"]
    await creator.end()


async def test_somebody_elses_page_leads_to_ones_own(creators):
    one, other = await creators(), await creators()
    await one.open(f"/u/{other.username}/live")
    await one.reads("This is not your channel")


async def test_who_is_no_creator_is_told_how_to_apply_and_what_became_of_it(chromium):
    with running(config={"http": {"rate_limits": False}, "creators": {"approval": "manual"}}) as server:
        admin = await Creator.come(chromium, server, "first", path="/")
        other = await Creator.come(chromium, server, "second", path="/")
        async with at_the_pages(admin, other):
            await other.open("/u/second/live")
            await other.reads("Become a creator first")
            assert await other.page.get_attribute("main a.button.primary", "href") == "/apply"
            await photograph(other.page, "live-apply")
            await other.call("post", "/api/creator/application", {})
            await other.open("/u/second/live")
            await other.reads("Your application is being looked at")
            user = await other.call("get", "/api/auth/me")
            await admin.call("post", f"/api/admin/applications/{user['id']}/reject")
            await other.open("/u/second/live")
            await other.reads("Your application was rejected")
            assert await violations(other.page) == []
            assert other.errors == []


@pytest.mark.parametrize("width", [360, 1280])
async def test_the_page_is_sound_for_everyone_at_any_width(creators, width):
    creator = await creators(width=width)
    await creator.check()
    await assert_sound(creator)
    await photograph(creator.page, "live-check")
    await creator.go_live()
    await creator.eventually("() => /bit/.test(document.querySelector('.live-uplink').textContent)", "all is shown")
    await assert_sound(creator)
    await photograph(creator.page, "live-on-air")
    await creator.page.click("summary")
    await assert_sound(creator)


async def assert_sound(creator):
    assert await violations(creator.page) == []
    assert await nameless_controls(creator.page) == []
    assert await creator.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"
    assert await creator.page.locator("h1").count() == 1
    assert creator.errors == []


# The uplink in words


CALM = {"kind": "video", "bitrate": 1_000_000, "packets": 100, "packetsLost": 0, "limitation": "none"}


@pytest.mark.parametrize(
    ("reports", "rtt", "words"),
    [
        ([{"bitrate": 0}], 20, "Measuring…"),
        ([{"bitrate": 0}] * 4, 20, "Nothing gets out at the moment"),
        ([{}], 20, "Good connection"),
        ([{}, {"packets": 200, "packetsLost": 5}], 20, "Fair connection"),
        ([{}, {"packets": 200, "packetsLost": 20}], 20, "Weak connection: viewers may see it stutter"),
        ([{}], 300, "Fair connection"),
        ([{}], 700, "Weak connection: viewers may see it stutter"),
        ([{"limitation": "cpu"}] * 2, 20, "Good connection"),
        ([{"limitation": "cpu"}] * 3, 20, "Your computer is busy: the picture is reduced"),
        ([{"limitation": "bandwidth"}] * 3, 20, "Limited connection: the picture is reduced"),
    ],
)
async def test_the_words_for_the_uplink_follow_its_figures(creators, reports, rtt, words):
    creator = await creators()
    script = """async ([reports, rtt]) => {
      const { Uplink } = await import("/uplink.js");
      const uplink = new Uplink();
      return reports.map((track) => uplink.report({ rtt, tracks: [track] }).words).at(-1);
    }"""
    assert await creator.page.evaluate(script, [[{**CALM, **report} for report in reports], rtt]) == words


async def test_what_is_off_on_purpose_is_no_fault_of_the_uplink(creators):
    creator = await creators()
    script = """async (track) => {
      const uplink = new (await import("/uplink.js")).Uplink();
      return [1, 2, 3, 4, 5].map(() => uplink.report({ rtt: 9, tracks: [track] }, { isSending: false }).words).at(-1);
    }"""
    assert await creator.page.evaluate(script, {**CALM, "bitrate": 0}) == "Camera and microphone are off"
