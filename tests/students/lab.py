"""JupyterLab in a real browser, as a student has it in front of them: a folder, a notebook, a question and its check.

    python -m tests.students.lab grader/students/files/jupyterlab.png

makes the picture of the students' page from the real thing.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.support.in_browser import chromium, jupyterlab

WRONG = "def sigmoid(z):\n    return 1 / (1 + np.exp(z))\n"
RIGHT = "def sigmoid(z):\n    return 1 / (1 + np.exp(-z))\n"


@contextmanager
def browser_page(width: int, height: int) -> Iterator[Page]:
    """An empty page in headless Chromium that asks nothing of the network."""
    with chromium(width, height) as context:
        page = context.new_page()
        page.set_default_timeout(90_000)
        yield page


def open_notebook(page: Page, server: str, name: str) -> None:
    """Show a notebook, and wait until its kernel is ready."""
    page.goto(f"{server}/lab/tree/{name}?reset")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status='idle']")


def cell(page: Page, text: str) -> Locator:
    """The code cell that holds a text."""
    return page.locator(".jp-Notebook .jp-CodeCell", has_text=text).first


def run(page: Page, text: str) -> Locator:
    """Click into a code cell and press Shift + Enter; the cell, once it has run."""
    it = cell(page, text)
    it.scroll_into_view_if_needed()
    it.locator(".cm-content").click()
    prompt = it.locator(".jp-InputPrompt")
    before = prompt.inner_text().strip()
    page.keyboard.press("Shift+Enter")
    expect(prompt).to_have_text(re.compile(rf"^\s*(?!{re.escape(before)})\[\d+\]:"), timeout=60_000)
    return it


def write(page: Page, text: str, source: str) -> None:
    """Put another source into a code cell, as typed."""
    it = cell(page, text)
    it.scroll_into_view_if_needed()
    it.locator(".cm-content").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(source)


def answer_wrongly(page: Page, server: str) -> str:
    """Open notebook 1, answer the first question with the slide's misprint, run it and its check; what it says."""
    open_notebook(page, server, "1-perceptron.ipynb")
    run(page, "import matplotlib.pyplot as plt")
    write(page, "def sigmoid(z):", WRONG)
    run(page, "def sigmoid(z):")
    return run(page, "check_sigmoid(sigmoid)").locator(".jp-OutputArea-output").inner_text()


def draw(target: Path) -> None:
    """The picture: a wrong answer, its check, and what the check says."""
    release = Path(__file__).resolve().parents[2] / "assignments" / "ps1"
    with tempfile.TemporaryDirectory() as folder:
        course = Path(folder) / "ps1"
        shutil.copytree(release, course)
        for name in ("check.py", "files/requirements.txt"):
            shutil.copy(release.parents[1] / "grader" / "students" / name, course)
        with jupyterlab(course, Path(folder) / "log") as server, browser_page(1000, 620) as page:
            answer_wrongly(page, server)
            page.get_by_role("button", name="No", exact=True).click()  # JupyterLab asks whether it may send news
            cell(page, "def sigmoid(z):").scroll_into_view_if_needed()
            page.wait_for_timeout(2500)
            page.screenshot(path=target)


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
