#!/usr/bin/env python3
"""GoLive beside other servers: the same publisher and the same viewers, in runs that take turns.

For each number of viewers: processor time of the server a packet that viewers received, latency, time to the first
frame, memory a viewer, packets lost. Medians of several runs are printed as a table; every run goes into a JSON file,
from which `--draw` makes table and plots again without measuring. Nothing else should run on the machine.
"""

import argparse
import asyncio
import contextlib
import json
import os
import pathlib
import platform
import resource
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "Tests"), str(pathlib.Path(__file__).resolve().parent)]

from support.server import BINARY  # noqa: E402

from report import draw, summarise, table  # noqa: E402
from servers import GoLive, Janus, LiveKit, ServerFailed, own_address, processor_seconds  # noqa: E402


class LoadTestFailed(Exception):
    pass


async def load(server, given, room, viewers, seconds, ramp):
    """What `golive load-test` reports."""
    arguments = [
        BINARY, "load-test", "--json", "--url", server.url, "--room", room, "--server-pid", server.pid,
        "--viewers", viewers, "--duration", f"{seconds}s", "--ramp", ramp, "--video", given.video,
        "--threads", given.threads, *server.arguments,
    ]
    process = await asyncio.create_subprocess_exec(
        *map(str, arguments), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
    output, errors = await process.communicate()
    # 2: somebody did not get in, which the report says.
    if process.returncode not in (0, 2) or not output:
        raise LoadTestFailed(errors.decode()[-2000:])
    return json.loads(output)


@contextlib.asynccontextmanager
async def started(kind, apart):
    """A server of its own. With `apart` it has one half of the cores, and what is started then the other."""
    cores = sorted(os.sched_getaffinity(0))
    half = len(cores) // 2
    try:
        if apart:
            os.sched_setaffinity(0, cores[:half])
        async with kind.running() as server:
            if apart:
                os.sched_setaffinity(0, cores[half:])
            yield server
    finally:
        os.sched_setaffinity(0, cores)


async def measure(kind, given, viewers):
    """One run, against a server that has seen one viewer before."""
    async with started(kind, given.apart) as server:
        await load(server, given, "before", 1, 2, 0)
        spent = Spent(server.pid)
        report = await load(server, given, "measured", viewers, given.seconds, given.ramp)
        return {"server": kind.name, "viewers": viewers, **spent.cores(), "report": report}


async def measure_again(kind, given, viewers, attempts=3):
    """The first run that works: one that fails does not end a series of many."""
    for attempt in range(1, attempts + 1):
        await quiet(given.patience)
        try:
            return await measure(kind, given, viewers)
        # The last is of a GoLive that does not stop as it should.
        except (LoadTestFailed, ServerFailed, AssertionError) as failure:
            print(f"{kind.name}, {viewers} viewers: {failure}", file=sys.stderr)
            if attempt == attempts:
                raise SystemExit(f"{kind.name} failed {attempts} times") from None


def check(given):
    if given.apart and len(os.sched_getaffinity(0)) < 2:
        raise SystemExit("--apart needs two cores")


class Spent:
    """Processor time from now on, of those whose share the load test does not report."""

    def __init__(self, server):
        self.server = server
        self.start = self.now()

    def now(self):
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        own = time.process_time()
        ours = processor_seconds(self.server) + children.ru_utime + children.ru_stime + own
        return {"at": time.monotonic(), "adapterCores": own, "otherCores": busy_seconds() - ours}

    def cores(self):
        """Of this process, which is what the adapter to Janus takes, and of all that has nothing to do with this."""
        change = {name: value - self.start[name] for name, value in self.now().items()}
        seconds = change.pop("at")
        return {name: max(0, value) / seconds for name, value in change.items()}


async def quiet(patience):
    """Waits some seconds for the machine to be idle: what else runs would be measured as well."""
    end = time.monotonic() + patience
    while True:
        busy, began = busy_seconds(), time.monotonic()
        await asyncio.sleep(2)
        cores = (busy_seconds() - busy) / (time.monotonic() - began)
        if cores < 0.1 * os.cpu_count():
            return
        if time.monotonic() > end:
            print(f"the machine is busy with something else: {cores:.1f} cores", file=sys.stderr)
            return


def busy_seconds():
    """Of all cores since the start of the machine, with what other guests of the host took."""
    fields = list(map(int, pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]))
    return (sum(fields) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")


def machine():
    model = next(
        (line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")),
        platform.machine())
    return {"processor": model, "cores": os.cpu_count(), "kernel": platform.release()}


async def main(given):
    check(given)
    # A connection and more for each viewer, here and in the servers that this process starts.
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    given.address = given.address or own_address()
    kinds = [GoLive(given), *(Janus(given, loops) for loops in given.event_loops)]
    if given.livekit:
        kinds.append(LiveKit(given))
    result = {
        "date": time.strftime("%Y-%m-%d"), "machine": machine(),
        "versions": {kind.name: kind.version() for kind in kinds},
        "settings": {name: getattr(given, name) for name in ("video", "seconds", "ramp", "threads")},
        "runs": [],
    }
    for repetition in range(given.repeat):
        for viewers in given.viewers:
            # Whoever was first is last the next time.
            for kind in kinds if repetition % 2 == 0 else reversed(kinds):
                run = await measure_again(kind, given, viewers)
                result["runs"].append(run)
                given.json.parent.mkdir(parents=True, exist_ok=True)
                given.json.write_text(json.dumps(result, indent=1) + "\n")
                print(table(summarise([run])).splitlines()[-1], file=sys.stderr, flush=True)
    present(result, given)


def present(result, given):
    rows = summarise(result["runs"])
    print(table(rows))
    for name, what in (("adapterCores", "The adapter to Janus"), ("otherCores", "Everything else on the machine")):
        print(f"\n{what}: at most {max(run[name] for run in result['runs']):.2f} cores in any run.")
    for path in draw(rows, given.plots):
        print(path, file=sys.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--viewers", type=int, nargs="+", default=[50, 100, 200])
    parser.add_argument("--repeat", type=int, default=5, help="runs of each server and number of viewers")
    parser.add_argument("--seconds", type=int, default=20, help="of each run, once all viewers are there")
    parser.add_argument("--ramp", type=float, default=10, help="seconds over which they join")
    parser.add_argument("--video", default="720p")
    parser.add_argument("--threads", type=int, default=1, help="that receive, of the load test")
    parser.add_argument(
        "--event-loops", type=int, nargs="*", default=[0, os.cpu_count()],
        help="the settings of Janus to measure; 0: a thread for each participant, which is its default")
    parser.add_argument("--livekit", type=pathlib.Path, help="a livekit-server to compare as well")
    parser.add_argument("--patience", type=float, default=120, help="seconds to wait for an idle machine before a run")
    parser.add_argument("--apart", action="store_true", help="a half of the cores for each, server and load test")
    parser.add_argument("--address", help="of this machine, where servers take media")
    parser.add_argument("--json", type=pathlib.Path, default=ROOT / "docs/measurements/servers.json")
    parser.add_argument("--plots", type=pathlib.Path, default=ROOT / "docs/images", help="the folder for the plots")
    parser.add_argument("--draw", action="store_true", help="only table and plots, from the JSON file that is there")
    given = parser.parse_args()
    if given.draw:
        present(json.loads(given.json.read_text()), given)
    else:
        asyncio.run(main(given))
