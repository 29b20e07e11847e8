"""One run: a server of its own, so many viewers for so long, and what that came to."""

import contextlib
import json
import subprocess
import time

from support.server import BINARY, running

HISTOGRAM = "golive_forwarding_seconds"


def quantile(before, after, share):
    """Seconds: the upper bound of the bucket that holds this share of what was counted in between; None for nothing."""
    buckets = []
    for key, value in after.items():
        if key.startswith(f"{HISTOGRAM}_bucket{{"):
            bound = key.split('le="')[1].split('"')[0]
            buckets.append((float("inf") if bound == "+Inf" else float(bound), value - before.get(key, 0)))
    buckets.sort()
    if not buckets or buckets[-1][1] <= 0:
        return None
    return next(bound for bound, count in buckets if count >= share * buckets[-1][1])


def forwarding(server, generator, participants, seconds):
    """The server's own histogram from when everyone is in until shortly before they leave; empty when that never comes."""
    def counts():
        with contextlib.suppress(OSError):  # It has no time to answer.
            return server.metrics()
        return {}

    while generator.poll() is None and counts().get("golive_participants", 0) < participants:
        time.sleep(0.5)
    time.sleep(1)
    before = counts()
    time.sleep(max(1, seconds - 4))
    after = counts()
    # The last count may have waited until everyone was gone.
    if generator.poll() is not None or not before:
        return {}
    return {name: quantile(before, after, share) for name, share in (("p50", 0.5), ("p99", 0.99))}


def milliseconds(value):
    return None if value is None else value * 1000


def measure(viewers, workers, *, video, seconds, joins_a_second, threads):
    """The figures of one run. Times are in milliseconds, memory in bytes, processor time in microseconds a packet."""
    ramp = max(1.0, viewers / joins_a_second)
    with running(extra=["--workers", str(workers)]) as server:
        command = [
            BINARY, "load-test", "--url", server.ws, "--json", "--server-pid", server.process.pid, "--viewers", viewers,
            "--ramp", ramp, "--duration", f"{seconds}s", "--video", video, "--decoders", 0, "--threads", threads,
        ]
        generator = subprocess.Popen(
            [str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            added = forwarding(server, generator, viewers + 1, seconds)
            output, errors = generator.communicate(timeout=ramp + seconds + 120)
        except BaseException:
            generator.kill()
            generator.communicate()
            raise
        if not output:
            raise SystemExit(f"the generator ended with {generator.returncode}: {errors.strip()[-2000:]}")
        report = json.loads(output)
    return {
        "viewers": viewers,
        "workers": workers,
        "connected": report["connected"],
        "packetsPerSecond": report["packetsPerSecond"],
        "bitrate": report["bitrate"],
        "microsecondsPerPacket": report["serverMicrosecondsPerPacket"],
        "serverCores": report["serverCores"],
        "generatorCores": report["ownCores"],
        "memoryPerViewer": (report["serverMemory"] - report["serverMemoryBefore"]) / max(1, report["connected"]),
        "forwarding": {name: milliseconds(value) for name, value in added.items()},
        **{name: report[name] for name in (
            "latency", "firstViewer", "lastViewer", "join", "firstFrame", "lost", "freezes", "keyframeRequests",
            "failures")},
    }
