"""What a server on the open internet meets: rubbish, churn, and its own end."""

import asyncio
import contextlib
import os
from datetime import timedelta

import pytest
import websockets
from livekit import api

from support.browsers import Page
from support.hostility import messages, spray
from support.server import BINARY, running, token
from support.signalling import Signalling, rtc_url
from support.waiting import eventually

FREEZE = 500


@pytest.fixture
def show(loop, server, pages, room):
    """The pages of a creator, and of a viewer in whose picture every disturbance would be seen."""

    async def build():
        publisher = await pages(server.page("publish", token(room, "creator"), startBitrate=1500))
        await publisher.publishing()
        viewer = await pages(server.page("watch", token(room, "viewer", can_publish=False)))
        await viewer.picture()
        await viewer.width(1280)
        await viewer.set_layer("MEDIUM")
        await viewer.width(640)
        return publisher, viewer

    return loop.run_until_complete(build())


async def undisturbed(show, disturbance):
    """The picture goes on during the disturbance and after it, but for the time that a busy machine lets the pages wait."""
    _, viewer = show
    start = await viewer.evaluate("() => probe.frames.length - 1")
    times = [await page.evaluate("() => performance.now()") for page in show]
    result = await disturbance
    count = await viewer.evaluate("() => probe.count")
    await viewer.picture("the picture goes on", after=count + 15)
    gap = await viewer.evaluate("start => probe.gapSince(start)", start)
    pauses = [await page.evaluate("from => probe.pauseSince(from)", time) for page, time in zip(show, times)]
    assert gap < FREEZE + sum(pauses), f"the picture stood for {gap:.0f} ms, and the pages for {pauses} ms"
    assert await viewer.events("reconnecting") == []
    return result


@pytest.mark.timeout(180)
async def test_200_000_bad_datagrams_disturb_nobody(server, show):
    def dropped():
        return sum(count for name, count in server.metrics().items() if name.startswith("golive_drops_total"))

    address = (server.address, server.udp_port)
    def taken():
        return server.metrics()["golive_packets_received_total"]

    memory, drops = server.resident(), dropped()
    await undisturbed(show, asyncio.to_thread(spray, address, 200_000, taken=taken))
    assert server.is_running()
    assert dropped() - drops > 10_000
    grown = server.resident() - memory
    assert grown < 24 << 20, f"{grown / (1 << 20):.1f} MiB more than before"


async def test_1_000_broken_messages_disturb_nobody(server, show, room):
    connections = 0

    async def disturb():
        """A connection is closed on whoever sends too many; then there is the next."""
        nonlocal connections
        pending = list(messages(1000, seed=2))
        while pending:
            connections += 1
            socket = await websockets.connect(rtc_url(server, token(room, f"rude-{connections}")), max_queue=None)
            with contextlib.suppress(websockets.ConnectionClosed):
                while pending:
                    await socket.send(pending[-1])
                    pending.pop()
                    if len(pending) % 8 == 0:
                        await (await socket.ping())
            socket.transport.abort()

    await undisturbed(show, disturb())
    assert server.is_running()
    async with await Signalling.open(server, token(room, "polite")) as signalling:
        await signalling.send("pingReq", {"timestamp": "7"})
        assert (await signalling.next("pongResp"))["lastPingTimestamp"] == "7"


@pytest.mark.parametrize(
    "query",
    ["", "?access_token=", "?access_token=a.b.c", "?access_token=" + "x" * 5000, "?access_token=%00%ff"],
    ids=["none", "empty", "rubbish", "long", "bytes"],
)
async def test_a_connection_without_a_good_token_is_refused(server, query):
    with pytest.raises(websockets.InvalidStatus) as refused:
        await websockets.connect(f"{server.ws}/rtc{query}")
    assert 400 <= refused.value.response.status_code < 500


async def test_an_expired_token_is_refused(server, room):
    with pytest.raises(websockets.InvalidStatus) as refused:
        await websockets.connect(rtc_url(server, token(room, "late", ttl=timedelta(hours=-2))))
    assert refused.value.response.status_code == 401


async def test_a_message_larger_than_the_limit_ends_that_connection_alone(server, room):
    async with await Signalling.open(server, token(room, "other")) as other:
        large = await Signalling.open(server, token(room, "large"))
        with pytest.raises(websockets.ConnectionClosed):
            await large.socket.send('{"addTrack":{"name":"' + "x" * (1 << 20) + '"}}')
            while True:
                await asyncio.wait_for(large.socket.recv(), 10)
        await other.send("pingReq", {"timestamp": "1"})
        await other.next("pongResp")


@pytest.mark.timeout(240)
async def test_memory_returns_after_500_joins_and_leaves(chromium):
    async def churn(server, count, first):
        async def come_and_go(number):
            signalling = await Signalling.open(server, token("churn", f"guest-{number}", can_publish=number % 2 == 0))
            await signalling.next("offer")
            await signalling.leave()

        for start in range(first, first + count, 20):
            await asyncio.gather(*(come_and_go(number) for number in range(start, start + 20)))

    async def settled(server):
        service = server.api()

        async def empty():
            rooms = (await service.room.list_rooms(api.ListRoomsRequest())).rooms
            return all(room.num_participants == 0 for room in rooms)

        await eventually(empty, "everyone has left")
        await service.aclose()

    with running() as server:
        # Some with media: what a real connection leaves behind counts as well.
        async def media():
            publisher = await Page.open(chromium, server.page("publish", token("churn", "creator")))
            await publisher.publishing()
            viewer = await Page.open(chromium, server.page("watch", token("churn", "viewer")))
            await viewer.picture()
            await viewer.close()
            await publisher.close()

        await media()
        await churn(server, 200, first=0)
        await settled(server)
        before = server.resident()
        await churn(server, 500, first=1000)
        await media()
        await settled(server)
        grown = server.resident() - before
        assert grown < 24 << 20, f"{grown / (1 << 20):.1f} MiB more than before"


async def test_participants_are_told_when_the_server_stops(room):
    with running() as server:
        people = [await Signalling.open(server, token(room, f"guest-{number}")) for number in range(5)]
        stopping = asyncio.to_thread(server.stop, 3.0)
        told, _ = await asyncio.gather(asyncio.gather(*(person.next("leave") for person in people)), stopping)
        for leave in told:
            assert leave["reason"] == "SERVER_SHUTDOWN"
            assert leave["action"] == "RECONNECT"
        for person in people:
            await person.socket.close()


async def test_the_server_stops_in_time_with_media_flowing(chromium, room):
    with running() as server:
        page = await Page.open(chromium, server.page("publish", token(room, "creator")))
        try:
            await page.publishing()
            assert await asyncio.to_thread(server.stop, 3.0) < 3
            await eventually(lambda: page.events("reconnecting"), "the page tries to come back")
        finally:
            await page.close()


async def test_bad_settings_stop_the_start_with_their_name(tmp_path):
    process = await asyncio.create_subprocess_exec(
        BINARY, "serve", "--dev", cwd=tmp_path, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "GOLIVE_PORT": "no number"},
    )
    output, _ = await asyncio.wait_for(process.communicate(), 10)
    assert process.returncode != 0
    assert b"port" in output.lower()
