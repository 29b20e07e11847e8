"""Sound, where a browser lets none out before somebody has touched the page."""

import asyncio

import pytest

from support.browsers import Page, close_all, launch_chromium
from support.channel import Viewer

# Whatever a driver evaluates in a page counts as a touch: the page itself has to say what it shows.
WITNESS = """addEventListener("DOMContentLoaded", () => {
  const timer = setInterval(() => {
    const button = document.querySelector(".player-unmute");
    const video = document.querySelector("#video");
    if (!button || button.hidden || !(video.currentTime > 0.2)) return;
    clearInterval(timer);
    console.log(`asks: muted ${video.muted}, paused ${video.paused}`);
  }, 50);
});"""


@pytest.fixture(scope="module")
def strict_chromium(loop, playwright, devices):
    """Chromium with the autoplay policy that people have."""
    browser = loop.run_until_complete(launch_chromium(playwright, *devices, autoplay="document-user-activation-required"))
    yield browser
    loop.run_until_complete(browser.close())


@pytest.mark.parametrize("way", ["the button", "the key", "the picture"])
async def test_a_tap_brings_the_sound(show, server, strict_chromium, way):
    context = await strict_chromium.new_context(viewport={"width": 1000, "height": 800})
    visit = Page(context, await context.new_page())
    try:
        await visit.page.add_init_script(WITNESS)
        asked = asyncio.get_running_loop().create_future()
        visit.page.on("console", lambda message: message.text.startswith("asks") and asked.set_result(message.text))
        await visit.page.goto(f"{server.url}/ada")
        assert await asyncio.wait_for(asked, 60) == "asks: muted true, paused false"
        visitor = Viewer(server, visit, None)
        button = visitor.page.get_by_role("button", name="Tap to unmute")
        if way == "the button":
            await button.click()
        elif way == "the key":
            await visitor.page.keyboard.press("m")
        else:
            await visitor.page.click("#video", position={"x": 40, "y": 120})
        await button.wait_for(state="hidden")
        assert await visitor.video("muted") is False
        assert await visitor.video("paused") is False
        assert visitor.errors == []
    finally:
        await close_all([visit])


async def test_where_sound_is_allowed_nobody_is_asked(show):
    assert await show.guest.video("muted") is False
    assert await show.guest.page.is_hidden(".player-unmute")
