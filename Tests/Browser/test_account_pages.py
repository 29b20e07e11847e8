"""Registering, signing in, the account, applying to be a creator, and administration, as people use them."""

import pytest

from support.crowd import admin, creators, names, people, server  # noqa: F401
from support.people import PASSWORD
from support.waiting import eventually


async def test_who_registers_is_signed_in(people):
    person, name = await people(path="/register"), next(names)
    await person.page.fill("#username", name)
    await person.page.fill("#displayName", "Grace Hopper")
    await person.page.fill("#password", PASSWORD)
    await person.page.click("main button[type=submit]")
    await person.is_at("/")
    await person.page.get_by_role("button", name="Account of Grace Hopper").click()
    await person.reads(f"@{name}", within="#site-menu")


@pytest.mark.parametrize("field, username, password", [
    ("username", "admin", PASSWORD),
    ("password", None, "password"),
])
async def test_what_is_wrong_is_said_beside_its_field(people, field, username, password):
    person = await people(path="/register")
    await person.page.fill("#username", username or next(names))
    await person.page.fill("#password", password)
    await person.page.click("main button[type=submit]")
    await person.eventually("id => document.getElementById(`${id}-problem`)?.innerText", "it is said", argument=field)
    control = person.page.locator(f"#{field}")
    assert await control.get_attribute("aria-invalid") == "true"
    assert f"{field}-problem" in await control.get_attribute("aria-describedby")
    assert await person.page.evaluate("() => document.activeElement.id") == field


async def test_a_name_that_is_taken_is_said_to_be(people):
    person = await people(path="/register")
    await person.page.fill("#username", "ADA")
    await person.page.fill("#password", PASSWORD)
    await person.page.click("main button[type=submit]")
    await person.reads("is taken")


async def test_signing_in_leads_back_to_where_one_was(people):
    name = (await people(next(names))).username
    person = await people(path="/account")
    await person.is_at("/login")
    for password in ("wrong " + PASSWORD, PASSWORD):
        await person.page.fill("#username", name)
        await person.page.fill("#password", password)
        await person.page.click("main button[type=submit]")
        if password != PASSWORD:
            await person.eventually("() => document.querySelector('[role=alert]')?.innerText", "the refusal is said")
    await person.is_at("/account")


@pytest.mark.parametrize("next_", ["https://example.org/", "//example.org/", "/\\example.org", "javascript:alert(1)"])
async def test_signing_in_never_leads_to_another_site(people, server, next_):
    person = await people(next(names), path="/")
    await person.page.goto(f"{server.url}/login?next={next_}")
    await person.eventually("() => location.pathname !== '/login'", "it goes on")
    assert person.page.url.startswith(server.url + "/"), person.page.url


async def test_signing_out_in_one_tab_signs_out_the_others(people, server):
    person = await people(next(names), path="/")
    other = await person.page.context.new_page()
    await other.goto(f"{server.url}/search")
    await other.get_by_role("button", name="Account of").wait_for()
    await person.page.get_by_role("button", name="Account of").click()
    await person.page.get_by_role("button", name="Sign out").click()
    await person.page.get_by_role("link", name="Sign in").wait_for()
    await other.get_by_role("link", name="Sign in").wait_for()


async def test_a_profile_is_saved(people):
    person = await people(next(names), path="/account")
    await person.page.fill("#displayName", "Żółw <b>bold</b>")
    await person.page.fill("#bio", "One line\nand another")
    await person.page.get_by_role("button", name="Save").click()
    await person.reads("Your profile is saved.", within=".toasts")
    user = await person.call("get", "/api/auth/me")
    assert (user["displayName"], user["bio"]) == ("Żółw <b>bold</b>", "One line\nand another")
    assert await person.page.locator("main b").count() == 0, "text is text"


async def decide(admin, decision, person):
    """Returns when the server has it: then it cannot be decided once more."""
    button = admin.page.get_by_role("button", name=f"{decision} {person.username}", exact=True)
    await button.click()
    await button.wait_for(state="detached")


async def test_who_applies_waits_until_an_administrator_approves(people, admin):
    person = await people(next(names), path="/apply")
    await person.page.fill("#reason", "I restore radios.")
    await person.page.get_by_role("button", name="Apply").click()
    await person.reads("Your application is waiting")

    await admin.open("/admin")
    await admin.reads("I restore radios.")
    await decide(admin, "Approve", person)

    await person.open("/apply")
    await person.reads("You are a creator")
    await person.page.get_by_role("link", name="Open the dashboard").click()
    await person.is_at(f"/u/{person.username}")
    await person.reads("Set up your stream")


async def test_who_is_rejected_may_apply_again(people, admin):
    person = await people(next(names), path="/apply")
    await person.page.get_by_role("button", name="Apply").click()
    await person.reads("Your application is waiting")
    await admin.open("/admin")
    await decide(admin, "Reject", person)
    await person.open("/apply")
    await person.reads("Your application was rejected")
    await person.page.get_by_role("button", name="Apply").click()
    await person.reads("Your application is waiting")


async def test_administration_is_for_administrators(people):
    person = await people(next(names), path="/admin")
    await person.reads("This page is for administrators")


@pytest.mark.parametrize("path, fields", [("/login", ["username", "password"]), ("/register", ["username", "password"])])
async def test_what_is_missing_is_said_beside_each_field_and_the_first_is_led_to(people, path, fields):
    person = await people(path=path)
    await person.page.locator("main button[type=submit]").click()
    for field in fields:
        await person.reads("is required", within=f"#{field}-problem")
    assert await person.page.evaluate("() => document.activeElement.id") == fields[0]
    await person.page.fill(f"#{fields[0]}", "somebody")
    assert await person.page.locator(f"#{fields[0]}-problem").count() == 0
    assert await person.page.locator(f"#{fields[1]}-problem").count() == 1


@pytest.mark.parametrize("path", ["/login", "/register"])
async def test_a_password_can_be_looked_at_and_is_hidden_before_it_is_sent(people, path):
    person = await people(path=path)
    password = person.page.locator("#password")
    await password.fill("not yet right")
    show = person.page.get_by_role("button", name="Show password")
    assert await show.get_attribute("aria-pressed") == "false"
    await show.click()
    assert (await password.get_attribute("type"), await password.input_value()) == ("text", "not yet right")
    assert await show.get_attribute("aria-pressed") == "true"
    await password.press("Enter")
    await person.eventually("() => document.querySelector('#password').type === 'password'", "it is hidden")


@pytest.mark.parametrize("path", ["/login", "/register"])
async def test_a_form_is_the_page_s_own_before_the_server_has_said_who_is_there(people, path):
    person = await people(path="/search")
    await person.page.evaluate("() => localStorage.setItem('golive.session', 'in')")
    held = []
    await person.page.route("**/api/auth/me", lambda route: held.append(route))
    await person.open(path)
    await eventually(lambda: held, "the page asks")
    await person.page.click("main button[type=submit]")
    await person.reads("is required", within="#username-problem")


async def test_a_changed_password_ends_every_other_session(people):
    person = await people(next(names), path="/account")
    elsewhere = await people(path="/login")
    await elsewhere.page.fill("#username", person.username)
    await elsewhere.page.fill("#password", PASSWORD)
    await elsewhere.page.click("main button[type=submit]")
    await elsewhere.is_at("/")
    await person.open("/account")
    await person.page.get_by_role("button", name="Sign out the session").wait_for()

    new = "a new " + PASSWORD
    for current, chosen, told in [("wrong", new, "current"), (PASSWORD, "short", "new"), (PASSWORD, person.username, "new")]:
        await person.page.fill("#currentPassword", current)
        await person.page.fill("#newPassword", chosen)
        await person.page.get_by_role("button", name="Change password").click()
        await person.eventually("id => document.getElementById(id)", "it is said", argument=f"{told}Password-problem")
        assert await person.page.evaluate("() => document.activeElement.id") == f"{told}Password"
    await person.page.fill("#currentPassword", PASSWORD)
    await person.page.fill("#newPassword", new)
    await person.page.get_by_role("button", name="Change password").click()
    await person.reads("Your password is changed", within=".toasts")
    assert await person.page.input_value("#newPassword") == ""
    await person.page.get_by_role("button", name="Sign out the session").wait_for(state="detached")
    await person.open("/account")
    await elsewhere.open("/account")
    await elsewhere.is_at("/login")
    for password, path in [(PASSWORD, "/login"), (new, "/account")]:
        await elsewhere.page.fill("#username", person.username)
        await elsewhere.page.fill("#password", password)
        await elsewhere.page.click("main button[type=submit]")
        await elsewhere.eventually(
            "path => location.pathname === path && (path !== '/login' || document.querySelector('main [role=alert]').innerText)",
            f"signing in leads to {path}", argument=path)
