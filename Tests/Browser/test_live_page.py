"""The go-live page: setup, the check before live, live, and what goes wrong."""

import itertools

import pytest

from support.accessibility import nameless_controls, violations
from support.browsers import close_all
from support.channel import Creator, Viewer
from support.server import running
from support.waiting import eventually

names = (f"creator-{number}" for number in itertools.count(1))


@pytest.fixture(scope="module")
def server():
    with running(config={"http": {"rate_limits": False}}) as server:
        yield server


@pytest.fixture
def creators(loop, server, chromium):
    """Brings creators with a stream, who leave when the test is over."""
    present = []

    async def come(**options):
        creator = await Creator.with_stream(chromium, server, next(names), **options)
        present.append(creator.visit)
        return creator

    yield come
    loop.run_until_complete(close_all(present))


@pytest.fixture
def viewers(loop, server, chromium):
    present = []

    async def come(username):
        viewer = await Viewer.come(chromium, server, path=f"/{username}")
        present.append(viewer.visit)
        return viewer

    yield come
    loop.run_until_complete(close_all(present))


async def sent_kinds(creator):
    return sorted(await creator.page.evaluate("() => room.localTracks.map(({ track }) => track.kind)"))


async def test_the_first_time_begins_with_a_setup(server, chromium):
    creator = await Creator.come(chromium, server, next(names), path="/")
    if (await creator.call("get", "/api/auth/me"))["creatorStatus"] != "approved":
        await creator.call("post", "/api/creator/application", {})
    try:
        await creator.open(f"/u/{creator.username}/live")
        await creator.reads("Set up your stream")
        await creator.page.fill("#title", "My first stream")
        await creator.page.click("text=Save and continue")
        await creator.reads("My first stream")
        await creator.check()
        await creator.go_live()
        assert (await creator.call("get", "/api/stream/status"))["isLive"]
        await creator.end()
        assert not (await creator.call("get", "/api/stream/status"))["isLive"]
    finally:
        await creator.visit.close()


async def test_the_check_shows_the_picture_the_level_and_the_network(creators):
    creator = await creators()
    await creator.check()
    await creator.eventually("() => document.querySelector('#preview').videoWidth > 0", "the preview plays")
    await creator.eventually("() => document.querySelector('.mic-meter').value > 0.2", "the microphone is heard")
    await creator.reads("Media gets through", within=".live-network", deadline=15)
    assert not (await creator.call("get", "/api/stream/status"))["isLive"]
    assert await creator.page.evaluate("() => room.localTracks.length") == 0


@pytest.mark.parametrize(
    ("off", "rest"), [("Camera off", ["audio"]), ("Microphone off", ["video"])],
)
async def test_a_device_that_is_off_before_live_is_never_sent(creators, off, rest):
    creator = await creators()
    await creator.check()
    await creator.page.click(f"[aria-label='{off}']")
    await creator.go_live(tracks=1)
    assert await sent_kinds(creator) == rest
    await creator.page.click(f"[aria-label='{off.replace('off', 'on')}']")
    await creator.eventually("() => room.localTracks.length === 2", "it is sent when it is turned on")


async def test_live_shows_how_long_how_many_and_how_well(creators, viewers):
    creator = await creators()
    await creator.check()
    await creator.go_live()
    viewer = await viewers(creator.username)
    await viewer.sees()
    await creator.eventually("() => document.querySelector('.live-count span').textContent === '1'", "one watches")
    await creator.eventually("() => /^0:0[1-9]|0:[1-5]/.test(document.querySelector('.live-signs time').textContent)", "the clock runs")
    await creator.eventually("() => /bit\\/s/.test(document.querySelector('.live-uplink').textContent)", "the uplink in words")
    assert creator.errors == []


async def test_the_end_is_asked_for(creators):
    creator = await creators()
    await creator.check()
    await creator.go_live()
    await creator.page.click("#end-stream")
    await creator.page.click("text=Keep streaming")
    assert (await creator.call("get", "/api/stream/status"))["isLive"]
    await creator.end()


async def test_leaving_while_live_asks_first(creators):
    creator = await creators()
    await creator.check()
    await creator.go_live()
    asked = []

    async def stay(dialog):
        asked.append(dialog.type)
        await dialog.dismiss()

    creator.page.on("dialog", stay)
    await creator.page.evaluate("() => setTimeout(() => location.assign('/'))")
    await eventually(lambda: asked, "the browser asks")
    assert asked == ["beforeunload"]
    await creator.is_live()


async def test_a_reload_while_live_goes_on_by_itself(creators, viewers):
    creator = await creators()
    await creator.check()
    await creator.go_live()
    viewer = await viewers(creator.username)
    await viewer.sees()
    await creator.page.reload()
    await creator.is_live(deadline=20)
    await creator.visit.publishing()
    count = await viewer.page.evaluate("() => probe.count")
    await viewer.visit.picture("the picture is back", after=count + 5, deadline=20)
    await viewer.is_shown("live")


async def test_a_second_tab_takes_over_when_it_is_told_to(creators, viewers):
    creator = await creators()
    await creator.check()
    await creator.go_live()
    viewer = await viewers(creator.username)
    await viewer.sees()
    tab = await creator.another_tab()
    await tab.page.click("#go-live")
    await tab.reads("You are live from another page", within="dialog")
    await tab.page.click("text=Leave it there")
    await creator.is_live()
    await tab.page.click("#go-live")
    await tab.page.click("text=Take over here")
    await tab.is_live()
    await creator.reads("You are live from another page", within=".live-banner")
    count = await viewer.page.evaluate("() => probe.count")
    await viewer.visit.picture("the picture is back", after=count + 5, deadline=20)


async def test_a_creator_that_loses_its_socket_comes_back_and_says_so(creators):
    creator = await creators()
    await creator.check()
    await creator.go_live()
    seen = """() => {
      globalThis.banners = [];
      const banner = document.querySelector(".live-banner");
      new MutationObserver(() => banners.push(banner.innerText)).observe(banner, { childList: true });
    }"""
    await creator.page.evaluate(seen)
    await creator.page.evaluate("() => probe.sockets.at(-1).close(4000)")
    await creator.eventually("() => banners.some((text) => text.includes('Reconnecting'))", "the page says it")
    await creator.is_live()
    await creator.visit.publishing()


async def test_after_three_failures_the_page_says_so_and_tries_when_it_is_told_to(creators):
    creator = await creators()
    await creator.check()
    await creator.go_live()
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
    await creator.reads("Three attempts failed", within=".live-banner", deadline=20)
    await creator.page.evaluate("() => mend()")
    await creator.page.click("text=Try again now")
    await creator.is_live()
    await creator.visit.publishing()


@pytest.mark.parametrize(
    ("name", "title", "advice"),
    [
        ("NotAllowedError", "not allowed", "symbol to the left of the address"),
        ("NotFoundError", "was found", "Plug one in"),
        ("NotReadableError", "is in use", "Another program or tab has it"),
    ],
)
async def test_a_device_that_does_not_start_says_what_to_do(creators, name, title, advice):
    creator = await creators()
    refuse = f"navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('No', '{name}'))"
    await creator.page.add_init_script(refuse)
    await creator.open(f"/u/{creator.username}/live")
    await creator.eventually(
        """() => {
          const allow = document.querySelector("#allow");
          if (allow?.checkVisibility() && !allow.disabled) allow.click();
          return document.querySelector(".live-advice") !== null;
        }""",
        "the page says what is wrong",
    )
    await creator.reads(title)
    await creator.reads(advice)
    assert await creator.page.is_disabled("#go-live")


async def test_a_page_that_is_not_secure_says_so(creators):
    creator = await creators()
    await creator.page.add_init_script("Object.defineProperty(globalThis, 'isSecureContext', { value: false })")
    await creator.open(f"/u/{creator.username}/live")
    await creator.reads("This page is not secure")


async def test_a_browser_without_webrtc_is_told_which_have_it(creators):
    creator = await creators()
    await creator.page.add_init_script("delete globalThis.RTCPeerConnection")
    await creator.open(f"/u/{creator.username}/live")
    await creator.reads("This browser cannot send live pictures")


async def test_somebody_elses_page_leads_to_ones_own(creators):
    one, other = await creators(), await creators()
    await one.open(f"/u/{other.username}/live")
    await one.reads("This is not your channel")


async def test_who_is_no_creator_is_told_how_to_apply(chromium):
    with running(config={"http": {"rate_limits": False}, "creators": {"approval": "manual"}}) as server:
        first = await Creator.come(chromium, server, "first", path="/")
        second = await Creator.come(chromium, server, "second", path="/")
        try:
            await second.open("/u/second/live")
            await second.reads("Become a creator first")
            assert await second.page.get_attribute("main a.button", "href") == "/apply"
        finally:
            await close_all([first.visit, second.visit])


@pytest.mark.parametrize("width", [360, 1280])
async def test_the_page_is_readable_for_everyone_at_any_width(creators, width):
    creator = await creators(width=width)
    await creator.check()
    assert await violations(creator.page) == []
    await creator.go_live()
    assert await violations(creator.page) == []
    assert await nameless_controls(creator.page) == []
    assert await creator.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
