"""A creator's dashboard: the stream, its chat, its picture, analytics, people, and tokens for developers."""

import struct
import zlib

import pytest

from support.crowd import admin, creators, names, people, server  # noqa: F401
from support.waiting import eventually


def picture(width=64, height=36):
    """A PNG of one colour."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + bytes([192, 25, 58]) * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


async def test_the_first_visit_sets_the_stream_up(creators):
    creator = await creators(title=None, path="/u/{name}")
    await creator.page.fill("#title", "My first stream")
    await creator.page.get_by_role("switch", name="Only followers may write").check()
    await creator.page.get_by_role("button", name="Save and continue").click()
    await creator.page.get_by_role("tab", name="Stream").wait_for()
    stream = await creator.call("get", "/api/stream/info")
    assert (stream["title"], stream["isChatEnabled"], stream["isChatFollowersOnly"]) == ("My first stream", True, True)
    assert await creator.page.input_value("#title") == "My first stream"


async def saved(creator, state="saved", **bound):
    await creator.eventually(
        "state => document.querySelector('#about ~ .field .save-sign').dataset.state === state", f"the title is {state}",
        argument=state, **bound,
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
    # The page would also try again by itself, and take the button away before it is pressed.
    await creator.page.evaluate("""() => {
      const later = globalThis.setTimeout;
      globalThis.setTimeout = (action, delay, ...rest) => (delay < 4000 ? later(action, delay, ...rest) : 0);
    }""")
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


async def test_what_the_server_did_not_get_is_kept_and_tried_again_by_itself(creators):
    creator = await creators(path="/u/{name}")
    await creator.page.route("**/api/stream/info", lambda route: route.abort())
    await creator.page.fill("#title", "Worth keeping")
    await saved(creator, "failed")
    assert await creator.page.input_value("#title") == "Worth keeping"
    await leaving_asks_first(creator)
    await creator.page.unroute("**/api/stream/info")
    # Tries come after 4, 8, 16, 32 s.
    await saved(creator, deadline=60)
    assert (await creator.call("get", "/api/stream/info"))["title"] == "Worth keeping"


async def test_leaving_asks_also_while_what_was_not_saved_is_tried_again(creators):
    creator = await creators(path="/u/{name}")
    await creator.page.route("**/api/stream/info", lambda route: route.abort())
    await creator.page.fill("#title", "On the brink")
    await saved(creator, "failed")
    await creator.page.unroute("**/api/stream/info")
    # Nobody answers the next try.
    await creator.page.route("**/api/stream/info", lambda route: None)
    await creator.page.evaluate("() => dispatchEvent(new Event('online'))")
    await saved(creator, "saving")
    await leaving_asks_first(creator)


async def leaving_asks_first(creator):
    """Whoever is asked stays."""
    questions = []

    async def stay(dialog):
        questions.append(dialog.type)
        await dialog.dismiss()

    creator.page.on("dialog", stay)
    await creator.page.close(run_before_unload=True)
    await eventually(lambda: questions == ["beforeunload"], "leaving asks first")
    creator.page.remove_listener("dialog", stay)


async def test_the_creator_sees_their_own_stream_and_is_not_counted(creators, chromium):
    creator = await creators(path="/u/{name}")
    window = await creator.go_live(chromium, "Looking at oneself")
    try:
        await creator.eventually(
            "() => document.querySelector('#player video')?.currentTime > 0.5", "the creator's own view plays", 40)
        await creator.reads("0 viewers", within="#status")
        assert (await creator.call("get", "/api/stream/status"))["viewerCount"] == 0
    finally:
        await creator.call("post", "/api/stream/end-stream")
        await window.close()


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


async def test_a_picture_that_the_server_refuses_is_said_to_be_and_can_be_changed(creators):
    creator = await creators(path="/u/{name}")
    broken = {"name": "broken.png", "mimeType": "image/png", "buffer": picture()[:20] + b"nothing more"}
    await creator.page.set_input_files("#thumbnail", broken)
    await creator.page.get_by_role("button", name="Use this picture").click()
    await creator.eventually(
        "() => document.querySelector('.thumbnail .problem').innerText.length > 10", "the reason is said")
    await creator.page.get_by_role("button", name="Cancel").click()
    await creator.page.set_input_files("#thumbnail", {"name": "a.png", "mimeType": "image/png", "buffer": picture()})
    await creator.page.get_by_role("button", name="Use this picture").click()
    await creator.reads("Your stream has a new picture", within=".toasts")
    assert (await creator.call("get", "/api/stream/info"))["thumbnail"]


async def test_somebody_is_blocked_by_name(people, creators):
    creator, foe = await creators(path="/u/{name}#people"), await people(next(names), path="/")
    name = creator.page.locator("#block-name")
    for wrong, reason in [("", "is required"), ("nobody-at-all", "is nobody's"), (creator.username, "is your own")]:
        await name.fill(wrong)
        await creator.page.get_by_role("button", name="Block", exact=True).click()
        await creator.reads(reason, within="#block-name-problem")
        assert await creator.page.evaluate("() => document.activeElement.id") == "block-name"
    await name.fill(f"@{foe.username}")
    await name.press("Enter")
    await creator.page.get_by_role("button", name=f"Unblock {foe.username}").wait_for()
    assert await name.input_value() == ""
    with pytest.raises(Exception, match="does not let you watch"):
        await foe.call("post", "/api/viewer/token", {"hostId": creator.username})


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
    await creator.reads("LIVE", within="#head")
    await creator.page.get_by_role("button", name="End stream").click()
    await creator.page.get_by_role("dialog").get_by_role("button", name="Keep streaming").click()
    assert (await creator.call("get", "/api/stream/status"))["isLive"] is True
    await creator.page.get_by_role("button", name="End stream").click()
    await creator.page.get_by_role("dialog").get_by_role("button", name="End stream").click()
    await creator.reads("Offline", within="#head")
    assert (await creator.call("get", "/api/stream/status"))["isLive"] is False
    await window.close()
