#!/usr/bin/env python3
"""How soon a viewer sees the first frame, and how live it is a second later: with a keyframe in the server's cache, and
without one, when the creator is asked. Prints a table. A keyframe is cached for five seconds, so those who join later than
that after the last one are those without.
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
from support.browsers import launch_chromium, launch_firefox  # noqa: E402
from support.joining import Counters, join, prepare, publish  # noqa: E402
from support.server import running  # noqa: E402

LIFE = 5.0
WATCHED = 3.0


def quantiles(values):
    if not values:
        return "none"
    ordered = sorted(values)
    return f"{statistics.median(ordered):.0f} / {ordered[int(0.95 * (len(ordered) - 1))]:.0f} ms"


async def measure(joins, size, firefox):
    found = {"cached": [], "asked": []}
    with tempfile.TemporaryDirectory() as folder, running() as server:
        camera, microphone = pathlib.Path(folder) / "camera.y4m", pathlib.Path(folder) / "microphone.wav"
        media.write_camera(camera)
        media.write_microphone(microphone)
        async with async_playwright() as playwright:
            chromium = await launch_chromium(playwright, camera, microphone)
            viewers = await launch_firefox(playwright) if firefox else chromium
            await publish(chromium, server, "m", size)
            page = await prepare(viewers, server.url)
            counters = Counters(server)
            for number in range(joins):
                # Every other one comes when the last keyframe is too old.
                if number % 2 == 0:
                    await asyncio.sleep(LIFE)
                samples = await join(page, server, "m", f"viewer-{number}", WATCHED)
                kind = counters.step()
                if samples:
                    found["cached" if kind["cached"] and not kind["asked"] else "asked"].append(samples)
            await viewers.close()
            await chromium.close()
    for name, runs in found.items():
        later = [[s["age"] for s in run if s["at"] - run[0]["at"] >= 1000] for run in runs]
        print(f"{name}: {len(runs)} joins; p50 / p95 of")
        print(f"  join to first frame            {quantiles([run[0]['at'] for run in runs])}")
        print(f"  age of the first frame         {quantiles([run[0]['age'] for run in runs])}")
        print(f"  age a second later and after   {quantiles([statistics.median(ages) for ages in later if ages])}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--joins", type=int, default=20)
    parser.add_argument("--size", default="640x360")
    parser.add_argument("--firefox", action="store_true", help="viewers in Firefox")
    given = parser.parse_args()
    asyncio.run(measure(given.joins, tuple(map(int, given.size.split("x"))), given.firefox))
