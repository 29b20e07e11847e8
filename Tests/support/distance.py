"""A server and browsers at a distance: the browsers live in a network namespace, joined to the server by a pair of virtual
interfaces. Fixtures, for the modules that import them."""

import contextlib
import os

import pytest
from playwright.async_api import async_playwright

from support.namespace import Namespace, inside
from support.server import running

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces need root")


@pytest.fixture(scope="module")
def namespace():
    with Namespace() as namespace:
        yield namespace


@pytest.fixture(scope="module")
def server(namespace):
    # A stream outlives every cut that a test makes, however long the machine takes to look at it.
    with running(host="0.0.0.0", advertised=namespace.host_address, extra=["--streams-grace", "300"]) as server:
        yield server


@contextlib.contextmanager
def browser_inside(loop, namespace, launch):
    """The browser that `launch` starts with the Playwright it is given, whose driver starts inside."""
    manager = async_playwright()
    with inside(namespace):
        playwright = loop.run_until_complete(manager.start())
    browser = loop.run_until_complete(launch(playwright))
    yield browser
    loop.run_until_complete(browser.close())
    loop.run_until_complete(manager.__aexit__())
