"""A server as it looks in ordinary use: creators with a past, followers, a live stream with its chat. For pictures."""

import contextlib
import pathlib
import random
import sqlite3
import time
import uuid

from support.channel import Creator, Viewer, say
from support.people import Person
from support.server import running

DAY = 86_400_000
CREATORS = {
    "ada": ("Ada Byron", "Building a boat, plank by plank"),
    "grace": ("Grace Hopper", "Repairing a valve radio from 1938"),
    "linus": ("Linus Moor", "Sourdough before sunrise"),
    "mary": ("Mary Anning", "Fossils from the beach, cleaned live"),
    "noor": ("Noor Amin", "Drawing maps of places that are not there"),
}
PEOPLE = ["tim", "rosa", "chen", "olga", "sam"]


class Showcase:
    """Ada is live with two viewers, and is who looks at the dashboard; Rosa looks at everything else."""

    def __init__(self, server, ada, rosa):
        self.server, self.ada, self.rosa = server, ada, rosa

    @property
    def database(self):
        return next(pathlib.Path(self.server.folder.name).rglob("*.db"))

    def remember(self, username, streams=9):
        """Past streams of a creator with their viewers, written beside the running server."""
        chance = random.Random(username)
        with contextlib.closing(sqlite3.connect(self.database, timeout=20)) as database, database:
            [(user_id, title)] = database.execute(
                "SELECT u.id, s.title FROM users u JOIN streams s ON s.user_id = u.id WHERE u.username = ?", [username])
            for number in range(streams):
                start = int(time.time() * 1000) - (3 * number + 1) * DAY - chance.randrange(8 * 3_600_000)
                minutes = chance.randrange(40, 150)
                session, most = str(uuid.uuid4()), chance.randrange(12, 60)
                counts = [max(1, round(most * (0.4 + 0.6 * chance.random()))) for _ in range(2 * minutes)]
                database.execute(
                    "INSERT INTO live_sessions VALUES (?, ?, ?, ?, ?, ?, ?)",
                    [session, user_id, title, start, start + 60_000 * minutes, start + 60_000 * minutes, max(counts)])
                database.executemany(
                    "INSERT INTO viewer_samples VALUES (?, ?, ?)",
                    [(session, start + 30_000 * index, count) for index, count in enumerate(counts)])


@contextlib.asynccontextmanager
async def showcase(browser):
    config = {"http": {"rate_limits": False}, "creators": {"approval": "automatic"}}
    with running(config=config) as server:
        creators, windows = {}, []
        try:
            for username, (name, title) in CREATORS.items():
                creators[username] = await Creator.with_stream(browser, server, username, title, width=1280)
                windows.append(creators[username].visit)
                await creators[username].call("put", "/api/auth/me", {"displayName": name})
            ada = creators["ada"]
            rosa = None
            for username in PEOPLE:
                person = await Viewer.come(browser, server, username, width=1280)
                windows.append(person.visit)
                await person.call("put", "/api/auth/me", {"displayName": username.capitalize()})
                for host in ["ada", "grace", "mary"]:
                    await person.call("put", f"/api/users/{host}/follow")
                rosa = person if username == "rosa" else rosa
            scene = Showcase(server, ada, rosa)
            for username in ["ada", "grace", "linus", "mary"]:
                scene.remember(username)
            yield scene
        finally:
            for window in windows:
                await window.close()


async def on_air(scene, browser):
    """Ada goes live, Rosa and a guest watch, and they talk."""
    await scene.ada.check()
    await scene.ada.go_live()
    await scene.rosa.watch("ada")
    await scene.rosa.sees()
    for person, text in [
        (scene.rosa, "Hello Ada! Which wood is it?"),
        (scene.ada, "Larch, from the hill behind the house"),
        (scene.rosa, "It smells good all the way to here"),
    ]:
        await say(person, text)
