"""Pictures of pages, kept with what CI gives out: for people to look at."""

from support.server import ROOT

FOLDER = ROOT / "artifacts" / "screenshots"


async def keep(person, name):
    """`artifacts/screenshots/NAME.png`: what this person sees now."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    await person.page.screenshot(path=FOLDER / f"{name}.png")
