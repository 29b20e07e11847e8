"""What the player shows when there is no live picture, each state a picture of its own, read by everyone at any width."""

import datetime
import itertools
import json

import pytest

from support.accessibility import nameless_controls, violations
from support.browsers import Page, close_all
from support.channel import Creator, Viewer
from support.screenshots import keep
from support.waiting import eventually

names = (f"creator-{number}" for number in itertools.count(1))


@pytest.fixture(scope="module")
def offline(loop, server, chromium, show):
    """Somebody with a stream who is not live."""
    creator = loop.run_until_complete(Creator.with_stream(chromium, server, "grace", "Radios at night"))
    yield creator
    loop.run_until_complete(close_all([creator.visit]))


def answering(page, data):
    """The page's first question about the channel is answered with this."""
    body = json.dumps({"success": True, "data": data})
    return page.route("**/api/viewer/stream/*", lambda route: route.fulfill(content_type="application/json", body=body))


async def is_sound(visitor, name):
    """On a desk in the light, on a phone in the dark: nothing sticks out, everyone can read it. Keeps pictures."""
    for width, scheme in ((1280, "light"), (360, "dark")):
        await visitor.page.set_viewport_size({"width": width, "height": 800})
        await visitor.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await keep(visitor, f"watch-{name}-{width}")
        assert await violations(visitor.page) == [], (width, scheme)
        assert await visitor.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"
    assert await nameless_controls(visitor.page) == []
    assert await visitor.page.locator("h1:visible").count() == 1
    assert await visitor.page.locator("main").count() == 1


async def test_live(show, visitors):
    visitor = await visitors("/ada")
    await visitor.sees()
    await visitor.page.focus(".player-controls button")
    await is_sound(visitor, "live")
    assert visitor.errors == []


async def test_live_for_its_host(show, visitors, server):
    tab = await show.host.visit.context.new_page()
    host = Viewer(server, Page(show.host.visit.context, tab), "ada")
    await host.watch("ada")
    await host.sees()
    await is_sound(host, "live-host")
    assert host.errors == []
    await tab.close()


async def test_the_overlay_the_help_and_theatre(show, visitors):
    visitor = await visitors("/ada")
    await visitor.sees()
    await visitor.press("s")
    await visitor.press("t")
    await is_sound(visitor, "theatre-figures")
    await visitor.press("?")
    await is_sound(visitor, "help")


async def test_on_a_very_large_screen(show, visitors):
    visitor = await visitors("/ada")
    await visitor.sees()
    await visitor.page.set_viewport_size({"width": 3840, "height": 2160})
    await keep(visitor, "watch-live-3840")
    frame = await visitor.page.locator(".player-frame").bounding_box()
    chat = await visitor.page.locator(".chat").bounding_box()
    assert frame["width"] > 2000 and chat["x"] >= frame["x"] + frame["width"]


async def test_offline(offline, visitors):
    visitor = await visitors("/grace")
    await visitor.is_shown("offline")
    await visitor.reads("grace is offline", within=".player-frame")
    await visitor.reads("starts by itself", within=".player-frame")
    await visitor.reads("Chat opens when grace is live", within=".chat-note")
    await is_sound(visitor, "offline")
    assert visitor.errors == []


async def test_offline_says_when_the_host_was_last_live(offline, visitors):
    visitor = await visitors("/search")
    data = await visitor.call("get", "/api/viewer/stream/grace")
    then = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=3, minutes=5)
    data["stream"]["lastLiveAt"] = then.isoformat().replace("+00:00", "Z")
    await answering(visitor.page, data)
    await visitor.watch("grace")
    await visitor.reads("Last live 3 hours ago", within=".player-frame")
    await is_sound(visitor, "offline-last-live")


async def test_offline_without_a_stream_yet(visitors):
    await visitors("/", username="newcomer")
    visitor = await visitors("/newcomer")
    await visitor.is_shown("offline")
    await visitor.reads("There has been no stream yet", within=".player-frame")


async def test_nobody_of_this_name(visitors):
    visitor = await visitors("/search")
    await answering(visitor.page, None)
    await visitor.watch("nobody-at-all")
    await visitor.is_shown("missing")
    await visitor.reads("There is no such channel", within=".player-frame")
    assert await visitor.page.is_hidden("#chat") and await visitor.page.is_hidden("#info")
    await is_sound(visitor, "missing")
    assert visitor.errors == []


async def test_nobody_of_this_name_is_known_before_who_asks(visitors):
    visitor = await visitors("/search", username="hasty")
    held = []
    await answering(visitor.page, None)
    await visitor.page.route("**/api/auth/me", lambda route: held.append(route))
    await visitor.page.goto(f"{visitor.server.url}/nobody-at-all")
    await visitor.is_shown("missing")
    await eventually(lambda: held, "the page asks")
    for route in held:
        await route.continue_()
    hidden = "() => document.querySelector('.chat') !== null && !document.querySelector('#chat').checkVisibility()"
    await visitor.eventually(hidden, "there is no chat beside nothing")


async def test_nobody_of_this_name_from_a_server_that_refuses(visitors):
    visitor = await visitors("/nobody-at-all")
    await visitor.is_shown("missing")


async def test_loading(offline, visitors):
    visitor = await visitors("/search")
    held = []
    await visitor.page.route("**/api/viewer/stream/*", lambda route: held.append(route))
    await visitor.watch("grace")
    await visitor.is_shown("loading")
    await visitor.reads("Loading", within=".player-frame")
    await is_sound(visitor, "loading")
    await eventually(lambda: held, "the page asks")
    await held[0].continue_()
    await visitor.is_shown("offline")


async def test_a_server_that_does_not_answer_is_asked_again(offline, visitors):
    visitor = await visitors("/search")
    await visitor.page.route("**/api/viewer/stream/*", lambda route: route.abort())
    await visitor.watch("grace")
    await visitor.is_shown("loading")
    await visitor.page.unroute("**/api/viewer/stream/*")
    await visitor.is_shown("offline")


async def test_a_creator_who_goes_and_comes_back_and_ends(server, chromium, visitors):
    """Going live, live, “will be right back”, live again, ended, and live once more: on a page that just stays open."""
    host = await Creator.with_stream(chromium, server, next(names), "Comings and goings")
    try:
        visitor = await visitors(f"/{host.username}")
        await visitor.is_shown("offline")
        await host.call("post", "/api/stream/go-live")
        await visitor.is_shown("waiting")
        await visitor.reads("is going live", within=".player-frame")
        await is_sound(visitor, "waiting")
        await host.check()
        await host.go_live()
        await visitor.sees()
        await host.page.goto("about:blank")
        await visitor.is_shown("paused")
        await visitor.reads("will be right back", within=".player-frame")
        await is_sound(visitor, "paused")
        # The go-live page goes on by itself.
        await host.open(f"/u/{host.username}/live")
        await host.is_live(30)
        await visitor.sees(30)
        await host.end()
        await visitor.is_shown("ended")
        await visitor.reads("The stream has ended", within=".player-frame")
        await is_sound(visitor, "ended")
        count = await visitor.page.evaluate("() => probe.count")
        await host.check()
        await host.go_live()
        await visitor.is_shown("live")
        await visitor.visit.picture("the next stream plays by itself", after=count + 3)
        assert visitor.errors == []
    finally:
        await close_all([host.visit])


async def test_blocked_while_watching(server, chromium, show, visitors):
    eve = await visitors("/ada", username="eve")
    await eve.sees()
    # From now on the server has nothing to tell about this channel, to this viewer.
    await answering(eve.page, None)
    await show.host.call("put", "/api/users/eve/block")
    await eve.is_shown("blocked")
    await eve.reads("You cannot watch this channel", within=".player-frame")
    await is_sound(eve, "blocked")
    assert eve.errors == []


async def test_a_connection_that_is_given_up_can_be_tried_again(show, visitors):
    visitor = await visitors("/search")
    await visitor.page.add_init_script("""{
      // What takes a minute in life.
      const later = globalThis.setTimeout;
      globalThis.setTimeout = (action, delay, ...rest) => later(action, delay > 900 ? delay / 50 : delay, ...rest);
    }""")
    await visitor.page.route("**/api/viewer/token", lambda route: route.abort())
    await visitor.watch("ada")
    await visitor.is_shown("failed")
    await is_sound(visitor, "failed")
    await visitor.page.unroute("**/api/viewer/token")
    await visitor.page.get_by_role("button", name="Try again").click()
    await visitor.sees()
