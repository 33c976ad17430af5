"""What the class report reads: the gradebook decides marks, verdicts say why, and what is missing is said."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from made_up_class import ASKED, ASSIGNMENT, Build, MadeUpCourse, Person, Row, notebook, person, shown, verdict

from grader.cli import main
from grader.report import Report
from grader.report.figures import QuestionFigures, StudentFigures
from grader.verdict import State

Make = Callable[[MadeUpCourse], Report]


def question(report: Report, name: str) -> QuestionFigures:
    return next(one for one in report.questions if one.question == name)


def student(report: Report, name: str) -> StudentFigures:
    return next(one for one in report.students if one.student == name)


def state(report: Report, name: str, asked: str) -> str:
    return student(report, name).marks[[one.question for one in report.questions].index(asked)].state


def pset(course: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Result:
    monkeypatch.chdir(course)
    return CliRunner().invoke(main, ["report", *arguments])


class TestMarks:
    def test_the_gradebook_decides(self, build: Build, report: Make) -> None:
        """A mark by hand counts where the judge gave another one, and extra credit and the penalty too."""
        changed = person("amina", (0,) * 6, penalty=1.5)
        changed.rows["sigmoid"] = Row(0.0, manual=3.0)
        changed.rows["loss"] = Row(2.0, extra=0.5)
        changed.rows["words_one"] = Row(None, manual=2.0)
        found = report(build(changed))
        assert student(found, "amina").points == 3 + 2.5 + 2 - 1.5
        assert question(found, "sigmoid").success == 0.75
        assert state(found, "amina", "sigmoid") == "wrong"
        assert state(found, "amina", "words_one") == "marked by hand"
        assert found.waiting_answers == 1
        assert found.waiting_points == 2

    def test_in_the_order_of_the_notebooks(self, build: Build, report: Make) -> None:
        found = report(build(person("amina")))
        assert [(one.notebook, one.question, one.max_points) for one in found.questions] == list(ASKED)
        assert found.max_points == 31
        assert student(found, "amina").points == 26

    def test_times_are_of_the_calls(self, build: Build, report: Make) -> None:
        found = report(build(person("amina")))
        assert (question(found, "sigmoid").median_seconds, found.times[0].median_run) == (0.75, 1.5)

    def test_a_stub_and_a_file_that_was_not_run_took_nobody_s_time(self, build: Build, report: Make) -> None:
        blank, broken = person("blank"), person("broken")
        blank.verdicts["one"] = notebook("one", verdict("sigmoid", 0, state=State.NOT_ATTEMPTED))
        crashed = verdict("sigmoid", 0, state=State.CRASHED, parts=())
        broken.verdicts["one"] = notebook("one", crashed, needs_attention=True, run_seconds=0.0, judge_seconds=0.0)
        found = report(build(blank, broken, person("amina")))
        assert (question(found, "sigmoid").median_seconds, found.times[0].median_judge) == (0.75, 0.5)

    def test_an_empty_written_answer_waits_for_nobody(self, build: Build, report: Make) -> None:
        blank = person("amina")
        blank.rows["words_one"] = Row(0.0)
        found = report(build(blank))
        assert state(found, "amina", "words_one") == "not attempted"
        assert question(found, "words_one").success == 0

    def test_a_notebook_that_nbgrader_marked_alone(self, build: Build, report: Make) -> None:
        plain = person("amina", (1, 0.5, 0, 1, 1, 1))
        del plain.verdicts["one"]
        found = report(build(plain))
        assert [state(found, "amina", name) for name in ("sigmoid", "loss", "gradient")] == ["right", "partly", "wrong"]


class TestAttention:
    def test_somebody_must_decide(self, build: Build, report: Make) -> None:
        failed, unread, regraded, plain = (person(name) for name in ("failed", "unread", "regraded", "plain"))
        failed.verdicts["one"] = notebook("one", verdict("sigmoid", 0, state=State.GRADER_FAILED))
        failed.rows["sigmoid"] = Row(None, needs_manual=True)
        crashed = verdict("sigmoid", 0, state=State.CRASHED, parts=())
        unread.verdicts["one"] = notebook("one", crashed, needs_attention=True, notes=("it is not JSON",))
        for name in ("sigmoid", "loss", "gradient"):
            unread.rows[name] = Row(0.0, needs_manual=True)
        regraded.rows["sigmoid"] = Row(4.0, manual=1.0, needs_manual=True)
        found = report(build(failed, unread, regraded, plain))
        assert student(found, "failed").look == ("sigmoid: the grader itself failed",)
        assert student(found, "unread").look == ("one could not be judged: it is not JSON",)
        assert student(found, "regraded").look == (
            "sigmoid was graded again after it was marked by hand: confirm the mark",
        )
        assert student(found, "plain").look == ()
        assert (question(found, "sigmoid").answers, question(found, "sigmoid").waiting) == (2, 2)

    def test_it_is_decided_by_a_mark(self, build: Build, report: Make) -> None:
        failed = person("failed")
        failed.verdicts["one"] = notebook("one", verdict("sigmoid", 0, state=State.GRADER_FAILED))
        failed.rows["sigmoid"] = Row(None, manual=4.0)
        assert student(report(build(failed)), "failed").look == ()

    def test_tampered(self, build: Build, report: Make) -> None:
        found = person("mallory", (0, 1, 1, 1, 1, 1))
        found.verdicts["one"] = notebook("one", verdict("sigmoid", 0, state=State.TAMPERED))
        assert student(report(build(found)), "mallory").tampered == ("sigmoid",)

    def test_notebooks_and_people_that_are_missing(self, build: Build, report: Make) -> None:
        found = report(build(person("half", notebooks=("one",)), person("whole"), absent=("nobody",)))
        assert student(found, "half").missing == ("two",)
        assert state(found, "half", "words_two") == "not handed in"
        assert student(found, "whole").missing == ()
        assert not student(found, "nobody").handed_in
        assert found.distribution.students == 2

    def test_half_graded(self, build: Build, report: Make) -> None:
        """What a run that was stopped leaves: rows without marks, and no verdicts."""
        begun = person("begun")
        begun.rows = {name: Row(None, needs_manual=True) for _, name, _ in ASKED}
        begun.verdicts = {}
        found = report(build(begun, person("done")))
        assert student(found, "begun").look == ("one is not graded yet", "two is not graded yet")
        assert question(found, "sigmoid").answers == 1


class TestUnreadable:
    @pytest.mark.parametrize(
        "content, why",
        [
            (b'{"assignment": "made-up", "noteb', "EOF"),
            (b"", "EOF"),
            (b"\xff\xfe\x00", "invalid"),
            (b'{"verdicts": []}', "Field required"),
            (b"[]", "object"),
        ],
    )
    def test_a_verdict_file_is_left_out_and_named(self, build: Build, report: Make, content: bytes, why: str) -> None:
        made = build(person("amina"), person("brian"))
        made.verdict("amina", "one").write_bytes(content)
        found = report(made)
        (note,) = found.notes
        assert str(made.verdict("amina", "one")) in note
        assert why.lower() in note.lower()
        assert student(found, "amina").points == 26, "the marks are the gradebook's"
        assert student(found, "amina").look == ("the verdicts of one could not be read",)
        assert state(found, "amina", "sigmoid") == "no verdict"
        assert state(found, "amina", "forward") == "right"
        assert question(found, "sigmoid").success == 1

    def test_a_folder_in_the_place_of_a_file(self, build: Build, report: Make) -> None:
        made = build(person("amina"))
        made.verdict("amina", "one").unlink()
        made.verdict("amina", "one").mkdir()
        assert "directory" in report(made).notes[0]

    def test_the_command_goes_on_and_says_so(self, build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
        made = build(person("amina"))
        made.verdict("amina", "one").write_text("{")
        said = pset(made.root, monkeypatch, ASSIGNMENT)
        assert said.exit_code == 0, said.output
        assert "left out:" in said.output
        assert str(made.verdict("amina", "one")) in said.output.replace("\n", "")


class TestNothingYet:
    def refused(self, course: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> str:
        said = pset(course, monkeypatch, *arguments)
        assert said.exit_code == 2, said.output
        assert not (course / "report").exists()
        return said.output

    def test_no_gradebook(self, build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
        made = build(person("amina"))
        (made.root / "gradebook.db").unlink()
        said = self.refused(made.root, monkeypatch, ASSIGNMENT)
        assert f"`nbgrader generate_assignment {ASSIGNMENT}`" in said
        assert not (made.root / "gradebook.db").exists(), "looking must not make one"

    def test_not_released(self, build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
        made = build(person("amina"))
        shutil.copytree(made.root / "solutions" / ASSIGNMENT, made.root / "solutions" / "other")
        assert "`nbgrader generate_assignment other`" in self.refused(made.root, monkeypatch, "other")

    def test_no_such_assignment(self, build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
        assert "there is no assignment 'ps9'" in self.refused(build(person("amina")).root, monkeypatch, "ps9")

    @pytest.mark.parametrize("absent", [(), ("enrolled",)])
    def test_nobody(self, build: Build, monkeypatch: pytest.MonkeyPatch, absent: tuple[str, ...]) -> None:
        said = self.refused(build(absent=absent).root, monkeypatch, ASSIGNMENT)
        assert f"submitted/STUDENT/{ASSIGNMENT}/" in said
        assert f"`nbgrader autograde {ASSIGNMENT}`" in said

    def test_nothing_is_graded(self, build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
        people = [Person(name, rows={asked: Row(None, needs_manual=True) for _, asked, _ in ASKED}) for name in "ab"]
        said = self.refused(build(*people).root, monkeypatch, ASSIGNMENT)
        assert "2 submissions" in said
        assert f"`nbgrader autograde {ASSIGNMENT}`" in said


class TestComparing:
    def test_with_the_last_report(self, build: Build, monkeypatch: pytest.MonkeyPatch, empty: Path) -> None:
        better = person("amina", (0, 1, 1, 1, 1, 1))
        wrong = verdict("sigmoid", 0, example=shown())
        better.verdicts["one"] = notebook("one", wrong, *better.verdicts["one"].verdicts[1:])
        made = build(better, person("brian"))
        assert pset(made.root, monkeypatch, ASSIGNMENT).exit_code == 0
        now = MadeUpCourse(made.root / "now", [person("amina"), person("brian")], empty)
        shutil.copy(now.root / "gradebook.db", made.root)
        said = pset(made.root, monkeypatch, ASSIGNMENT, "--compare", f"report/{ASSIGNMENT}.json")
        assert said.exit_code == 0, said.output
        found = json.loads((made.root / "report" / f"{ASSIGNMENT}.json").read_text())["comparison"]
        assert found["students"] == [{"student": "amina", "before": 22.0, "now": 26.0}]
        assert found["same"] == 1

    @pytest.mark.parametrize(
        "content, why",
        [
            (None, "could not be read"),
            (b"{", "is not a report of `pset report`"),
            (b"\xff", "is not a report of `pset report`"),
            (b'{"schema_version": 1}', "is not a report of `pset report` (assignment: Field required)"),
        ],
    )
    def test_something_else(
        self, build: Build, monkeypatch: pytest.MonkeyPatch, content: bytes | None, why: str
    ) -> None:
        made = build(person("amina"))
        if content is not None:
            (made.root / "old.json").write_bytes(content)
        said = pset(made.root, monkeypatch, ASSIGNMENT, "--compare", "old.json")
        assert said.exit_code == 2
        assert why in " ".join(said.output.split())
        assert not (made.root / "report").exists()

    def test_another_assignment(self, build: Build, report: Make, monkeypatch: pytest.MonkeyPatch) -> None:
        made = build(person("amina"))
        other = report(made).model_copy(update={"assignment": "ps7"})
        (made.root / "old.json").write_text(other.model_dump_json())
        said = pset(made.root, monkeypatch, ASSIGNMENT, "--compare", "old.json")
        assert said.exit_code == 2
        assert "is a report of 'ps7'" in " ".join(said.output.split())
