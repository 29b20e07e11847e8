"""The application's pages in Chromium: accounts, browsing, and a creator's dashboard, as people use them."""

import itertools
import struct
import zlib

import pytest

from support.accessibility import nameless_controls, violations
from support.browsers import close_all
from support.people import PASSWORD, Person
from support.server import running
from support.waiting import eventually

names = (f"person-{number}" for number in itertools.count(1))


@pytest.fixture(scope="module")
def server():
    """Registers as many people as it likes, and decides about creators by hand."""
    with running(config={"http": {"rate_limits": False}, "creators": {"approval": "manual"}}) as server:
        yield server


@pytest.fixture(scope="module")
def admin(loop, server, chromium):
    """The first to register under `--dev`: an administrator, and a creator."""
    person = loop.run_until_complete(Person.come(chromium, server, "ada", path="/"))
    yield person
    loop.run_until_complete(close_all([person.visit]))


@pytest.fixture
def people(loop, server, chromium, admin):
    """Brings people who leave when the test is over; the administrator is there before them."""
    present = []

    async def come(username=None, **options):
        person = await Person.come(chromium, server, username, **options)
        present.append(person.visit)
        return person

    yield come
    loop.run_until_complete(close_all(present))


@pytest.fixture
def creators(people, admin):
    """Brings people who are approved, with a stream that is set up."""

    async def come(title="Before", path="/", **options):
        person = await people(next(names), path="/", **options)
        await person.call("post", "/api/creator/application", {"reason": "For a test"})
        user = await person.call("get", "/api/auth/me")
        await admin.call("post", f"/api/admin/applications/{user['id']}/approve")
        if title:
            await person.call("post", "/api/stream/setup", {"title": title})
        await person.open(path.format(name=person.username))
        return person

    return come


def picture(width=64, height=36):
    """A PNG of one colour."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + bytes([192, 25, 58]) * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


# Accounts


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


async def test_who_applies_waits_until_an_administrator_approves(people, admin):
    person = await people(next(names), path="/apply")
    await person.page.fill("#reason", "I restore radios.")
    await person.page.get_by_role("button", name="Apply").click()
    await person.reads("Your application is waiting")

    await admin.open("/admin")
    await admin.reads("I restore radios.")
    await admin.page.get_by_role("button", name=f"Approve {person.username}").click()
    await admin.reads("Approved")

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
    await admin.page.get_by_role("button", name=f"Reject {person.username}").click()
    await admin.reads("Rejected")
    await person.open("/apply")
    await person.reads("Your application was rejected")
    await person.page.get_by_role("button", name="Apply").click()
    await person.reads("Your application is waiting")


async def test_administration_is_for_administrators(people):
    person = await people(next(names), path="/admin")
    await person.reads("This page is for administrators")


# Browsing


async def test_a_live_stream_appears_counts_its_viewers_and_goes_by_itself(people, creators, server, chromium):
    watcher = await people(path="/")
    await watcher.reads("Nobody is live right now")
    creator = await creators()
    window = await creator.go_live(chromium, "Radios, <i>live</i>")
    viewer = None
    try:
        await watcher.reads("Radios, <i>live</i>", deadline=30)
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
    await watcher.reads("Nobody is live right now", deadline=30)
    assert watcher.errors == []


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


# The dashboard


async def test_the_first_visit_sets_the_stream_up(creators):
    creator = await creators(title=None, path="/u/{name}")
    await creator.page.fill("#title", "My first stream")
    await creator.page.get_by_role("switch", name="Only followers may write").check()
    await creator.page.get_by_role("button", name="Save and continue").click()
    await creator.page.get_by_role("tab", name="Stream").wait_for()
    stream = await creator.call("get", "/api/stream/info")
    assert (stream["title"], stream["isChatEnabled"], stream["isChatFollowersOnly"]) == ("My first stream", True, True)
    assert await creator.page.input_value("#title") == "My first stream"


async def saved(creator, state="saved"):
    await creator.eventually(
        "state => document.querySelector('#about ~ .field .save-sign').dataset.state === state", f"the title is {state}",
        argument=state,
    )


async def test_a_title_saves_itself_and_is_kept_in_the_history(creators):
    creator = await creators(path="/u/{name}")
    await creator.page.fill("#title", "After")
    await saved(creator)
    assert (await creator.call("get", "/api/stream/info"))["title"] == "After"
    await creator.page.get_by_role("button", name="Use the title “Before” again").click()
    await creator.eventually("() => document.querySelector('#title').value === 'Before'", "the title is back")

    async def is_back():
        return (await creator.call("get", "/api/stream/info"))["title"] == "Before"

    await eventually(is_back, "the server has it")


async def test_an_empty_title_is_not_sent(creators):
    creator = await creators(path="/u/{name}")
    await creator.page.fill("#title", "   ")
    await saved(creator, "failed")
    await creator.reads("at least one character")
    assert (await creator.call("get", "/api/stream/info"))["title"] == "Before"


async def test_a_title_that_could_not_be_saved_says_so_and_can_be_tried_again(creators):
    creator = await creators(path="/u/{name}")
    await creator.page.route("**/api/stream/info", lambda route: route.abort())
    await creator.page.fill("#title", "Through the storm")
    await saved(creator, "failed")
    await creator.reads("Not saved")
    await creator.page.unroute("**/api/stream/info")
    await creator.page.get_by_role("button", name="Try again").click()
    await saved(creator)
    assert (await creator.call("get", "/api/stream/info"))["title"] == "Through the storm"


async def test_what_is_typed_last_is_saved_when_the_page_is_left(creators):
    creator = await creators(path="/u/{name}")
    await creator.page.fill("#title", "In a hurry")
    await creator.page.goto(f"{creator.server.url}/search")

    async def is_saved():
        return (await creator.call("get", "/api/stream/info"))["title"] == "In a hurry"

    await eventually(is_saved, "the server has it")


async def test_a_chat_switch_is_busy_until_the_server_has_it(creators):
    creator = await creators(path="/u/{name}")
    waiting = []
    await creator.page.route("**/api/stream/chat-settings", lambda route: waiting.append(route))
    await creator.page.get_by_role("switch", name="Followers only").click()
    await eventually(lambda: waiting, "the change is sent")
    assert await creator.page.get_attribute("#isChatFollowersOnly", "aria-busy") == "true"
    await waiting[0].continue_()
    await creator.eventually("() => !isChatFollowersOnly.hasAttribute('aria-busy')", "it is done")
    assert await creator.page.is_checked("#isChatFollowersOnly")
    assert (await creator.call("get", "/api/stream/info"))["isChatFollowersOnly"] is True


async def test_a_chat_switch_goes_back_when_the_server_does_not_have_it(creators):
    creator = await creators(path="/u/{name}")
    await creator.page.route("**/api/stream/chat-settings", lambda route: route.abort())
    await creator.page.get_by_role("switch", name="Followers only").click()
    await creator.reads("Not changed")
    assert not await creator.page.is_checked("#isChatFollowersOnly")


async def test_what_one_page_changes_the_other_shows(creators):
    creator = await creators(path="/u/{name}")
    other = await creator.page.context.new_page()
    await other.goto(creator.page.url)
    await other.get_by_role("switch", name="Delay messages").wait_for()
    await creator.page.get_by_role("switch", name="Delay messages").click()
    await creator.page.select_option("#slowModeSeconds", "30")
    await creator.page.fill("#title", "Seen from both")
    await other.wait_for_function("() => document.querySelector('#isChatDelayed').checked")
    await other.wait_for_function("() => document.querySelector('#slowModeSeconds').value === '30'")
    await other.wait_for_function("() => document.querySelector('#title').value === 'Seen from both'")


async def test_a_picture_is_shown_before_it_is_used(creators):
    creator = await creators(path="/u/{name}")
    file = {"name": "picture.png", "mimeType": "image/png", "buffer": picture()}
    await creator.page.set_input_files("#thumbnail", file)
    await creator.page.get_by_alt_text("The picture you chose").wait_for()
    assert (await creator.call("get", "/api/stream/info"))["thumbnail"] is None
    await creator.page.get_by_role("button", name="Use this picture").click()
    await creator.page.get_by_alt_text("The picture of your stream").wait_for()
    await creator.eventually("() => document.querySelector('.thumbnail img').naturalWidth === 64", "it is the picture")
    await creator.page.get_by_role("button", name="Remove").click()
    await creator.reads("No picture yet")
    assert creator.errors == []


async def test_what_is_no_picture_is_refused_before_it_is_sent(creators):
    creator = await creators(path="/u/{name}")
    await creator.page.set_input_files("#thumbnail", {"name": "a.txt", "mimeType": "text/plain", "buffer": b"text"})
    await creator.reads("Choose a PNG, JPEG or WebP picture")


async def test_analytics_are_drawn_labelled_and_there_as_a_table(creators, chromium):
    creator = await creators()
    window = await creator.go_live(chromium, "Measured")
    await creator.call("post", "/api/stream/end-stream")
    await window.close()
    await creator.open(f"/u/{creator.username}#analytics")
    await creator.reads("Viewers of each stream")
    chart = creator.page.locator("#panel-analytics svg[role=img]").first
    assert "Viewers of each stream" in await chart.get_attribute("aria-label")
    labels = await chart.locator("text").all_text_contents()
    assert {"Viewers", "Day of the stream", "0", "1"} <= set(labels), labels
    await creator.page.locator("summary").first.click()
    await creator.page.get_by_role("columnheader", name="Most at once").wait_for()
    await creator.page.get_by_role("button", name="Viewers over time").click()
    await creator.page.get_by_role("dialog").get_by_role("img").wait_for()


async def test_a_creator_without_streams_is_told_what_will_be_there(creators):
    creator = await creators(path="/u/{name}#analytics")
    await creator.reads("No streams in this period")
    await creator.page.get_by_role("tab", name="People").click()
    await creator.reads("Nobody follows you yet")
    await creator.reads("Nobody is blocked")


async def test_who_is_blocked_is_listed_and_let_in_again(people, creators):
    creator, person = await creators(), await people(next(names))
    await creator.call("put", f"/api/users/{person.username}/block")
    await creator.open(f"/u/{creator.username}#people")
    await creator.page.get_by_role("button", name=f"Unblock {person.username}").click()
    await creator.reads("Nobody is blocked")


async def test_developers_get_tokens_that_do_not_publish(creators):
    creator = await creators(path="/u/{name}#developers")
    for name in ("Make a viewer token", "Make a creator's own view"):
        await creator.page.get_by_role("button", name=name).click()
    await creator.eventually("() => document.querySelectorAll('#panel-developers input').length === 6", "both are there")
    values = await creator.page.eval_on_selector_all("#panel-developers input", "all => all.map(({ value }) => value)")
    grants = await creator.page.evaluate("tokens => tokens.map((one) => JSON.parse(atob(one)).video)", [
        values[at].split(".")[1].replace("-", "+").replace("_", "/") for at in (2, 5)
    ])
    assert [grant.get("canPublish") for grant in grants] in ([None, None], [False, False])


async def test_somebody_elses_dashboard_stays_closed(people, creators):
    creator, person = await creators(), await people(next(names))
    await person.open(f"/u/{creator.username}")
    await person.reads("Only they can open it")


async def test_a_live_stream_can_be_ended_with_a_question(creators, chromium):
    creator = await creators(path="/u/{name}")
    window = await creator.go_live(chromium)
    await creator.reads("LIVE", within="#head", deadline=20)
    await creator.page.get_by_role("button", name="End stream").click()
    await creator.page.get_by_role("dialog").get_by_role("button", name="Keep streaming").click()
    assert (await creator.call("get", "/api/stream/status"))["isLive"] is True
    await creator.page.get_by_role("button", name="End stream").click()
    await creator.page.get_by_role("dialog").get_by_role("button", name="End stream").click()
    await creator.reads("Offline", within="#head")
    assert (await creator.call("get", "/api/stream/status"))["isLive"] is False
    await window.close()


# Every page


PLACES = [
    "/", "/following", "/search", "/search?q=radio", "/apply", "/account", "/admin", "/admin?view=webhooks", "/u/{name}",
    "/u/{name}#analytics", "/u/{name}#people", "/u/{name}#developers",
]


async def assert_sound(person):
    assert person.errors == [], "no error, and nothing that the Content-Security-Policy forbids"
    assert await nameless_controls(person.page) == []
    assert await violations(person.page) == []
    assert await person.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"
    assert await person.page.locator("h1").count() == 1
    assert await person.page.locator("main").count() == 1


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("path", ["/", "/login", "/register", "/search", "/search?q=radio"])
async def test_pages_are_sound_for_a_stranger(people, path, width):
    person = await people(path=path, width=width)
    await person.open(path)
    await assert_sound(person)


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("path", PLACES)
async def test_pages_are_sound_for_the_administrator(admin, path, width):
    admin.errors.clear()
    await admin.page.set_viewport_size({"width": width, "height": 800})
    if "{name}" in path:
        await admin.call("post", "/api/stream/setup", {"title": "The administrator's stream"})
    await admin.open("/search")
    await admin.open(path.format(name=admin.username))
    await assert_sound(admin)


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
