"""Unmodified LiveKit SDKs: the Python SDK (libwebrtc) in rooms with our own pages, and the server API's client."""

import asyncio
import subprocess

import pytest
from aiohttp import web
from livekit import api, rtc

from support.sdk import Client
from support.server import BINARY, KEY, SECRET, running, token
from support.signalling import Signalling
from support.waiting import Inbox, eventually


@pytest.fixture
def clients(loop, server):
    """Joins SDK clients that leave when the test is over."""
    joined = []

    async def join(room, identity, options=None, **grants):
        client = await Client.join(server, token(room, identity, **grants), **(options or {}))
        joined.append(client)
        return client

    yield join
    loop.run_until_complete(asyncio.gather(*(client.leave() for client in joined)))


@pytest.fixture
def service(loop, server):
    async def make():
        return server.api()

    client = loop.run_until_complete(make())
    yield client.room
    loop.run_until_complete(client.aclose())


# Media


async def test_the_sdk_publishes_to_a_browser(server, clients, pages, room):
    sdk = await clients(room, "sdk")
    await sdk.publish_video()
    await sdk.publish_audio()
    page = await pages(server.page("watch", token(room, "viewer", can_publish=False)))
    await page.picture()
    await page.width(640)

    async def audible():
        return (await page.received("audio"))["audioEnergy"] > 0.001

    await eventually(audible, "sound arrives")
    await page.settled(15)
    frames = await page.frames(3)
    assert frames["fps"] >= 15, frames
    assert frames["gap"] < 1000, frames


async def test_the_sdk_publishes_layers_and_a_browser_chooses(server, clients, pages, room):
    sdk = await clients(room, "sdk")
    await sdk.publish_video(1280, 720, simulcast=True)
    page = await pages(server.page("watch", token(room, "viewer", can_publish=False)))
    await page.picture()
    await page.set_layer("LOW")
    await page.width(320)
    await page.set_layer("MEDIUM")
    await page.width(640)


@pytest.mark.parametrize("single", [False, True], ids=["two connections", "falls back from one connection"])
async def test_the_sdk_receives_from_a_browser(server, clients, pages, room, single):
    page = await pages(server.page("publish", token(room, "creator"), startBitrate=1500))
    await page.publishing()
    sdk = await clients(room, "sdk", {"single_peer_connection": single})
    await sdk.sees(20)
    await sdk.hears()


async def test_two_sdks_see_and_hear_each_other(clients, room):
    one, two = await clients(room, "one"), await clients(room, "two")
    for client in (one, two):
        await client.publish_video(320, 180)
        await client.publish_audio()
    for client in (one, two):
        await client.sees()
        await client.hears()
    await one.heard("active_speakers_changed", lambda speakers: any(s.identity == "two" for s in speakers))
    await one.heard("local_track_subscribed")


async def test_unpublishing_takes_the_track_away_and_publishing_brings_it_back(clients, room):
    one, two = await clients(room, "one"), await clients(room, "two")
    publication, _ = await one.publish_video(320, 180)
    await two.sees()
    await one.me.unpublish_track(publication.sid)
    await two.heard("track_unsubscribed")
    await one.publish_video(320, 180)
    await two.sees()


async def test_muting_is_told(clients, room):
    one, two = await clients(room, "one"), await clients(room, "two")
    publication, track = await one.publish_audio()
    await two.hears()
    track.mute()
    await two.heard("track_muted", lambda participant, muted: muted.sid == publication.sid)
    track.unmute()
    await two.heard("track_unmuted", lambda participant, muted: muted.sid == publication.sid)


# Data


@pytest.mark.parametrize("reliable", [True, False], ids=["reliable", "lossy"])
async def test_data_between_an_sdk_and_a_browser(server, clients, pages, room, reliable):
    sdk = await clients(room, "sdk")
    page = await pages(server.page("watch", token(room, "browser")))
    await page.connected()

    async def arrived():
        # A lossy message is lost while the receiver's channel is still opening: it is said again.
        if not reliable or not sent:
            sent.append(await sdk.me.publish_data("from the sdk", reliable=reliable, topic="t"))
        return any(message["text"] == "from the sdk" for message in await page.events("data"))

    async def returned():
        if not reliable or not answered:
            script = "async reliable => { await room.sendData('from the browser', {reliable, topic: 't'}); return true; }"
            answered.append(await page.evaluate(script, reliable))
        return any(event[0] == "data_received" for event in sdk.told)

    sent, answered = [], []
    await eventually(arrived, "the browser got the message", interval=0.2)
    await eventually(returned, "the SDK got the message", interval=0.2)
    (packet,) = await sdk.heard("data_received")
    assert (packet.data, packet.topic, packet.participant.identity) == (b"from the browser", "t", "browser")


async def test_many_reliable_messages_arrive_in_order(clients, room):
    one, two = await clients(room, "one"), await clients(room, "two")
    sent = [f"{number}:".encode() + bytes(number * 40) for number in range(200)]
    for payload in sent:
        await one.me.publish_data(payload, reliable=True)
    await eventually(lambda: sum(event[0] == "data_received" for event in two.told) >= len(sent), "all messages")
    assert [event[1].data for event in two.told if event[0] == "data_received"] == sent


# Who is there


async def test_changes_of_oneself_are_told_to_others(clients, room):
    one = await clients(room, "one", can_update_own_metadata=True)
    two = await clients(room, "two")
    await one.me.set_metadata("a new mood")
    await one.me.set_name("The One")
    await one.me.set_attributes({"colour": "red"})
    await two.heard("participant_metadata_changed", lambda who, old, new: new == "a new mood")
    await two.heard("participant_name_changed", lambda who, old, new: new == "The One")
    await two.heard("participant_attributes_changed", lambda changed, who: changed.get("colour") == "red")


async def test_changes_without_the_right_are_refused(server, service, clients, room):
    # The SDK keeps the refusal to itself: the server is asked for what came of it.
    one = await clients(room, "one", can_update_own_metadata=False)
    await asyncio.wait_for(one.me.set_metadata("no"), 30)
    found = await service.get_participant(api.RoomParticipantIdentity(room=room, identity="one"))
    assert found.metadata == ""
    async with await Signalling.open(server, token(room, "two", can_update_own_metadata=False)) as signalling:
        await signalling.send("updateMetadata", {"metadata": "no", "requestId": 7})
        refusal = await signalling.next("requestResponse")
        assert (refusal["requestId"], refusal["reason"]) == (7, "NOT_ALLOWED")


async def test_a_departure_is_seen_at_once(clients, room):
    one, two = await clients(room, "one"), await clients(room, "two")
    await one.heard("participant_connected", lambda who: who.identity == "two")
    await two.leave()
    await one.heard("participant_disconnected", lambda who: who.identity == "two", deadline=2)


async def test_the_same_identity_again_replaces_the_first(clients, room):
    first = await clients(room, "one")
    other = await clients(room, "two")
    await clients(room, "one")
    (reason,) = await first.heard("disconnected")
    assert reason == rtc.DisconnectReason.DUPLICATE_IDENTITY
    await eventually(lambda: list(other.room.remote_participants) == ["one"], "one participant of that identity")


async def test_publishing_without_the_right_is_refused_with_an_error(clients, room):
    client = await clients(room, "silent", can_publish=False)
    with pytest.raises(Exception) as refusal:
        await client.publish_audio()
    assert not isinstance(refusal.value, asyncio.TimeoutError), "refused by silence"


async def test_publishing_a_source_that_is_not_allowed_is_refused(clients, room):
    client = await clients(room, "voice", can_publish_sources=["microphone"])
    await client.publish_audio()
    with pytest.raises(Exception) as refusal:
        await client.publish_video(320, 180)
    assert not isinstance(refusal.value, asyncio.TimeoutError), "refused by silence"


@pytest.mark.parametrize(
    "made",
    [
        {"secret": "not the secret, but long enough to sign"},
        {"key": "nobody"},
        {"room_join": False},
    ],
    ids=["wrong secret", "unknown key", "no right to join"],
)
async def test_a_bad_token_does_not_get_in(server, room, made):
    with pytest.raises(rtc.ConnectError):
        await Client.join(server, token(room, "intruder", **made))


# The server API


async def test_rooms_are_created_listed_changed_and_deleted(service, clients, room):
    created = await service.create_room(
        api.CreateRoomRequest(name=room, metadata="before", empty_timeout=60, max_participants=2)
    )
    assert created.sid.startswith("RM_") and created.max_participants == 2
    again = await service.create_room(api.CreateRoomRequest(name=room))
    assert again.sid == created.sid
    client = await clients(room, "one")
    assert client.room.metadata == "before"
    await service.update_room_metadata(api.UpdateRoomMetadataRequest(room=room, metadata="after"))
    await client.heard("room_metadata_changed", lambda old, new: new == "after")
    listed = await service.list_rooms(api.ListRoomsRequest(names=[room]))
    assert [(one.sid, one.metadata) for one in listed.rooms] == [(created.sid, "after")]
    await service.delete_room(api.DeleteRoomRequest(room=room))
    (reason,) = await client.heard("disconnected")
    assert reason == rtc.DisconnectReason.ROOM_DELETED
    assert not (await service.list_rooms(api.ListRoomsRequest(names=[room]))).rooms


async def test_a_full_room_lets_nobody_in(server, service, clients, room):
    await service.create_room(api.CreateRoomRequest(name=room, max_participants=1))
    await clients(room, "one")
    with pytest.raises(rtc.ConnectError):
        await Client.join(server, token(room, "two"))


async def test_participants_are_listed_changed_and_removed(service, clients, room):
    one, two = await clients(room, "one"), await clients(room, "two")
    listed = await service.list_participants(api.ListParticipantsRequest(room=room))
    assert {participant.identity for participant in listed.participants} == {"one", "two"}
    await service.update_participant(
        api.UpdateParticipantRequest(room=room, identity="one", metadata="m", name="One", attributes={"a": "b"})
    )
    await two.heard("participant_metadata_changed", lambda who, old, new: new == "m")
    found = await service.get_participant(api.RoomParticipantIdentity(room=room, identity="one"))
    assert (found.name, found.metadata, dict(found.attributes)) == ("One", "m", {"a": "b"})
    await service.remove_participant(api.RoomParticipantIdentity(room=room, identity="one"))
    (reason,) = await one.heard("disconnected")
    assert reason == rtc.DisconnectReason.PARTICIPANT_REMOVED
    await two.heard("participant_disconnected", lambda who: who.identity == "one")
    with pytest.raises(api.TwirpError) as missing:
        await service.get_participant(api.RoomParticipantIdentity(room=room, identity="one"))
    assert missing.value.code == "not_found"


async def test_taking_the_right_to_publish_unpublishes(service, clients, room):
    one, two = await clients(room, "one"), await clients(room, "two")
    await one.publish_audio()
    await two.hears()
    permission = api.ParticipantPermission(can_subscribe=True, can_publish=False, can_publish_data=True)
    await service.update_participant(api.UpdateParticipantRequest(room=room, identity="one", permission=permission))
    await two.heard("track_unpublished")
    with pytest.raises(Exception):
        await one.publish_video(320, 180)


async def test_the_server_mutes_a_track(service, clients, room):
    one, two = await clients(room, "one"), await clients(room, "two")
    publication, track = await one.publish_audio()
    await two.hears()
    muted = await service.mute_published_track(
        api.MuteRoomTrackRequest(room=room, identity="one", track_sid=publication.sid, muted=True)
    )
    assert muted.track.muted
    await two.heard("track_muted")
    await one.heard("track_muted")


async def test_the_server_changes_subscriptions(service, clients, room):
    one, two = await clients(room, "one"), await clients(room, "two")
    publication, _ = await one.publish_video(320, 180)
    await two.sees()
    change = {"room": room, "identity": "two", "track_sids": [publication.sid]}
    await service.update_subscriptions(api.UpdateSubscriptionsRequest(**change, subscribe=False))
    # The SDK tells nothing of it; the picture stands.
    await two.stands_still()
    await service.update_subscriptions(api.UpdateSubscriptionsRequest(**change, subscribe=True))
    await two.sees()


async def test_the_server_sends_data_to_all_or_to_one(service, clients, room):
    one, two = await clients(room, "one"), await clients(room, "two")
    reliable = api.DataPacket.Kind.RELIABLE
    await service.send_data(
        api.SendDataRequest(room=room, data=b"for one", kind=reliable, destination_identities=["one"])
    )
    await service.send_data(api.SendDataRequest(room=room, data=b"for all", kind=reliable, topic="news"))
    for client in (one, two):
        (packet,) = await client.heard("data_received", lambda packet: packet.data == b"for all")
        assert packet.topic == "news" and packet.participant is None
    assert [event[1].data for event in one.told if event[0] == "data_received"] == [b"for one", b"for all"]
    assert [event[1].data for event in two.told if event[0] == "data_received"] == [b"for all"]


async def test_the_server_api_needs_the_right_grants(server, room):
    participant = api.AccessToken(KEY, SECRET).with_identity("x").with_grants(api.VideoGrants(room_join=True, room=room))
    client = api.LiveKitAPI(server.url, token=participant.to_jwt())
    try:
        with pytest.raises(api.TwirpError) as refused:
            await client.room.list_rooms(api.ListRoomsRequest())
        assert refused.value.code in ("permission_denied", "unauthenticated")
    finally:
        await client.aclose()


# Webhooks and the command line


async def test_webhooks_are_signed_and_in_order():
    events = Inbox()
    receiver = api.WebhookReceiver(api.TokenVerifier(KEY, SECRET))

    async def receive(request):
        assert request.content_type == "application/webhook+json"
        body = await request.text()
        events.append(receiver.receive(body, request.headers["Authorization"]))
        return web.Response()

    application = web.Application()
    application.router.add_post("/hook", receive)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    try:
        with running(extra=["--webhook-urls", f"http://127.0.0.1:{port}/hook"]) as server:
            client = await Client.join(server, token("hooked", "one", name="One"))
            publication, _ = await client.publish_audio()
            await events.first(lambda event: event.event == "track_published", "track_published")
            await client.me.unpublish_track(publication.sid)
            await client.leave()
            await events.first(lambda event: event.event == "participant_left", "participant_left")
            service = server.api()
            await service.room.delete_room(api.DeleteRoomRequest(room="hooked"))
            await service.aclose()
            await events.first(lambda event: event.event == "room_finished", "room_finished")
    finally:
        await runner.cleanup()
    assert [event.event for event in events] == [
        "room_started", "participant_joined", "track_published", "track_unpublished", "participant_left",
        "room_finished",
    ]
    assert {event.room.name for event in events} == {"hooked"}
    assert len({event.id for event in events}) == len(events)
    assert events[1].participant.identity == "one"
    assert events[2].track.sid == publication.sid


async def test_the_command_line_makes_tokens_that_work(server, room):
    command = [BINARY, "token", "create", "--dev", "--room", room, "--identity", "shell", "--publish", "--subscribe"]
    made = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20)
    client = await Client.join(server, made.stdout.strip().splitlines()[-1])
    try:
        assert client.me.identity == "shell"
        await client.publish_audio()
    finally:
        await client.leave()
