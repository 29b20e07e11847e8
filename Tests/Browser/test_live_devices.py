"""Devices while live: another camera, another microphone, the screen, what is off and what is gone. Viewers go on
seeing and hearing the same stream."""

import itertools

import pytest

from support.artifacts import photograph
from support.browsers import FORGOTTEN, launch_other_chromium
from support.channel import Creator, Viewer
from support.people import at_the_pages
from support.server import running
from support.waiting import eventually

names = (f"creator-{number}" for number in itertools.count(1))
CAMERA = "room.localTracks.find(({ options }) => options.source === 'CAMERA')"


@pytest.fixture(scope="module")
def server():
    with running(config={"http": {"rate_limits": False}}) as server:
        yield server


@pytest.fixture(scope="module")
def many_cameras(loop, playwright):
    """Three: what the second of Chromium's fake ones takes never reaches an encoder."""
    fake = "--use-fake-device-for-media-stream"
    browser = loop.run_until_complete(
        launch_other_chromium(playwright, f"{fake}=device-count=3,fps=30", without=[fake])
    )
    yield browser
    loop.run_until_complete(browser.close())


async def on_air(browser, server):
    """A creator who is live, a viewer who sees it, and the session that is not to end."""
    creator = await Creator.with_stream(browser, server, next(names))
    await creator.check()
    await creator.go_live()
    viewer = await Viewer.come(browser, server, path=f"/{creator.username}")
    await viewer.sees()
    return creator, viewer, await creator.session()


async def goes_on(creator, viewer, session):
    """More pictures come, of the same stream."""
    count = await viewer.page.evaluate("() => probe.count")
    await viewer.visit.picture("the picture goes on", after=count + 10)
    await viewer.is_shown("live")
    assert await creator.session() == session


async def subscriptions(viewer):
    return [event["source"] for event in await viewer.visit.events("trackSubscribed")]


@pytest.mark.parametrize("kind", ["camera", "microphone"])
async def test_another_device_while_live_is_the_same_track_for_viewers(server, many_cameras, kind):
    creator, viewer, session = await on_air(many_cameras, server)
    async with at_the_pages(creator, viewer):
        before = await subscriptions(viewer)
        await creator.page.click("summary")
        other = await creator.page.locator(f"#choose-{kind} option").last.get_attribute("value")
        await creator.page.select_option(f"#choose-{kind}", other)
        changed = """([source, id]) => room.localTracks.some(({ options, track }) =>
          options.source === source && track.getSettings().deviceId === id && track.readyState === "live")"""
        await creator.eventually(changed, "the other one is sent", argument=[kind.upper(), other])
        await goes_on(creator, viewer, session)
        assert await subscriptions(viewer) == before
        assert creator.errors == []


async def test_a_device_that_does_not_start_leaves_the_one_before_it_on(server, many_cameras):
    creator, viewer, session = await on_air(many_cameras, server)
    async with at_the_pages(creator, viewer):
        await creator.page.click("summary")
        first = await creator.page.input_value("#choose-camera")
        other = await creator.page.locator("#choose-camera option").last.get_attribute("value")
        refuse = """id => {
          const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
          navigator.mediaDevices.getUserMedia = (wish) => wish.video?.deviceId?.exact === id
            ? Promise.reject(new DOMException("Could not start", "NotReadableError")) : ask(wish);
        }"""
        await creator.page.evaluate(refuse, other)
        await creator.page.select_option("#choose-camera", other)
        await creator.reads("The camera is in use")
        # What was asked for comes on again first, and then the list shows it.
        shows = "id => document.querySelector('#choose-camera').value === id"
        await creator.eventually(shows, "the one before is chosen", argument=first)
        await goes_on(creator, viewer, session)


async def test_a_device_chosen_while_it_is_off_stays_off(server, many_cameras):
    creator = await Creator.with_stream(many_cameras, server, next(names))
    async with at_the_pages(creator):
        await creator.check()
        await creator.page.click("[aria-label='Camera off']")
        await creator.page.locator("[aria-label='Camera on']").wait_for()
        other = await creator.page.locator("#choose-camera option").last.get_attribute("value")
        await creator.page.select_option("#choose-camera", other)
        assert await creator.page.is_visible("[aria-label='Camera on']")
        await creator.page.click("[aria-label='Camera on']")
        used = "id => document.querySelector('#preview').srcObject?.getVideoTracks()[0].getSettings().deviceId === id"
        await creator.eventually(used, "it is the chosen one", argument=other)


async def test_the_screen_goes_before_the_camera_until_the_browser_stops_it(server, chromium):
    creator, viewer, session = await on_air(chromium, server)
    async with at_the_pages(creator, viewer):
        await creator.page.click("[aria-label='Share the screen']")
        shared = "() => room.subscribedTracks.some(({ publication }) => publication.source === 'SCREEN_SHARE')"
        await viewer.eventually(shared, "the screen arrives")
        await goes_on(creator, viewer, session)
        await photograph(creator.page, "live-screen")
        await creator.loses_device("SCREEN_SHARE")
        await viewer.eventually(f"() => !({shared})()", "the screen is gone")
        await creator.eventually("() => room.localTracks.length === 2", "camera and microphone are left")
        await creator.page.locator("[aria-label='Share the screen']").wait_for()
        await goes_on(creator, viewer, session)
        assert creator.errors == []


async def test_a_camera_that_is_unplugged_says_what_to_do_and_comes_back(server, chromium):
    creator, viewer, session = await on_air(chromium, server)
    async with at_the_pages(creator, viewer):
        await creator.loses_device("CAMERA")
        await creator.reads("The camera was disconnected")
        await creator.reads("Plug it in again or choose another one")
        await viewer.reads("The camera is off", within=".player-frame")
        await photograph(creator.page, "live-unplugged")
        await creator.page.click(".live-advice button")
        await creator.eventually("() => !document.querySelector('.live-advice')", "nothing is wrong any more")
        await goes_on(creator, viewer, session)


async def test_a_camera_that_is_off_is_not_captured_and_stays_off_through_a_reconnection(server, chromium):
    creator, viewer, session = await on_air(chromium, server)
    async with at_the_pages(creator, viewer):
        await creator.page.click("[aria-label='Camera off']")
        await creator.eventually(f"() => {CAMERA}.track.readyState === 'ended'", "the camera is released")
        await viewer.reads("The camera is off", within=".player-frame")
        await photograph(creator.page, "live-camera-off")
        sid = await creator.page.evaluate(f"() => {CAMERA}.sid")
        await creator.page.evaluate(FORGOTTEN)
        await creator.eventually(f"sid => {CAMERA}?.sid !== sid && {CAMERA}.sid", "it is published anew", argument=sid)
        await creator.is_live()
        assert await creator.page.is_visible("[aria-label='Camera on']")
        await creator.page.click("[aria-label='Camera on']")
        await goes_on(creator, viewer, session)


async def test_a_microphone_that_is_off_sends_no_sound_to_anyone(server, chromium):
    creator, viewer, session = await on_air(chromium, server)
    async with at_the_pages(creator, viewer):
        await creator.page.click("[aria-label='Microphone off']")
        await creator.reads("The microphone is off")
        muted = """() => room.participants.flatMap(({ tracks }) => [...tracks.values()])
          .some(({ source, isMuted }) => source === "MICROPHONE" && isMuted)"""
        await viewer.eventually(muted, "viewers know it")
        await creator.page.click("[aria-label='Microphone on']")
        before = (await viewer.visit.received("audio"))["audioEnergy"]

        async def louder():
            return (await viewer.visit.received("audio"))["audioEnergy"] > before + 0.001

        await eventually(louder, "sound is back")
        assert await creator.session() == session
