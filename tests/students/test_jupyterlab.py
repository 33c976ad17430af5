"""The zip in JupyterLab, in a real browser: a question answered wrongly, then rightly, its check, and Validate."""

from __future__ import annotations

import zipfile
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Page

from grader.cli.release import contents, write_zip
from grader.course import Course
from tests.students.lab import RIGHT, answer_wrongly, browser_page, open_notebook, run, write
from tests.support.in_browser import CHROMIUM, jupyterlab

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: sudo apt-get install chromium"),
]


@pytest.mark.thorough
def test_a_student_s_first_hour(tmp_path: Path) -> None:
    write_zip(tmp_path / "ps1.zip", "ps1", contents(Course(ROOT), "ps1"))
    with zipfile.ZipFile(tmp_path / "ps1.zip") as packed:
        packed.extractall(tmp_path)
    with jupyterlab(tmp_path / "ps1", tmp_path / "log") as server, browser_page(1200, 900) as page:
        said = answer_wrongly(page, server)
        assert said.startswith("Not yet: sigmoid(0.5)"), said
        assert "expected: 0.622459" in said
        assert "misprint E2" in said
        assert "Traceback" not in said

        write(page, "def sigmoid(z):", RIGHT)
        run(page, "def sigmoid(z):")
        check = run(page, "check_sigmoid(sigmoid)")
        # Nothing else: Validate would take a warning of NumPy's, here of exp(1000), for a failed check.
        assert check.locator(".jp-OutputArea-output").inner_text().strip() == "sigmoid: all 4 visible checks passed."
        drawing = run(page, "def show_sigmoid():").locator(".jp-OutputArea-output")
        assert drawing.locator("img").evaluate("it => it.naturalWidth") > 300
        assert "In words: your sigmoid is 0.0003 at -8, 0.5000 at 0 and 0.9997 at 8." in drawing.all_inner_texts()[-1]

        page.locator(".jp-NotebookPanel-toolbar").get_by_text("Validate", exact=True).click()
        dialog = page.locator(".jp-Dialog", has_text="fail")
        dialog.wait_for()
        told = dialog.inner_text()
        # Nine checks are still unanswered; the one that passes is not among them.
        assert "check_weighted_sum(weighted_sum)" in told
        assert "check_sigmoid(sigmoid)" not in told


def test_the_page_in_a_browser(tmp_path: Path) -> None:
    """README.html stands on its own, fits a telephone, and its cell for Colab can be copied as it is."""
    files = contents(Course(ROOT), "ps1")
    path = tmp_path / "README.html"
    path.write_bytes(files["README.html"])
    with browser_page(390, 800) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path.as_uri())
        assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, "wider than the screen"
        assert page.locator("img").evaluate_all("all => all.every(it => it.naturalWidth > 0)")
        for folded in page.locator("summary").all():
            folded.click()
        cell = page.locator("#colab-cell").inner_text()
        assert cell.strip() == (ROOT / "grader" / "students" / "files" / "colab.py").read_text(encoding="utf-8").strip()


@pytest.mark.thorough
def test_notebooks_run_from_top_to_bottom(tmp_path: Path) -> None:
    """Run, Run All Cells on a worked notebook: every check says that it passed, and no cell fails."""
    write_zip(tmp_path / "ps1.zip", "ps1", contents(Course(ROOT), "ps1"))
    with zipfile.ZipFile(tmp_path / "ps1.zip") as packed:
        packed.extractall(tmp_path)
    for name in ("1-perceptron.ipynb", "2-mlp-backprop.ipynb"):
        (tmp_path / "ps1" / name).write_bytes((ROOT / "solutions" / "ps1" / name).read_bytes())
    with jupyterlab(tmp_path / "ps1", tmp_path / "log") as server, browser_page(1200, 900) as page:
        for name, checks in (("1-perceptron.ipynb", 10), ("2-mlp-backprop.ipynb", 8)):
            open_notebook(page, server, name)
            page.get_by_role("menuitem", name="Run", exact=True).click()
            page.locator(".lm-Menu-item", has_text="Run All Cells").first.click()
            outputs = _executed(page, tmp_path / "ps1" / name)
            said = "".join(output.text for output in outputs if output.output_type == "stream")
            assert said.count("visible checks passed") == checks
            assert [output for output in outputs if output.output_type == "error"] == []


def _executed(page: Page, path: Path) -> list[nbformat.NotebookNode]:
    """The outputs of a notebook as JupyterLab saves it, once its last cell has run."""
    for _ in range(300):
        page.wait_for_timeout(1000)
        with page.expect_response(lambda response: response.request.method == "PUT"):
            page.keyboard.press("ControlOrMeta+s")
        cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
        if cells[-1].execution_count is not None:
            return [output for cell in cells for output in cell.outputs]
    raise AssertionError(f"{path.name} did not run to its end in five minutes")
