#!/usr/bin/env python3
"""Requests a second and latency of the two calls that a full house makes most, on SQLite and on PostgreSQL, by `wrk`.

The databases take turns, so that what else the machine does falls on both; the table shows medians. wrk runs on the same
machine and takes its share of it. Rate limits are off.
"""

import argparse
import asyncio
import contextlib
import json
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support import databases  # noqa: E402
from support.application import Application  # noqa: E402
from support.server import running  # noqa: E402

UNITS = {"us": 0.001, "ms": 1, "s": 1000}


async def prepare(server):
    """The calls by name: method, path, token, body."""
    application = Application(server)
    try:
        host, viewer = await application.creator(), await application.register()
        await host.go_live()
    finally:
        await application.close()
    return {
        "POST /api/viewer/token": ("POST", "/api/viewer/token", viewer.token, {"hostId": host.id}),
        "GET /api/stream/status": ("GET", "/api/stream/status", host.token, None),
    }


def script(method, token, body):
    """What wrk is to send, in its Lua."""
    lines = [f'wrk.method = "{method}"', f'wrk.headers["authorization"] = "Bearer {token}"']
    if body is not None:
        lines += ['wrk.headers["content-type"] = "application/json"', f"wrk.body = [[{json.dumps(body)}]]"]
    return "\n".join(lines) + "\n"


def load(server, call, seconds, connections):
    """Requests a second, and the latency's p50 and p99 in ms."""
    method, path, token, body = call
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script(method, token, body))
        file.flush()
        command = ["wrk", "--threads", "1", "--connections", connections, "--duration", f"{seconds}s", "--latency",
                   "--script", file.name, server.url + path]
        text = subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout
    assert "Non-2xx" not in text and "Socket errors" not in text, text
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])
    latency = [
        float(match[1]) * UNITS[match[2]]
        for match in (re.search(rf"^\s+{share}%\s+([\d.]+)(us|ms|s)$", text, re.MULTILINE) for share in (50, 99))
    ]
    return rate, *latency


def measure(runs, seconds, connections):
    with contextlib.ExitStack() as stack:
        servers = {
            kind: stack.enter_context(
                running(extra=["--http-rate-limits=false", "--streams-grace", "600", *databases.options(kind)])
            )
            for kind in databases.KINDS
        }
        calls = {kind: asyncio.run(prepare(server)) for kind, server in servers.items()}
        samples = {}
        for number in range(runs + 1):
            for name in next(iter(calls.values())):
                for kind, server in servers.items():
                    sample = load(server, calls[kind][name], seconds, connections)
                    # The first round warms caches and connections up.
                    if number:
                        samples.setdefault((name, kind), []).append(sample)
    print(f"{connections} connections, medians of {runs} runs of {seconds} s")
    print(f"{'call':<24}{'database':<12}{'requests/s':>12}{'p50 ms':>10}{'p99 ms':>10}")
    for (name, kind), values in samples.items():
        rate, p50, p99 = (statistics.median(column) for column in zip(*values))
        print(f"{name:<24}{kind:<12}{rate:>12.0f}{p50:>10.2f}{p99:>10.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=16)
    given = parser.parse_args()
    measure(given.runs, given.seconds, given.connections)
