"""The class report in a real browser: its table works, nothing in it acts, it asks for nothing, and it prints."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from in_browser import CHROMIUM, chromium
from made_up_class import idea, shown
from playwright.sync_api import BrowserContext, Page

from grader.report import ClassWork, summarise, write
from grader.report.gather import NOT_HANDED_IN, Answer, Asked, Work

ASKED = (Asked("one", "sigmoid", 4.0, True), Asked("two", "softmax", 6.0, True))
ACT = """<script>document.title='ran'</script><img src=x onerror="document.title='ran'">"""
EVIL = f"</script>{ACT}<style>*{{display:none}}"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: sudo apt-get install chromium"),
]


def _class() -> ClassWork:
    told = idea(EVIL)

    def work(student: str, first: float, second: float, **more: object) -> Work:
        answers = tuple(
            Answer(points, "right" if points == asked.max_points else "wrong", diagnosis=told, example=shown(EVIL))
            for points, asked in zip((first, second), ASKED, strict=True)
        )
        return Work(student, answers=answers, **{"first_name": "", "last_name": "", **more})  # type: ignore[arg-type]

    missing = work("s10", 4, 0, missing=("two",))
    return ClassWork(
        "ps1",
        ASKED,
        (
            work("s9", 4, 6, first_name="Zoë", last_name="Abéché"),
            replace(missing, answers=(missing.answers[0], Answer(0.0, NOT_HANDED_IN))),
            work("s2", 0, 0, look=("the grader itself failed",)),
            work(EVIL, 0, 6, first_name=EVIL, tampered=(EVIL,)),
        ),
        absent=(("s11", "Nia", ""),),
        notes=(EVIL,),
    )


@pytest.fixture(scope="module")
def context() -> Iterator[BrowserContext]:
    with chromium(1100, 900) as context:
        yield context


@dataclass
class Seen:
    """What the page did besides being there."""

    console: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(summarise(_class(), "2026-11-23T12:00:00+00:00"), tmp_path_factory.mktemp("report"))[0]


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.fixture
def page(context: BrowserContext, file: Path, seen: Seen) -> Iterator[Page]:
    """The page, opened; at the end nothing was asked for, nothing acted and nothing went wrong."""
    page = context.new_page()
    page.on("console", lambda message: seen.console.append(message.text))
    page.on("pageerror", lambda error: seen.console.append(str(error)))
    page.on("request", lambda request: seen.asked.append(request.url))
    page.goto(file.as_uri())
    yield page
    assert page.title() == "ps1: class report"
    assert seen.console == []
    assert [url for url in seen.asked if not url.startswith("data:")] == [file.as_uri()]
    page.close()


def students(page: Page) -> list[str]:
    return [name[:5] for name in page.locator("#table tbody tr:visible th").all_inner_texts()]


def test_sorting_with_the_keyboard(page: Page) -> None:
    assert students(page) == ["</scr", "s10", "s11", "s2", "s9"]
    button = page.get_by_role("button", name="Student", exact=True)
    button.focus()
    page.keyboard.press("Enter")
    assert students(page) == ["</scr", "s2", "s9", "s10", "s11"], "numbers in names count as numbers"
    page.keyboard.press("Space")
    assert students(page) == ["s11", "s10", "s9", "s2", "</scr"]
    head = page.get_by_role("columnheader", name="Student")
    assert head.get_attribute("aria-sort") == "descending"
    page.get_by_role("button", name="Points").click()
    assert students(page)[:3] == ["s9", "</scr", "s10"]
    assert head.get_attribute("aria-sort") == "none"
    assert page.get_by_role("status").inner_text() == "5 of 5 students, sorted by Points, descending."
    page.get_by_role("button", name="Points").click()
    assert students(page)[-1] == "s9"


def test_choosing(page: Page) -> None:
    find, show = page.get_by_label("Find"), page.get_by_label("Show")
    find.fill("abeche")
    assert students(page) == ["s9"], "accents and capitals do not matter"
    assert page.get_by_role("status").inner_text() == "1 of 5 students."
    find.fill("nobody at all")
    assert students(page) == []
    find.fill("")
    for choice, left in {
        "to decide": ["s2"],
        "tampered": ["</scr"],
        "notebooks missing": ["s10", "s11"],
        "nothing handed in": ["s11"],
        "under half": ["s10", "s2"],
        "everyone who needs attention": ["</scr", "s10", "s11", "s2"],
        "right": ["</scr", "s10", "s9"],
        "everyone": ["</scr", "s10", "s11", "s2", "s9"],
    }.items():
        show.select_option(label=choice)
        assert students(page) == left, choice
    show.select_option(label="right")
    find.fill("s")
    assert students(page) == ["</scr", "s10", "s9"], "both hold"


def test_hostile_markup_is_text(page: Page) -> None:
    assert page.locator("img, iframe, object").count() == 0
    assert page.locator("script").count() == page.locator("style").count() == 1
    assert page.locator("#table th", has_text="</script>").inner_text() == EVIL
    assert page.locator(".example dd", has_text="onerror").first.is_visible()


def test_the_policy_holds_if_escaping_should_fail(page: Page, file: Path, seen: Seen) -> None:
    """The second wall: what gets into the page all the same does not run, and loads nothing."""
    hole = file.with_name("hole.html")
    text = file.read_text(encoding="utf-8")
    hole.write_text(text.replace("<main>", f"<main>{ACT}<p id='there'>there</p>"), encoding="utf-8")
    page.goto(hole.as_uri())
    assert page.locator("#there").is_visible()
    page.wait_for_timeout(200)
    assert page.title() == "ps1: class report"
    assert len([message for message in seen.console if "Content Security Policy" in message]) >= 2
    page.goto(file.as_uri())
    seen.console.clear()
    seen.asked[:] = [file.as_uri()]


def test_without_scripts_it_is_a_plain_table(context: BrowserContext, file: Path) -> None:
    assert context.browser is not None
    plain = context.browser.new_context(java_script_enabled=False)
    page = plain.new_page()
    page.goto(file.as_uri())
    assert students(page) == ["</scr", "s10", "s11", "s2", "s9"]
    assert not page.locator("#controls").is_visible()
    assert page.locator("th button").count() == 0
    plain.close()


def test_it_prints(page: Page) -> None:
    """The paper has the students who are chosen, what is folded away, and none of the controls."""
    page.get_by_label("Show").select_option(label="to decide")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.get_by_text("The hint that students get").first.is_hidden()
    assert page.get_by_text("Look at sigmoid again.").first.is_visible()
    assert page.locator("#controls").is_hidden()
    assert students(page) == ["s2"]
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    assert page.get_by_text("Look at sigmoid again.").first.is_hidden()
    paper = page.pdf(format="A4")
    assert paper.startswith(b"%PDF-")
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", paper)) <= 6


def test_it_fits_and_can_be_read(page: Page) -> None:
    """No page wider than the screen, and text that stands out from its ground as WCAG asks (4.5 to 1)."""
    page.get_by_text("The states as numbers").click()
    page.get_by_text("The same as a table").click()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width in (360, 1100):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(_CONTRAST) == [], scheme


# Every piece of text whose colour is too near to that of what is behind it; in drawings, behind it is the rectangle.
_CONTRAST = """
() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = parts(colour).slice(0, 3).map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    const beside = element.localName === 'text' && element.parentNode.querySelector('rect');
    if (beside && element.closest('.state')) return getComputedStyle(beside).fill;
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (parts(colour)[3] !== 0) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const low = [];
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || element.closest('script, title, desc, option, .sr') || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const pair = [light(element.localName === 'text' ? style.fill : style.color), light(ground(element))];
    const contrast = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    if (contrast < 4.5) low.push(`${element.textContent.trim().slice(0, 30)}: ${contrast.toFixed(2)}`);
  }
  return [...new Set(low)];
}
"""
