"""The go-live page where the network goes and comes back: the creator's browser lives in a network namespace of its own,
whose packets vanish for a while."""

import os
import time

import pytest
from playwright.async_api import async_playwright

from support.artifacts import photograph
from support.browsers import launch_other_chromium
from support.channel import Creator, Viewer
from support.namespace import Namespace, inside
from support.people import at_the_pages
from support.server import running
from support.waiting import eventually

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces need root")


@pytest.fixture(scope="module")
def namespace():
    with Namespace() as namespace:
        yield namespace


@pytest.fixture(scope="module")
def server(namespace):
    with running(host="0.0.0.0", advertised=namespace.host_address) as server:
        yield server


@pytest.fixture(scope="module")
def distant(loop, namespace, server, devices):
    """A Chromium in the namespace, which takes the server's pages to be secure, as over HTTPS."""
    camera, microphone = devices
    manager = async_playwright()
    with inside(namespace):
        playwright = loop.run_until_complete(manager.start())
    flags = [
        f"--unsafely-treat-insecure-origin-as-secure={server.url}",
        f"--use-file-for-fake-video-capture={camera}", f"--use-file-for-fake-audio-capture={microphone}",
    ]
    browser = loop.run_until_complete(launch_other_chromium(playwright, *flags))
    yield browser
    loop.run_until_complete(browser.close())
    loop.run_until_complete(manager.__aexit__())


async def test_a_network_that_is_gone_for_ten_seconds_ends_nothing(namespace, server, distant, chromium):
    creator = await Creator.with_stream(distant, server, "ada")
    await creator.check()
    await creator.reads("Media gets through", within=".live-network", deadline=20)
    await creator.go_live()
    viewer = await Viewer.come(chromium, server, path="/ada")
    async with at_the_pages(creator, viewer):
        await viewer.sees()
        session = await creator.session()
        with namespace.cut():
            start = time.monotonic()
            await creator.reads("Reconnecting", within=".live-banner", deadline=30)
            await viewer.is_shown("paused", 30)
            await viewer.reads("right back", within=".player-frame")
            await creator.reads("Not connected", within=".live-uplink")
            await photograph(creator.page, "live-reconnecting")
            await eventually(lambda: time.monotonic() - start > 10, "ten seconds are over", 15)
        await creator.is_live(deadline=40)
        count = await viewer.page.evaluate("() => probe.count")
        await viewer.visit.picture("the picture is back", after=count + 10, deadline=40)
        await viewer.is_shown("live")
        assert await creator.session() == session
