"""A change of settings reaches all who are connected; how long it took is printed."""

import asyncio
import json
import time

from support.signalling import Signalling

CLIENTS = 50


async def test_settings_reach_fifty_clients(application, server):
    creator = await application.creator(title="Before")
    await creator.go_live()
    passes = await asyncio.gather(*(application.guest_pass(creator, f"Guest {n}") for n in range(CLIENTS)))
    connections = await asyncio.gather(*(Signalling.open(server, given["token"]) for given in passes))

    async def told(connection, matches):
        """The time at which this connection hears of a room that matches."""
        while True:
            room = (await connection.next("roomUpdate"))["room"]
            if matches(json.loads(room.get("metadata") or "{}")):
                return time.monotonic()

    async def forbidden(connection):
        """The time at which this connection hears that it may not chat."""
        own = connection.join["participant"]["identity"]
        while True:
            for participant in (await connection.next("update")).get("participants", []):
                permission = participant.get("permission", {})
                if participant["identity"] == own and not permission.get("canPublishData", False):
                    return time.monotonic()

    async def measure(what, change, heard):
        waiting = [asyncio.ensure_future(heard(connection)) for connection in connections]
        started = time.monotonic()
        await change
        answered = time.monotonic()
        last = max(await asyncio.gather(*waiting))
        print(
            f"\n{what}: the last of {CLIENTS} clients was told {1000 * (last - started):.0f} ms after the request was "
            f"made, {1000 * (last - answered):.0f} ms after its answer"
        )

    try:
        await measure(
            "a title", creator.change_info(title="After"),
            lambda connection: told(connection, lambda room: room.get("title") == "After"),
        )
        await measure(
            "slow mode", creator.change_chat(slowModeSeconds=10),
            lambda connection: told(connection, lambda room: room.get("slowModeSeconds") == 10),
        )
        await measure("a chat that closes", creator.change_chat(isChatEnabled=False), forbidden)
    finally:
        await asyncio.gather(*(connection.leave() for connection in connections))
