"""What instructors and students see, in a real browser: formgrader in a real Jupyter server, and the feedback pages.

One student hands in a notebook full of markup that tries to act (hostile.py), another one that looks like any other;
both go through nbgrader's own commands. Nothing of the first may run, load, lead away or cover anything; everything of
the second must still look right.
"""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import nbformat
import pytest
from hostile import HOSTILE_IDS, ODD_ID, PICTURE, Payloads
from in_browser import CHROMIUM, chromium, jupyterlab
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.api import Gradebook
from playwright.sync_api import BrowserContext, Page, Request, Route

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = "2-mlp-backprop"
HONEST = "honest"
# nbgrader's pages load MathJax 2 from here. Debian's libjs-mathjax is the same program, for trying formulas offline.
MATHJAX = "https://cdnjs.cloudflare.com/ajax/libs/mathjax/2.7.7/"
LOCAL_MATHJAX = Path("/usr/share/javascript/mathjax")
NO_MATHJAX = """
window.MathJax = {Hub: {Config() {}, Queue() {}, Startup: {signal: {Interest(told) { setTimeout(told, 0, 'End') }}}}}
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: sudo apt-get install chromium"),
]


def _nbgrader(course: Path, *arguments: str, status: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments], cwd=course, capture_output=True, text=True, check=False
    )
    assert done.returncode == status, done.stderr[-3000:]
    return done.stderr


# ---- what is handed in


FRAME = """\
<table border="1" class="dataframe"><thead><tr style="text-align: right;"><th></th><th>loss</th></tr></thead>
<tbody><tr><th>0</th><td>0.25</td></tr></tbody></table>"""
TEXT = f"""\
## Of course

Text with **weight**, H<sub>2</sub>O, `if a < b and "c" & d:` and $a < b$.

| epoch | loss |
|------:|:-----|
| 1     | 0.5  |

- [x] done
- [ ] not done

```python
if a < b:  # <script>
    return "<b>"
```

<details><summary>More</summary>

<font color="red">A</font> [link](https://www.example.org/a?b=c&d=e) and <https://www.example.org/>.

</details>

![attached](attachment:dot.png) ![beside it](figure.png) <img src="data:image/png;base64,{PICTURE}" width="40">
"""
OUTPUTS = f"""\
from IPython.display import HTML, Latex, Markdown, SVG, display
display(HTML('''<style scoped>.dataframe td {{ color: red }}</style>{FRAME}'''))
display(HTML('<pre style="white-space:pre">Model: <span style="color: #00af00; font-weight: bold">7,850</span></pre>'))
display(Latex('$\\\\frac{{1}}{{2}}$'), Markdown('a *word* of `code < code`'))
display(SVG('<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><circle cx="20" cy="20" r="9"/></svg>'))
import matplotlib.pyplot as plt
plt.figure(figsize=(1, 1)); plt.plot([0, 1]); plt.show()
print('\\x1b[31mred\\x1b[0m & <b>')
"""


def _honest_cells() -> list[nbformat.NotebookNode]:
    text = new_markdown_cell(TEXT, id="honest-text")
    text.attachments = {"dot.png": {"image/png": PICTURE}}
    return [text, new_code_cell(OUTPUTS, id="honest-outputs")]


@dataclass
class Watch:
    """Everything that markup of a student could bring about in the browser."""

    payloads: Payloads
    allowed: re.Pattern[str] = re.compile("(?!)")
    seen: list[str] = field(default_factory=list)

    def hit(self, number: int) -> None:
        self.seen.append(f"{self.payloads.names[int(number)]}: ran")

    def asked(self, request: Request) -> None:
        url = request.url
        if not url.startswith(("data:image/", MATHJAX)) and not self.allowed.fullmatch(url):
            number = re.search(r"\d+", url.rpartition("/")[2])
            index = int(number[0]) if number else len(self.payloads.names)
            name = self.payloads.names[index] if index < len(self.payloads.names) else "somebody"
            self.seen.append(f"{name}: asked for {url[:150]}")

    def attach(self, context: BrowserContext) -> None:
        context.expose_binding("hit", lambda source, number: self.hit(number))
        context.on("request", self.asked)
        context.on("dialog", lambda dialog: (self.seen.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        context.route(f"{MATHJAX}**", _mathjax)


def _mathjax(route: Route) -> None:
    if not LOCAL_MATHJAX.is_dir():
        route.fulfill(body=NO_MATHJAX, content_type="text/javascript")
        return
    name, _, asked = route.request.url.removeprefix(MATHJAX).partition("?")
    if name == "latest.js":
        # MathJax finds its other files by the address of the script that has its name.
        load = f"document.write('<script src=\"{MATHJAX}MathJax.js?{asked}\"></' + 'script>')"
        route.fulfill(body=load, content_type="text/javascript")
    else:
        route.fulfill(path=LOCAL_MATHJAX / name)


@pytest.fixture(scope="module")
def canary() -> Iterator[tuple[str, list[str]]]:
    """An address on this machine that nobody has a reason to ask, and what it was asked."""
    asked: list[str] = []

    class Canary(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Canary)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def payloads(canary: tuple[str, list[str]]) -> Payloads:
    return Payloads(canary[0])


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory, payloads: Payloads) -> Path:
    """A course with notebook 2 only; what two students handed in is graded, and their feedback written."""
    course = tmp_path_factory.mktemp("course")
    shutil.copy(ROOT / "nbgrader_config.py", course)
    source = course / "solutions" / "ps1"
    shutil.copytree(ROOT / "solutions" / "ps1", source)
    for path in source.glob("*.ipynb"):
        if path.stem != NOTEBOOK:
            path.unlink()
    _nbgrader(course, "generate_assignment", "ps1")

    for student in (HONEST, ODD_ID, *HOSTILE_IDS):
        notebook = nbformat.read(source / f"{NOTEBOOK}.ipynb", as_version=4)
        folder = course / "submitted" / student / "ps1"
        folder.mkdir(parents=True)
        if student == HONEST:
            (folder / "figure.png").write_bytes(base64.b64decode(PICTURE))
            notebook.cells += _honest_cells()
        if student == ODD_ID:
            payloads.arm(notebook, folder)
        (folder / f"{NOTEBOOK}.ipynb").write_text(json.dumps(notebook))
    said = _nbgrader(course, "autograde", "ps1", status=1)
    left_out = re.findall(r"ERROR\] (.*): not handled", said)
    assert sorted(left_out) == sorted(repr(f"submitted/{student}/ps1") for student in HOSTILE_IDS)
    _nbgrader(course, "generate_feedback", "ps1")
    return course


@pytest.fixture(scope="module")
def server(course: Path) -> Iterator[str]:
    """The address of a Jupyter server on the loopback interface, started in the course folder."""
    with jupyterlab(course, course / "jupyter.log") as address:
        yield address


@pytest.fixture(scope="module")
def context() -> Iterator[BrowserContext]:
    with chromium(1200, 900) as context:
        yield context


@pytest.fixture(scope="module")
def watch(context: BrowserContext, payloads: Payloads) -> Watch:
    watch = Watch(payloads)
    watch.attach(context)
    return watch


@pytest.fixture
def page(context: BrowserContext, watch: Watch) -> Iterator[Page]:
    watch.seen.clear()
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield page
    page.close()


# ---- looking for trouble

# Moves, presses and clicks on everything that came from a student.
PROVOKE = """
() => {
  const kinds = ['pointerover', 'pointerenter', 'mouseover', 'mouseenter', 'mousedown', 'mouseup', 'focus', 'focusin',
                 'blur', 'toggle', 'scroll', 'animationstart', 'load', 'error', 'submit'];
  for (const part of document.querySelectorAll('.rendered_html, .output, .input_area, .breadcrumb'))
    for (const element of part.querySelectorAll('*')) {
      for (const kind of kinds) element.dispatchEvent(new Event(kind, {bubbles: true}));
      if (!element.closest('.breadcrumb') && element.getAttribute('target') !== '_blank') element.click?.();
    }
}
"""
# What is in the page beside what arranges text.
ODD = """
() => {
  const found = new Set(), tags = 'script style link meta base iframe frame frameset object embed applet form input ' +
    'button select textarea video audio source track svg math template dialog body html title plaintext xmp noscript';
  const fine = /^(https?:\\/\\/|mailto:|#|data:image\\/(png|jpeg|gif|webp|svg\\+xml);base64,)/;
  for (const part of document.querySelectorAll('.rendered_html, .output, .input_area, .prompt'))
    for (const element of part.querySelectorAll('*')) {
      if (element.closest('.MathJax, .MathJax_CHTML, .MathJax_Preview, script[type^="math/tex"]')) continue;
      const tag = element.localName;
      if (tags.split(' ').includes(tag)) found.add(tag);
      if (element.id && document.querySelectorAll(`[id="${CSS.escape(element.id)}"]`).length > 1)
        found.add(`another ${element.id}`);
      for (const {name, value} of element.attributes) {
        if (/^(on.*|data-.*|name|srcset|action|formaction|ping|background|srcdoc)$/.test(name))
          found.add(`${tag} ${name}`);
        if (/^(xlink:)?(href|src)$/.test(name) && !fine.test(value) && value !== 'figure.png')
          found.add(`${tag} ${name}=${value.slice(0, 60)}`);
      }
    }
  return [...found];
}
"""
# What of the page's own is hidden by something else.
COVERED = """
() => {
  const found = [];
  for (const own of document.querySelectorAll('.panel-heading, .scoring-buttons, #toc li')) {
    own.scrollIntoView({block: 'center'});
    const box = own.getBoundingClientRect();
    const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    if (!box.width || !box.height || !top || !(own.contains(top) || top.contains(own)))
      found.push(`${own.className || own.localName} is under ${top && top.outerHTML.slice(0, 80)}`);
  }
  return found;
}
"""


def _trouble(page: Page, watch: Watch, canary: tuple[str, list[str]]) -> list[str]:
    """Everything that a page's hostile content brought about, after clicking on all of it."""
    page.wait_for_load_state("load")
    page.wait_for_timeout(500)
    # Formgrader itself adds a query when it counts its submissions.
    address = re.split("[#?]", page.url)[0]
    found: list[str] = page.evaluate(ODD) + page.evaluate(COVERED)
    page.evaluate(PROVOKE)
    page.wait_for_timeout(1000)
    if re.split("[#?]", page.url)[0] != address:
        found.append(f"the page went to {page.url}")
    found += [f"a new page: {other.url}" for other in page.context.pages if other is not page]
    found += [f"{watch.payloads.names[int(path.strip('/'))]}: reached the canary" for path in canary[1]]
    return sorted({*found, *watch.seen})


def _open(server: str, page: Page, student: str) -> None:
    """Through the list of submissions to one student's notebook."""
    page.goto(f"{server}/formgrader/gradebook/ps1/{NOTEBOOK}")
    page.wait_for_selector("td.name a")
    page.locator("#toggle_names").click()
    page.locator("td.name a.name-shown", has_text=student).click()
    page.wait_for_url("**/submissions/*/**")
    # What is typed before the page knows the marks is put back to them, and never sent.
    page.wait_for_function("typeof formgrader === 'object' && formgrader.grades.loaded && formgrader.comments.loaded")


def test_autograde_from_the_page_and_read_the_verdicts(server: str, page: Page) -> None:
    """The whole way from the page: press autograde, open the submission, read the verdict."""
    page.goto(f"{server}/formgrader/manage_submissions/ps1")
    page.locator("tr", has_text=HONEST).locator("td.autograde a").click()
    page.wait_for_selector(".modal .modal-title", state="visible")
    page.wait_for_function(
        "document.querySelector('.modal-body') && /[Ss]uccess/.test(document.body.innerText)", timeout=240_000
    )
    _open(server, page, HONEST)
    page.wait_for_selector("text=mlp_backward: right")
    assert "8 of 8 points" in page.inner_text("body")


def test_a_written_answer_is_marked_and_the_feedback_made_on_the_page(server: str, page: Page, course: Path) -> None:
    """By hand what no suite judges: points and a word, kept with our verdicts, and on the student's page."""
    _open(server, page, HONEST)
    points = page.locator("#written_backprop")
    points.fill("3")
    with page.expect_response(lambda answer: "/api/grade/" in answer.url and answer.request.method == "PUT"):
        points.press("Tab")
    comment = page.locator("#written_backprop-comment")
    comment.fill("Say where the chain begins.")
    with page.expect_response(lambda answer: "/api/comment/" in answer.url and answer.request.method == "PUT"):
        comment.press("Tab")
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        notebook = gradebook.find_submission_notebook(NOTEBOOK, "ps1", HONEST)
        marks = {row.name: (row.score, row.needs_manual_grade) for row in notebook.grades}
    assert marks["written_backprop"] == (3.0, False)
    assert marks["test_mlp_backward"] == (8.0, False)

    page.goto(f"{server}/formgrader/manage_submissions/ps1")
    page.locator("tr", has_text=HONEST).locator("td.generate-feedback a").click()
    page.wait_for_selector("text=Successfully generated feedback", timeout=120_000)
    feedback = (course / "feedback" / HONEST / "ps1" / f"{NOTEBOOK}.html").read_text()
    assert "Say where the chain begins." in feedback
    assert "(Score: 3.0 / 4.0)" in feedback


def test_nothing_acts_in_formgrader(
    server: str, page: Page, watch: Watch, canary: tuple[str, list[str]], course: Path
) -> None:
    static = r"formgrader/(static|api)/.*|static/.*|favicon.ico|formgrader/?"
    lists = r"formgrader/(gradebook|manage_\w+)(/.*)?"
    watch.allowed = re.compile(rf"{server}/({static}|{lists}|formgrader/submissions/[0-9a-f]+/?(\?index=\d+)?)")
    _open(server, page, ODD_ID)
    assert "Full credit" in page.inner_text("body")
    assert page.locator(".cell").count() > 220, "cells are missing from the page"
    assert _trouble(page, watch, canary) == []


@pytest.mark.parametrize("list_", ["manage_submissions/ps1", "manage_students", "gradebook/ps1/" + NOTEBOOK, "student"])
def test_nothing_acts_in_the_lists(
    server: str, page: Page, watch: Watch, canary: tuple[str, list[str]], list_: str
) -> None:
    watch.allowed = re.compile(rf"{server}/(?!\d+).*")
    if list_ == "student":
        page.goto(f"{server}/formgrader/manage_students")
        page.locator("#main-table tr", has_text=ODD_ID).locator("a").first.click()
        page.wait_for_url("**/manage_students/*")
    else:
        page.goto(f"{server}/formgrader/{list_}")
    page.wait_for_selector("#main-table a")
    page.wait_for_timeout(500)
    assert _trouble(page, watch, canary) == []


def test_nothing_acts_in_feedback(page: Page, watch: Watch, canary: tuple[str, list[str]], course: Path) -> None:
    path = course / "feedback" / ODD_ID / "ps1" / f"{NOTEBOOK}.html"
    watch.allowed = re.compile(re.escape(path.as_uri()))
    page.goto(path.as_uri())
    text = page.inner_text("body")
    assert "mlp_backward: right" in text
    assert "hidden_unit: crashed" in text
    assert "test_2_mlp_backprop" not in text
    assert page.locator(".cell").count() > 220, "cells are missing from the page"
    assert _trouble(page, watch, canary) == []


@pytest.mark.parametrize("where", ["formgrader", "feedback"])
def test_honest_markup_looks_right(server: str, page: Page, course: Path, where: str) -> None:
    if where == "formgrader":
        _open(server, page, HONEST)
    else:
        page.goto((course / "feedback" / HONEST / "ps1" / f"{NOTEBOOK}.html").as_uri())
    page.wait_for_load_state("load")
    cells = page.locator(".cell")
    text, outputs = cells.nth(cells.count() - 2), cells.nth(cells.count() - 1)

    assert text.locator("h2").inner_text() == "Of course"
    assert text.locator("sub").inner_text() == "2"
    assert text.locator("p code").first.inner_text() == 'if a < b and "c" & d:'
    assert text.locator("pre").inner_text().rstrip() == 'if a < b:  # <script>\n    return "<b>"'
    assert text.locator("pre .k").count() == 2, "the colours of code"
    assert text.locator("td").all_inner_texts() == ["1", "0.5"]
    assert text.locator("td").first.evaluate("cell => getComputedStyle(cell).textAlign") == "right"
    assert [item.strip() for item in text.locator("li").all_inner_texts()] == ["\u2611 done", "\u2610 not done"]
    text.locator("summary").click()
    assert text.locator("font").evaluate("word => getComputedStyle(word).color") == "rgb(255, 0, 0)"
    links = text.locator("a").evaluate_all("all => all.map(link => [link.href, link.target, link.rel])")
    addresses = ("https://www.example.org/a?b=c&d=e", "https://www.example.org/")
    assert links == [[address, "_blank", "noopener noreferrer"] for address in addresses]
    pictures = "all => all.map(picture => picture.complete && picture.naturalWidth > 0)"
    assert text.locator("img").evaluate_all(pictures) == [True] * 3
    assert "a < b" in text.inner_text()

    assert outputs.locator("th").all_inner_texts() == ["", "loss", "0"]
    assert outputs.locator("td").inner_text() == "0.25"
    assert (
        outputs.locator(".output span", has_text="7,850").evaluate("it => getComputedStyle(it).color")
        == "rgb(0, 175, 0)"
    )
    assert "dataframe td" not in outputs.locator(".output").inner_text()
    assert outputs.locator("em").inner_text() == "word"
    assert outputs.locator("code").inner_text() == "code < code"
    assert outputs.locator("img").evaluate_all(pictures) == [True] * 2
    assert outputs.locator(".ansi-red-fg").inner_text() == "red"
    if LOCAL_MATHJAX.is_dir():
        page.wait_for_selector(".output .MathJax_CHTML, .output .MathJax")
        assert text.locator(".MathJax_CHTML, .MathJax").count() == 1
    else:
        assert "\\frac{1}{2}" in outputs.inner_text()
