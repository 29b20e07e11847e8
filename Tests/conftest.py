"""What all end-to-end tests share: one event loop, one server, one Chromium, and test media made once."""

import asyncio
import inspect
import itertools

import pytest
from playwright.async_api import async_playwright

from support import media
from support.browsers import Page, close_all, launch_chromium
from support.server import BINARY, running


@pytest.fixture(scope="session")
def loop():
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield loop
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    """Tests written as coroutines run on the session's loop, where the browsers live."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    loop = pyfuncitem._request.getfixturevalue("loop")
    names = pyfuncitem._fixtureinfo.argnames
    loop.run_until_complete(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))
    return True


@pytest.fixture(scope="session")
def server():
    assert BINARY.exists(), "build it first: make build"
    with running() as server:
        yield server


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test shows the last words of the server."""
    report = yield
    server = item.funcargs.get("server") if hasattr(item, "funcargs") else None
    if report.failed and server is not None:
        report.sections.append(("server log", server.log[-6000:]))
    return report


@pytest.fixture(scope="session")
def playwright(loop):
    manager = async_playwright()
    yield loop.run_until_complete(manager.start())
    loop.run_until_complete(manager.__aexit__())


@pytest.fixture(scope="session")
def devices(tmp_path_factory):
    """The files that Chromium's fake camera and microphone play."""
    folder = tmp_path_factory.mktemp("devices")
    camera, microphone = folder / "camera.y4m", folder / "microphone.wav"
    media.write_camera(camera)
    media.write_microphone(microphone)
    yield camera, microphone
    camera.unlink()


@pytest.fixture(scope="session")
def chromium(loop, playwright, devices):
    browser = loop.run_until_complete(launch_chromium(playwright, *devices))
    yield browser
    loop.run_until_complete(browser.close())


@pytest.fixture
def pages(loop, chromium):
    """Opens pages in Chromium that close when the test is over."""
    opened = []

    async def open_page(url):
        page = await Page.open(chromium, url)
        opened.append(page)
        return page

    yield open_page
    loop.run_until_complete(close_all(opened))


rooms = itertools.count(1)


@pytest.fixture
def room():
    """A room name of the test's own."""
    return f"room-{next(rooms)}"
