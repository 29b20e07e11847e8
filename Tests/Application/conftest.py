"""What tests of the application share: a server of the module's own, its API, and SDK clients with its tokens."""

import pytest

from support.application import Application, Rooms
from support.server import BINARY, running


@pytest.fixture(scope="module")
def server():
    """Its first user is an administrator; streams are not ended by a machine that is slow to bring their media."""
    assert BINARY.exists(), "build it first: make build"
    with running(extra=["--streams-grace", "600", "--http-rate-limits=false"]) as server:
        yield server


async def made(kind, *arguments):
    return kind(*arguments)


@pytest.fixture
def application(loop, server):
    application = loop.run_until_complete(made(Application, server))
    yield application
    loop.run_until_complete(application.close())


@pytest.fixture
def rooms(loop, server):
    rooms = Rooms(server)
    yield rooms
    loop.run_until_complete(rooms.leave())
