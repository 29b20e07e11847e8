"""A creator at the go-live page and people at the watch page."""

import dataclasses

from support.browsers import Page, close_all
from support.people import Person
from support.waiting import PATIENCE


class Creator(Person):
    """Somebody with a stream that is set up, at their go-live page."""

    @classmethod
    async def with_stream(cls, browser, server, username, title="A stream of mine", **options):
        self = await cls.come(browser, server, username, path="/", **options)
        if (await self.call("get", "/api/auth/me"))["creatorStatus"] != "approved":
            await self.call("post", "/api/creator/application", {})
        await self.call("post", "/api/stream/setup", {"title": title})
        return self

    async def check(self):
        """Opens the check before live, with the devices allowed."""
        await self.open(f"/u/{self.username}/live")
        await self.eventually("() => document.querySelector('#go-live') !== null", "the check is there")
        # Where devices are allowed already, the page opens them by itself.
        await self.eventually(
            """() => {
              const allow = document.querySelector("#allow");
              if (allow?.checkVisibility() && !allow.disabled) allow.click();
              return !document.querySelector("#go-live").disabled;
            }""",
            "the devices are on",
        )

    async def go_live(self, tracks=2):
        await self.page.click("#go-live")
        await self.visit.publishing(tracks)
        await self.is_live()

    async def is_live(self, deadline=PATIENCE):
        await self.eventually("() => document.querySelector('.live-badge')?.textContent === 'LIVE'", "it is live", deadline)

    async def end(self):
        await self.page.click("#end-stream")
        await self.page.click("dialog button[value=yes]")
        await self.reads("Your stream has ended")

    async def session(self):
        """What names the live session: when it began."""
        status = await self.call("get", "/api/stream/status")
        assert status["isLive"], status
        return status["startedAt"]

    async def loses_device(self, source):
        """As when a device is unplugged, or the browser's own button ends a shared screen."""
        script = """source => {
          const { track } = room.localTracks.find(({ options }) => options.source === source);
          track.stop();
          track.dispatchEvent(new Event("ended"));
        }"""
        await self.page.evaluate(script, source)

    async def another_tab(self):
        """The go-live page once more, in the same browser."""
        tab = Creator(self.server, Page(self.visit.context, await self.visit.context.new_page()), self.username)
        await tab.check()
        return tab


class Viewer(Person):
    """Somebody at a watch page, with an account or without."""

    @classmethod
    async def in_another_tab(cls, viewer):
        """The same person once more, in the same browser."""
        return cls(viewer.server, Page(viewer.visit.context, await viewer.visit.context.new_page()), viewer.username)

    async def watch(self, username):
        await self.open(f"/{username}")
        return self

    async def is_shown(self, state, deadline=PATIENCE):
        script = "state => document.querySelector('.player-frame')?.dataset.state === state"
        await self.eventually(script, f"the player shows {state}", deadline, state)

    async def press(self, key):
        """A key of the player, with nothing focused that would take it."""
        await self.page.evaluate("() => document.activeElement.blur()")
        await self.page.keyboard.press(key)

    async def video(self, member):
        return await self.page.evaluate("member => document.querySelector('#video')[member]", member)

    async def latency(self):
        """Milliseconds from capture to screen, as the player measures them; nothing while that is not known."""
        return await self.page.evaluate("() => Number(document.querySelector('.player-latency').dataset.age) || undefined")

    async def sees(self, deadline=PATIENCE):
        await self.is_shown("live", deadline)
        return await self.visit.picture(deadline=deadline)


async def near(viewer, bound):
    """The viewer's latency, when it is below this bound; in milliseconds."""
    latency = await viewer.latency()
    return latency and latency < bound and latency


@dataclasses.dataclass
class Show:
    """A creator who is live, somebody with an account who watches, and somebody without."""

    host: Creator
    bob: Viewer
    guest: Viewer

    @classmethod
    async def begin(cls, browser, server, title="Engines & <b>poetry</b>"):
        host = await Creator.with_stream(browser, server, "ada", title)
        await host.check()
        await host.go_live()
        show = cls(
            host, await Viewer.come(browser, server, "bob", path="/"), await Viewer.come(browser, server, path="/", width=1280)
        )
        for viewer in (show.bob, show.guest):
            await viewer.watch("ada")
            await viewer.sees()
        return show

    @property
    def everyone(self):
        return (self.host, self.bob, self.guest)

    async def close(self):
        await close_all([person.visit for person in self.everyone])


async def say(person, text):
    """Writes into the chat, when it is open."""
    await chat_is_open(person)
    await person.page.fill("input[name=message]", text)
    await person.page.press("input[name=message]", "Enter")


async def reads_in_chat(person, text):
    await person.reads(text, within=".chat-list")


def line(person, text):
    """The message with this text, as this person has it."""
    return person.page.locator(".chat-message", has_text=text)


async def chat_is_open(person):
    await person.eventually("() => document.querySelector('.chat-composer')?.dataset.state === 'open'", "the chat is open")
