"""The networks that tests make stand in nobody's way: not beside those of another run, and not when a run was killed."""

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import sys

from support.distance import needs_root
from support.namespace import Namespace, inside, ip, remove_abandoned

pytestmark = needs_root
TESTS = pathlib.Path(__file__).parents[1]

ANOTHER_RUN = """
import time
from support.namespace import Namespace
with Namespace() as namespace:
    print(namespace.name, flush=True)
    time.sleep(600)
"""


@contextlib.contextmanager
def another_run():
    """A process with a network of its own, and that network's name."""
    with subprocess.Popen([sys.executable, "-c", ANOTHER_RUN], stdout=subprocess.PIPE, text=True, cwd=TESTS) as process:
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def reaches_this_machine(namespace):
    with socket.create_server((namespace.host_address, 0)) as listener, inside(namespace):
        with socket.create_connection(listener.getsockname(), timeout=10) as connection:
            return connection.getsockname()[0] == namespace.inner_address


@contextlib.contextmanager
def process_numbered_like_this():
    """The number of another process that lives, equal to this one's modulo 256."""
    processes = []
    try:
        while not processes or (processes[-1].pid - os.getpid()) % 256:
            processes.append(subprocess.Popen(["sleep", "600"]))
        yield processes[-1].pid
    finally:
        for process in processes:
            process.kill()
            process.wait()


def test_networks_of_runs_whose_numbers_are_alike_are_apart(monkeypatch):
    with process_numbered_like_this() as other, Namespace() as first:
        monkeypatch.setattr(os, "getpid", lambda: other)
        monkeypatch.setattr("support.namespace.numbers", iter([0]))
        with Namespace() as second:
            assert reaches_this_machine(first)
            assert reaches_this_machine(second)


def test_a_network_whose_run_was_killed_is_taken_away():
    with another_run() as (process, name):
        remove_abandoned.cache_clear()
        remove_abandoned()
        assert name in ip("netns")
        process.send_signal(signal.SIGKILL)
        # Until it is waited for it has its number, and nobody takes its network away.
        assert name in ip("netns")
        process.wait()
        remove_abandoned.cache_clear()
        with Namespace() as namespace:
            assert reaches_this_machine(namespace)
            assert name not in ip("netns")
