"""What a page says to those who do not see it: axe-core's judgement, and Chromium's own accessibility tree."""

import functools
import pathlib

import axe_playwright_python

CONTROLS = {
    "button", "checkbox", "combobox", "link", "listbox", "menuitem", "radio", "searchbox", "slider", "spinbutton", "switch",
    "tab", "textbox",
}


@functools.cache
def axe():
    return (pathlib.Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()


async def violations(page):
    """What axe-core holds against the page, from moderate on."""
    await page.evaluate(axe())
    script = """async () => (await axe.run(document, { resultTypes: ["violations"] })).violations
      .filter(({ impact }) => impact !== "minor")
      .map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(" ")}`)"""
    return await page.evaluate(script)


async def nameless_controls(page):
    """The roles of controls that have no accessible name."""
    session = await page.context.new_cdp_session(page)
    nodes = (await session.send("Accessibility.getFullAXTree"))["nodes"]
    await session.detach()
    shown = [node for node in nodes if not node["ignored"] and node["role"]["value"] in CONTROLS]
    return [node["role"]["value"] for node in shown if not node.get("name", {}).get("value", "").strip()]
