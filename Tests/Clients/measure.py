#!/usr/bin/env python3
"""What a person feels, and what it costs: prints a small table.

- time from joining to the first painted frame, of 20 viewers a second apart
- what the server adds between receiving and sending a packet, from its own metrics
- the server's processor time with one 720p publisher in three layers and three viewers
"""

import argparse
import asyncio
import pathlib
import statistics
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from playwright.async_api import async_playwright  # noqa: E402

from support import media  # noqa: E402
from support.browsers import Page, launch_chromium  # noqa: E402
from support.server import running, token  # noqa: E402
from support.waiting import eventually  # noqa: E402

FIRST_FRAME = """async ([url, token]) => {
  const { GoLiveRoom } = await import("/golive-client.js");
  const video = document.createElement("video");
  video.muted = true;
  document.body.append(video);
  const room = new GoLiveRoom();
  const painted = new Promise((resolve) => video.requestVideoFrameCallback(resolve));
  const start = performance.now();
  room.on("trackSubscribed", ({ track }) => {
    if (track.kind !== "video") return;
    video.srcObject = new MediaStream([track]);
    video.play();
  });
  await room.connect(url, token);
  const joined = performance.now() - start;
  await painted;
  const first = performance.now() - start;
  const height = video.videoHeight;
  room.disconnect();
  video.remove();
  return { joined, first, height };
}"""


def quantile(samples, share):
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def histogram_quantile(before, after, name, share):
    """The upper bound, in seconds, of the bucket that holds this share of what was added in between."""
    buckets = []
    for key, value in after.items():
        if key.startswith(f"{name}_bucket{{"):
            bound = key.split('le="')[1].split('"')[0]
            buckets.append((float("inf") if bound == "+Inf" else float(bound), value - before.get(key, 0)))
    buckets.sort()
    if not buckets or buckets[-1][1] == 0:
        return None
    return next(bound for bound, count in buckets if count >= share * buckets[-1][1])


async def measure(joins, seconds):
    rows = []
    with tempfile.TemporaryDirectory() as folder, running() as server:
        camera, microphone = pathlib.Path(folder) / "camera.y4m", pathlib.Path(folder) / "microphone.wav"
        media.write_camera(camera)
        media.write_microphone(microphone)
        async with async_playwright() as playwright:
            browser = await launch_chromium(playwright, camera, microphone)
            publisher = await Page.open(browser, server.page("publish", token("m", "creator"), startBitrate=3000))
            await publisher.publishing()

            async def three_layers():
                return sum(track["fps"] > 20 for track in await publisher.sent("video")) == 3

            await eventually(three_layers, "three layers are sent", 30, 0.5)
            page = await Page.open(browser, f"{server.url}/index.html")
            samples = []
            for number in range(joins):
                # Apart, as people come: a keyframe is asked of the creator at most twice a second.
                await asyncio.sleep(1)
                who = token("m", f"viewer-{number}", can_publish=False)
                samples.append(await page.evaluate(FIRST_FRAME, [server.url, who]))
            await page.close()
            for name, key in (("join", "joined"), ("join to first frame", "first")):
                values = [sample[key] for sample in samples]
                rows.append((f"{name}, p50 / p95", f"{statistics.median(values):.0f} / {quantile(values, 0.95):.0f} ms"))
            heights = sorted({sample["height"] for sample in samples})
            rows.append(("height of the first frame", " ".join(map(str, heights))))

            viewers = []
            for number in range(3):
                url = server.page("watch", token("m", f"steady-{number}", can_publish=False))
                viewers.append(await Page.open(browser, url))
            for viewer in viewers:
                await viewer.picture()
                await viewer.width(1280, deadline=30)
            before, cpu, start = server.metrics(), server.cpu_seconds(), time.monotonic()
            frames = await asyncio.gather(*(viewer.frames(seconds) for viewer in viewers))
            used = (server.cpu_seconds() - cpu) / (time.monotonic() - start)
            after = server.metrics()
            rows.append(("frames a second, slowest viewer", f"{min(frame['fps'] for frame in frames):.1f}"))
            rows.append(("longest gap between frames", f"{max(frame['gap'] for frame in frames):.0f} ms"))
            for name in sorted({key.split("_bucket{")[0] for key in after if "forward" in key and "_bucket{" in key}):
                for share in (0.5, 0.99):
                    value = histogram_quantile(before, after, name, share)
                    text = "none" if value is None else f"at most {value * 1e6:.0f} µs"
                    rows.append((f"added by the server, p{share * 100:.0f}", text))
            rows.append(("server, share of one core", f"{100 * used:.1f} %"))
            rows.append(("server, memory", f"{server.resident() / (1 << 20):.0f} MiB"))
            await browser.close()
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        print(f"{name:<{width}}  {value}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--joins", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=10)
    given = parser.parse_args()
    asyncio.run(measure(given.joins, given.seconds))
