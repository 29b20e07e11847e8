#!/usr/bin/env python3
"""What it takes to open a page: prints two tables.

- from the start of the navigation to the first picture seen on the watch page, of 20 guests who come for the first time
- the weight of each page: requests, and bytes over the wire as compressed as they came; once fresh, once again
"""

import argparse
import asyncio
import pathlib
import statistics
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from playwright.async_api import async_playwright  # noqa: E402

from support import media  # noqa: E402
from support.browsers import launch_chromium  # noqa: E402
from support.channel import Creator  # noqa: E402
from support.server import running  # noqa: E402
from support.waiting import eventually  # noqa: E402

# Times of the page's own clock, which starts with the navigation.
FIRST_FRAME = """addEventListener("DOMContentLoaded", () => {
  const seen = () => {
    const video = document.querySelector("#video");
    if (!video) return requestAnimationFrame(seen);
    video.requestVideoFrameCallback(() => (globalThis.firstFrame = performance.now()));
  };
  seen();
});"""

PAGES = [
    ("Browse", "/"), ("Search", "/search?q=boat"), ("Sign in", "/login"), ("Register", "/register"), ("Watch, live", "/ada"),
    ("Watch, offline", "/grace"), ("Embed", "/embed/ada"), ("Following", "/following"), ("Account", "/account"),
    ("Apply", "/apply"), ("Admin", "/admin"), ("Dashboard", "/u/ada"), ("Go live", "/u/ada/live"),
]


def quantile(samples, share):
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def first_frames(browser, server, loads):
    """Milliseconds of each."""
    samples = []
    for _ in range(loads):
        # Apart, as people come: a keyframe is asked of the creator at most twice a second.
        await asyncio.sleep(1)
        context = await browser.new_context(viewport={"width": 1280, "height": 800})
        await context.add_init_script(FIRST_FRAME)
        page = await context.new_page()
        await page.goto(f"{server.url}/ada", wait_until="commit")
        samples.append(await eventually(lambda page=page: page.evaluate("() => globalThis.firstFrame"), "a picture", 60))
        await context.close()
    return samples


class Weight:
    """Counts what a page fetches; sockets and media are not counted."""

    def __init__(self):
        self.requests = self.bytes = 0

    async def follow(self, page):
        session = await page.context.new_cdp_session(page)
        await session.send("Network.enable")
        session.on("Network.responseReceived", lambda _: self.count())
        session.on("Network.loadingFinished", lambda event: self.count(0, event["encodedDataLength"]))

    def count(self, requests=1, size=0):
        self.requests += requests
        self.bytes += size


async def weigh(context, address):
    """Requests and bytes of the first visit and of the next."""
    rows = []
    for _ in range(2):
        page, weight = await context.new_page(), Weight()
        await weight.follow(page)
        await page.goto(address, wait_until="load", timeout=120_000)
        # What scripts ask for after that.
        await page.wait_for_timeout(1500)
        rows.append((weight.requests, weight.bytes))
        await page.close()
    return rows


async def measure(loads):
    with tempfile.TemporaryDirectory() as folder, running(config={"http": {"rate_limits": False}}) as server:
        camera, microphone = pathlib.Path(folder) / "camera.y4m", pathlib.Path(folder) / "microphone.wav"
        media.write_camera(camera)
        media.write_microphone(microphone)
        async with async_playwright() as playwright:
            browser = await launch_chromium(playwright, camera, microphone)
            host = await Creator.with_stream(browser, server, "ada", "A boat, plank by plank")
            await Creator.with_stream(browser, server, "grace", "Radios at night")
            await host.check()
            await host.go_live()

            async def all_layers():
                return sum(track["fps"] > 15 for track in await host.visit.sent("video")) == 3

            await eventually(all_layers, "three layers are sent", 60, 0.5)
            samples = await first_frames(browser, server, loads)
            print(f"navigation to the first picture, p50 / p95 of {len(samples)}: "
                  f"{statistics.median(samples):.0f} / {quantile(samples, 0.95):.0f} ms")
            state = await host.visit.context.storage_state()
            print(f"\n{'page':<16}{'requests':>9}{'KiB':>8}{'again':>9}{'KiB':>8}")
            for name, path in PAGES:
                # Who is signed in is sent on from there.
                is_for_strangers = path in ("/login", "/register")
                context = await browser.new_context(storage_state=None if is_for_strangers else state)
                (requests, size), (again, small) = await weigh(context, server.url + path)
                print(f"{name:<16}{requests:>9}{size / 1024:>8.1f}{again:>9}{small / 1024:>8.1f}")
                await context.close()
            await browser.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--loads", type=int, default=20)
    asyncio.run(measure(parser.parse_args().loads))
