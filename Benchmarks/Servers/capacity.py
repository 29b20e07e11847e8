#!/usr/bin/env python3
"""How many viewers GoLive and Janus carry before the first packet is lost: for each server the number of viewers is
doubled until a run loses packets, leaves somebody outside, has packets come too late to the last viewer or makes pictures
freeze, and then narrowed down between the last good number and the first bad one. A number is bad when each of `--attempts`
runs was.

Server and load test share the machine, so the result is what both together carry; with `--apart` each has its half. Nothing
else should run on it.
"""

import argparse
import asyncio
import json
import os
import pathlib
import resource
import sys
import time

from compare import ROOT, check, machine, measure_again
from servers import GoLive, Janus, own_address


async def carries(kind, given, viewers, runs):
    for _ in range(given.attempts):
        run = await measure_again(kind, given, viewers)
        runs.append(run)
        report = run["report"]
        late = report.get("lastViewer", {}).get("p99", 0)
        # One for each hundred viewers may be the machine's; a server that leaves out what it cannot send in time freezes many.
        moves = report["freezes"] * 100 <= viewers
        good = report["lost"] == 0 and report["connected"] >= viewers and late <= given.latest and moves
        print(
            f"{kind.name}, {viewers} viewers: {report['lost']} packets lost, {report['connected']} got in, "
            f"to the last viewer p99 {late:.1f} ms, {report['freezes']} freezes",
            file=sys.stderr, flush=True)
        if good:
            return True
    return False


async def most(kind, given, runs):
    """The largest number of viewers without a lost packet, to within `--resolution` of itself."""
    good, bad, viewers = 0, None, given.start
    while bad is None and viewers <= given.most:
        if await carries(kind, given, viewers, runs):
            good, viewers = viewers, viewers * 2
        else:
            bad = viewers
    while bad is not None and bad - good > max(1, given.resolution * bad):
        middle = (good + bad) // 2
        if await carries(kind, given, middle, runs):
            good = middle
        else:
            bad = middle
    return good


async def main(given):
    check(given)
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    given.address = given.address or own_address()
    kinds = [GoLive(given), *(Janus(given, loops) for loops in given.event_loops)]
    result = {
        "date": time.strftime("%Y-%m-%d"), "machine": machine(), "video": given.video, "apart": given.apart,
        "latest": given.latest, "most": {}, "runs": []}
    for kind in kinds:
        result["most"][kind.name] = await most(kind, given, result["runs"])
        given.json.parent.mkdir(parents=True, exist_ok=True)
        given.json.write_text(json.dumps(result, indent=1) + "\n")
    own = result["most"]["GoLive"]
    print(f"| server | viewers of {given.video} before the first packet is lost or late |\n|---|---|")
    for name, viewers in result["most"].items():
        least = "at least " if viewers * 2 > given.most else ""
        times = "" if name == "GoLive" or not viewers else f" (GoLive × {own / viewers:.2g})"
        print(f"| {name} | {least}{viewers}{times} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--start", type=int, default=100, help="viewers of the first run")
    parser.add_argument("--most", type=int, default=3200, help="viewers at which the search ends")
    parser.add_argument("--resolution", type=float, default=0.1, help="how near the result is to be, as a share of it")
    parser.add_argument("--attempts", type=int, default=2, help="runs before a number of viewers is too many")
    parser.add_argument(
        "--latest", type=float, default=500,
        help="milliseconds to the last viewer, 99 of 100 packets: what comes later than live is as good as lost")
    parser.add_argument("--seconds", type=int, default=10, help="of each run, once all viewers are there")
    parser.add_argument("--ramp", type=float, default=10, help="seconds over which they join")
    parser.add_argument("--video", default="720p")
    parser.add_argument("--threads", type=int, default=1, help="that receive, of the load test")
    parser.add_argument("--event-loops", type=int, nargs="*", default=[os.cpu_count()], help="settings of Janus")
    parser.add_argument("--patience", type=float, default=120, help="seconds to wait for an idle machine before a run")
    parser.add_argument("--apart", action="store_true", help="a half of the cores for each, server and load test")
    parser.add_argument("--address", help="of this machine, where servers take media")
    parser.add_argument("--json", type=pathlib.Path, default=ROOT / "docs/measurements/capacity.json")
    asyncio.run(main(parser.parse_args()))
