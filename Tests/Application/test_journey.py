"""A creator's first evening: from an account to the end of the first stream."""

import json

import pytest

from support.application import Refusal
from support.chat import Chat
from support.server import running


@pytest.fixture
def server():
    """One that nobody has an account on."""
    with running(extra=["--http-rate-limits=false"]) as server:
        yield server


def metadata(client):
    return json.loads(client.room.metadata or "{}")


async def test_from_an_account_to_the_end_of_a_stream(application, rooms):
    # The first to register under --dev runs the place; the second has to apply.
    admin = await application.register("operator")
    assert (admin.user["role"], admin.user["creatorStatus"]) == ("admin", "approved")
    await application.register("ada", displayName="Ada")
    creator = await application.login("ADA")
    assert (creator.user["role"], creator.user["creatorStatus"]) == ("user", "none")
    with pytest.raises(Refusal) as refusal:
        await creator.setup("Too early")
    assert (refusal.value.status, refusal.value.code) == (403, "creator_not_approved")
    assert (await creator.apply())["status"] == "approved"
    with pytest.raises(Refusal) as refusal:
        await creator.go_live()
    assert (refusal.value.status, refusal.value.code) == (404, "stream_not_found")
    stream = await creator.setup("First light", description="Hello.")
    assert (stream["title"], stream["isLive"]) == ("First light", False)

    # Live is when there is media.
    live = await creator.go_live()
    assert (live["roomId"], live["stream"]["isLive"]) == (creator.id, True)
    assert live["wsUrl"] == application.server.ws
    assert (await creator.status())["phase"] == "starting"
    camera = await rooms.join(live["token"])
    await camera.publish_video(320, 180)
    assert (await creator.phase("live"))["startedAt"]
    assert creator.name in [item["host"]["username"] for item in (await application.ask("GET", "/api/viewer/live"))["items"]]

    # Somebody with an account and somebody without watch.
    viewer = await application.register("viewer-one")
    page = await viewer.watch_page(creator)
    assert (page["stream"]["title"], page["stream"]["phase"]) == ("First light", "live")
    assert (page["host"]["username"], page["host"]["isFollowing"]) == ("ada", False)
    assert not {"token", "password", "passwordHash"} & (page["stream"].keys() | page["host"].keys())
    watcher = await rooms.watch(viewer, creator)
    assert watcher.me.identity == viewer.id
    guest = await rooms.guest(application, creator, "Guest One")
    assert guest.me.identity.startswith("guest-")
    assert guest.me.name == "Guest One"
    for client in (watcher, guest):
        await client.sees()
        assert metadata(client)["title"] == "First light"
    await creator.viewer_count(2)

    # The creator's own view does not count.
    own = await creator.ask("POST", "/api/stream/creator-token")
    assert own["identity"] == f"Host-{creator.id}"
    await (await rooms.join(own["token"])).sees()
    assert (await creator.status())["viewerCount"] == 2

    chats = [Chat(client) for client in (camera, watcher, guest)]
    await chats[1].say("good evening")
    for chat in (chats[0], chats[2]):
        await chat.hears("good evening", viewer.id)
    history = await application.ask("GET", f"/api/chat/{creator.name}/messages")
    assert [(item["identity"], item["text"]) for item in history["items"]] == [(viewer.id, "good evening")]

    await guest.leave()
    await creator.viewer_count(1)

    # The viewer is told that it is over, and stays; the publisher is put out.
    assert await creator.end_stream() == "Stream ended"
    assert (await creator.status())["phase"] == "offline"
    await watcher.heard("room_metadata_changed", lambda *_: metadata(watcher)["phase"] == "offline")
    await camera.heard("disconnected")
    assert "disconnected" not in [event[0] for event in watcher.told]
    analytics = await creator.ask("GET", "/api/stream/analytics")
    assert analytics["totals"]["chatMessages"] == 1
