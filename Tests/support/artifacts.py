"""What a run leaves behind to be looked at: pictures of pages, in `artifacts/pages`."""

from support.server import ROOT

FOLDER = ROOT / "artifacts" / "pages"
PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 800}


async def photograph(page, name):
    """The page as a phone and a desktop show it, light and dark; the page is left as it was."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    # What is behind another tab is not painted.
    await page.bring_to_front()
    before = page.viewport_size
    for size in (PHONE, DESKTOP):
        await page.set_viewport_size(size)
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme)
            # Two frames: one to lay out, one to paint.
            await page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
            # With the caret as it is: to hide it, a style would be put into the page, against its policy.
            path = FOLDER / f"{name}-{size['width']}-{scheme}.png"
            await page.screenshot(path=path, full_page=size is PHONE, caret="initial")
    await page.emulate_media(color_scheme="null")
    await page.set_viewport_size(before)
