"""Many tabs of one browser: over HTTP/1.1 they share six connections to the server."""

import asyncio

from support.channel import Viewer

TABS = 10


async def test_ten_tabs_all_play_and_leave_room_for_an_eleventh_question(show, visitors):
    first = await visitors("/ada", width=320)
    tabs = [first, *[await Viewer.in_another_tab(first) for _ in range(TABS - 1)]]
    for tab in tabs[1:]:
        await tab.page.set_viewport_size({"width": 320, "height": 480})
        await tab.watch("ada")
    for tab in tabs:
        await tab.sees(60)
    answers = await asyncio.gather(*(tab.page.evaluate("async () => (await fetch('/api/stream/none')).status") for tab in tabs))
    assert set(answers) <= {401, 404}, answers
    # Each hears of changes, whether it has an event stream or not.
    await show.host.call("put", "/api/stream/info", {"title": "For all tabs"})
    for tab in tabs:
        await tab.reads("For all tabs", within="#info h1")
    for tab in tabs[1:]:
        await tab.page.close()


async def test_a_tab_that_closes_gives_its_event_stream_to_another(show, visitors):
    first = await visitors("/ada", width=320)
    tabs = [first, *[await Viewer.in_another_tab(first) for _ in range(3)]]
    for tab in tabs[1:]:
        await tab.watch("ada")
    held = "async () => (await navigator.locks.query()).held.map(({ clientId }) => clientId).length"
    await first.eventually(f"async () => await ({held})() === 3", "three listen")
    await tabs[1].page.close()
    await tabs[2].page.close()
    await first.eventually(f"async () => await ({held})() === 2", "the last one has taken a place", 20)
    for tab in (tabs[0], tabs[3]):
        count = "() => document.querySelector('.channel-count').title"
        await tab.eventually(f"() => ({count})() === '4 viewers'", "both have heard who is left", 20)
    await tabs[3].page.close()
