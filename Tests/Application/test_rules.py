"""What a host's rules do to those who watch, as LiveKit's SDKs see it."""

import json
import time

import jwt
import pytest
from livekit import rtc

from support.application import Refusal
from support.chat import Chat
from support.sdk import Client
from support.waiting import eventually


@pytest.fixture
def show(loop, application, rooms):
    """A creator who is live, and how others join."""

    class Show:
        async def open(self, **settings):
            self.creator = await application.creator(**settings)
            self.stage = await rooms.publish(self.creator)
            self.chat = Chat(self.stage)
            return self

        async def viewer(self, follows=False):
            person = await application.register()
            if follows:
                await person.follow(self.creator)
            client = await rooms.watch(person, self.creator)
            return person, client, Chat(client)

        async def guest(self):
            client = await rooms.guest(application, self.creator)
            return client, Chat(client)

    return Show()


async def permitted(client, can_chat):
    """Waits until the client has been told whether it may chat."""
    await eventually(
        lambda: client.me.permissions is not None and client.me.permissions.can_publish_data == can_chat,
        f"{client.me.identity} is told that it {'may' if can_chat else 'may not'} chat",
    )


# Blocking


async def test_a_blocked_viewer_is_out_at_once_and_no_token_lets_them_back(application, rooms, show):
    await show.open()
    viewer = await application.register()
    old = (await viewer.watch_pass(show.creator))["token"]
    client = await rooms.join(old)
    await client.sees()
    other = await rooms.guest(application, show.creator)
    started = time.monotonic()
    await show.creator.block(viewer)
    await client.heard("disconnected")
    print(f"\nblocked and out after {time.monotonic() - started:.3f} s")
    await show.creator.viewer_count(1)
    with pytest.raises(Exception):
        await Client.join(application.server, old)
    with pytest.raises(Refusal) as refusal:
        await viewer.watch_pass(show.creator)
    assert (refusal.value.status, refusal.value.code) == (403, "blocked")
    with pytest.raises(Refusal) as refusal:
        await viewer.watch_page(show.creator)
    assert refusal.value.status == 404
    # The others see no more of it than that somebody left.
    await other.sees()
    await show.creator.unblock(viewer)
    await (await rooms.watch(viewer, show.creator)).sees()


# Tokens


async def test_a_viewer_cannot_publish_and_is_told_so(application, rooms, show):
    await show.open()
    viewer = await application.register()
    for given in (await viewer.watch_pass(show.creator), await application.guest_pass(show.creator)):
        assert not jwt.decode(given["token"], options={"verify_signature": False})["video"].get("canPublish")
        client = await rooms.join(given["token"])
        assert client.me.permissions.can_subscribe and not client.me.permissions.can_publish
        with pytest.raises(rtc.participant.PublishTrackError):
            await client.publish_video(320, 180)
        await client.sees()


async def test_a_stream_s_facts_are_the_room_s_metadata_and_change_for_everyone(application, rooms, show):
    await show.open(title="Before")
    client, _ = await show.guest()
    facts = json.loads(client.room.metadata)
    assert (facts["title"], facts["username"], facts["isChatEnabled"]) == ("Before", show.creator.name, True)
    await show.creator.change_info(title="After")
    await client.heard("room_metadata_changed", lambda *_: json.loads(client.room.metadata)["title"] == "After")
    await show.creator.change_chat(isChatDelayed=True, slowModeSeconds=5)
    await client.heard("room_metadata_changed", lambda *_: json.loads(client.room.metadata)["slowModeSeconds"] == 5)
    facts = json.loads(client.room.metadata)
    assert facts["isChatDelayed"] and facts["isLive"] and facts["phase"] == "live"


# Chat


@pytest.mark.parametrize("form", ["say", "say_packet"], ids=["text stream", "packet"])
async def test_chat_goes_to_everyone_in_both_forms(show, form):
    await show.open()
    viewer, client, chat = await show.viewer()
    _, guest = await show.guest()
    await getattr(chat, form)("one & <b>two</b> — drei")
    for other in (show.chat, guest):
        await other.hears("one & <b>two</b> — drei", viewer.id)
    await getattr(show.chat, form)("from the stage")
    for other in (chat, guest):
        await other.hears("from the stage", show.creator.id)


async def test_a_chat_that_closes_and_opens(show):
    await show.open()
    viewer, client, chat = await show.viewer()
    await permitted(client, True)
    await show.creator.change_chat(isChatEnabled=False)
    await permitted(client, False)
    await chat.refused(await chat.say_packet("hello?"), "chat_disabled")
    await show.chat.say("only me")
    await chat.hears("only me", show.creator.id)
    await show.creator.change_chat(isChatEnabled=True)
    await permitted(client, True)
    await chat.say("hello!")
    await show.chat.hears("hello!", viewer.id)
    assert "hello?" not in [text for _, text in show.chat.heard]


async def test_a_follow_opens_a_followers_only_chat_at_once(show):
    await show.open(isChatFollowersOnly=True)
    viewer, client, chat = await show.viewer()
    guest_client, guest = await show.guest()
    await permitted(client, False)
    await permitted(guest_client, False)
    await chat.refused(await chat.say_packet("let me"), "followers_only")
    await guest.refused(await guest.say_packet("me too"), "followers_only")
    await viewer.follow(show.creator)
    await permitted(client, True)
    await chat.say("thank you")
    await show.chat.hears("thank you", viewer.id)
    await viewer.unfollow(show.creator)
    await permitted(client, False)


async def test_a_timeout_silences_one_and_is_lifted(show):
    await show.open()
    viewer, client, chat = await show.viewer()
    _, _, other = await show.viewer()
    await permitted(client, True)
    await show.creator.time_out(viewer.id, 60)
    await permitted(client, False)
    notice = await chat.refused(await chat.say_packet("but"), "timed_out")
    assert 1 <= notice["retryAfter"] <= 60
    await other.say("and I?")
    await show.chat.hears("and I?")
    await show.creator.time_out(viewer.id, 0)
    await permitted(client, True)
    await chat.say("sorry")
    await show.chat.hears("sorry", viewer.id)


async def test_slow_mode_says_how_long_to_wait(show):
    await show.open(slowModeSeconds=60)
    viewer, _, chat = await show.viewer()
    await chat.say_packet("first")
    await show.chat.hears("first", viewer.id)
    notice = await chat.refused(await chat.say_packet("second"), "slow_mode")
    assert 1 <= notice["retryAfter"] <= 60
    for text in ("the host", "is not", "slow"):
        await show.chat.say(text)
        await chat.hears(text)
    await show.creator.change_chat(slowModeSeconds=0)
    await chat.say_packet("third")
    await show.chat.hears("third", viewer.id)


async def test_more_than_five_messages_in_five_seconds_are_refused(show):
    await show.open()
    viewer, _, chat = await show.viewer()
    sent = [await chat.say_packet(f"message {number}") for number in range(6)]
    await chat.refused(sent[5], "too_fast")
    await show.chat.hears("message 4", viewer.id)


@pytest.mark.parametrize(("text", "code"), [("   ", "empty"), ("x" * 501, "too_long")])
async def test_a_message_that_cannot_be(show, text, code):
    await show.open()
    _, _, chat = await show.viewer()
    await chat.refused(await chat.say_packet(text), code)
    await chat.refused(await chat.say(text), code)


async def test_a_delayed_chat_holds_what_others_than_the_host_say(show):
    await show.open(isChatDelayed=True)
    viewer, _, chat = await show.viewer()
    started = time.monotonic()
    identifier = await chat.say_packet("later")
    await chat.notices.first(lambda notice: (notice["type"], notice["id"]) == ("held", identifier), "it is held")
    await show.chat.say("now")
    await chat.hears("now")
    assert "later" not in [text for _, text in show.chat.heard]
    await show.chat.hears("later", viewer.id)
    assert time.monotonic() - started >= 2.9


async def test_the_operator_s_topics_are_not_for_participants(show):
    await show.open()
    _, client, chat = await show.viewer()
    await client.me.publish_data(json.dumps({"type": "deleted", "id": "x"}), reliable=True, topic="golive.chat")
    await chat.say("after it")
    await show.chat.hears("after it")
    assert show.chat.notices == []


async def test_a_deleted_message_is_taken_back_for_everyone(show):
    await show.open()
    _, _, chat = await show.viewer()
    identifier = await chat.say_packet("oh no")
    await show.chat.hears("oh no")
    await show.creator.ask("DELETE", f"/api/chat/messages/{identifier}")
    for other in (chat, show.chat):
        await other.notices.first(lambda notice: (notice["type"], notice["id"]) == ("deleted", identifier), "a deletion")
    history = await show.creator.ask("GET", f"/api/chat/{show.creator.name}/messages")
    assert "oh no" not in [item["text"] for item in history["items"]]
