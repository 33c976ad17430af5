"""The README's picture of the class report: the upper part of a real page, in a real browser.

    python -m tests.report.picture demo/report/ps1.html docs/pictures/report.png

`make picture` runs it after the demo, whose class is in the picture.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.support.in_browser import chromium

WIDTH = 1080
# Down to here, and no further than the first questions: the whole page is several screens long.
LAST = "#questions tbody:first-of-type"


def take(report: Path, picture: Path) -> None:
    """Draw the page from its top to the last row of LAST."""
    with chromium(WIDTH, 900) as context:
        page = context.new_page()
        page.goto(report.resolve().as_uri())
        box = page.locator(LAST).first.bounding_box()
        assert box is not None
        clip = {"x": 0, "y": 0, "width": WIDTH, "height": round(box["y"] + box["height"]) + 24}
        picture.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=picture, full_page=True, clip=clip)  # type: ignore[arg-type]


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    take(Path(sys.argv[1]), Path(sys.argv[2]))
