"""Going live with Firefox, from the first setup to the end. It lives in a network namespace, for it does not use
127.0.0.1 for media."""

import pytest

from support.browsers import launch_firefox
from support.channel import Creator, Viewer, reads_in_chat, say
from support.distance import browser_inside, namespace, needs_root, server  # noqa: F401
from support.people import at_the_pages
from support.waiting import eventually

pytestmark = needs_root


@pytest.fixture(scope="module")
def firefox(loop, namespace):
    """Takes the server's pages to be secure, as over HTTPS."""
    def launch(playwright):
        return launch_firefox(playwright, dom_securecontext_allowlist=namespace.host_address)

    with browser_inside(loop, namespace, launch) as browser:
        yield browser


async def assert_heard(viewer):
    async def audible():
        return (await viewer.visit.received("audio"))["audioEnergy"] > 0

    await eventually(audible, "sound arrives")


async def test_the_whole_way_from_setup_to_the_end(server, firefox, chromium):
    creator = await Creator.come(firefox, server, "fox", path="/")
    same, other = await Viewer.come(firefox, server, path="/"), await Viewer.come(chromium, server, path="/")
    async with at_the_pages(creator, same, other):
        await creator.open("/u/fox/live")
        await creator.reads("Set up your stream")
        await creator.page.fill("#title", "From Firefox")
        await creator.page.click("text=Save and continue")
        await creator.reads("From Firefox")
        await creator.check()
        await creator.eventually("() => document.querySelector('#preview').videoWidth > 0", "the preview plays")
        # Without a loudspeaker Firefox measures nothing, and the page says so.
        await creator.reads("ou are heard", within=".mic-level")
        await creator.reads("Media gets through", within=".live-network")
        await creator.go_live()
        for viewer in (same, other):
            await viewer.watch("fox")
            await viewer.sees()
            await assert_heard(viewer)
        await creator.eventually("() => document.querySelector('.live-count span').textContent === '2'", "two watch")
        figure = "() => /[1-9].* [kM]bit/.test(document.querySelector('.live-uplink').textContent)"
        await creator.eventually(figure, "the uplink is measured")
        await say(other, "Hello, fox")
        await reads_in_chat(creator, "Hello, fox")

        await creator.page.click("[aria-label='Camera off']")
        await other.reads("The camera is off", within=".player-frame")
        await creator.page.click("[aria-label='Camera on']")
        for viewer in (same, other):
            count = await viewer.page.evaluate("() => probe.count")
            await viewer.visit.picture("the picture is back", after=count + 10)

        await creator.end()
        for viewer in (same, other):
            await viewer.is_shown("ended")
        assert [creator.errors, same.errors, other.errors] == [[], [], []]


async def test_a_reload_while_live_goes_on_in_firefox(server, firefox, chromium):
    creator = await Creator.with_stream(firefox, server, "vixen")
    await creator.check()
    await creator.go_live()
    viewer = await Viewer.come(chromium, server, path="/vixen")
    async with at_the_pages(creator, viewer):
        await viewer.sees()
        session = await creator.session()
        # Firefox asks whether to leave; yes.
        creator.page.on("dialog", lambda dialog: dialog.accept())
        await creator.page.reload()
        # Firefox does not say whether devices are allowed, so the page asks.
        await creator.eventually("() => document.querySelector('#allow, .live-air') !== null", "it knows")
        if await creator.page.locator("#allow").count():
            await creator.reads("You are still live")
            await creator.page.click("#allow")
            await creator.eventually("() => document.querySelector('#go-live')?.disabled === false", "the devices are on")
            await creator.page.click("#go-live")
        await creator.is_live()
        count = await viewer.page.evaluate("() => probe.count")
        await viewer.visit.picture("the picture is back", after=count + 10)
        assert await creator.session() == session
