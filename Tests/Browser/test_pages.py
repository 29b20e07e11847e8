"""What holds for every page: nothing fails in it, nobody is shut out of it, and it fits small and large screens."""

import re

import pytest

from support.accessibility import nameless_controls, violations
from support.crowd import admin, creators, people, server  # noqa: F401
from support.pictures import THEMES, dress, keep


WIDTHS = [360, 1280, 3840]
PLACES = [
    "/", "/following", "/search", "/search?q=radio", "/apply", "/account", "/admin", "/admin?view=webhooks", "/u/{name}",
    "/u/{name}#analytics", "/u/{name}#people", "/u/{name}#developers",
]


async def assert_sound(person, name):
    assert person.errors == [], "no error, and nothing that the Content-Security-Policy forbids"
    assert await nameless_controls(person.page) == []
    for theme in THEMES:
        await dress(person.page, theme)
        assert await violations(person.page) == [], theme
    await keep(person.page, re.sub(r"\W+", "-", name).strip("-"))
    assert await person.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"
    assert await person.page.locator("h1").count() == 1
    assert await person.page.locator("main").count() == 1


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", ["/", "/login", "/register", "/search", "/search?q=radio"])
async def test_pages_are_sound_for_a_stranger(people, path, width):
    person = await people(path=path, width=width)
    await person.open(path)
    await assert_sound(person, f"stranger{path}-{width}")


async def test_where_there_is_nothing_a_page_says_so(people):
    person = await people(path="/search")
    answer = await person.page.goto(f"{person.server.url}/no/such/page")
    await person.settled()
    assert answer.status == 404
    await person.reads("There is nothing at this address")
    # The browser itself reports the status of what was asked for.
    person.errors[:] = [error for error in person.errors if "404" not in error]
    await assert_sound(person, "not-found")
    await person.page.get_by_role("link", name="See who is live").click()
    await person.is_at("/")


@pytest.mark.parametrize("width", [360, 1280])
async def test_what_opens_and_what_went_wrong_is_sound_too(creators, width):
    creator = await creators(path="/u/{name}#developers")
    await creator.page.set_viewport_size({"width": width, "height": 800})
    for button in await creator.page.get_by_role("button", name="Make a").all():
        await button.click()
    await creator.page.get_by_label("Token").first.wait_for()
    await assert_sound(creator, f"tokens-{width}")
    await creator.open("/login")
    # Who is signed in already has nothing to do there.
    await creator.is_at("/")
    await creator.open("/account")
    await creator.page.get_by_role("button", name="Account of").click()
    await creator.page.get_by_role("button", name="Change password").click()
    await creator.page.get_by_role("button", name="Show new password").click()
    await assert_sound(creator, f"account-trouble-{width}")
    await creator.open(f"/u/{creator.username}")
    await creator.page.fill("#title", "")
    await creator.page.locator(".save-sign[data-state=failed]").wait_for()
    await creator.page.set_input_files("#thumbnail", {"name": "a.txt", "mimeType": "text/plain", "buffer": b"no picture"})
    await assert_sound(creator, f"dashboard-trouble-{width}")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", PLACES)
async def test_pages_are_sound_for_the_administrator(admin, path, width):
    admin.errors.clear()
    await admin.page.set_viewport_size({"width": width, "height": 800 if width < 3840 else 2160})
    if "{name}" in path:
        await admin.call("post", "/api/stream/setup", {"title": "The administrator's stream"})
    await admin.open("/search")
    await admin.open(path.format(name=admin.username))
    await assert_sound(admin, f"admin{path}-{width}")


async def test_the_keyboard_alone_reaches_content_tabs_and_menu(creators):
    creator = await creators(path="/u/{name}")
    await creator.page.keyboard.press("Tab")
    assert await creator.page.evaluate("() => document.activeElement.textContent") == "Skip to content"
    await creator.page.get_by_role("tab", name="Stream").focus()
    await creator.page.keyboard.press("ArrowRight")
    await creator.page.keyboard.press("ArrowRight")
    assert await creator.page.evaluate("() => document.activeElement.id") == "tab-people"
    assert await creator.page.is_visible("#panel-people")
    await creator.page.get_by_role("button", name="Account of").focus()
    await creator.page.keyboard.press("Enter")
    await creator.page.locator("#site-menu").wait_for()
    await creator.page.keyboard.press("Tab")
    assert await creator.page.evaluate("() => document.activeElement.textContent") == "Dashboard"
    await creator.page.keyboard.press("Escape")
    await creator.page.locator("#site-menu").wait_for(state="hidden")
