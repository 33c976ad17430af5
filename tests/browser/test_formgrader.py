"""What an instructor sees: formgrader in a real Jupyter server, in a real browser."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
NOTEBOOK = "2-mlp-backprop"
ATTACK = "window.owned = 'yes'"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: sudo apt-get install chromium"),
]


def _nbgrader(course: Path, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments], cwd=course, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with notebook 2 only, and one student whose answers are right and whose markup is hostile."""
    course = tmp_path_factory.mktemp("course")
    shutil.copy(ROOT / "nbgrader_config.py", course)
    source = course / "solutions" / "ps1"
    shutil.copytree(ROOT / "solutions" / "ps1", source)
    for path in source.glob("*.ipynb"):
        if path.stem != NOTEBOOK:
            path.unlink()
    _nbgrader(course, "generate_assignment", "ps1")
    notebook = nbformat.read(source / f"{NOTEBOOK}.ipynb", as_version=4)
    notebook.cells += [
        new_markdown_cell(f'Hello <script>{ATTACK}</script> <img src=x onerror="{ATTACK}">', id="hostile-text"),
        new_code_cell(
            "from IPython.display import HTML, Javascript, Markdown, display\n"
            f"display(HTML('<script>{ATTACK.replace(chr(39), chr(34))}</script>'))\n"
            f"display(HTML('<img src=x onerror=\"window.owned=1\">'))\n"
            f"display(Javascript('window.owned=1'))\n"
            f"display(Markdown('<img src=x onerror=\"window.owned=1\">'))",
            id="hostile-output",
        ),
    ]
    folder = course / "submitted" / "amina" / "ps1"
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{NOTEBOOK}.ipynb")
    return course


@pytest.fixture(scope="module")
def server(course: Path) -> Iterator[str]:
    """The address of a Jupyter server on the loopback interface, started in the course folder."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
        f"--ServerApp.root_dir={course}", "--IdentityProvider.token=", "--ServerApp.password=",
    ]  # fmt: skip
    log = course / "jupyter.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(command, cwd=course, stdout=stream, stderr=subprocess.STDOUT)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/api/status", process, log)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()[-3000:]
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise AssertionError(f"the Jupyter server did not answer:\n{log.read_text()[-3000:]}")


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield browser.new_page()
        browser.close()


def test_autograde_from_the_page_and_read_the_verdicts(server: str, page: Page, course: Path) -> None:
    """The whole way from the page: press autograde, open the submission, read the verdict; no script of the student
    runs."""
    page.set_default_timeout(60_000)
    page.goto(f"{server}/formgrader/manage_submissions/ps1")
    page.locator("td.autograde a").first.click()
    page.wait_for_selector(".modal .modal-title", state="visible")
    page.wait_for_function(
        "document.querySelector('.modal-body') && /[Ss]uccess/.test(document.body.innerText)", timeout=240_000
    )

    page.goto(f"{server}/formgrader/gradebook/ps1/{NOTEBOOK}")
    page.wait_for_selector("td.name a")
    page.locator("td.name a").first.click()
    page.wait_for_selector("text=mlp_backward: right")
    text = page.inner_text("body")
    assert "8 of 8 points" in text
    assert "Hello" in text, "the student's own text must still be there"
    page.wait_for_timeout(500)
    assert page.evaluate("window.owned") is None, "markup of the student ran in the instructor's browser"


def test_feedback_file_shows_verdicts_and_runs_nothing(server: str, page: Page, course: Path) -> None:
    """Depends on the grading above: the feedback a student gets, opened as a file."""
    _nbgrader(course, "generate_feedback", "ps1", "--force")
    page.goto((course / "feedback" / "amina" / "ps1" / f"{NOTEBOOK}.html").as_uri())
    text = page.inner_text("body")
    assert "mlp_backward: right" in text
    assert "test_2_mlp_backprop" not in text
    assert page.evaluate("window.owned") is None
