"""Crashes in every phase: whoever comes back within the grace goes on, and no stream stays live for ever."""

import asyncio
import signal

import pytest

from support.publisher import PublisherProcess
from support.sdk import Client
from support.server import running
from support.waiting import eventually

# Seconds that streams wait for media: short where the end is waited for, long where somebody comes back.
GRACE, PATIENCE = 6, 120
patient = pytest.mark.parametrize("server", [PATIENCE], indirect=True, ids=["patient"])


@pytest.fixture
def server(request):
    """A server that may be killed, with its own data."""
    with running(extra=["--streams-grace", str(getattr(request, "param", GRACE)), "--http-rate-limits=false"]) as server:
        yield server


@pytest.fixture
def publishers(server):
    """Publishers in processes of their own."""
    started = []

    async def publish(creator):
        # Waits for the token with all that it needs: the stream does not wait for a process to start.
        started.append(await asyncio.to_thread(PublisherProcess))
        token = (await creator.go_live())["token"]
        await asyncio.to_thread(started[-1].join, server, token)
        return started[-1]

    yield publish
    for publisher in started:
        publisher.kill()


async def restart(server):
    server.crash()
    await asyncio.to_thread(server.start)


async def rejoin(rooms, creator):
    """As a creator's page does that finds its connection gone."""
    client = await rooms.join((await creator.go_live(takeOver=True))["token"])
    await client.publish_video(320, 180)
    return client


# The server is killed


async def test_a_server_killed_while_starting(server, application, rooms):
    creator, absent = await application.creator(), await application.creator()
    for person in (creator, absent):
        assert (await person.go_live())["stream"]["phase"] == "starting"
    await restart(server)
    for person in (creator, absent):
        assert (await person.status())["isLive"]
    await rejoin(rooms, creator)
    await creator.phase("live")
    await absent.phase("offline", GRACE + 30)
    assert (await creator.status())["phase"] == "live"


async def test_a_server_killed_while_live(server, application, publishers, rooms):
    creator, absent = await application.creator(), await application.creator()
    pages = [await publishers(person) for person in (creator, absent)]
    began = (await creator.phase("live"))["startedAt"]
    await absent.phase("live")
    for page in pages:
        page.kill()
    await restart(server)
    for person in (creator, absent):
        assert (await person.status())["phase"] == "reconnecting"
    await rejoin(rooms, creator)
    assert (await creator.phase("live"))["startedAt"] == began
    await absent.phase("offline", GRACE + 30)

    async def kept():
        sessions = (await absent.ask("GET", "/api/stream/analytics"))["sessions"]["items"]
        assert len(sessions) == 1, sessions
        return sessions[0].get("endedAt")

    await eventually(kept, "the store has the end")
    sessions = (await creator.ask("GET", "/api/stream/analytics"))["sessions"]["items"]
    assert len(sessions) == 1 and not sessions[0].get("endedAt"), sessions


async def test_a_server_killed_while_reconnecting(server, application, publishers, rooms):
    creator, absent = await application.creator(), await application.creator()
    pages = [await publishers(person) for person in (creator, absent)]
    for person, page in zip((creator, absent), pages):
        await person.phase("live")
        page.kill()
    for person in (creator, absent):
        await person.phase("reconnecting")
    await restart(server)
    assert (await creator.status())["phase"] == "reconnecting"
    await rejoin(rooms, creator)
    await creator.phase("live")
    await absent.phase("offline", GRACE + 30)


@patient
async def test_a_page_that_survives_the_server_comes_back_by_itself(server, application, publishers):
    creator = await application.creator()
    await publishers(creator)
    began = (await creator.phase("live"))["startedAt"]
    await restart(server)
    assert (await creator.phase("live", 60))["startedAt"] == began


@patient
async def test_a_server_that_is_killed_when_nobody_streams_loses_nothing(server, application):
    creator, viewer = await application.creator(title="Kept"), await application.register()
    await creator.go_live()
    await creator.end_stream()
    await viewer.follow(creator)
    await creator.block(await application.register("blocked-one"))
    await creator.change_chat(slowModeSeconds=30)
    before = [await creator.info(), await creator.ask("GET", "/api/stream/titles"), await viewer.watch_page(creator)]
    await restart(server)
    after = [await creator.info(), await creator.ask("GET", "/api/stream/titles"), await viewer.watch_page(creator)]
    assert after == before
    assert after[0]["slowModeSeconds"] == 30
    assert after[2]["host"]["isFollowing"]


# The creator's page dies


async def test_a_page_that_dies_leaves_a_stream_that_waits_and_then_ends(application, publishers, rooms):
    creator = await application.creator()
    page = await publishers(creator)
    began = (await creator.phase("live"))["startedAt"]
    viewer = await rooms.guest(application, creator)
    await viewer.sees()
    page.kill()
    assert (await creator.phase("reconnecting"))["isLive"]
    await rejoin(rooms, creator)
    assert (await creator.phase("live"))["startedAt"] == began
    await viewer.sees()
    await rooms.joined[-1].leave()
    await creator.phase("reconnecting")
    status = await creator.phase("offline", GRACE + 30)
    assert not status["isLive"] and status["startedAt"] is None


@patient
async def test_a_page_that_freezes_is_live_again_when_it_goes_on(application, publishers):
    creator = await application.creator()
    page = await publishers(creator)
    await creator.phase("live")
    page.signal(signal.SIGSTOP)
    await creator.phase("reconnecting")
    page.signal(signal.SIGCONT)
    await creator.phase("live", 60)


async def test_go_live_without_media_ends_by_itself(application):
    creator = await application.creator()
    await creator.go_live()
    await creator.phase("offline", GRACE + 30)


# Two pages


@patient
async def test_the_second_page_is_refused_or_takes_over_as_it_asks(application, rooms):
    creator = await application.creator()
    first = await rooms.publish(creator)
    with pytest.raises(Exception, match="already_live"):
        await creator.go_live()
    assert (await creator.status())["phase"] == "live"
    old = (await creator.go_live(takeOver=True))["token"]
    await first.heard("disconnected")
    second = await rooms.join((await creator.go_live(takeOver=True))["token"])
    await second.publish_video(320, 180)
    await creator.phase("live")
    # Every go-live bars the tokens of those before.
    with pytest.raises(Exception):
        await Client.join(application.server, old)
    assert second.room.isconnected()
