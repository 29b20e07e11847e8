"""The player alone, in a page of another site."""

import contextlib
import functools
import http.server
import threading

import pytest

from support.accessibility import nameless_controls, violations
from support.screenshots import keep
from support.waiting import eventually

SITE = """<!doctype html><html lang="en"><title>Another site</title><main><h1>My site</h1>
<iframe title="ada, live" src="{address}" width="640" height="360" allow="{allow}"></iframe></main>"""


@contextlib.contextmanager
def site(text):
    """Another site: its address has another host, so that browsers take it for one."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/" else 204)
            self.send_header("content-type", "text/html")
            self.end_headers()
            if self.path == "/":
                self.wfile.write(text.encode())

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=functools.partial(server.serve_forever, 0.05), daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


async def test_the_embed_is_the_player_alone(show, visitors):
    visitor = await visitors("/embed/ada", width=640)
    await visitor.sees()
    assert await visitor.page.locator("header, .chat").count() == 0
    await visitor.page.focus(".player-controls button")
    await keep(visitor, "embed-live")
    assert await violations(visitor.page) == []
    assert await nameless_controls(visitor.page) == []
    assert visitor.errors == []


@pytest.mark.parametrize("allow", ["autoplay; fullscreen; picture-in-picture", ""])
async def test_it_plays_in_a_frame_of_another_site(show, visitors, server, allow):
    visitor = await visitors("/search", width=700)
    with site(SITE.format(address=f"{server.url}/embed/ada", allow=allow)) as address:
        await visitor.page.goto(address)
        frame = visitor.page.frame_locator("iframe")
        await frame.locator(".player-frame[data-state=live]").wait_for()
        inner = next(frame for frame in visitor.page.frames if "/embed/" in frame.url)
        await inner.wait_for_function("() => document.querySelector('#video').currentTime > 0.5")
        await keep(visitor, "embed-framed")
        assert await frame.get_by_role("button", name="Full screen").is_visible() is bool(allow)
        link = frame.get_by_role("link", name="ada: Engines")
        assert await link.get_attribute("target") == "_blank"
        assert visitor.errors == []
        await visitor.page.goto("about:blank")


async def test_other_pages_are_not_shown_in_frames(show, visitors, server):
    visitor = await visitors("/search", width=700)
    with site(SITE.format(address=f"{server.url}/ada", allow="")) as address:
        await visitor.page.goto(address)

        def refused():
            return any("frame-ancestors" in error for error in visitor.errors)

        await eventually(refused, "the browser says that the page is not for frames")
        assert await visitor.page.frame_locator("iframe").locator(".player-frame").count() == 0


async def test_who_is_offline_is_so_in_the_embed(visitors, server, chromium):
    await visitors("/", username="silent")
    visitor = await visitors("/embed/silent", width=640)
    await visitor.is_shown("offline")
    await keep(visitor, "embed-offline")
    assert await violations(visitor.page) == []
