"""The check before live where a device does not start: what is wrong, and what to do about it in this browser."""

import itertools

import pytest

from support.accessibility import violations
from support.artifacts import photograph
from support.browsers import launch_other_chromium
from support.channel import Creator
from support.people import at_the_pages
from support.server import running

names = (f"creator-{number}" for number in itertools.count(1))

OPENED = """() => {
  const allow = document.querySelector("#allow");
  if (allow?.checkVisibility() && !allow.disabled) allow.click();
  return document.querySelector(".live-advice") !== null;
}"""


@pytest.fixture(scope="module")
def server():
    with running(config={"http": {"rate_limits": False}}) as server:
        yield server


@pytest.fixture(scope="module")
def refusing(loop, playwright):
    """Whoever is asked for the camera says no."""
    browser = loop.run_until_complete(
        launch_other_chromium(playwright, "--deny-permission-prompts", without=["--use-fake-ui"])
    )
    yield browser
    loop.run_until_complete(browser.close())


@pytest.fixture(scope="module")
def bare(loop, playwright):
    """A computer without camera and microphone."""
    browser = loop.run_until_complete(launch_other_chromium(playwright, without=["--use-fake-device"]))
    yield browser
    loop.run_until_complete(browser.close())


async def at_the_check(browser, server, script=None):
    """A creator at the check; the script runs in the page before anything of it does."""
    creator = await Creator.with_stream(browser, server, next(names))
    if script:
        await creator.page.add_init_script(script)
    await creator.open(f"/u/{creator.username}/live")
    await creator.eventually(OPENED, "the page says what is wrong")
    return creator


async def assert_says(creator, name, *texts):
    for text in texts:
        await creator.reads(text)
    assert await creator.page.is_disabled("#go-live")
    assert await violations(creator.page) == []
    assert creator.errors == []
    await photograph(creator.page, f"live-{name}")


async def test_who_denied_both_devices_is_told_once_where_to_allow_them(server, refusing):
    creator = await at_the_check(refusing, server)
    async with at_the_pages(creator):
        await assert_says(
            creator, "denied", "The camera and the microphone are not allowed", "symbol to the left of the address"
        )
        assert await creator.page.locator(".live-advice").count() == 1


async def test_a_computer_without_devices_is_told_to_plug_one_in(server, bare):
    creator = await at_the_check(bare, server)
    async with at_the_pages(creator):
        await assert_says(creator, "no-device", "No camera was found", "No microphone was found", "Plug one in")


def refusing_with(name, kind=None):
    """A script under which getUserMedia fails; of one kind alone, if given."""
    return f"""
      const ask = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices);
      navigator.mediaDevices.getUserMedia = (wish) =>
        {f"wish.{kind}" if kind else "true"} ? Promise.reject(new DOMException("No", "{name}")) : ask(wish);"""


async def test_a_device_in_use_is_told_to_be_set_free(server, chromium):
    creator = await at_the_check(chromium, server, refusing_with("NotReadableError"))
    async with at_the_pages(creator):
        await assert_says(creator, "in-use", "The camera is in use", "Another program or tab has it")


async def test_one_device_alone_is_enough_to_go_live(server, chromium):
    creator = await at_the_check(chromium, server, refusing_with("NotReadableError", "video"))
    async with at_the_pages(creator):
        await creator.reads("The camera is in use")
        await creator.go_live(tracks=1)
        await creator.end()


async def test_what_was_wrong_can_be_tried_again(server, chromium):
    script = refusing_with("NotReadableError").replace("true ?", "globalThis.isBroken ?")
    creator = await at_the_check(chromium, server, "globalThis.isBroken = true;" + script)
    async with at_the_pages(creator):
        await creator.page.evaluate("() => (globalThis.isBroken = false)")
        for left in (1, 0):
            await creator.page.click(".live-advice button >> nth=0")
            fewer = "left => document.querySelectorAll('.live-advice').length === left"
            await creator.eventually(fewer, f"{left} devices are in use elsewhere", argument=left)
        await creator.eventually("() => !document.querySelector('#go-live').disabled", "nothing is in the way any more")


async def test_a_page_that_is_not_secure_says_where_a_secure_one_is(server, chromium):
    insecure = "Object.defineProperty(globalThis, 'isSecureContext', { value: false })"
    creator = await at_the_check(chromium, server, insecure)
    async with at_the_pages(creator):
        await assert_says(creator, "insecure", "This page is not secure", "Open https://")
        assert await creator.page.locator("#allow").count() == 0


async def test_a_browser_without_webrtc_is_told_which_have_it(server, chromium):
    creator = await at_the_check(chromium, server, "delete globalThis.RTCPeerConnection")
    async with at_the_pages(creator):
        await assert_says(creator, "no-webrtc", "This browser cannot send live pictures", "Firefox, Chrome, Edge or Safari")


@pytest.mark.parametrize(
    ("browser", "advice"),
    [
        ("chromium", "symbol to the left of the address"),
        ("firefox", "crossed-out camera or microphone in the address bar"),
        ("safari", "Safari’s settings for this website"),
    ],
)
async def test_each_browser_has_its_own_place_to_allow_devices(server, chromium, browser, advice):
    creator = await Creator.come(chromium, server, next(names), path="/")
    async with at_the_pages(creator):
        script = """async (browser) => (await import("/media-errors.js"))
          .adviceFor(new DOMException("No", "NotAllowedError"), "camera", browser).text"""
        assert advice in await creator.page.evaluate(script, browser)


async def test_a_system_that_keeps_the_camera_from_the_browser_is_another_matter(server, chromium):
    creator = await Creator.come(chromium, server, next(names), path="/")
    async with at_the_pages(creator):
        script = """async () => (await import("/media-errors.js"))
          .adviceFor(new DOMException("Permission denied by system", "NotAllowedError"), "camera").text"""
        assert "privacy settings of your computer" in await creator.page.evaluate(script)
