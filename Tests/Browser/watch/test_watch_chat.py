"""The chat beside the picture, and what its host does about it: seen from every side."""

import json
import re

import pytest
from playwright.async_api import TimeoutError as Timeout

from support.channel import chat_is_open, line, reads_in_chat, say


async def test_chat_goes_both_ways(show):
    await say(show.bob, "Good evening, <i>Ada</i>")
    await say(show.guest, "I have no account")
    await say(show.host, "Welcome, both of you")
    for person in show.everyone:
        for text in ("Good evening, <i>Ada</i>", "I have no account", "Welcome, both of you"):
            await reads_in_chat(person, text)
    assert await line(show.bob, "Welcome, both").locator(".badge").inner_text() == "Host"


# Keeps what a page says for a while only: the states of messages with their words, and the note beside the composer.
WITNESS = """() => {
  globalThis.stateWitness?.disconnect();
  globalThis.noteWitness?.disconnect();
  globalThis.messageStates = [];
  globalThis.notes = [];
  globalThis.stateWitness = new MutationObserver((all) => {
    for (const { target } of all) {
      if (target.dataset?.state) messageStates.push({ state: target.dataset.state, words: target.innerText });
    }
  });
  stateWitness.observe(document.querySelector(".chat-list"), { subtree: true, attributeFilter: ["data-state"] });
  const composer = document.querySelector(".chat-composer");
  globalThis.noteWitness = new MutationObserver(() => {
    const { disabled } = composer.querySelector("button");
    notes.push({ text: composer.querySelector(".chat-note").innerText, disabled });
  });
  noteWitness.observe(composer.querySelector(".chat-note"), { childList: true });
}"""

# Says all of these in one moment, whatever the machine has to do.
SAY_ALL = """(texts) => {
  const composer = document.querySelector(".chat-composer");
  for (const text of texts) {
    composer.querySelector("input[name=message]").value = text;
    composer.requestSubmit();
  }
}"""


async def test_a_message_is_being_sent_until_nothing_was_said_against_it(show):
    await show.bob.page.evaluate(WITNESS)
    await say(show.bob, "On its way")
    await reads_in_chat(show.bob, "On its way")
    states = "() => messageStates.filter(({ words }) => words.includes('On its way')).map(({ state }) => state)"
    await show.bob.eventually(f"() => ({states})().at(-1) === 'sent'", "it was sent")
    assert await show.bob.page.evaluate(states) == ["sending", "sent"]
    own = line(show.bob, "On its way").locator(".chat-state")
    assert await own.inner_text() == ""


async def test_who_comes_late_reads_what_was_said(show, visitors):
    await say(show.bob, "Said before you came")
    await reads_in_chat(show.guest, "Said before you came")
    late = await visitors("/ada")
    await reads_in_chat(late, "Said before you came")


async def test_a_guest_gives_themself_a_name(show):
    guest = show.guest
    await guest.page.click("text=Change name")
    await guest.page.fill(".chat-guest input", "Charles")
    await guest.page.press(".chat-guest input", "Enter")
    await guest.reads("You are Charles", within=".chat-guest")
    await say(guest, "It is me, Charles")
    await show.bob.eventually(
        "() => [...document.querySelectorAll('.chat-message')].some((one) => /Charles\\s*It is me/.test(one.innerText))",
        "the message has the new name",
    )


async def test_a_message_that_is_refused_says_why(show):
    await chat_is_open(show.bob)
    await show.bob.page.evaluate(WITNESS)
    await show.bob.page.evaluate(SAY_ALL, [f"Flood {number}" for number in range(7)])
    await show.bob.eventually(
        "() => /too fast/i.test(document.querySelector('.chat-message[data-state=refused]')?.innerText ?? '')", "the reason"
    )
    await show.bob.eventually("() => notes.some(({ text }) => text.includes('You can write again in'))", "when to write again")
    await chat_is_open(show.bob)
    await show.bob.page.get_by_role("button", name="Dismiss").first.click()


async def test_slow_mode_counts_down(show):
    await show.host.call("put", "/api/stream/chat-settings", {"slowModeSeconds": 5})
    await show.bob.reads("One message every 5 s", within=".chat-note")
    await chat_is_open(show.bob)
    await show.bob.page.evaluate(WITNESS)
    await say(show.bob, "Slowly now")
    await show.bob.eventually("() => notes.some(({ text }) => text.includes('You can write again in'))", "it says so")
    await chat_is_open(show.bob)
    notes = await show.bob.page.evaluate("() => notes")
    waits = [(int(found[1]), note["disabled"]) for note in notes if (found := re.search(r"again in (\d+) s", note["text"]))]
    seconds = [second for second, _ in waits]
    assert seconds == sorted(seconds, reverse=True) and seconds[0] == 5 and seconds[-1] < 5, "it counts down"
    assert all(disabled for _, disabled in waits), waits
    await show.host.call("put", "/api/stream/chat-settings", {"slowModeSeconds": 0})
    await show.bob.eventually("() => document.querySelector('.chat-note').innerText === ''", "it is over")


async def test_a_message_longer_than_allowed_cannot_be_sent(show):
    await chat_is_open(show.bob)
    await show.bob.page.fill("input[name=message]", "é" * 501)
    assert await show.bob.page.is_disabled(".chat-composer button")
    assert await show.bob.page.inner_text(".chat-count") == "-1"
    await show.bob.page.fill("input[name=message]", "")


async def moderate(show, text, *buttons):
    """The host opens what can be done about the message with this text, and does it."""
    message = line(show.host, text)
    await message.hover()
    await message.locator(".chat-more").click()
    for button in buttons:
        try:
            await message.get_by_role("button", name=button, exact=True).click()
        except Timeout as error:
            raise AssertionError(f"no {button!r} to click in {await show.host.page.inner_text('.chat-list')!r}") from error
    return message


async def test_only_the_host_sees_what_can_be_done_about_a_message(show):
    await say(show.bob, "Plain words")
    for person in (show.bob, show.guest):
        await reads_in_chat(person, "Plain words")
        assert await person.page.locator(".chat-more").count() == 0
    await reads_in_chat(show.host, "Plain words")
    assert await line(show.host, "Plain words").locator(".chat-more").count() == 1


async def test_messages_hold_still_while_the_host_does_something_about_one(show):
    for number in range(3):
        await say(show.host, f"To have a list that is full, line {number} of words and more words")
    await say(show.bob, "About to be judged")
    await reads_in_chat(show.host, "About to be judged")
    message = line(show.host, "About to be judged")
    await message.hover()
    await message.locator(".chat-more").click()
    block = message.get_by_role("button", name="Block", exact=True)
    before = await block.bounding_box()
    await say(show.guest, "News while the host decides")
    await show.host.reads("1 new", within=".chat-new")
    assert await block.bounding_box() == before
    await message.locator(".chat-more").click()
    await say(show.host, "Decided")
    await say(show.guest, "News when nothing is open")
    await reads_in_chat(show.host, "News when nothing is open")
    assert await show.host.page.is_hidden(".chat-new")


async def test_a_sender_who_is_introduced_after_their_message_gets_their_name_still(show):
    """In a large room nobody knows of a viewer who has not spoken, and their first message may be faster than they are."""
    bob = "room.participants.find(({ name }) => name === 'bob')"
    await show.host.page.evaluate(f"""() => {{
      globalThis.late = {bob};
      Object.defineProperty(room, "participants", {{ get: () => [], configurable: true }});
    }}""")
    await say(show.bob, "Nobody knows me")
    await reads_in_chat(show.host, "Nobody knows me")
    name = line(show.host, "Nobody knows me").locator(".chat-name")
    assert await name.inner_text() != "bob"
    await show.host.page.evaluate("() => { delete room.participants; room.emit('participantJoined', late); }")
    assert await name.inner_text() == "bob"
    await moderate(show, "Nobody knows me", "Block")
    await line(show.host, "Nobody knows me").get_by_role("button", name="Really block bob?").wait_for()
    await show.host.page.keyboard.press("Escape")


async def test_the_host_deletes_a_message_for_everyone(show):
    await say(show.bob, "Something regrettable")
    await reads_in_chat(show.host, "Something regrettable")
    await reads_in_chat(show.guest, "Something regrettable")
    await moderate(show, "Something regrettable", "Delete")
    for person in show.everyone:
        gone = "() => !document.querySelector('.chat-list').innerText.includes('Something regrettable')"
        await person.eventually(gone, "the message is gone")


async def test_who_is_timed_out_cannot_write_until_it_is_lifted(show):
    await say(show.bob, "One word too many")
    await reads_in_chat(show.host, "One word too many")
    message = await moderate(show, "One word too many", "Time out for 1 minute")
    await show.bob.reads("has paused your messages", within=".chat-note")
    assert await show.bob.page.is_hidden("input[name=message]")
    await message.get_by_role("button", name="Lift").click()
    await chat_is_open(show.bob)
    await say(show.bob, "I may speak again")
    await reads_in_chat(show.guest, "I may speak again")


@pytest.mark.parametrize(
    ("settings", "reason", "guests_reason"),
    [
        ({"isChatEnabled": False}, "turned the chat off", "turned the chat off"),
        ({"isChatFollowersOnly": True}, "Only followers can chat. Follow ada", "Only followers can chat. Sign in and follow"),
        ({"isChatOpenToGuests": False}, "", "Guests cannot chat here. Sign in"),
    ],
)
async def test_a_closed_chat_says_why_at_once(show, settings, reason, guests_reason):
    await show.host.call("put", "/api/stream/chat-settings", settings)
    await show.guest.reads(guests_reason, within=".chat-note")
    await show.bob.reads(reason, within=".chat-note")
    await show.host.call("put", "/api/stream/chat-settings", {name: not value for name, value in settings.items()})
    await chat_is_open(show.bob)
    await chat_is_open(show.guest)


async def test_who_follows_may_write_where_only_followers_may(show):
    await show.host.call("put", "/api/stream/chat-settings", {"isChatFollowersOnly": True})
    await show.bob.reads("Only followers can chat", within=".chat-note")
    await show.bob.page.locator("#info").get_by_role("button", name="Follow").click()
    await chat_is_open(show.bob)
    await show.host.call("put", "/api/stream/chat-settings", {"isChatFollowersOnly": False})
    await says_no_rule(show)


async def says_no_rule(show):
    """What was put back has reached those who watch."""
    for person in (show.bob, show.guest):
        await person.eventually("() => document.querySelector('.chat-note').innerText === ''", "no rule is left")


async def test_a_delayed_message_says_so_until_it_appears(show):
    await show.host.call("put", "/api/stream/chat-settings", {"isChatDelayed": True})
    await show.bob.reads("Messages appear after a short delay", within=".chat-note")
    await show.bob.page.evaluate(WITNESS)
    await say(show.bob, "Later than said")
    held = "() => messageStates.some(({ state, words }) => state === 'held' && words.includes('appears in'))"
    await show.bob.eventually(held, "it is held")
    await reads_in_chat(show.guest, "Later than said")
    await show.host.call("put", "/api/stream/chat-settings", {"isChatDelayed": False})
    await says_no_rule(show)


async def test_whoever_reads_back_is_not_moved_and_told_how_many_came(show):
    for number in range(4):
        for person in (show.host, show.bob):
            await say(person, f"Line {number} of a long conversation, to fill the list with words and more words")
        await chat_is_open(show.bob)
    # All that was said before has come: only what comes from here on is news.
    lines = "[...document.querySelectorAll('.chat-message')].filter((one) => one.innerText.includes('Line 3 of'))"
    await show.guest.eventually(f"() => {lines}.length === 2", "the conversation is there")
    await show.guest.page.set_viewport_size({"width": 1280, "height": 480})
    await show.guest.page.evaluate("() => (document.querySelector('.chat-list').scrollTop = 0)")
    await show.guest.eventually("() => !document.querySelector('.chat-new').hidden", "there is a way to the end")
    await say(show.host, "News from below")
    await show.guest.reads("1 new", within=".chat-new")
    assert await show.guest.page.evaluate("() => document.querySelector('.chat-list').scrollTop") == 0
    await show.guest.page.click(".chat-new")
    assert await show.guest.page.is_hidden(".chat-new")
    await show.guest.page.set_viewport_size({"width": 1280, "height": 800})


async def test_who_cannot_see_hears_messages_without_a_flood(show):
    said = "() => document.querySelector('.chat-scroll [role=status]').innerText"
    assert await show.guest.page.get_attribute(".chat-list", "aria-live") == "off"
    await show.guest.page.evaluate("""() => {
      globalThis.announcements = 0;
      new MutationObserver(() => (announcements += 1)).observe(
        document.querySelector(".chat-scroll [role=status]"), { childList: true, characterData: true, subtree: true });
    }""")
    await chat_is_open(show.host)
    await show.host.page.evaluate(SAY_ALL, [f"Quick word {number}" for number in range(5)])
    await show.guest.eventually(f"() => ({said})().includes('Quick word 4')", "the last is said")
    assert await show.guest.page.evaluate("() => announcements") <= 3


async def test_who_has_left_is_known_from_the_history_and_can_be_blocked(show, server):
    """The history names authors; a guest has no account to block."""
    records = [
        {"id": "one", "identity": "gone-user", "userId": "gone-user", "username": "gone", "name": "Gone", "text": "From the past"},
        {"id": "two", "identity": "guest-1-a", "userId": None, "username": None, "name": "Guest", "text": "From a guest"},
    ]
    page = {"items": [{**record, "isHost": False, "sentAt": "2026-01-01T10:00:00Z"} for record in records], "nextCursor": None}
    answer = json.dumps({"success": True, "data": page})
    tab = await show.host.visit.context.new_page()
    blocked = []
    await tab.route("**/api/chat/ada/messages*", lambda route: route.fulfill(content_type="application/json", body=answer))

    async def block(route):
        blocked.append(route.request.url)
        await route.fulfill(content_type="application/json", body='{"success": true, "data": {}}')

    await tab.route("**/api/users/*/block", block)
    await tab.goto(f"{server.url}/ada")
    message = tab.locator(".chat-message", has_text="From the past")
    await message.hover()
    await message.locator(".chat-more").click()
    await message.get_by_role("button", name="Block").click()
    await message.get_by_role("button", name="Really block Gone?").click()
    await message.get_by_role("button", name="Blocked").wait_for()
    assert blocked == [f"{server.url}/api/users/gone/block"]
    guest = tab.locator(".chat-message", has_text="From a guest")
    await guest.hover()
    await guest.locator(".chat-more").click()
    assert await guest.get_by_role("button", name="Block").count() == 0
    await tab.close()


async def test_the_pages_reported_no_error(show):
    for person in show.everyone:
        assert person.errors == []


async def test_who_is_blocked_from_a_message_is_out_at_once(show):
    await say(show.bob, "The last straw")
    await reads_in_chat(show.host, "The last straw")
    await moderate(show, "The last straw", "Block", "Really block bob?")
    await show.bob.is_shown("blocked")
    await show.bob.reads("You cannot watch this channel", within=".player-frame")
    assert await show.bob.page.is_hidden("#chat")
    await show.bob.page.get_by_role("link", name="See who is live").click()
    await show.bob.is_at("/")
