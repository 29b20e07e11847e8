"""What the tests with the LiveKit SDK share."""

import asyncio

import pytest

from support.sdk import Client
from support.server import token


@pytest.fixture
def clients(loop):
    """Joins with the SDK, over any way to a server; who has joined leaves when the test is over."""
    joined = []

    async def join(way, room, identity, **grants):
        client = await Client.join(way, token(room, identity, **grants))
        joined.append(client)
        return client

    yield join
    loop.run_until_complete(asyncio.gather(*(client.leave() for client in joined)))
