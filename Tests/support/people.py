"""People at the application's own pages: each has a browser context, and with it a session."""

import contextlib

from support.browsers import Page, Situation, close_all
from support.waiting import PATIENCE, eventually

PASSWORD = "correct horse battery"


class Person:
    def __init__(self, server, page, username):
        self.server = server
        self.visit = page
        self.page = page.page
        self.username = username

    @classmethod
    async def come(cls, browser, server, username=None, *, path="/", width=1000):
        """Somebody who opens a page; with a username, somebody who has just registered."""
        self = cls(server, await Page.open(browser, f"{server.url}{path if username is None else '/search'}"), username)
        await self.page.set_viewport_size({"width": width, "height": 800})
        if username:
            register = "async (account) => (await import('/session.js')).session.register(account)"
            await self.page.evaluate(register, {"username": username, "password": PASSWORD})
            await self.open(path)
        return self

    @property
    def errors(self):
        return self.visit.errors

    async def open(self, path):
        """Goes to a page and waits until it shows what it has."""
        await self.page.goto(f"{self.server.url}{path}")
        await self.settled()

    async def settled(self):
        # Complete: its scripts have run, so that what is filled in and pressed is theirs.
        script = """() => document.readyState === "complete" && document.querySelector("h1") !== null
          && document.querySelector("main [aria-busy=true], main[aria-busy=true]") === null"""
        await self.eventually(script, "the page shows what it has")

    async def call(self, method, path, body=None):
        """A call of the API as this person; its data."""
        script = "async ([method, path, body]) => (await import('/api.js')).api[method](path, body ?? undefined)"
        return await self.page.evaluate(script, [method, path, body])

    async def eventually(self, script, what, deadline=PATIENCE, argument=None):
        """Waits for a script of the page to be true, over page changes."""

        async def asked():
            # A page that is just being left has no answer.
            with contextlib.suppress(Exception):
                return await self.page.evaluate(script, argument)

        return await eventually(asked, Situation(what, self.visit), deadline)

    async def reads(self, text, within="main", deadline=PATIENCE):
        script = "([place, text]) => document.querySelector(place)?.innerText.includes(text)"
        await self.eventually(script, f"the page says “{text}”", deadline, [within, text])

    async def is_at(self, path):
        await self.eventually("path => location.pathname === path", f"the page is {path}", argument=path)
        await self.settled()

    async def go_live(self, browser, title="A stream of mine"):
        """Sets a stream up and publishes a camera from another window; returns that window when the stream is live."""
        await self.call("post", "/api/stream/setup", {"title": title})
        pass_ = await self.call("post", "/api/stream/go-live")
        window = await Page.open(browser, self.server.page("publish", pass_["token"]))
        await window.publishing()
        status = "async () => (await (await import('/api.js')).api.get('/api/stream/status')).phase === 'live'"
        await self.eventually(status, "the stream is live")
        return window


@contextlib.asynccontextmanager
async def at_the_pages(*people):
    """Closes their browsers' windows when the block is over."""
    try:
        yield people
    finally:
        await close_all([person.visit for person in people])
