#!/usr/bin/env python3
"""How the server does with few viewers and with many, on one worker and on two: processor time a packet, latency to the first
and the last viewer, joins, memory a viewer. Prints tables; writes docs/measurements/load.json and docs/images/load-*.svg, or
files of another `--name`.

The generator shares the machine with the server, so its own use is printed beside it. Latency goes from before the
publisher's send call to the kernel's receive time at the viewer. Runs alternate, and each figure is the median of its runs.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "Tests"), str(ROOT / "Benchmarks")]

import plots  # noqa: E402
from run import measure  # noqa: E402

FOLDER = ROOT / "docs" / "measurements"
IMAGES = ROOT / "docs" / "images"


def median(runs):
    """The median of each figure; failures are put together."""
    first = runs[0]
    result = {}
    for name, value in first.items():
        values = [run[name] for run in runs]
        if name == "failures":
            result[name] = {reason: max(each.get(reason, 0) for each in values) for each in values for reason in each}
        elif isinstance(value, dict):
            result[name] = {
                key: statistics.median(known) if (known := [v[key] for v in values if v.get(key) is not None]) else None
                for key in value
            }
        else:
            result[name] = statistics.median(values)
    return result


def number(value, digits=2):
    if value is None:
        return "–"
    return f"{value:.{digits if value < 10 else 1 if value < 100 else 0}f}"


def pair(percentiles, *names):
    return " / ".join(number(percentiles.get(name)) for name in names)


def table(rows):
    """Markdown, from rows of cells of which the first is the head."""
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    lines.insert(1, "|" + "---|" * len(rows[0]))
    return "\n".join(lines)


def figures(medians):
    rows = [[
        "viewers", "workers", "connected", "packets/s", "server µs a packet", "server / generator cores",
        "to the first viewer p50 / p99 ms", "to the last viewer p50 / p99 ms", "added by the server p50 / p99 ms",
        "join p50 / p99 ms", "first frame p50 / p95 / p99 ms", "kB a viewer", "lost", "freezes", "keyframes asked",
    ]]
    for one in medians:
        rows.append([
            str(one["viewers"]), str(one["workers"]), f"{one['connected']:.0f}", f"{one['packetsPerSecond']:.0f}",
            number(one["microsecondsPerPacket"]), f"{number(one['serverCores'])} / {number(one['generatorCores'])}",
            pair(one["firstViewer"], "p50", "p99"), pair(one["lastViewer"], "p50", "p99"),
            pair(one["forwarding"], "p50", "p99"), pair(one["join"], "p50", "p99"),
            pair(one["firstFrame"], "p50", "p95", "p99"), number(one["memoryPerViewer"] / 1000), f"{one['lost']:.0f}",
            f"{one['freezes']:.0f}", f"{one['keyframeRequests']:.0f}",
        ])
    return table(rows)


def scaling(medians):
    """How many times the viewers of one worker so many workers carry, by processor time a packet."""
    costs = {(one["viewers"], one["workers"]): one["microsecondsPerPacket"] for one in medians}
    rows = [["viewers", "workers", "µs a packet on one worker", "µs a packet", "times the viewers of one worker"]]
    for (viewers, workers), cost in costs.items():
        if workers > 1 and (viewers, 1) in costs:
            alone = costs[viewers, 1]
            rows.append([str(viewers), str(workers), number(alone), number(cost), number(workers * alone / cost)])
    return table(rows) if len(rows) > 1 else ""


def draw(medians, name):
    """The plots, into docs/images."""
    def points(workers, value):
        known = [(one["viewers"], value(one)) for one in medians if one["workers"] == workers]
        return [(viewers, value) for viewers, value in known if value is not None]

    counts = sorted({one["workers"] for one in medians})
    names = {workers: "1 worker" if workers == 1 else f"{workers} workers" for workers in counts}
    plots.lines(
        IMAGES / f"{name}-cpu.svg", "Processor time of the server", ("viewers", "µs a packet"),
        [{"name": names[workers], "points": points(workers, lambda one: one["microsecondsPerPacket"])}
         for workers in counts])
    plots.lines(
        IMAGES / f"{name}-latency.svg", f"From the publisher to a viewer, {names[counts[0]]}", ("viewers", "ms"),
        [{"name": f"{who}, {share}", "group": group, "dashed": share == "p99",
          "points": points(counts[0], lambda one: one[key][share])}
         for group, (who, key) in enumerate((("first viewer", "firstViewer"), ("last viewer", "lastViewer")))
         for share in ("p50", "p99")], logarithmic=True)
    # What one viewer more costs drowns in what a server takes anyway.
    plots.lines(
        IMAGES / f"{name}-memory.svg", "Memory of the server", ("viewers", "kB a viewer"),
        [{"name": names[workers], "points": [
            point for point in points(workers, lambda one: one["memoryPerViewer"] / 1000) if point[0] >= 10]}
         for workers in counts])


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    numbers = lambda text: [int(part) for part in text.split(",")]  # noqa: E731
    parser.add_argument("--viewers", type=numbers, default=[1, 50, 200, 500], help="how many, separated by commas")
    parser.add_argument("--workers", type=numbers, default=[1, 2], help="on how many workers, separated by commas")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=10, help="watched in each run")
    parser.add_argument("--video", default="720p")
    parser.add_argument("--joins", type=float, default=50, help="viewers who begin to join in a second")
    parser.add_argument("--threads", type=int, default=1, help="of the generator, that receive")
    parser.add_argument("--name", default="load", help="what the files are called")
    given = parser.parse_args()
    runs = []
    for round_ in range(given.runs):
        for viewers in given.viewers:
            for workers in given.workers:
                run = measure(
                    viewers, workers, video=given.video, seconds=given.seconds, joins_a_second=given.joins,
                    threads=given.threads)
                runs.append(run)
                print(
                    f"run {round_ + 1} of {given.runs}: {viewers} viewers, {workers} workers:"
                    f" {number(run['microsecondsPerPacket'])} µs a packet,"
                    f" last viewer {pair(run['lastViewer'], 'p50', 'p99')} ms,"
                    f" {number(run['memoryPerViewer'] / 1000)} kB a viewer", file=sys.stderr, flush=True)
    medians = [
        median([run for run in runs if (run["viewers"], run["workers"]) == (viewers, workers)])
        for workers in given.workers for viewers in given.viewers
    ]
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{given.name}.json").write_text(json.dumps({
        "date": datetime.date.today().isoformat(), "commit": commit.strip(), "processor": processor(),
        "cores": os.cpu_count(), "kernel": platform.release(), "settings": vars(given), "medians": medians, "runs": runs,
    }, indent=1) + "\n")
    draw(medians, given.name)
    print(figures(medians))
    print()
    print(scaling(medians))


if __name__ == "__main__":
    main()
