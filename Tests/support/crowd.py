"""Fixtures of the pages' tests: a server on which creators are decided about by hand, and whoever is wanted at its pages.

A test module imports all four: `from support.crowd import admin, creators, people, server`.
"""

import itertools

import pytest

from support.browsers import close_all
from support.people import Person
from support.server import running

names = (f"person-{number}" for number in itertools.count(1))


@pytest.fixture(scope="module")
def server():
    """Registers as many people as it likes, and decides about creators by hand."""
    with running(config={"http": {"rate_limits": False}, "creators": {"approval": "manual"}}) as server:
        yield server


@pytest.fixture(scope="module")
def admin(loop, server, chromium):
    """The first to register under `--dev`: an administrator, and a creator."""
    person = loop.run_until_complete(Person.come(chromium, server, "ada", path="/"))
    yield person
    loop.run_until_complete(close_all([person.visit]))


@pytest.fixture
def people(loop, server, chromium, admin):
    """Brings people who leave when the test is over; the administrator is there before them."""
    present = []

    async def come(username=None, **options):
        person = await Person.come(chromium, server, username, **options)
        present.append(person.visit)
        return person

    yield come
    loop.run_until_complete(close_all(present))


@pytest.fixture
def creators(people, admin):
    """Brings people who are approved, with a stream that is set up."""

    async def come(title="Before", path="/", **options):
        person = await people(next(names), path="/", **options)
        await person.call("post", "/api/creator/application", {"reason": "For a test"})
        user = await person.call("get", "/api/auth/me")
        await admin.call("post", f"/api/admin/applications/{user['id']}/approve")
        if title:
            await person.call("post", "/api/stream/setup", {"title": title})
        await person.open(path.format(name=person.username))
        return person

    return come
