"""The application's API as a page would call it, and the people who do."""

import itertools

import aiohttp

from support.sdk import Client
from support.waiting import PATIENCE, eventually

PASSWORD = "correct horse battery"
numbers = itertools.count(1)


class Refusal(Exception):
    """The API said no."""

    def __init__(self, call, status, error):
        super().__init__(f"{call}: {status} {error['code']}: {error['message']} {error.get('details', '')}")
        self.status = status
        self.code = error["code"]
        self.details = error.get("details", {})


class Application:
    """One server's API. Bodies and answers are what stands in the envelope."""

    def __init__(self, server):
        self.server = server
        self.session = aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(), timeout=aiohttp.ClientTimeout(total=30)
        )

    async def close(self):
        await self.session.close()

    async def ask(self, method, path, body=None, token=None):
        headers = {"authorization": f"Bearer {token}"} if token else {}
        async with self.session.request(method, self.server.url + path, json=body, headers=headers) as response:
            envelope = await response.json()
        assert envelope["success"] == (response.status < 400), (response.status, envelope)
        if not envelope["success"]:
            raise Refusal(f"{method} {path}", response.status, envelope["error"])
        return envelope.get("data", envelope.get("message"))

    async def register(self, name=None, password=PASSWORD, **profile):
        name = name or f"user{next(numbers)}"
        data = await self.ask("POST", "/api/auth/register", {"username": name, "password": password, **profile})
        return Person(self, data)

    async def login(self, name, password=PASSWORD):
        return Person(self, await self.ask("POST", "/api/auth/login", {"username": name, "password": password}))

    async def creator(self, name=None, title="A stream", **settings):
        """Somebody new with a stream that is set up."""
        person = await self.register(name)
        # The first of all is approved from the start.
        if person.user["creatorStatus"] != "approved":
            await person.apply()
        await person.setup(title, **settings)
        return person

    async def guest_pass(self, host, name="Guest"):
        return await self.ask("POST", "/api/viewer/token", {"hostId": host.id, "guestName": name})


class Person:
    """Somebody who is signed in."""

    def __init__(self, application, sign_in):
        self.application = application
        self.token = sign_in["token"]
        self.user = sign_in["user"]
        self.id = self.user["id"]
        self.name = self.user["username"]

    async def ask(self, method, path, body=None):
        return await self.application.ask(method, path, body, self.token)

    async def me(self):
        return await self.ask("GET", "/api/auth/me")

    async def apply(self, reason="I would like to"):
        return await self.ask("POST", "/api/creator/application", {"reason": reason})

    # Streaming

    async def setup(self, title="A stream", **settings):
        return await self.ask("POST", "/api/stream/setup", {"title": title, **settings})

    async def go_live(self, **options):
        return await self.ask("POST", "/api/stream/go-live", options or None)

    async def end_stream(self):
        return await self.ask("POST", "/api/stream/end-stream")

    async def change_info(self, **changes):
        return await self.ask("PUT", "/api/stream/info", changes)

    async def change_chat(self, **changes):
        return await self.ask("PUT", "/api/stream/chat-settings", changes)

    async def info(self):
        return await self.ask("GET", "/api/stream/info")

    async def status(self):
        return await self.ask("GET", "/api/stream/status")

    async def phase(self, phase, deadline=PATIENCE):
        """Waits for the stream to be in this phase; returns the status."""

        async def reached():
            status = await self.status()
            return status["phase"] == phase and status

        return await eventually(reached, f"the stream is {phase}", deadline)

    async def viewer_count(self, count, deadline=PATIENCE):
        async def reached():
            return (await self.status())["viewerCount"] == count

        await eventually(reached, f"{count} watch", deadline)

    # Watching

    async def watch_pass(self, host):
        return await self.ask("POST", "/api/viewer/token", {"hostId": host.id})

    async def watch_page(self, host):
        return await self.ask("GET", f"/api/viewer/stream/{host.name}")

    async def follow(self, host):
        return await self.ask("PUT", f"/api/users/{host.name}/follow")

    async def unfollow(self, host):
        return await self.ask("DELETE", f"/api/users/{host.name}/follow")

    async def block(self, other):
        return await self.ask("PUT", f"/api/users/{other.name}/block")

    async def unblock(self, other):
        return await self.ask("DELETE", f"/api/users/{other.name}/block")

    async def time_out(self, identity, seconds):
        return await self.ask("PUT", f"/api/chat/{self.name}/timeouts/{identity}", {"seconds": seconds})


class Rooms:
    """SDK clients with the application's tokens, that leave when the test is over."""

    def __init__(self, server):
        self.server = server
        self.joined = []

    async def join(self, token):
        client = await Client.join(self.server, token)
        self.joined.append(client)
        return client

    async def publish(self, creator, **options):
        """The creator goes live and publishes; returns once the stream is live."""
        client = await self.join((await creator.go_live(**options))["token"])
        await client.publish_video(320, 180)
        await creator.phase("live")
        return client

    async def watch(self, person, host):
        return await self.join((await person.watch_pass(host))["token"])

    async def guest(self, application, host, name="Guest"):
        return await self.join((await application.guest_pass(host, name))["token"])

    async def leave(self):
        for client in self.joined:
            await client.leave()
