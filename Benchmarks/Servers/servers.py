"""The servers that are compared, each a process of its own, on free ports and in a new folder."""

import asyncio
import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time

from support import server as golive

from adapter import Adapter


class ServerFailed(Exception):
    """A server did not start, or ended by itself; with its last words."""


def own_address():
    """Of the interface that the default route leads through: Janus offers nothing on the loopback interface."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            raise SystemExit("no address beside 127.0.0.1, which Janus does not use: pass --address") from None
        return probe.getsockname()[0]


def processor_seconds(pid):
    """Fields 14 and 15 of /proc/PID/stat, counted behind the name, which may hold spaces."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Running:
    """A server that runs: where the load test connects, with which further arguments, and its process."""

    def __init__(self, url, pid, arguments=()):
        self.url = url
        self.pid = pid
        self.arguments = arguments


class GoLive:
    name = "GoLive"

    def __init__(self, given):
        self.address = given.address

    def version(self):
        return subprocess.check_output([golive.BINARY, "--version"], text=True).strip()

    @contextlib.asynccontextmanager
    async def running(self):
        options = ("--log-level", "warning")
        with golive.running(host="0.0.0.0", advertised=self.address, extra=options) as server:
            yield Running(server.ws, server.process.pid)


class Janus:
    """Debian's package with the VideoRoom and the WebSocket API alone. ICE Lite like the others, which saves it checks.

    `event_loops`: threads that participants share; 0, Janus' default, is a thread for each participant.
    """

    def __init__(self, given, event_loops):
        self.address = given.address
        self.event_loops = event_loops
        self.name = f"Janus, {event_loops} loops" if event_loops else "Janus"

    def version(self):
        return subprocess.check_output(
            ["dpkg-query", "--show", "--showformat", "${Version}", "janus"], text=True).rsplit("-", 1)[0]

    def configure(self, folder, port):
        libraries = next(pathlib.Path("/usr/lib").glob("*/janus"))
        others = {
            kind: ",".join(
                library.name for library in (libraries / kind).glob("*.so") if library.name != f"libjanus_{wanted}.so")
            for kind, wanted in (("plugins", "videoroom"), ("transports", "websockets"))
        }
        (folder / "janus.jcfg").write_text(f"""
            general: {{
                configs_folder = "{folder}"
                plugins_folder = "{libraries}/plugins"
                transports_folder = "{libraries}/transports"
                debug_level = 2
                event_loops = {self.event_loops}
            }}
            nat: {{ ice_lite = true, ice_enforce_list = "{self.address}" }}
            plugins: {{ disable = "{others['plugins']}" }}
            transports: {{ disable = "{others['transports']}" }}
        """)
        (folder / "janus.transport.websockets.jcfg").write_text(f"""
            general: {{ json = "compact", ws = true, ws_port = {port}, ws_ip = "127.0.0.1", wss = false }}
        """)

    @contextlib.asynccontextmanager
    async def running(self):
        port = golive.free_port(socket.SOCK_STREAM)
        with tempfile.TemporaryDirectory(prefix="janus-") as folder:
            self.configure(pathlib.Path(folder), port)
            async with process(["janus", "--configs-folder", folder], port, folder) as pid:
                async with Adapter.serving(f"ws://127.0.0.1:{port}") as url:
                    yield Running(url, pid)


class LiveKit:
    """A `livekit-server` given by path."""

    name = "LiveKit"
    key, secret = "devkey", "secret-of-at-least-32-characters"

    def __init__(self, given):
        self.address = given.address
        self.binary = given.livekit

    def version(self):
        return subprocess.check_output([self.binary, "--version"], text=True).split()[-1]

    @contextlib.asynccontextmanager
    async def running(self):
        port, tcp = (golive.free_port(socket.SOCK_STREAM) for _ in range(2))
        with tempfile.TemporaryDirectory(prefix="livekit-") as folder:
            configuration = pathlib.Path(folder) / "livekit.yaml"
            configuration.write_text(
                f"port: {port}\nkeys: {{{self.key}: {self.secret}}}\nlogging: {{level: error}}\n"
                f"rtc: {{udp_port: {golive.free_port(socket.SOCK_DGRAM)}, tcp_port: {tcp}, use_ice_lite: true}}\n")
            arguments = [self.binary, "--config", configuration, "--node-ip", self.address]
            async with process(arguments, port, folder) as pid:
                yield Running(
                    f"ws://127.0.0.1:{port}", pid, ("--api-key", self.key, "--api-secret", self.secret))


@contextlib.asynccontextmanager
async def process(arguments, port, folder):
    """A process that listens on a TCP port; its number."""
    log = pathlib.Path(folder) / "log"
    with log.open("w") as output:
        child = subprocess.Popen(list(map(str, arguments)), stdout=output, stderr=subprocess.STDOUT, cwd=folder)
    try:
        end = time.monotonic() + 20
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            if child.poll() is not None or time.monotonic() > end:
                raise ServerFailed(f"{arguments[0]} did not start:\n{log.read_text()[-4000:]}")
            await asyncio.sleep(0.1)
        yield child.pid
        if child.poll() is not None:
            raise ServerFailed(f"{arguments[0]} ended by itself:\n{log.read_text()[-4000:]}")
    finally:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
