"""Sessions that survive: signalling that breaks while media goes on, with the SDK, our pages and plain signalling."""

import asyncio
import json
import socket
import time

import pytest
import websockets
from livekit import api

from support.browsers import Page
from support.proxy import Proxy
from support.publisher import PublisherProcess
from support.sdk import Client, names, watched
from support.server import running, token
from support.signalling import Signalling, rtc_url
from support.waiting import eventually


@pytest.fixture
def proxy(loop, server):
    proxy = loop.run_until_complete(Proxy.open(server))
    yield proxy
    loop.run_until_complete(proxy.close())


async def longest_gap(client, seconds):
    """The longest time in which no frame came, in seconds."""
    end = time.monotonic() + seconds
    count, since, longest = client.frames, time.monotonic(), 0.0
    while time.monotonic() < end:
        await asyncio.sleep(0.02)
        now = time.monotonic()
        if client.frames != count:
            count, since = client.frames, now
        longest = max(longest, now - since)
    return longest


# The signalling is cut for a few seconds


async def test_a_viewer_of_the_sdk_whose_signalling_is_cut_sees_on_as_the_same_participant(server, proxy, clients, room):
    publisher, viewer = await watched(clients, room, server, viewer_way=proxy)
    sid = viewer.me.sid
    proxy.cut()
    gap = await longest_gap(viewer, 4)
    proxy.restore()
    await viewer.heard("reconnected")
    gap = max(gap, await longest_gap(viewer, 2))
    assert viewer.me.sid == sid
    assert gap < 1.5, gap
    assert "participant_disconnected" not in names(publisher)
    assert "track_unsubscribed" not in names(viewer)
    await viewer.sees()


async def test_a_publisher_of_the_sdk_whose_signalling_is_cut_is_seen_on(server, proxy, clients, room):
    publisher, viewer = await watched(clients, room, server, publisher_way=proxy)
    sid = publisher.me.sid
    proxy.cut()
    gap = await longest_gap(viewer, 4)
    proxy.restore()
    await publisher.heard("reconnected")
    gap = max(gap, await longest_gap(viewer, 2))
    assert publisher.me.sid == sid
    assert gap < 1.5, gap
    assert not {"participant_disconnected", "track_unpublished", "track_unsubscribed"} & set(names(viewer))
    # What was not lost can be changed.
    await publisher.publish_audio()
    await viewer.hears()


async def test_what_happened_during_the_cut_is_known_after_it(server, proxy, clients, room):
    publisher, viewer = await watched(clients, room, server, viewer_way=proxy)
    leaver = await clients(server, room, "leaver")
    await viewer.heard("participant_connected", lambda other: other.identity == "leaver")
    proxy.cut()
    await leaver.leave()
    await clients(server, room, "newcomer")
    await publisher.publish_audio()
    service = server.api()
    await service.room.update_room_metadata(api.UpdateRoomMetadataRequest(room=room, metadata="news"))
    await service.aclose()
    proxy.restore()
    await viewer.heard("reconnected")
    await viewer.heard("participant_disconnected", lambda other: other.identity == "leaver")
    await viewer.heard("participant_connected", lambda other: other.identity == "newcomer")
    await eventually(lambda: viewer.room.metadata == "news", "the room's news")
    await viewer.hears()


# Restart of the server


async def test_after_a_restart_of_the_server_everybody_comes_back_by_themselves(loop, chromium):
    with running() as server:
        publisher = await Client.join(server, token("again", "publisher"))
        page = await Page.open(chromium, server.page("watch", token("again", "page", can_publish=False)))
        try:
            await publisher.publish_video(320, 180)
            await page.picture()
            server.stop()
            server.start()
            await publisher.heard("reconnected", deadline=60)
            await eventually(lambda: page.events("reconnected"), "the page is back", 60)
            count = await page.evaluate("() => probe.count")
            await page.picture(after=count + 5)
        finally:
            await page.close()
            await publisher.leave()


# Our pages


async def test_a_page_whose_signalling_is_cut_plays_on_and_goes_on(server, proxy, chromium, clients, room):
    publisher = await clients(server, room, "publisher")
    await publisher.publish_video(320, 180)
    page = await Page.open(chromium, proxy.page("watch", token(room, "viewer", can_publish=False)))
    try:
        await page.picture()
        await page.settled(15)
        sid = await page.evaluate("() => room.local.sid")
        first = await page.evaluate("() => probe.frames.length")
        proxy.cut()
        await asyncio.sleep(4)
        proxy.restore()
        await eventually(lambda: page.events("resumed"), "the page has resumed")
        count = await page.evaluate("() => probe.count")
        await page.picture(after=count + 20)
        assert await page.evaluate("() => room.local.sid") == sid
        assert await page.events("reconnecting") == []
        assert await page.events("trackUnsubscribed") == []
        assert "participant_disconnected" not in names(publisher)
        gap = await page.evaluate("index => probe.gapSince(index)", first)
        assert gap < 1500, gap
        # Requests reach the server again.
        await page.set_layer("OFF")
        await publisher.publish_audio()
        await eventually(lambda: page.evaluate("() => room.subscribedTracks.length === 2"), "the new track is taken")
    finally:
        await page.close()


async def test_a_page_that_publishes_is_seen_through_a_cut(server, proxy, chromium, clients, room):
    viewer = await clients(server, room, "viewer")
    page = await Page.open(chromium, proxy.page("publish", token(room, "creator")))
    try:
        await page.publishing()
        await viewer.sees(20)
        proxy.cut()
        gap = await longest_gap(viewer, 4)
        proxy.restore()
        await eventually(lambda: page.events("resumed"), "the page has resumed")
        gap = max(gap, await longest_gap(viewer, 3))
        assert gap < 1.5, gap
        assert not {"participant_disconnected", "track_unpublished"} & set(names(viewer))
    finally:
        await page.close()


async def test_a_page_whose_socket_is_half_open_goes_on_over_a_new_one(server, chromium, clients, room):
    """The server has not noticed that the first one is gone."""
    publisher = await clients(server, room, "publisher")
    await publisher.publish_video(320, 180)
    page = await Page.open(chromium, server.page("watch", token(room, "viewer", can_publish=False)))
    try:
        await page.picture()
        # As if its packets were lost from here on: nobody tells the server.
        await page.evaluate("() => probe.sockets.at(-1).dispatchEvent(new CloseEvent('close', { code: 1006 }))")
        await eventually(lambda: page.events("resumed"), "the page has resumed")
        await eventually(lambda: page.evaluate("() => probe.sockets[0].readyState === WebSocket.CLOSED"), "the old is closed")
        count = await page.evaluate("() => probe.count")
        await page.picture(after=count + 10)
        assert "participant_disconnected" not in names(publisher)
    finally:
        await page.close()


# Plain signalling


async def resume(server, access, sid):
    """What a server says first to a client that wants to be `sid` again."""
    async with websockets.connect(rtc_url(server, access, reconnect="1", sid=sid)) as raw:
        return json.loads(await asyncio.wait_for(raw.recv(), 30))


@pytest.mark.parametrize("sid", ["PA_unknown", "", "PA_" + "x" * 500])
async def test_who_is_not_there_is_asked_to_join_anew(server, room, sid):
    first = await resume(server, token(room, "nobody"), sid)
    assert first["leave"]["action"] == "RECONNECT"
    assert first["leave"]["reason"] == "STATE_MISMATCH"


async def test_nobody_resumes_as_somebody_else(server, clients, room):
    _, viewer = await watched(clients, room, server)
    first = await resume(server, token(room, "thief"), viewer.me.sid)
    assert first["leave"]["action"] == "RECONNECT"
    await viewer.sees()


async def test_who_was_removed_cannot_resume(server, clients, room):
    _, viewer = await watched(clients, room, server)
    access, sid = token(room, "viewer"), viewer.me.sid
    service = server.api()
    await service.room.remove_participant(api.RoomParticipantIdentity(room=room, identity="viewer"))
    await service.aclose()
    with pytest.raises(websockets.InvalidStatus) as refused:
        await resume(server, access, sid)
    assert refused.value.response.status_code == 403


async def test_who_vanishes_is_gone_within_five_seconds(server, clients, room):
    """As a tab that is closed by force: no word, and media stops."""
    witness = await clients(server, room, "witness")
    process = await asyncio.to_thread(PublisherProcess.joined, server, token(room, "victim"))
    await witness.heard("participant_connected")
    process.kill()
    start = time.monotonic()
    await witness.heard("participant_disconnected", deadline=15)
    assert time.monotonic() - start < 6, "LiveKit takes more than 6 s"


async def test_a_client_that_never_reads_is_dropped_and_counted(server, room):
    before = server.metrics()['golive_signal_faults_total{kind="slowReaders"}']
    access = token(room, "stuck")
    with socket.socket() as stuck:
        stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stuck.connect((server.address, server.port))
        stuck.sendall(
            (
                f"GET /rtc?access_token={access}&format=json HTTP/1.1\r\nHost: {server.address}\r\nUpgrade: websocket\r\n"
                "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            ).encode()
        )
        async with await Signalling.open(server, token(room, "busy", can_update_own_metadata=True)) as busy:

            async def is_dropped():
                for number in range(8):
                    await busy.send("updateMetadata", {"metadata": f"{number}" * 60_000, "name": "busy", "attributes": {}})
                await asyncio.sleep(0.2)
                return server.metrics()['golive_signal_faults_total{kind="slowReaders"}'] > before

            await eventually(is_dropped, "the one who does not read is dropped", 60)
            # The one who reads has noticed nothing.
            await busy.send("pingReq", {"timestamp": "1"})
            await busy.next("pongResp")


async def test_the_second_of_one_identity_wins(server, room):
    access = token(room, "same")
    first = await Signalling.open(server, access)
    async with await Signalling.open(server, access):
        leave = await first.next("leave")
        assert leave["reason"] == "DUPLICATE_IDENTITY"
        assert leave.get("action", "DISCONNECT") == "DISCONNECT"
    await first.socket.close()
