"""The watch page: a creator is live from the go-live page, people watch and talk.

One creator and two viewers stay for a whole file: what a test changes it puts back.
"""

import pytest

from support.browsers import close_all
from support.channel import Show, Viewer
from support.server import running


@pytest.fixture(scope="module")
def server():
    # Streams are ended by what is tested, not by a machine that is slow to bring a page back.
    with running(config={"http": {"rate_limits": False}}, extra=["--streams-grace", "300"]) as server:
        yield server


@pytest.fixture(scope="module")
def show(loop, server, chromium):
    show = loop.run_until_complete(Show.begin(chromium, server))
    yield show
    loop.run_until_complete(show.close())


@pytest.fixture
def visitors(loop, server, chromium):
    """Brings people who leave when the test is over; without a username they have no account."""
    present = []

    async def come(path="/", username=None, browser=None, **options):
        visitor = await Viewer.come(browser or chromium, server, username, path=path, **options)
        present.append(visitor.visit)
        return visitor

    yield come
    loop.run_until_complete(close_all(present))
