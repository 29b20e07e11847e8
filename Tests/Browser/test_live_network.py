"""The go-live page where the network goes and comes back: the creator's browser lives in a network namespace of its own,
whose packets vanish for a while."""

import time

import pytest

from support.artifacts import photograph
from support.browsers import launch_other_chromium
from support.channel import Creator, Viewer
from support.distance import browser_inside, namespace, needs_root, server  # noqa: F401
from support.people import at_the_pages
from support.waiting import eventually

pytestmark = needs_root


@pytest.fixture(scope="module")
def distant(loop, namespace, server, devices):
    """A Chromium in the namespace, which takes the server's pages to be secure, as over HTTPS."""
    camera, microphone = devices
    flags = [
        f"--unsafely-treat-insecure-origin-as-secure={server.url}",
        f"--use-file-for-fake-video-capture={camera}", f"--use-file-for-fake-audio-capture={microphone}",
    ]
    with browser_inside(loop, namespace, lambda playwright: launch_other_chromium(playwright, *flags)) as browser:
        yield browser


async def test_a_network_that_is_gone_for_ten_seconds_ends_nothing(namespace, server, distant, chromium):
    creator = await Creator.with_stream(distant, server, "ada")
    await creator.check()
    await creator.reads("Media gets through", within=".live-network")
    await creator.go_live()
    viewer = await Viewer.come(chromium, server, path="/ada")
    async with at_the_pages(creator, viewer):
        await viewer.sees()
        session = await creator.session()
        with namespace.cut():
            start = time.monotonic()
            await creator.reads("Reconnecting", within=".live-banner")
            await viewer.is_shown("paused", 30)
            await viewer.reads("right back", within=".player-frame")
            await creator.reads("Not connected", within=".live-uplink")
            await photograph(creator.page, "live-reconnecting")
            await eventually(lambda: time.monotonic() - start > 10, "ten seconds are over")
        await creator.is_live(deadline=40)
        count = await viewer.page.evaluate("() => probe.count")
        await viewer.visit.picture("the picture is back", after=count + 10, deadline=40)
        await viewer.is_shown("live")
        assert await creator.session() == session
