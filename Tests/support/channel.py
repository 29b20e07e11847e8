"""A creator at the go-live page and people at the watch page."""

from support.browsers import Page
from support.people import Person


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

    async def is_live(self, deadline=15.0):
        await self.eventually("() => document.querySelector('.live-badge')?.textContent === 'LIVE'", "it is live", deadline)

    async def end(self):
        await self.page.click("#end-stream")
        await self.page.click("dialog button[value=yes]")
        await self.reads("Your stream has ended")

    async def another_tab(self):
        """The go-live page once more, in the same browser."""
        tab = Creator(self.server, Page(self.visit.context, await self.visit.context.new_page()), self.username)
        await tab.check()
        return tab


class Viewer(Person):
    """Somebody at a watch page, with an account or without."""

    async def watch(self, username):
        await self.open(f"/{username}")
        return self

    async def is_shown(self, state, deadline=15.0):
        script = "state => document.querySelector('.player-frame')?.dataset.state === state"
        await self.eventually(script, f"the player shows {state}", deadline, state)

    async def sees(self, deadline=15.0):
        await self.is_shown("live", deadline)
        return await self.visit.picture(deadline=deadline)


async def say(person, text):
    """Writes into the chat, when it is open."""
    await person.eventually("() => document.querySelector('.chat-composer button')?.disabled === false", "the chat is open")
    await person.page.fill("input[name=message]", text)
    await person.page.press("input[name=message]", "Enter")


async def reads_in_chat(person, text):
    await person.reads(text, within=".chat-list")
