"""Chromium and Firefox as Debian packages them, driven by Playwright, and what a test asks of their pages."""

import asyncio
import contextlib
import pathlib

from support.waiting import PATIENCE, eventually

# Loses its socket and is not known to the server any more, so that nothing can be resumed: it has to join anew.
FORGOTTEN = "() => ((room.local.sid = 'PA_forgotten'), probe.sockets.at(-1).close(4000))"

PROBE = (pathlib.Path(__file__).parent / "probe.js").read_text()

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream=fps=30",
    "--allow-loopback-in-peer-connection",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
]

FIREFOX_PREFERENCES = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.autoplay.default": 0,
    "media.devices.insecure.enabled": True,
    "media.getusermedia.insecure.enabled": True,
    "media.peerconnection.ice.obfuscate_host_addresses": False,
    "privacy.reduceTimerPrecision": False,
}


async def launch_chromium(playwright, camera, microphone, trusted=(), autoplay="no-user-gesture-required"):
    """`trusted`: origins that may use the camera although they are neither local nor secure."""
    flags = [
        *CHROMIUM_FLAGS, f"--autoplay-policy={autoplay}",
        f"--use-file-for-fake-video-capture={camera}", f"--use-file-for-fake-audio-capture={microphone}",
    ]
    if trusted:
        flags.append(f"--unsafely-treat-insecure-origin-as-secure={','.join(trusted)}")
    return await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=flags)


async def launch_other_chromium(playwright, *flags, without=()):
    """One with other devices or other permissions: more flags, and without those that begin with one of `without`."""
    usual = [*CHROMIUM_FLAGS, "--autoplay-policy=no-user-gesture-required"]
    kept = [flag for flag in usual if not flag.startswith(tuple(without))]
    return await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=[*kept, *flags])


async def launch_firefox(playwright, **preferences):
    """Preferences with `_` for `.` come on top of the usual ones."""
    more = {name.replace("_", "."): value for name, value in preferences.items()}
    return await playwright.firefox.launch(
        channel="moz-firefox", executable_path="/usr/bin/firefox-esr", firefox_user_prefs={**FIREFOX_PREFERENCES, **more}
    )


class Page:
    """One of the server's own pages in a context of its own, with the probe of `probe.js` in it."""

    def __init__(self, context, page):
        self.context = context
        self.page = page
        self.errors = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: message.type == "error" and self.errors.append(message.text))

    @classmethod
    async def open(cls, browser, url, *scripts):
        """`scripts` run in the page before its own do."""
        context = await browser.new_context(viewport={"width": 800, "height": 500})
        try:
            for script in (PROBE, *scripts):
                await context.add_init_script(script)
            page = cls(context, await context.new_page())
            await page.page.goto(url)
            return page
        except BaseException:
            await context.close()
            raise

    async def close(self):
        with contextlib.suppress(Exception):
            await self.context.close()

    async def evaluate(self, script, argument=None):
        return await self.page.evaluate(script, argument)

    async def connected(self, deadline=PATIENCE):
        await eventually(
            lambda: self.evaluate("() => globalThis.room?.state === 'connected'"),
            Situation("the page is connected", self), deadline,
        )
        return self

    async def publishing(self, tracks=2, deadline=PATIENCE):
        await self.connected(deadline)
        await eventually(
            lambda: self.evaluate("n => room.localTracks.length >= n", tracks),
            Situation(f"{tracks} tracks are published", self), deadline,
        )
        return self

    async def status(self):
        return await self.page.text_content("#status")

    # Pictures

    async def frames(self, seconds):
        """What was painted in the next `seconds`: frames a second, the longest gap in ms, the last size."""
        return await self.evaluate("ms => probe.watch(ms)", int(seconds * 1000))

    async def settled(self, fps):
        """Waits for the first second at this rate: browsers that start on the same cores starve each other at first."""

        async def reached():
            return (await self.frames(1))["fps"] >= fps

        await eventually(reached, Situation(f"{fps} frames a second", self), 60)

    async def picture(self, what="a picture plays", deadline=PATIENCE, after=0):
        """Waits for `probe.count` to pass `after`, and returns it."""
        return await eventually(
            lambda: self.evaluate("n => probe.count > n && probe.count", after), Situation(what, self), deadline
        )

    async def width(self, expected, deadline=PATIENCE):
        await eventually(
            lambda: self.evaluate("w => probe.width === w", expected),
            Situation(f"the picture is {expected} wide", self), deadline,
        )

    # The room

    async def video_sid(self):
        return await self.evaluate("() => room.subscribedTracks.find(({track}) => track.kind === 'video')?.sid")

    async def set_layer(self, layer):
        await self.evaluate("([sid, layer]) => room.setLayer(sid, layer)", [await self.video_sid(), layer])

    async def received(self, kind):
        """The summary of the one received track of this kind."""
        stats = await self.evaluate("() => room.getStats()")
        tracks = [track for track in stats["subscriber"]["tracks"] if track["kind"] == kind and track["sid"]]
        assert tracks, f"no {kind} is received: {stats}"
        return tracks[0]

    async def sent(self, kind):
        stats = await self.evaluate("() => room.getStats()")
        return [track for track in stats["publisher"]["tracks"] if track["kind"] == kind]

    async def events(self, name):
        """The details of this event since the page was loaded."""
        return await self.evaluate("name => probe.events[name] ?? []", name)


class Situation:
    """A text that is made when it is printed: what was awaited, and what the page had to say."""

    def __init__(self, what, page):
        self.what = what
        self.page = page

    def __str__(self):
        return f"{self.what}; errors on the page: {self.page.errors}"


async def close_all(pages):
    await asyncio.gather(*(page.close() for page in pages))
