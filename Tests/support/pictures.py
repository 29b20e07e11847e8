"""Pictures of pages: for people who look at what CI saw, and small ones for the documentation."""

import base64

from support.server import ROOT

ARTIFACTS = ROOT / "artifacts" / "pages"
THEMES = ("light", "dark")


async def dress(page, theme):
    """Shows the page light or dark; returns when nothing fades any more."""
    await page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    await page.evaluate("() => Promise.allSettled(document.getAnimations().map(({ finished }) => finished))")


async def keep(page, name, *, themes=THEMES):
    """Puts a picture of the whole page into CI's output, in each theme; the last theme stays."""
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    for theme in themes:
        await dress(page, theme)
        await page.screenshot(path=ARTIFACTS / f"{name}-{theme}.png", full_page=True, animations="disabled")


async def small(browser, png, *, width=960, limit=40_000):
    """The same picture as WebP, this wide, in at most so many bytes: a browser can make it."""
    script = """async ([address, width, quality]) => {
      const image = new Image();
      image.src = address;
      await image.decode();
      const height = Math.round((image.naturalHeight * width) / image.naturalWidth);
      const canvas = new OffscreenCanvas(width, height);
      const context = canvas.getContext("2d");
      context.imageSmoothingQuality = "high";
      context.drawImage(image, 0, 0, width, height);
      const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: "image/webp", quality })).arrayBuffer());
      return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
    }"""
    address = "data:image/png;base64," + base64.b64encode(png).decode()
    page = await browser.new_page()
    try:
        for quality in (0.85, 0.75, 0.6, 0.45, 0.3):
            made = base64.b64decode(await page.evaluate(script, [address, width, quality]))
            if len(made) <= limit:
                return made
    finally:
        await page.close()
    raise AssertionError(f"{len(made)} bytes are more than {limit}, even at the lowest quality")
