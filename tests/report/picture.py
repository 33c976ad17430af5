"""The README's picture of the class report: the upper part of a real page, in a real browser.

    python -m tests.report.picture demo/report/ps1.html docs/pictures/report.png

`make picture` runs it after the demo, whose class is in the picture.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

WIDTH = 1080
# Down to here, and no further than the first questions: the whole page is several screens long.
LAST = "#questions tbody:first-of-type"


def take(report: Path, picture: Path) -> None:
    """Draw the page from its top to the last row of LAST."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("chromium-browser"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page(viewport={"width": WIDTH, "height": 900}, color_scheme="light")
        page.goto(report.resolve().as_uri())
        box = page.locator(LAST).first.bounding_box()
        assert box is not None
        clip = {"x": 0, "y": 0, "width": WIDTH, "height": round(box["y"] + box["height"]) + 24}
        picture.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=picture, full_page=True, clip=clip)  # type: ignore[arg-type]
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    take(Path(sys.argv[1]), Path(sys.argv[2]))
