"""The picture, what is said about it, and what one can do with it."""

from support.channel import Viewer, near
from support.waiting import eventually


async def test_viewers_see_frames_and_hear(show):
    for viewer in (show.bob, show.guest):
        await viewer.visit.settled(11)
        assert (await viewer.visit.frames(2))["fps"] > 10
        before = (await viewer.visit.received("audio"))["audioEnergy"]

        async def louder(viewer=viewer, before=before):
            return (await viewer.visit.received("audio"))["audioEnergy"] > before + 0.001

        await eventually(louder, "audio energy grows")


async def test_the_page_says_what_is_on_and_markup_stays_text(show):
    for text in ("Engines & <b>poetry</b>", "ada", "Follow"):
        await show.bob.reads(text, within="#info")
    assert await show.bob.page.evaluate("() => document.querySelector('#info h1').childElementCount") == 0


async def test_a_new_title_is_shown_at_once(show):
    await show.host.call("put", "/api/stream/info", {"title": "Poetry & engines", "description": "Both\nat once"})
    for viewer in (show.bob, show.guest):
        await viewer.reads("Poetry & engines", within="#info h1")
        await viewer.reads("Both\nat once", within=".channel-about")
        await viewer.eventually("() => document.title.includes('Poetry & engines')", "the tab has the title as well")
    await show.host.call("put", "/api/stream/info", {"title": "Engines & <b>poetry</b>"})


async def test_news_do_not_take_the_focus_away(show):
    await show.guest.page.get_by_role("button", name="Copy link").focus()
    await show.host.call("put", "/api/stream/info", {"title": "Other words"})
    await show.guest.reads("Other words", within="#info h1")
    assert await show.guest.page.evaluate("() => document.activeElement.innerText") == "Copy link"
    await show.host.call("put", "/api/stream/info", {"title": "Engines & <b>poetry</b>"})


async def test_following_counts_and_is_taken_back(show):
    button = show.bob.page.locator("#info").get_by_role("button", name="Follow")
    await button.click()
    await show.bob.reads("1 follower", within=".channel-host")
    await show.bob.reads("Following", within="#info")

    # The page says so at once, and takes it back if the server does not.
    async def kept():
        return (await show.bob.call("get", "/api/viewer/stream/ada"))["host"]["isFollowing"]

    await eventually(kept, "the server keeps it")
    await button.click()
    await show.bob.reads("0 followers", within=".channel-host")

    async def dropped():
        return not await kept()

    await eventually(dropped, "the server has dropped it")


async def test_a_follow_that_fails_is_taken_back_and_said(show):
    await show.bob.page.route("**/follow", lambda route: route.fulfill(status=200, body="{}"))
    await show.bob.page.locator("#info").get_by_role("button", name="Follow").click()
    await show.bob.reads("cut short", within=".toasts")
    await show.bob.reads("0 followers", within=".channel-host")
    await show.bob.page.unroute("**/follow")


async def test_who_is_not_signed_in_follows_by_way_of_signing_in(show):
    link = show.guest.page.locator("#info").get_by_role("link", name="Follow")
    assert await link.get_attribute("href") == "/login?next=%2Fada"


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
    for name, width in (("180p", 320), ("720p", 1280), ("360p", 640)):
        await page.select_option(".player-quality", label=name)
        await show.guest.visit.width(width, 30)
    await page.select_option(".player-quality", label="Auto")
    await show.guest.eventually("() => probe.width > 640", "a larger picture comes back", 30)


FIGURES = ("Codec", "Resolution", "Frames", "Bitrate", "Loss", "Round trip", "Jitter buffer", "Latency")


async def test_what_is_received_and_how_late_is_shown(show):
    await show.guest.press("s")
    await show.guest.reads("ms from camera to screen", within=".player-stats")
    # The sizes that were tried before have settled.
    await eventually(lambda: near(show.guest, 3000), "it is near the live moment")
    shown = await show.guest.page.evaluate(
        "() => Object.fromEntries([...document.querySelectorAll('.player-stats > div')].map((row) => [...row.children].map((one) => one.innerText)))"
    )
    assert tuple(shown) == FIGURES
    assert shown["Codec"] == "VP8 · opus"
    assert "×" in shown["Resolution"] and "a second" in shown["Frames"] and "bit/s" in shown["Bitrate"]
    assert int(shown["Latency"].split()[0]) < 3000, shown
    await show.guest.press("s")
    assert await show.guest.page.is_hidden(".player-stats")


async def test_keys_do_what_the_help_says(show):
    guest = show.guest
    await guest.press("m")
    assert await guest.video("muted") is True
    await guest.press("m")
    assert await guest.video("muted") is False
    await guest.press("k")
    assert await guest.video("paused") is True
    await guest.press(" ")
    await guest.eventually("() => !document.querySelector('#video').paused", "it plays again")
    await guest.press("t")
    assert await guest.page.evaluate("() => document.body.classList.contains('theatre')")
    await guest.press("t")
    await guest.press("?")
    assert await guest.page.is_visible(".player-help")
    await guest.page.keyboard.press("Escape")
    await guest.eventually("() => !document.querySelector('.player-help').open", "the help is gone")
    await guest.page.focus(".player-frame")
    await guest.page.keyboard.press("ArrowDown")
    assert await guest.video("volume") < 1
    await guest.page.keyboard.press("ArrowUp")
    await guest.press("f")
    await guest.eventually("() => document.fullscreenElement !== null", "it fills the screen")
    await guest.press("f")
    await guest.eventually("() => document.fullscreenElement === null", "it is back in the page")


async def test_a_key_brings_the_picture_into_its_own_window_and_back(show):
    await show.guest.press("p")
    await show.guest.eventually("() => document.pictureInPictureElement?.id === 'video'", "it is in a window of its own")
    await show.guest.press("p")
    await show.guest.eventually("() => document.pictureInPictureElement === null", "it is back in the page")


async def test_an_arrow_leads_back_to_the_live_moment(show):
    await show.guest.press("k")
    await show.guest.press("ArrowRight")
    count = await show.guest.page.evaluate("() => probe.count")
    await show.guest.visit.picture("it plays again", after=count + 5)
    assert await show.guest.video("paused") is False


async def test_keys_are_letters_while_somebody_types(show):
    guest = show.guest
    await guest.eventually("() => !document.querySelector('input[name=message]').disabled", "the chat is open")
    await guest.page.fill("input[name=message]", "")
    await guest.page.type("input[name=message]", "mkt f?ps")
    assert await guest.page.input_value("input[name=message]") == "mkt f?ps"
    assert await guest.video("muted") is False
    assert await guest.video("paused") is False
    assert await guest.page.is_hidden(".player-stats")
    assert not await guest.page.evaluate("() => document.body.classList.contains('theatre')")
    await guest.page.fill("input[name=message]", "")


async def test_wishes_are_remembered(show, visitors):
    visitor = await visitors("/ada")
    await visitor.sees()
    await visitor.press("m")
    await visitor.press("t")
    await visitor.page.click("[aria-label='Hide the chat']")
    await visitor.open("/ada")
    await visitor.sees()
    assert await visitor.video("muted") is True
    assert await visitor.page.evaluate("() => document.body.classList.contains('theatre')")
    assert await visitor.page.is_hidden(".chat-body")
    assert await visitor.page.is_hidden(".player-unmute"), "who wished for silence is not asked"


async def test_the_camera_turned_off_is_another_picture_than_a_lost_one(show):
    await show.host.page.click("[aria-label='Camera off']")
    await show.guest.reads("The camera is off", within=".player-frame")
    await show.host.page.click("[aria-label='Camera on']")
    await show.guest.eventually("() => document.querySelector('.player-screen').hidden", "the picture is back")


async def test_who_watches_with_one_account_twice_watches_in_the_newer_place(show):
    tab = await Viewer.in_another_tab(show.bob)
    await tab.watch("ada")
    await tab.sees()
    await show.bob.is_shown("elsewhere")
    await show.bob.page.get_by_role("button", name="Watch here").click()
    await show.bob.sees()
    await tab.is_shown("elsewhere")
    await tab.page.close()


async def test_who_reloads_is_back_with_the_picture_and_the_chat(show):
    for viewer in (show.bob, show.guest):
        await viewer.page.reload()
        await viewer.sees()
        await viewer.eventually("() => document.querySelector('.chat-composer').dataset.state === 'open'", "the chat is open")


async def test_the_pages_reported_no_error(show):
    for person in show.everyone:
        assert person.errors == []


async def test_a_picture_that_nobody_sees_is_not_sent_and_comes_back_when_somebody_looks(show):
    hide = """hidden => {
      Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
      document.dispatchEvent(new Event("visibilitychange"));
    }"""
    guest = show.guest

    async def stands_still():
        return (await guest.visit.frames(1))["fps"] == 0

    await guest.page.evaluate(hide, True)
    await eventually(stands_still, "the picture stops", 20)
    before = (await guest.visit.received("audio"))["packets"]
    await guest.is_shown("live")

    async def goes_on():
        return (await guest.visit.received("audio"))["packets"] > before

    await eventually(goes_on, "sound comes all the while")
    shown = await guest.page.evaluate("() => probe.count")
    await guest.page.evaluate(hide, False)
    await guest.visit.picture("the picture is back", after=shown + 5)
