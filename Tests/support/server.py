"""The server under test: the release build, one process a fixture, on free ports."""

import contextlib
import json
import os
import pathlib
import random
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request
from datetime import timedelta

from livekit import api

ROOT = pathlib.Path(__file__).resolve().parents[2]
# `SERVER_BINARY` names another build to test.
BINARY = pathlib.Path(os.environ.get("SERVER_BINARY") or ROOT / ".build" / "release" / "golive")
KEY, SECRET = "devkey", "secret"
# Not the seeded one, which tests of laws use: processes side by side would choose the same.
chance = random.SystemRandom()
given = set()


def free_port(kind):
    """One below those that the system gives to connections: nothing takes it before a server does, or while that restarts.
    Never the same twice: a server has three, and binds them one after the other."""
    for _ in range(100):
        port = chance.randrange(11_000, 32_000)
        if port in given:
            continue
        with socket.socket(socket.AF_INET, kind) as probe, contextlib.suppress(OSError):
            probe.bind(("0.0.0.0", port))
            given.add(port)
            return port
    raise AssertionError("no port is free")


def token(room, identity, *, key=KEY, secret=SECRET, ttl=timedelta(hours=1), name="", metadata="", attributes=None, **grants):
    """A LiveKit access token, as a third party would sign it."""
    grants = {"room_join": True, "room": room, **grants}
    made = api.AccessToken(key, secret).with_identity(identity).with_ttl(ttl).with_grants(api.VideoGrants(**grants))
    if name:
        made = made.with_name(name)
    if metadata:
        made = made.with_metadata(metadata)
    if attributes:
        made = made.with_attributes(attributes)
    return made.to_jwt()


class Server:
    """A running `golive serve --dev`. Its data is kept in a folder of its own, through crashes and restarts."""

    def __init__(self, host="127.0.0.1", advertised=None, extra=(), config=None):
        self.address = advertised or host
        self.authority = f"[{self.address}]" if ":" in self.address else self.address
        self.port = free_port(socket.SOCK_STREAM)
        self.udp_port = free_port(socket.SOCK_DGRAM)
        self.tcp_port = free_port(socket.SOCK_STREAM)
        self.folder = tempfile.TemporaryDirectory(prefix="golive-test-")
        self.lines = []
        arguments = [
            BINARY, "serve", "--dev", "--host", host, "--port", self.port, "--udp-port", self.udp_port,
            "--tcp-port", self.tcp_port,
            *(["--node-ip", advertised] if advertised else []), *extra,
        ]
        if config is not None:
            path = pathlib.Path(self.folder.name) / "golive.yaml"
            path.write_text(json.dumps(config))
            arguments += ["--config", path]
        self.arguments = [str(argument) for argument in arguments]
        self.start()

    def start(self):
        """Also after `crash` or `stop`: the same server at the same address."""
        self.process = subprocess.Popen(
            self.arguments, cwd=self.folder.name, text=True, errors="replace", stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        self._wait_until_ready()

    @property
    def url(self):
        return f"http://{self.authority}:{self.port}"

    @property
    def ws(self):
        return f"ws://{self.authority}:{self.port}"

    @property
    def log(self):
        return "".join(self.lines)

    def api(self):
        return api.LiveKitAPI(self.url, KEY, SECRET)

    def page(self, name, token, **query):
        more = "".join(f"&{key}={value}" for key, value in query.items())
        return f"{self.url}/{name}.html?token={token}{more}"

    def metrics(self):
        """The Prometheus samples, by name and labels as written."""
        with urllib.request.urlopen(f"{self.url}/metrics", timeout=30) as response:
            text = response.read().decode()
        return {
            match[1]: float(match[2])
            for match in re.finditer(r"^([a-zA-Z_:][^\s{]*(?:\{[^}]*\})?) (\S+)$", text, re.MULTILINE)
        }

    def resident(self):
        """Bytes of memory in use."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return 1024 * int(re.search(r"VmRSS:\s+(\d+)", status)[1])

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / 100

    def is_running(self):
        return self.process.poll() is None

    def stop(self, deadline=5.0):
        """SIGTERM; returns how long it took, in seconds. Fails unless it exits with 0 in time."""
        assert self.is_running(), f"the server ended by itself with {self.process.returncode}:\n{self.log[-4000:]}"
        started = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(deadline)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"SIGTERM did not end the server in {deadline} s:\n{self.log[-4000:]}") from None
        assert status == 0, f"exit status {status} after SIGTERM:\n{self.log[-4000:]}"
        return time.monotonic() - started

    def crash(self):
        """SIGKILL: no time for last words."""
        self.process.kill()
        self.process.wait()
        self.reader.join(2)
        self.process.stdout.close()

    def discard(self):
        """Whatever happened, nothing is left behind."""
        if self.is_running():
            self.process.kill()
        self.process.wait()
        self.reader.join(2)
        self.process.stdout.close()
        self.folder.cleanup()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line)

    def _wait_until_ready(self):
        end = time.monotonic() + 40
        while time.monotonic() < end and self.is_running():
            with contextlib.suppress(OSError):
                with urllib.request.urlopen(f"{self.url}/readyz", timeout=1) as response:
                    if response.status == 200:
                        return
            time.sleep(0.05)
        log = self.log
        self.discard()
        raise AssertionError(f"the server did not become ready:\n{log[-4000:]}")


@contextlib.contextmanager
def running(**options):
    """A server for the time of the block; stopping it with SIGTERM is part of the test."""
    server = Server(**options)
    try:
        yield server
        if server.is_running():
            server.stop()
        else:
            assert server.process.returncode == 0, server.log[-4000:]
    finally:
        server.discard()
