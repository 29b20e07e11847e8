"""Finding streams: live now, following, recommended, search. What is shown moves by itself."""

from support.browsers import close_all
from support.crowd import admin, creators, names, people, server  # noqa: F401


async def test_a_live_stream_appears_counts_its_viewers_and_goes_by_itself(people, creators, server, chromium):
    watcher = await people(path="/")
    await watcher.reads("Nobody is live right now")
    creator = await creators()
    window = await creator.go_live(chromium, "Radios, <i>live</i>")
    viewer = None
    try:
        await watcher.reads("Radios, <i>live</i>")
        card = watcher.page.locator("#live .stream-card")
        assert await card.get_by_role("link").get_attribute("href") == f"/{creator.username}"
        user = await creator.call("get", "/api/auth/me")
        pass_ = await watcher.call("post", "/api/viewer/token", {"hostId": user["id"]})
        viewer = await window.open(chromium, server.page("watch", pass_["token"]))
        await viewer.connected()
        await watcher.eventually(
            "() => document.querySelector('#live .count')?.textContent.includes('1 viewer')", "one viewer is counted", 30
        )
    finally:
        await creator.call("post", "/api/stream/end-stream")
        await close_all([page for page in (window, viewer) if page])
    await watcher.reads("Nobody is live right now")
    assert watcher.errors == []


async def test_counts_and_titles_move_without_asking_for_the_lists(people, creators, server, chromium):
    creator = await creators()
    window = await creator.go_live(chromium, "Tides")
    watchers = [await people(path="/"), await people(path="/search?q=tides")]
    viewer = None
    try:
        for watcher in watchers:
            await watcher.reads("Tides")
            await watcher.reads("LIVE")
            # From here on, whoever asks for a list gets none.
            await watcher.page.route("**/api/viewer/**", lambda route: route.abort())
        user = await creator.call("get", "/api/auth/me")
        stranger = await people(path="/login")
        pass_ = await stranger.call("post", "/api/viewer/token", {"hostId": user["id"]})
        viewer = await window.open(chromium, server.page("watch", pass_["token"]))
        await viewer.connected()
        await creator.call("put", "/api/stream/info", {"title": "Tides and <b>moons</b>"})
        for watcher in watchers:
            await watcher.eventually(
                "() => document.querySelector('main .count')?.textContent.includes('1 viewer')", "the viewer is counted", 30)
            await watcher.reads("Tides and <b>moons</b>")
    finally:
        await creator.call("post", "/api/stream/end-stream")
        await close_all([page for page in (window, viewer) if page])


async def test_streams_come_and_go_on_two_screens_and_when_events_do_not_come_as_well(people, creators, chromium):
    watchers = [await people(path="/"), await people(path="/"), await people(path="/search")]
    await watchers[2].page.route("**/api/events**", lambda route: route.abort())
    await watchers[2].open("/")
    creator = await creators()
    window = await creator.go_live(chromium, "Two screens")
    try:
        for watcher in watchers:
            await watcher.reads("Two screens", within="#live", deadline=45)
    finally:
        await creator.call("post", "/api/stream/end-stream")
        await window.close()
    for watcher in watchers:
        await watcher.eventually(
            "() => !document.querySelector('#live').innerText.includes('Two screens')", "it is gone", 45)


async def test_a_host_who_blocks_somebody_is_on_none_of_their_lists(people, creators, chromium):
    creator, person = await creators(), await people(next(names), path="/")
    await creator.call("put", f"/api/users/{person.username}/block")
    window = await creator.go_live(chromium, "Not for everybody")
    stranger = await people(path="/")
    try:
        await stranger.reads("Not for everybody", within="#live")
        await person.open("/")
        assert "Not for everybody" not in await person.page.inner_text("main")
    finally:
        await creator.call("post", "/api/stream/end-stream")
        await window.close()


async def test_a_list_that_could_not_be_loaded_says_so_and_offers_another_try(people):
    person = await people(path="/search")

    async def answer(route):
        # The page tries by itself as well; only what follows the press is answered, so that the press is what helped.
        is_pressed = await person.page.evaluate("() => globalThis.isPressed === true")
        await (route.continue_() if is_pressed else route.abort())

    await person.page.route("**/api/viewer/search**", answer)
    await person.open("/search?q=zither")
    await person.reads("This could not be loaded")
    await person.page.evaluate("() => document.addEventListener('click', () => (globalThis.isPressed = true), true)")
    await person.page.get_by_role("button", name="Try again").click()
    await person.reads("Nothing found for “zither”")


async def test_who_is_followed_is_listed_live_or_not(people, creators):
    creator = await creators("Evening radio")
    person = await people(next(names), path="/following")
    await person.reads("You follow nobody yet")
    await person.call("put", f"/api/users/{creator.username}/follow")
    await person.open("/following")
    await person.reads("Evening radio")
    await person.reads("Offline")
    await person.open("/")
    await person.reads("Evening radio", within="#following-section")


async def test_a_search_finds_streams_and_says_when_it_finds_none(people, creators):
    creator = await creators("Theremin for beginners")
    person = await people(path="/")
    await person.page.get_by_role("searchbox").fill("theremin")
    await person.page.get_by_role("searchbox").press("Enter")
    await person.is_at("/search")
    await person.reads("Theremin for beginners")
    assert await person.page.locator(f"main a[href='/{creator.username}']").count() == 1
    await person.open("/search?q=zzzzzz")
    await person.reads("Nothing found for “zzzzzz”")
    await person.open("/search")
    await person.reads("What are you looking for?")
