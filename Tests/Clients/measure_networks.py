#!/usr/bin/env python3
"""What a viewer sees over a bad line: through the server, and from browser to browser over the same line.

For each scenario and way: freezes and their length as Chromium counts them, the longest time without a new picture, the
bitrate, frames a second, and how old the picture was, by a time code painted into it. Then isolation: twenty viewers on a
good line while five on a bad one watch as well. Needs root and /dev/net/tun.
"""

import argparse
import asyncio
import contextlib
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from playwright.async_api import async_playwright  # noqa: E402

from support.browsers import CHROMIUM_FLAGS  # noqa: E402
from support.link import impaired  # noqa: E402
from support.server import running, token  # noqa: E402
from support.waiting import eventually  # noqa: E402

SUPPORT = pathlib.Path(__file__).resolve().parents[1] / "support"
SCRIPTS = [(SUPPORT / name).read_text() for name in ("timecode.js", "compared.js")]
GOOD = {"delay": 0, "jitter": 0, "loss": 0, "burst": 0, "rate": 0, "queue": 200}
# Name, and what the line is like from which second of the measurement on.
SCENARIOS = {
    "clean": [(0, {})],
    "5 % loss, 50 ms": [(0, {"delay": 50, "loss": 5})],
    "20 % loss for 3 s": [(0, {"delay": 20}), (3, {"delay": 20, "down": {"loss": 20}}), (6, {"delay": 20})],
    "300 kbit/s, 10 % loss": [(0, {"delay": 20, "down": {"loss": 10, "rate": 300_000}})],
    "1 Mbit/s": [(0, {"delay": 20, "down": {"rate": 1_000_000}})],
}
BAD = {"delay": 20, "down": {"loss": 10, "rate": 300_000}}
WAYS = ("server", "direct")


async def become(link, conditions):
    sides = {side: conditions.get(side, {}) for side in ("up", "down")}
    common = {name: value for name, value in conditions.items() if name not in sides}
    await link.set(**{side: {**GOOD, **common, **own} for side, own in sides.items()})


class Browsers:
    """A Chromium on each side of the link: the creator's beside the server, the viewer's behind the line."""

    def __init__(self, link):
        self.link = link
        self.stack = contextlib.AsyncExitStack()

    async def __aenter__(self):
        flags = [*CHROMIUM_FLAGS, "--disable-features=WebRtcHideLocalIpsWithMdns,LocalNetworkAccessChecks"]
        self.creator = await self.launch(flags)
        with self.link.client.inside():
            self.viewer = await self.launch(flags)
        return self

    async def launch(self, flags):
        playwright = await self.stack.enter_async_context(async_playwright())
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=flags)
        self.stack.push_async_callback(browser.close)
        return browser

    async def __aexit__(self, *_):
        await self.stack.aclose()


@contextlib.asynccontextmanager
async def page(browser, url):
    # The pages forbid workers made of text, which the painter is timed by.
    context = await browser.new_context(bypass_csp=True)
    try:
        for script in SCRIPTS:
            await context.add_init_script(script)
        page = await context.new_page()
        await page.goto(url)
        yield page
    finally:
        await context.close()


def quantile(samples, share):
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None


def longest_gap(times, start, end):
    edges = [start, *times, end]
    return max(after - before for before, after in zip(edges, edges[1:]))


async def connect(way, server, creator, viewer, room, picture):
    local = f"http://127.0.0.1:{server.port}"
    if way == "server":
        await creator.evaluate(
            "([url, token, picture]) => compared.publish(url, token, picture)", [local, token(room, "creator"), picture]
        )
        await viewer.evaluate(
            "([url, token]) => compared.join(url, token, null, true)",
            [server.url, token(room, "viewer", can_publish=False)],
        )
    else:
        offer = await creator.evaluate("picture => compared.offer(picture)", picture)
        answer = await viewer.evaluate("sdp => compared.answer(sdp)", offer)
        await creator.evaluate("sdp => compared.accept(sdp)", answer)


async def measure(way, scenario, server, link, browsers, room, given):
    """One row."""
    await become(link, {})
    picture = {
        "width": given.width, "height": given.height, "rate": 30, "startBitrate": 1500, "maxBitrate": 2_000_000,
    }
    async with page(browsers.creator, f"http://127.0.0.1:{server.port}/index.html") as creator:
        async with page(browsers.viewer, f"{server.url}/index.html") as viewer:
            await connect(way, server, creator, viewer, room, picture)

            async def plays():
                return (await viewer.evaluate("() => compared.receivedByAll()"))[0]["height"] >= given.height

            try:
                await eventually(plays, "the full picture", 30, 0.5)
            except AssertionError:
                print(f"{scenario}, {way}: the full picture did not come on a clean line", file=sys.stderr)
            await asyncio.sleep(given.settle)
            asked = server.metrics()
            changes = asyncio.ensure_future(change(link, SCENARIOS[scenario]))
            before = (await viewer.evaluate("() => compared.receivedByAll()"))[0]
            await asyncio.sleep(given.seconds)
            after = (await viewer.evaluate("() => compared.receivedByAll()"))[0]
            await changes
            samples = await viewer.evaluate("at => compared.samplesSince(at)", before["at"])
            seconds = (after["at"] - before["at"]) / 1000
            ages = [sample["age"] for sample in samples]
            return {
                "scenario": scenario, "way": way, "freezes": after["freezes"] - before["freezes"],
                "frozen": after["frozen"] - before["frozen"],
                "gap": longest_gap([sample["at"] for sample in samples], before["at"], after["at"]) / 1000,
                "kbit/s": (after["bytes"] - before["bytes"]) * 8 / seconds / 1000,
                "fps": (after["frames"] - before["frames"]) / seconds, "height": after["height"],
                "p50": quantile(ages, 0.5), "p95": quantile(ages, 0.95),
                "keyframes": keyframe_requests(asked, server.metrics()) if way == "server" else None,
            }


async def change(link, steps):
    passed = 0
    for at, conditions in steps:
        await asyncio.sleep(at - passed)
        passed = at
        await become(link, conditions)


def keyframe_requests(before, after):
    """That reached the creator."""
    names = [name for name in after if "pli" in name and "sent" in name]
    return int(sum(after[name] - before.get(name, 0) for name in names))


async def measure_isolation(server, link, browsers, given):
    """Freezes of twenty viewers on a good line, alone and beside five on a bad one."""
    rows = []
    room = "isolation"
    local = f"http://127.0.0.1:{server.port}"
    picture = {"width": given.width, "height": given.height, "rate": 30, "startBitrate": 3000, "maxBitrate": 2_000_000}
    join = "([url, tokens, layer]) => Promise.all(tokens.map((token) => compared.join(url, token, layer, false)))"
    await become(link, {})
    async with contextlib.AsyncExitStack() as stack:
        creator = await stack.enter_async_context(page(browsers.creator, f"{local}/index.html"))
        healthy = await stack.enter_async_context(page(browsers.creator, f"{local}/index.html"))
        bad = await stack.enter_async_context(page(browsers.viewer, f"{server.url}/index.html"))
        await creator.evaluate(
            "([url, token, picture]) => compared.publish(url, token, picture)", [local, token(room, "creator"), picture]
        )
        tokens = [token(room, f"healthy-{number}", can_publish=False) for number in range(given.healthy)]
        # The smallest layer: twenty decoders of more would measure the machine.
        await healthy.evaluate(join, [local, tokens, "LOW"])

        async def play(page):
            return all(one["frames"] > 30 for one in await page.evaluate("() => compared.receivedByAll()"))

        await eventually(lambda: play(healthy), "all play", 60, 0.5)
        await asyncio.sleep(given.settle)

        async def watch(name):
            asked = server.metrics()
            before = await healthy.evaluate("() => compared.receivedByAll()")
            await asyncio.sleep(given.seconds)
            after = await healthy.evaluate("() => compared.receivedByAll()")
            counted = ("freezes", "frozen", "frames", "at")
            changes = [{key: b[key] - a[key] for key in counted} for a, b in zip(before, after)]
            rows.append({
                "scenario": name, "way": "server", "freezes": sum(one["freezes"] for one in changes),
                "frozen": sum(one["frozen"] for one in changes),
                "fps": min(1000 * one["frames"] / one["at"] for one in changes),
                "height": min(one["height"] for one in after), "keyframes": keyframe_requests(asked, server.metrics()),
            })

        await watch(f"{given.healthy} good viewers")
        tokens = [token(room, f"bad-{number}", can_publish=False) for number in range(given.bad)]
        await bad.evaluate(join, [server.url, tokens, None])
        await eventually(lambda: play(bad), "the others play", 60, 0.5)
        await become(link, BAD)
        await watch(f"… beside {given.bad} bad ones")
        await become(link, {})
    return rows


COLUMNS = (
    ("scenario", "{}"), ("way", "{}"), ("freezes", "{}"), ("frozen", "{:.1f} s"), ("gap", "{:.1f} s"),
    ("kbit/s", "{:.0f}"), ("fps", "{:.1f}"), ("height", "{}"), ("p50", "{:.0f} ms"),
    ("p95", "{:.0f} ms"), ("keyframes", "{}"),
)


def table(rows):
    texts = [[name for name, _ in COLUMNS]]
    for row in rows:
        texts.append(["–" if row.get(name) is None else form.format(row[name]) for name, form in COLUMNS])
    widths = [max(len(line[index]) for line in texts) for index in range(len(COLUMNS))]
    lines = ["| " + " | ".join(text.ljust(width) for text, width in zip(line, widths)) + " |" for line in texts]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


async def main(given):
    rows = []
    with contextlib.ExitStack() as stack:
        link = stack.enter_context(impaired())
        # The creator's browser is on this machine and stays within it.
        here = ("--node-ip", "127.0.0.1")
        server = stack.enter_context(running(host="0.0.0.0", advertised=link.server.address, extra=here))
        async with Browsers(link) as browsers:
            for name in given.scenario or SCENARIOS:
                for way in given.way or WAYS:
                    room = f"room-{len(rows)}"
                    rows.append(await measure(way, name, server, link, browsers, room, given))
                    print(table(rows[-1:]).splitlines()[-1], file=sys.stderr, flush=True)
            if given.healthy:
                rows += await measure_isolation(server, link, browsers, given)
    print(table(rows))
    if given.json:
        given.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=15, help="of each measurement")
    parser.add_argument("--settle", type=float, default=5, help="seconds on a clean line before it")
    parser.add_argument("--scenario", action="append", choices=SCENARIOS)
    parser.add_argument("--way", action="append", choices=WAYS)
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--height", type=int, default=720)
    parser.add_argument("--healthy", type=int, default=20, help="viewers of the isolation measurement; 0: without it")
    parser.add_argument("--bad", type=int, default=5)
    parser.add_argument("--json", type=pathlib.Path, help="also writes the rows there")
    asyncio.run(main(parser.parse_args()))
