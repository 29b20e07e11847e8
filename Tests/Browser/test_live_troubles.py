"""What may happen to a stream from the go-live page: reloads, other tabs, tokens that run out, a server out of reach.
The stream does not end by it, and viewers see its picture again."""

import asyncio
import itertools
from datetime import timedelta

import pytest

from support.accessibility import violations
from support.artifacts import photograph
from support.browsers import FORGOTTEN
from support.channel import Creator, Viewer
from support.people import at_the_pages
from support.server import running, token
from support.waiting import eventually

names = (f"creator-{number}" for number in itertools.count(1))


@pytest.fixture(scope="module")
def server():
    with running(config={"http": {"rate_limits": False}}) as server:
        yield server


@pytest.fixture(scope="module")
def grave():
    """A server that is taken away from its creator."""
    with running(config={"http": {"rate_limits": False}}) as server:
        yield server


async def on_air(browser, server):
    creator = await Creator.with_stream(browser, server, next(names))
    await creator.check()
    await creator.go_live()
    return creator


async def watched(creator, browser):
    viewer = await Viewer.come(browser, creator.server, path=f"/{creator.username}")
    await viewer.sees()
    return viewer


async def sees_again(viewer):
    count = await viewer.page.evaluate("() => probe.count")
    await viewer.visit.picture("the picture is back", after=count + 5)
    await viewer.is_shown("live")


# Leaving and coming back


async def test_leaving_while_live_asks_first(server, chromium):
    creator = await on_air(chromium, server)
    async with at_the_pages(creator):
        asked = []

        async def stay(dialog):
            asked.append(dialog.type)
            await dialog.dismiss()

        creator.page.on("dialog", stay)
        await creator.page.evaluate("() => setTimeout(() => location.assign('/'))")
        await eventually(lambda: asked, "the browser asks")
        assert asked == ["beforeunload"]
        await creator.is_live()
        creator.page.remove_listener("dialog", stay)
        await creator.end()
        # Nothing holds anybody who is not live.
        await creator.page.goto(f"{server.url}/")
        assert creator.errors == []


async def test_a_reload_while_live_goes_on_with_what_was_on(server, chromium):
    creator = await on_air(chromium, server)
    viewer = await watched(creator, chromium)
    async with at_the_pages(creator, viewer):
        session = await creator.session()
        await creator.page.click("[aria-label='Microphone off']")
        await creator.reads("The microphone is off")
        await creator.page.reload()
        await creator.is_live()
        await sees_again(viewer)
        assert await creator.session() == session
        assert await creator.page.evaluate("() => room.localTracks.map(({ track }) => track.kind)") == ["video"]
        assert await creator.page.is_visible("[aria-label='Microphone on']")


async def test_a_second_tab_takes_over_when_it_is_told_to(server, chromium):
    creator = await on_air(chromium, server)
    viewer = await watched(creator, chromium)
    async with at_the_pages(creator, viewer):
        session = await creator.session()
        tab = await creator.another_tab()
        await tab.reads("You are still live")
        await tab.page.click("#go-live")
        await tab.reads("You are live from another page", within="dialog")
        await tab.page.click("text=Leave it there")
        await creator.is_live()
        await tab.eventually("() => !document.querySelector('#go-live').hasAttribute('aria-busy')", "it may be pressed again")
        await tab.page.click("#go-live")
        await tab.page.click("text=Take over here")
        await tab.is_live()
        await creator.reads("You are live from another page", within=".live-banner")
        await creator.eventually("() => document.querySelector('#preview').srcObject === null", "its devices are given back")
        await photograph(creator.page, "live-elsewhere")
        await sees_again(viewer)
        # And back again.
        await creator.page.click("text=Take over here")
        await creator.is_live()
        await tab.reads("You are live from another page", within=".live-banner")
        await sees_again(viewer)
        assert await creator.session() == session


async def test_a_stream_that_is_ended_from_elsewhere_says_so(server, chromium):
    creator = await on_air(chromium, server)
    async with at_the_pages(creator):
        await creator.call("post", "/api/stream/end-stream")
        await creator.reads("Your stream has ended")
        await creator.reads("It was ended from another page")
        await creator.reads("Viewers at most")


# Connections


async def test_a_creator_that_the_server_has_forgotten_comes_back_and_says_so(server, chromium):
    creator = await on_air(chromium, server)
    async with at_the_pages(creator):
        seen = """() => {
          globalThis.banners = [];
          const banner = document.querySelector(".live-banner");
          new MutationObserver(() => banners.push(banner.innerText)).observe(banner, { childList: true });
        }"""
        await creator.page.evaluate(seen)
        await creator.page.evaluate(FORGOTTEN)
        await creator.eventually("() => banners.some((text) => text.includes('Reconnecting'))", "the page says it")
        await creator.is_live()
        await creator.visit.publishing()


async def test_after_three_failures_the_page_says_so_and_tries_when_it_is_told_to(server, chromium):
    creator = await on_air(chromium, server)
    async with at_the_pages(creator):
        cut = """() => {
          const Socket = globalThis.WebSocket;
          globalThis.mend = () => (globalThis.WebSocket = Socket);
          globalThis.WebSocket = class extends Socket {
            constructor() {
              super(`ws://${location.hostname}:65535`);
            }
          };
          probe.sockets.at(-1).close(4000);
        }"""
        await creator.page.evaluate(cut)
        await creator.reads("Three attempts failed", within=".live-banner")
        assert await violations(creator.page) == []
        await photograph(creator.page, "live-lost")
        # In one go: between the two, the page may come back by itself.
        await creator.page.evaluate("() => (mend(), document.querySelector('.live-banner button').click())")
        await creator.is_live()
        await creator.visit.publishing()


async def hears(creator, token):
    """The server's word that the token is another one from now on."""
    script = """token => probe.sockets.at(-1).dispatchEvent(
      new MessageEvent("message", { data: JSON.stringify({ refreshToken: token }) }))"""
    await creator.page.evaluate(script, token)


async def test_a_reconnection_comes_with_the_token_that_the_server_sent_last(server, chromium):
    creator = await on_air(chromium, server)
    async with at_the_pages(creator):
        used = "() => new URL(probe.sockets.at(-1).url).searchParams.get('access_token')"
        first = await creator.page.evaluate(used)
        # The server sends a fresh one right after the join, and then before each runs out.
        await creator.page.evaluate("() => probe.sockets.at(-1).close(4000)")
        await creator.eventually(f"token => ({used})() !== token", "another token is used", argument=first)
        await creator.is_live()


async def test_a_token_that_ran_out_is_replaced_by_itself_and_a_silent_microphone_stays_silent(server, chromium):
    creator = await on_air(chromium, server)
    viewer = await watched(creator, chromium)
    async with at_the_pages(creator, viewer):
        session = await creator.session()
        await creator.page.click("[aria-label='Microphone off']")
        await creator.reads("The microphone is off")
        user = await creator.call("get", "/api/auth/me")
        await hears(creator, token(user["id"], user["id"], ttl=timedelta(hours=-1), can_publish=True))
        await creator.page.evaluate("() => probe.sockets.at(-1).close(4000)")
        await creator.eventually("() => probe.events.disconnected?.length > 0", "the old token is refused")
        await creator.is_live()
        await sees_again(viewer)
        assert await creator.session() == session
        silent = "() => room.localTracks.some(({ track, isMuted }) => track.kind === 'audio' && isMuted && !track.enabled)"
        await creator.eventually(silent, "the microphone is published anew, and silent")


async def test_a_network_check_that_is_not_done_ends_when_the_stream_begins(server, chromium):
    creator = await Creator.with_stream(chromium, server, next(names))
    asked, on_the_air = asyncio.Event(), asyncio.Event()

    async def hold(route):
        asked.set()
        await on_the_air.wait()
        await route.continue_()

    async with at_the_pages(creator):
        await creator.page.route("**/api/stream/creator-token", hold)
        await creator.check()
        await asked.wait()
        await creator.go_live()
        async with creator.page.expect_response("**/api/stream/creator-token") as answered:
            on_the_air.set()
        await (await answered.value).finished()
        # What the answer sets off would have begun by now.
        await creator.page.evaluate("() => new Promise((resolve) => setTimeout(resolve, 500))")
        assert await creator.page.evaluate("() => probe.sockets.length") == 1


async def test_live_is_not_claimed_where_media_does_not_get_through(server, chromium):
    creator = await Creator.with_stream(chromium, server, next(names))
    async with at_the_pages(creator):
        # Candidates that lead nowhere: as behind a firewall that lets HTTP through only.
        await creator.page.add_init_script("""
          const set = RTCPeerConnection.prototype.setRemoteDescription;
          RTCPeerConnection.prototype.setRemoteDescription = function (description) {
            const sdp = description.sdp.replace(/(a=candidate:.* (?:udp|tcp) \\d+ \\S+) \\d+ typ/gi, "$1 9 typ");
            return set.call(this, { type: description.type, sdp });
          };""")
        await creator.check()
        await creator.reads("media does not get through", within=".live-network")
        assert await creator.page.is_visible("text=Check again")
        await creator.page.click("#go-live")
        await creator.eventually(
            "() => /UDP/.test(document.querySelector('.live-check .problem')?.innerText ?? '')", "the page says why", 30
        )
        assert not (await creator.call("get", "/api/stream/status"))["isLive"]


async def test_a_server_that_is_gone_is_said_to_be(grave, chromium):
    creator = await on_air(chromium, grave)
    async with at_the_pages(creator):
        grave.stop()
        await creator.reads("Three attempts failed", within=".live-banner")
        grave.start()
        # The page may have found out by itself meanwhile.
        await creator.page.evaluate("() => document.querySelector('.live-banner button')?.click()")
        await creator.is_live(deadline=40)
