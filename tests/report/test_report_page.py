"""The files of a report: one page that needs and lets in nothing else, and the same numbers as JSON and CSV."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from made_up_class import ASKED, ASSIGNMENT, Build, MadeUpCourse, Person, crowd, notebook, person, shown, verdict

from grader.report import Report, compare, page, read_report, write
from grader.report.charts import histogram, stacked
from grader.report.figures import distribution
from grader.report.gather import STATES
from grader.report.page import number, percent, seconds, signed
from grader.report.tables import students_csv

Make = Callable[[MadeUpCourse], Report]
EVIL = """'"><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7 * 7 }}</script>"""


class Tags(HTMLParser):
    """Every tag with its attributes, and all text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "link", "input", "rect", "line", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"{tag} closes nothing: {self.text[-200:]}"

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag == name]


def evil_class() -> list[Person]:
    """Everything that a student can put into a report tries to act."""
    evil = person(EVIL.replace("/", ""), (0, 1, 1, 1, 1, 1), first=EVIL, last="=1+1")
    wrong = verdict("sigmoid", 0, example=shown(EVIL), diagnosis={"name": EVIL, "concept": EVIL, "hint": EVIL})
    evil.verdicts["one"] = notebook("one", wrong, needs_attention=True, notes=(EVIL,))
    evil.rows["sigmoid"].needs_manual = True
    return [evil, person("honest")]


@pytest.fixture
def both(build: Build, report: Make) -> Report:
    """A class with a bit of everything, compared with itself a while ago."""
    found = report(build(*evil_class(), *crowd(12), absent=("nobody",)))
    before = found.model_copy(update={"students": found.students[2:], "misconceptions": found.misconceptions[1:]})
    return found.model_copy(update={"comparison": compare(before, found)})


class TestPage:
    def test_its_tags_are_closed_and_its_ids_are_unique(self, both: Report) -> None:
        tags = Tags(page(both))
        assert tags.open == []
        ids = [attributes["id"] for _, attributes in tags.tags if "id" in attributes]
        assert len(ids) == len(set(ids))
        named = {name for _, a in tags.tags for name in (a.get("aria-labelledby") or "").split()}
        assert named <= set(ids)
        assert {(a["href"] or "")[1:] for a in tags.all("a")} <= set(ids)

    def test_nothing_of_a_student_becomes_a_tag(self, both: Report) -> None:
        tags = Tags(page(both))
        assert len(tags.all("script")) == 1
        assert tags.all("img") == []
        assert not [name for _, attributes in tags.tags for name in attributes if name.startswith("on")]
        assert "{{ 7 * 7 }}" in tags.text
        assert "<script>alert(1)</script>" in tags.text

    def test_it_asks_for_nothing(self, both: Report) -> None:
        text = page(both)
        tags = Tags(text)
        assert not re.search(r"url\(|@import|https?:", text)
        for _, attributes in tags.tags:
            assert not {"src", "srcset", "style", "action"} & set(attributes)
            assert re.fullmatch(r"#[\w-]+|data:,", attributes.get("href") or "data:,")

    def test_the_policy_lets_in_its_own_script_and_style_only(self, both: Report) -> None:
        text = page(both)
        (policy,) = [a["content"] or "" for a in Tags(text).all("meta") if "http-equiv" in a]
        rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
        assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
        for tag in ("script", "style"):
            (content,) = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
            digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
            assert rules[f"{tag}-src"] == f"'sha256-{digest}'"

    def test_every_drawing_is_told_in_words(self, both: Report) -> None:
        for svg in Tags(page(both)).all("svg"):
            assert svg.get("aria-hidden") == "true" or (svg["role"] == "img" and svg["aria-labelledby"])

    def test_every_column_has_a_head(self, both: Report) -> None:
        assert all(attributes.get("scope") for attributes in Tags(page(both)).all("th"))

    def test_one_student(self, build: Build, report: Make) -> None:
        tags = Tags(page(report(build(person("only")))))
        assert "Nobody: every notebook was handed in" in tags.text
        assert "Discrimination from 1 student is a hint at most" in tags.text

    def test_two_thousand(self, build: Build, report: Make, tmp_path: Path) -> None:
        """Long lists are cut, and say where the rest is."""
        found = report(build(*crowd(30)))
        many = [one.model_copy(update={"student": f"s{n}", "low": True}) for n, one in enumerate(found.students * 67)]
        paths = write(found.model_copy(update={"students": tuple(many[:2000])}), tmp_path)
        text = paths[0].read_text(encoding="utf-8")
        assert "and 1970 more: choose them above the" in text
        assert text.count("<tr data-states=") == 2000
        assert len(text) < 4_000_000


class TestData:
    def test_json_is_the_report(self, both: Report, tmp_path: Path) -> None:
        paths = write(both, tmp_path)
        assert read_report(paths[1], ASSIGNMENT) == both

    def test_the_page_shows_the_numbers_of_the_data(self, both: Report) -> None:
        text = " ".join(Tags(page(both)).text.split())
        for question in both.questions:
            assert f"{question.question} {number(question.max_points)} {percent(question.success)}" in text
        for student in both.students:
            assert student.student in text

    def test_questions(self, both: Report, tmp_path: Path) -> None:
        rows = self.read(write(both, tmp_path)[2])
        assert [(row["question"], float(row["max_points"])) for row in rows] == [(name, top) for _, name, top in ASKED]
        for row, question in zip(rows, both.questions, strict=True):
            assert (row["success"] == "") == (question.success is None)
            assert row["success"] == "" or float(row["success"]) == pytest.approx(question.success, rel=1e-5)
            assert sum(int(row[state]) for state in STATES if state in row) == sum(question.states.values())

    def test_students(self, both: Report, tmp_path: Path) -> None:
        rows = self.read(write(both, tmp_path)[3])
        for row, student in zip(rows, both.students, strict=True):
            assert float(row["points"]) == student.points
            if student.handed_in:
                assert sum(float(row[name]) for _, name, _ in ASKED) == student.points
                assert {row[f"{name} (state)"] for _, name, _ in ASKED} <= set(STATES)

    def test_misconceptions(self, both: Report, tmp_path: Path) -> None:
        rows = self.read(write(both, tmp_path)[4])
        assert [int(row["students"]) for row in rows] == [one.students for one in both.misconceptions]

    @pytest.mark.parametrize("start", list("=+-@\t\r\n"))
    def test_no_spreadsheet_takes_a_name_for_a_formula(self, build: Build, report: Make, start: str) -> None:
        text = students_csv(report(build(person("s1", first=f"{start}cmd|'/c calc'!A1"))))
        (row,) = csv.DictReader(io.StringIO(text.decode("utf-8-sig"), newline=""))
        assert row["first_name"] == f"'{start}cmd|'/c calc'!A1"

    def read(self, path: Path) -> list[dict[str, str]]:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return list(csv.DictReader(stream))


class TestDrawing:
    @pytest.mark.parametrize("values", [[0.0], [100.0] * 7, [3.0, 50.0, 99.0] * 40])
    def test_bars_are_as_high_as_they_count(self, values: list[float]) -> None:
        found = histogram(distribution(values, 100))
        scale = {round(bar.height / bar.count, 6) for bar in found.bars if bar.count}
        assert len(scale) == 1
        assert all(bar.y + bar.height == pytest.approx(found.bottom) for bar in found.bars)
        assert all(bar.x >= 0 and bar.x + bar.width <= found.width and bar.y >= 0 for bar in found.bars)
        assert 2 <= len(found.upwards) <= 6

    def test_pieces_fill_their_bar(self) -> None:
        pieces = stacked({"wrong": 1, "right": 3}, 200)
        assert [(piece.state, piece.x, piece.width) for piece in pieces] == [("right", 0, 150), ("wrong", 150, 50)]
        assert stacked({}, 200) == ()


@pytest.mark.parametrize(
    "told, text",
    [
        (number(76.4285), "76.4"), (number(4.0), "4"), (number(-0.01), "0"), (number(-2.5), "\N{MINUS SIGN}2.5"),
        (number(None), "\N{EN DASH}"), (percent(0.999), "99 %"), (percent(1), "100 %"), (percent(0.001), "1 %"),
        (percent(0), "0 %"), (signed(3.04), "+3"), (signed(0.01), "0"), (signed(-1), "\N{MINUS SIGN}1"),
        (seconds(0.004), "< 0.01 s"), (seconds(0.34), "0.34 s"), (seconds(65.1), "65 s"),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(told: str, text: str) -> None:
    assert told == text


@pytest.mark.thorough
def test_a_class_of_two_thousand(build: Build, report: Make, tmp_path: Path) -> None:
    """The whole way: 2,000 students' rows and 4,000 verdict files."""
    found = report(build(*crowd(2000)))
    assert found.distribution.students == 2000
    assert sum(one.students for one in found.misconceptions) == found.named_wrong > 2000
    assert write(found, tmp_path)[0].read_text(encoding="utf-8").count("<tr data-states=") == 2000
