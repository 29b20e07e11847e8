"""Ways to the server where UDP over IPv4 does not get through: TCP, IPv6, an outside TURN server."""

import contextlib
import socket
import subprocess
import threading
import time
import urllib.request

import pytest
from livekit import rtc
from playwright.async_api import async_playwright

from support.browsers import Page, close_all, launch_chromium
from support.distance import needs_root
from support.namespace import Namespace, inside
from support.publisher import PublisherProcess, WatcherProcess
from support.sdk import Client
from support.server import free_port, running, token
from support.waiting import eventually

pytestmark = needs_root

TCP_CONNECTIONS = "golive_tcp_media_connections"


@contextlib.contextmanager
def browser_inside(loop, namespace, server, devices):
    """Chromium in the namespace: Playwright's driver starts there, and with it the browser."""
    manager = async_playwright()
    with inside(namespace):
        playwright = loop.run_until_complete(manager.start())
    browser = loop.run_until_complete(launch_chromium(playwright, *devices, trusted=[server.url]))
    try:
        yield browser
    finally:
        loop.run_until_complete(browser.close())
        loop.run_until_complete(manager.__aexit__())


@pytest.fixture(scope="module", params=[(4, True), (6, False), (6, True)], ids=["tcp", "ipv6", "tcp-over-ipv6"])
def way(request, loop, devices):
    """A server and a browser in a network that leaves only this way."""
    family, drops_udp = request.param
    with Namespace(family, drops_udp) as namespace:
        with running(host="::", advertised=namespace.host_address) as server:
            with browser_inside(loop, namespace, server, devices) as browser:
                yield server, namespace, browser, drops_udp


@pytest.fixture
def server(way):
    return way[0]


@pytest.fixture
def pages_inside(loop, way):
    opened = []

    async def open_page(url):
        page = await Page.open(way[2], url)
        opened.append(page)
        return page

    yield open_page
    loop.run_until_complete(close_all(opened))


def assert_way(way):
    """Media took the way that was left. (Where UDP gets through, browsers try TCP too, and leave it again.)"""
    server, namespace, _, drops_udp = way
    connections = server.metrics()[TCP_CONNECTIONS]
    assert connections >= 2 or not drops_udp, connections


async def test_chromium_publishes_and_watches(way, server, pages_inside, room):
    publisher = await pages_inside(server.page("publish", token(room, "creator")))
    await publisher.publishing()
    viewer = await pages_inside(server.page("watch", token(room, "viewer", can_publish=False)))
    await viewer.picture()
    await viewer.settled(12)
    assert_way(way)


def test_one_port_answers_both_families(server):
    for authority in (server.authority, "127.0.0.1"):
        with urllib.request.urlopen(f"http://{authority}:{server.port}/readyz", timeout=10) as response:
            assert response.status == 200


async def test_the_livekit_sdk_publishes_and_watches(way, server, room):
    with contextlib.ExitStack() as processes:
        for process, identity in [(PublisherProcess, "creator"), (WatcherProcess, "viewer")]:
            with inside(way[1]):
                started = process()
            processes.callback(started.kill)
            started.join(server, token(room, identity))
        assert_way(way)


async def test_a_viewer_outside_watches_by_udp_what_was_published_inside(way, server, pages_inside, pages, room):
    publisher = await pages_inside(server.page("publish", token(room, "creator")))
    await publisher.publishing()
    viewer = await pages(server.page("watch", token(room, "outside", can_publish=False)))
    await viewer.picture()
    await viewer.settled(12)


@contextlib.contextmanager
def coturn(address, secret):
    """Debian's TURN server; yields its port and its log so far."""
    port = free_port(socket.SOCK_DGRAM)
    process = subprocess.Popen(
        [
            "turnserver", "-n", "--no-tls", "--no-dtls", "--no-cli", "--use-auth-secret", "--realm=golive.test",
            f"--static-auth-secret={secret}", f"--listening-ip={address}", f"--relay-ip={address}",
            f"--listening-port={port}", "--log-file=stdout", "--pidfile=", "--verbose",
        ],
        text=True, errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )
    lines = []
    reader = threading.Thread(target=lambda: lines.extend(process.stdout), daemon=True)
    reader.start()
    try:
        end = time.monotonic() + 30
        while not any("UDP listener opened" in line for line in lines):
            assert process.poll() is None and time.monotonic() < end, f"the TURN server does not listen: {lines}"
            time.sleep(0.05)
        yield port, lines
    finally:
        process.kill()
        process.wait()
        reader.join(2)


# Every connection of the page goes through a relay, and can be asked what it does.
RELAY_ONLY = """
globalThis.peers = [];
globalThis.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(configuration) {
    super({ ...configuration, iceTransportPolicy: "relay" });
    peers.push(this);
  }
};
globalThis.localKinds = async () => {
  const kinds = [];
  for (const peer of peers) {
    const stats = await peer.getStats();
    for (const report of stats.values())
      if (report.type === "transport" && report.selectedCandidatePairId)
        kinds.push(stats.get(stats.get(report.selectedCandidatePairId).localCandidateId).candidateType);
  }
  return kinds;
};
"""


@contextlib.contextmanager
def server_with_turn():
    """A server that names a TURN server in another network, with what it says to that in the log."""
    secret = "north"
    with Namespace() as namespace, contextlib.ExitStack() as stack:
        with inside(namespace):
            port, log = stack.enter_context(coturn(namespace.inner_address, secret))
        url = f"turn:{namespace.inner_address}:{port}?transport=udp"
        extra = ["--rtc-turn-urls", url, "--rtc-turn-secret", secret]
        server = stack.enter_context(running(host="0.0.0.0", advertised=namespace.host_address, extra=extra))
        yield server, log
        assert secret not in server.log


async def test_the_livekit_sdk_comes_through_a_turn_server_when_it_may_use_nothing_else(room):
    relay_only = rtc.RtcConfiguration(ice_transport_type=rtc.IceTransportType.TRANSPORT_RELAY)
    with server_with_turn() as (server, log):
        clients = []
        try:
            for identity in ("creator", "viewer"):
                clients.append(await Client.join(server, token(room, identity), rtc_config=relay_only))
            await clients[0].publish_video(320, 180)
            await clients[1].sees(20)
            await eventually(lambda: any("ALLOCATE processed, success" in line for line in log), "a relay in the log")
        finally:
            for client in clients:
                await client.leave()


async def test_the_livekit_sdk_comes_back_through_a_turn_server_when_it_asked_for_tls(room):
    with server_with_turn() as (server, log):
        creator = await Client.join(server, token(room, "creator"))
        viewer = await Client.join(server, token(room, "viewer"))
        try:
            await creator.publish_video(320, 180)
            await viewer.sees(20)
            assert "HOST" in await viewer.candidates()
            await viewer.room.simulate_scenario(rtc.SimulateScenarioKind.SIMULATE_FORCE_TLS)
            await viewer.heard("reconnected")
            await viewer.sees()
            assert await viewer.candidates() == {"RELAY"}, log[-30:]
        finally:
            for client in (creator, viewer):
                await client.leave()


async def test_chromium_comes_through_a_turn_server_when_it_may_use_nothing_else(chromium, room):
    with server_with_turn() as (server, log):
        local = f"http://127.0.0.1:{server.port}"
        pages = []
        try:
            publisher = await Page.open(
                chromium, f"{local}/publish.html?token={token(room, 'creator')}", RELAY_ONLY)
            pages.append(publisher)
            await publisher.publishing()
            viewer = await Page.open(
                chromium, f"{local}/watch.html?token={token(room, 'viewer', can_publish=False)}", RELAY_ONLY)
            pages.append(viewer)
            await viewer.picture()
            for page in pages:
                kinds = await eventually(lambda: page.evaluate("() => localKinds()"), "a pair is selected")
                assert set(kinds) == {"relay"}, (kinds, log[-30:])
        finally:
            await close_all(pages)
