"""Every viewer gets what their own line carries, and nobody else notices.

A creator in Chromium with a 720p camera in three layers; one viewer behind a line that changes, one on this machine.
Needs root and /dev/net/tun.
"""

import contextlib
import dataclasses

import pytest

from playwright.async_api import async_playwright

from support.browsers import Page, close_all, launch_chromium
from support.link import Link, impaired
from support.server import Server, running, token
from support.waiting import eventually

ROOM = "lines"
WIDE = 5_000_000
START_BITRATE = 3000
# What the receiver of sound knows of it.
HEARD = """async () => {
  const { receiver } = room.subscribedTracks.find(({ track }) => track.kind === "audio");
  const report = await receiver.getStats();
  return [...report.values()].find(({ type }) => type === "inbound-rtp");
}"""
# Makes a browser one that does not know redundant sound (RED).
PLAIN_SOUND = """{
  const { prototype } = RTCPeerConnection;
  const { setRemoteDescription } = prototype;
  prototype.setRemoteDescription = function ({ type, sdp }) {
    const without = sdp.replace(/^a=(rtpmap|fmtp):63 .*\\r\\n/gm, "").replace(/^(m=audio .*) 63\\b/gm, "$1");
    return setRemoteDescription.call(this, { type, sdp: without });
  };
}"""
COUNTED = ("packetsReceived", "packetsLost", "packetsDiscarded", "concealedSamples", "totalSamplesReceived")
# A picture that stands for longer is a freeze; browsers and encoder share few cores here.
FREEZE = 1000


@dataclasses.dataclass
class Stage:
    link: Link
    server: Server
    creator: Page
    far_browser: object
    far: Page
    near: Page

    async def paused(self):
        """What the far viewer was last told of the video."""
        states = [state for states in await self.far.events("streamState") for state in states]
        return bool(states) and states[-1]["isPaused"]

    async def sound(self, seconds):
        """Of the far viewer's sound in the next `seconds`: packets received and lost."""
        before = await self.far.received("audio")
        await self.far.frames(seconds)
        after = await self.far.received("audio")
        return {name: after[name] - before[name] for name in ("packets", "packetsLost")}


@pytest.fixture(scope="module")
def stage(loop, playwright, chromium, devices):
    stack = contextlib.AsyncExitStack()

    async def build():
        link = stack.enter_context(impaired(delay=20, down={"rate": WIDE, "queue": 300}))
        server = stack.enter_context(running(host="0.0.0.0", advertised=link.server.address))
        with link.client.inside():
            far_playwright = await stack.enter_async_context(async_playwright())
            far_browser = await launch_chromium(far_playwright, *devices)
            stack.push_async_callback(far_browser.close)
        local = f"http://127.0.0.1:{server.port}"
        pages = []
        stack.push_async_callback(close_all, pages)

        async def open_page(browser, url):
            pages.append(await Page.open(browser, url))
            return pages[-1]

        creator = await open_page(
            chromium, f"{local}/publish.html?token={token(ROOM, 'creator')}&startBitrate={START_BITRATE}"
        )
        await creator.publishing()
        viewers = []
        for browser, identity, base in ((far_browser, "far", server.url), (chromium, "near", local)):
            page = await open_page(browser, f"{base}/watch.html?token={token(ROOM, identity, can_publish=False)}")
            await page.connected()
            await page.picture()
            viewers.append(page)
        for page in viewers:
            await page.width(1280, deadline=40)
        return Stage(link, server, creator, far_browser, *viewers)

    try:
        yield loop.run_until_complete(build())
    finally:
        loop.run_until_complete(stack.aclose())


async def untouched(stage, since):
    """The near viewer has had the whole picture without a freeze since the frame of this index."""
    frames = await stage.near.evaluate("from => ({gap: probe.gapSince(from), width: probe.width})", since)
    assert frames["width"] == 1280, frames
    assert frames["gap"] < FREEZE, frames


async def test_a_line_that_narrows_gets_a_lower_layer_and_a_wide_one_the_highest(stage):
    since = await stage.near.evaluate("() => probe.frames.length - 1")
    await stage.link.set(down={"rate": 500_000})

    async def lower():
        return (await stage.far.frames(1))["width"] in (320, 640)

    await eventually(lower, "a lower layer", 15)

    async def smooth():
        seen = await stage.far.frames(3)
        return seen["fps"] >= 13 and seen["gap"] < FREEZE

    await eventually(smooth, "a smooth picture", 20)
    assert not await stage.paused()
    await stage.link.set(down={"rate": WIDE})
    await stage.far.width(1280, deadline=20)
    await untouched(stage, since)


async def test_a_line_for_sound_alone_pauses_the_picture_and_keeps_the_sound(stage):
    since = await stage.near.evaluate("() => probe.frames.length - 1")
    # Sound takes about 120 kbit/s with its headers, the lowest picture some 150 more.
    await stage.link.set(down={"rate": 160_000})
    await eventually(stage.paused, "the viewer is told of the pause", 20)
    assert stage.server.metrics()["golive_paused_tracks"] == 1

    async def whole():
        heard = await stage.sound(4)
        return heard["packets"] >= 180 and heard["packetsLost"] <= 1

    await eventually(whole, "every packet of sound")
    count = await stage.far.evaluate("() => probe.count")
    await stage.link.set(down={"rate": WIDE})

    async def resumed():
        return not await stage.paused()

    await eventually(resumed, "the viewer is told that it goes on", 20)
    await stage.far.picture("the picture goes on", after=count)
    await stage.far.width(1280, deadline=20)
    await untouched(stage, since)
    assert stage.server.metrics()["golive_paused_tracks"] == 0


async def test_repeated_sound_outlives_the_loss_of_its_packets(stage):
    plain = await Page.open(
        stage.far_browser, f"{stage.server.url}/watch.html?token={token(ROOM, 'plain', can_publish=False)}", PLAIN_SOUND
    )
    pages = (stage.far, plain)
    try:
        await plain.connected()
        await plain.picture()
        await stage.link.set(down={"loss": 10, "rate": 0})
        before = [await page.evaluate(HEARD) for page in pages]

        async def outlives():
            """Looks at times in which each lost twenty packets. While a line is thought narrow, nothing is repeated."""
            nonlocal before
            now = [await page.evaluate(HEARD) for page in pages]
            repeated, alone = [{name: new[name] - old[name] for name in COUNTED} for old, new in zip(before, now)]
            if min(repeated["packetsLost"], alone["packetsLost"]) < 20:
                return False
            before = now
            # What was repeated and had come before was thrown away.
            is_repeated = repeated["packetsDiscarded"] > repeated["packetsReceived"] / 2 > alone["packetsDiscarded"]
            made_up = [sound["concealedSamples"] / sound["totalSamplesReceived"] for sound in (repeated, alone)]
            return is_repeated and made_up[0] < made_up[1] / 2

        await eventually(outlives, "half of the sound that was lost is there", 60)
    finally:
        await stage.link.set(down={"loss": 0, "rate": WIDE})
        await plain.close()
