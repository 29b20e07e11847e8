"""A viewer's network goes for a while and comes back; a viewer falls behind and catches up."""

import contextlib
import os
import signal
import subprocess

import pytest
from playwright.async_api import async_playwright

from support.browsers import FORGOTTEN, close_all, launch_chromium
from support.channel import Creator, Viewer, chat_is_open, near, reads_in_chat, say
from support.distance import needs_root
from support.namespace import Namespace, inside
from support.server import running
from support.waiting import eventually

STATES = """() => {
  globalThis.states = [];
  const frame = document.querySelector(".player-frame");
  const note = () => states.push(`${frame.dataset.state}: ${document.querySelector(".player-title")?.innerText ?? ""}`);
  new MutationObserver(note).observe(frame, { subtree: true, childList: true, attributeFilter: ["data-state"] });
}"""


async def test_a_viewer_that_the_server_has_forgotten_is_told_and_comes_back(show):
    await show.guest.page.evaluate(STATES)
    await show.guest.page.evaluate(FORGOTTEN)
    await show.guest.eventually(
        "() => states.some((one) => one.startsWith('reconnecting')) && states.at(-1).startsWith('live')", "it came back", 30
    )
    count = await show.guest.page.evaluate("() => probe.count")
    await show.guest.visit.picture("the picture is back", after=count + 5)


def processes_under(parent):
    """What each process under this one was started with, by its id."""
    table = subprocess.run(["ps", "-ww", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in table.splitlines()]
    found, waiting = {}, [parent]
    while waiting:
        above = waiting.pop()
        below = {int(row[0]): row[2] for row in rows if int(row[1]) == above and len(row) > 2}
        found |= below
        waiting += below
    return found


def browsers():
    """The processes that lead a browser: those of its parts have a type."""
    return {
        pid for pid, arguments in processes_under(os.getpid()).items()
        if "--remote-debugging-p" in arguments and "--type=" not in arguments
    }


def renderers(parent):
    """The processes of a browser in which it draws pages."""
    return [pid for pid, arguments in processes_under(parent).items() if "--type=renderer" in arguments]


async def test_a_viewer_that_fell_behind_catches_up(loop, show, server, playwright, devices):
    others = browsers()
    browser = await launch_chromium(playwright, *devices)
    try:
        viewer = await Viewer.come(browser, server, path="/ada")
        await viewer.sees()
        before = await eventually(viewer.latency, "the latency is known")
        frozen = [pid for new in browsers() - others for pid in renderers(new)]
        assert frozen, "no process draws the viewer's page"
        count = await viewer.page.evaluate("() => probe.count")
        with stopped(frozen):
            # Frames of some seconds wait at the door.
            many = await show.guest.page.evaluate("() => probe.count + 120")
            await show.guest.visit.picture("the others go on", after=many, deadline=60)
        await viewer.visit.picture("it plays again", after=count)
        after = await eventually(lambda: near(viewer, before + 1000), "it is near the live moment again", 60)
        print(f"latency before {before} ms, after {after} ms")
    finally:
        await browser.close()


@contextlib.contextmanager
def stopped(pids):
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


# A network of one's own, that can be cut.


@pytest.fixture(scope="module")
def away():
    with Namespace() as namespace:
        yield namespace


@pytest.fixture(scope="module")
def far_server(away):
    with running(host="0.0.0.0", advertised=away.host_address) as server:
        yield server


@pytest.fixture(scope="module")
def far_chromium(loop, away, devices):
    """Playwright's driver starts inside the namespace, and with it the browser."""
    manager = async_playwright()
    with inside(away):
        playwright = loop.run_until_complete(manager.start())
    browser = loop.run_until_complete(launch_chromium(playwright, *devices))
    yield browser
    loop.run_until_complete(browser.close())
    loop.run_until_complete(manager.__aexit__())


@contextlib.contextmanager
def cut(namespace):
    """Nothing goes in or out."""
    namespace.run("nft", "add table inet cut")
    for hook in ("input", "output"):
        namespace.run("nft", f"add chain inet cut {hook} {{ type filter hook {hook} priority 0; policy drop; }}")
    # The test drives the browser over the loopback and pipes.
    namespace.run("nft", "add rule inet cut input iif lo accept; add rule inet cut output oif lo accept")
    try:
        yield
    finally:
        namespace.run("nft", "delete table inet cut")


@needs_root
@pytest.mark.timeout(240)
async def test_a_network_that_is_gone_for_ten_seconds(loop, away, far_server, far_chromium, chromium):
    local = LocalAddress(far_server)
    host = await Creator.with_stream(chromium, local, "ada", "Weather")
    viewer = await Viewer.come(far_chromium, far_server)
    try:
        await host.check()
        await host.go_live()
        await viewer.watch("ada")
        await viewer.sees(30)
        await chat_is_open(viewer)
        await viewer.page.evaluate(STATES)
        started = await host.page.evaluate("() => performance.now()")
        with cut(away):
            # Told before the connection is given up, while the last picture stays.
            await viewer.reads("Waiting for the picture", within=".player-frame")
            await say(host, "Said while you were away")
            await host.eventually("start => performance.now() - start > 10_000", "ten seconds", argument=started)
        count = await viewer.page.evaluate("() => probe.count")
        await viewer.sees(60)
        await viewer.visit.picture("the picture is back", after=count + 30, deadline=60)
        await viewer.eventually("() => document.querySelector('.player-screen').hidden", "nothing is said any more")
        await reads_in_chat(viewer, "Said while you were away")
        await chat_is_open(viewer)
        await say(viewer, "I am back")
        await reads_in_chat(host, "I am back")
        states = await viewer.page.evaluate("() => states")
        assert not any(state.startswith(("ended", "offline", "failed", "missing")) for state in states), states
    finally:
        await close_all([host.visit, viewer.visit])


class LocalAddress:
    """A server as this machine reaches it: pages may use the camera on a local address only."""

    def __init__(self, server):
        self.server = server
        self.url = f"http://127.0.0.1:{server.port}"
