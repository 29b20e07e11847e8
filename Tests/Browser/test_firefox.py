"""Firefox publishes and watches. It does not use 127.0.0.1 for media, so it lives in a network namespace of its own,
joined to the server by a pair of virtual interfaces."""

import pytest

from support.browsers import Page, close_all, launch_firefox
from support.channel import Viewer, reads_in_chat, say
from support.distance import browser_inside, namespace, needs_root, server  # noqa: F401
from support.joining import compare_starts, settled
from support.people import Person
from support.server import token
from support.waiting import eventually

pytestmark = needs_root


@pytest.fixture(scope="module")
def firefox(loop, namespace):
    with browser_inside(loop, namespace, launch_firefox) as browser:
        yield browser


@pytest.fixture
def firefox_pages(loop, firefox):
    opened = []

    async def open_page(url):
        page = await Page.open(firefox, url)
        opened.append(page)
        return page

    yield open_page
    loop.run_until_complete(close_all(opened))


async def assert_plays(page):
    await page.picture()
    await page.settled(12)
    frames = await page.frames(4)
    assert frames["fps"] >= 12, frames
    assert frames["gap"] < 1000, frames

    async def audible():
        return (await page.received("audio"))["audioEnergy"] > 0

    await eventually(audible, "sound arrives")


async def test_firefox_publishes_to_firefox_and_chromium(server, firefox_pages, pages, room):
    publisher = await firefox_pages(server.page("publish", token(room, "fox")))
    await publisher.publishing()
    await assert_plays(await firefox_pages(server.page("watch", token(room, "vixen", can_publish=False))))
    await assert_plays(await pages(server.page("watch", token(room, "viewer", can_publish=False))))


async def test_chromium_publishes_to_firefox(server, firefox_pages, pages, room):
    # A page may use the camera on localhost or over TLS only: hence the local address.
    local = f"http://127.0.0.1:{server.port}/publish.html?startBitrate=2000&token={token(room, 'creator')}"
    publisher = await pages(local)
    await publisher.publishing()
    viewer = await firefox_pages(server.page("watch", token(room, "vixen", can_publish=False)))
    await assert_plays(viewer)
    await viewer.set_layer("LOW")
    await viewer.width(320)
    await viewer.set_layer("HIGH")
    await viewer.width(1280)


async def test_firefox_begins_with_a_cached_keyframe_and_is_as_live_as_with_one_made(server, firefox, chromium, room):
    local = f"http://127.0.0.1:{server.port}"
    cached, asked = await compare_starts(chromium, firefox, server, room, address=local)
    live = min(settled(samples) for samples in asked)
    assert min(settled(samples) for samples in cached) < live + 100, (cached, asked)


async def test_messages_travel_between_firefox_and_chromium(server, firefox_pages, pages, room):
    fox = await firefox_pages(server.page("watch", token(room, "fox")))
    other = await pages(server.page("watch", token(room, "other")))
    await fox.connected()
    await other.connected()
    for sender, receiver, text in ((fox, other, "from the fox"), (other, fox, "to the fox")):

        async def arrived():
            # Said again while the receiver's channel is still opening.
            await sender.evaluate("text => room.sendData(text)", text)
            return text in [message["text"] for message in await receiver.events("data")]

        await eventually(arrived, text, interval=0.2)


async def test_the_watch_page_plays_talks_and_comes_back(server, firefox):
    host = await Person.come(firefox, server, "ada", path="/")
    viewer = await Viewer.come(firefox, server, path="/", width=1280)
    try:
        await viewer.watch("ada")
        await viewer.is_shown("offline")
        window = await host.go_live(firefox)
        await viewer.sees()
        await assert_plays(viewer.visit)
        await say(viewer, "From Firefox")
        await viewer.eventually("() => document.querySelector('.chat-message.own').dataset.state === 'sent'", "it was sent")
        for key, member in (("m", "muted"), ("k", "paused")):
            for expected in (True, False):
                await viewer.press(key)
                script = "([member, expected]) => document.querySelector('#video')[member] === expected"
                await viewer.eventually(script, f"{member} is {expected}", argument=[member, expected])
        await viewer.press("t")
        assert await viewer.page.evaluate("() => document.body.classList.contains('theatre')")
        await viewer.press("s")
        await viewer.reads("VP8", within=".player-stats")
        await viewer.page.reload()
        await viewer.sees()
        await reads_in_chat(viewer, "From Firefox")
        await viewer.page.evaluate("() => probe.sockets.at(-1).close(4000)")
        await viewer.eventually("() => probe.events.resumed?.length > 0", "it came back")
        await viewer.sees()
        assert viewer.errors == []
        await host.call("post", "/api/stream/end-stream")
        await viewer.is_shown("ended")
        await window.close()
    finally:
        await close_all([host.visit, viewer.visit])
