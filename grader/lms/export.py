"""Grades for platforms, as plugins of `nbgrader export`:

    nbgrader export --exporter=grader.lms.export.Canvas --to canvas.csv

`Canvas` and `Moodle` write what the platform's gradebook imports, `MoodleWorksheet` fills in the grading worksheet
that Moodle gave, `Gradescope` writes a results.json for each student, `Questions` a row for each question of each
student. A mark that still waits for a person is left blank and named, never written as zero.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.plugins import ExportPlugin
from traitlets import Bool, Dict, Enum, TraitError, Unicode

from grader.autograde import SaveVerdicts
from grader.batch import write_whole
from grader.lms import collected
from grader.lms.collect import Roster, marks_of, participant
from grader.lms.late import LatePenalty
from grader.lms.marks import Marks, NotGraded, Question, Work, read_marks, read_verdicts
from grader.lms.names import Sender
from grader.lms.results import results
from grader.lms.table import Cell, Ours, Table, TableError, read_table, safe, write_table

_SHOWN = 12
_COMMENTS = "Feedback comments"


class GradeExporter(ExportPlugin):  # type: ignore[misc]
    """What the exporters share: whose marks, and what becomes of those that are not decided."""

    undecided = Enum(
        ["blank", "so-far"],
        default_value="blank",
        help="What to write for a student with a question that waits for a person: nothing, or the points so far",
    ).tag(config=True)
    missing = Enum(
        ["blank", "zero"], default_value="blank", help="What to write for a student who handed nothing in"
    ).tag(config=True)

    default_to = "grades.csv"

    def export(self, gradebook: Gradebook) -> None:
        """nbgrader's call: write the file, or say why there is none."""
        try:
            marks = [self.read(gradebook, name) for name in self._assignments(gradebook)]
            target = Path(self.to or self.default_to)
            self.write(marks, target)
        except (NotGraded, TableError, TraitError, collected.CollectedError, OSError) as error:
            self.log.error("Nothing was exported: %s", error)
            raise SystemExit(1) from error
        self.log.info("Wrote %s", target)

    def write(self, marks: list[Marks], target: Path) -> None:
        """Write the marks of these assignments."""
        raise NotImplementedError

    def _assignments(self, gradebook: Gradebook) -> list[str]:
        """Those asked for, or all that anything was handed in for."""
        if self.assignment:
            return [str(name) for name in self.assignment]
        known = sorted(one.name for one in gradebook.assignments)
        if not known:
            raise NotGraded(
                "the gradebook has no assignment yet. Type first: nbgrader generate_assignment NAME, and then: "
                "nbgrader autograde NAME, with the name of its folder in solutions/"
            )
        found = [name for name in known if gradebook.assignment_submissions(name)]
        if not found:
            names = " or ".join(f"nbgrader autograde {name}" for name in known)
            raise NotGraded(f"nothing is graded yet. Type first: {names}")
        return found

    def read(self, gradebook: Gradebook, assignment: str) -> Marks:
        """The marks of an assignment, with a word about those that are not decided."""
        marks = read_marks(gradebook, self.coursedir, assignment, [str(one) for one in self.student])
        self._look_at_penalties(gradebook, marks)
        if marks.ungraded:
            self.log.warning(
                "%s: handed in but not graded, so without a mark: %s. Type: nbgrader autograde %s",
                assignment, _some(marks.ungraded), assignment,
            )  # fmt: skip
        if marks.anew:
            self.log.warning(
                "%s: handed in anew and not graded since, so with the marks of the earlier files: %s. Type: nbgrader "
                "autograde %s", assignment, _some(marks.anew), assignment,
            )  # fmt: skip
        waiting = {work.student.id: work.waiting for work in marks.works if work.waiting}
        if waiting:
            what = "are left blank" if self.undecided == "blank" else "have what they earned so far"
            lines = [f"{one} ({_some([q.name for q in asked], 4)})" for one, asked in waiting.items()]
            self.log.warning(
                "%s: %d of %d students wait for a manual grade and %s: %s. Mark them in formgrader, or see "
                "--%s.undecided=so-far",
                assignment, len(waiting), len(marks.works), what, _some(lines), type(self).__name__,
            )  # fmt: skip
        absent = [
            work.student.id for work in marks.works if not work.handed_in and work.student.id not in marks.ungraded
        ]
        if absent:
            what = "left blank" if self.missing == "blank" else "written as zero"
            self.log.warning("%s: nothing was handed in, so %s: %s", assignment, what, _some(absent))
        return marks

    def _look_at_penalties(self, gradebook: Gradebook, marks: Marks) -> None:
        """nbgrader works them out when it grades, of the points that there are by then."""
        late, name = LatePenalty(config=self.config), marks.assignment
        known = {one.id for one in gradebook.students}
        unknown = sorted({*late.extensions.get(name, {}), *late.extensions.get("*", {})} - known)
        if unknown:
            self.log.warning(
                "%s: c.LatePenalty.extensions is for students whom the gradebook does not know: %s",
                name, _some(unknown),
            )  # fmt: skip
        if self.config.AssignLatePenalties.plugin_class not in (LatePenalty, "grader.lms.late.LatePenalty"):
            return
        penalties = {work.student.id: work.penalty for work in marks.works if work.handed_in}
        if outdated := late.outdated(gradebook, name, penalties):
            self.log.warning(
                "%s: what being late costs is not worked out of these students' points as they are now, or by "
                "c.LatePenalty as it is now: %s. Type: nbgrader autograde %s --force",
                name, _some(outdated), name,
            )  # fmt: skip

    def points(self, work: Work, marks: Marks) -> float | None:
        """What goes into the student's cell: a number, or nothing."""
        if not work.handed_in:
            return 0.0 if self.missing == "zero" and work.student.id not in marks.ungraded else None
        return None if work.waiting and self.undecided == "blank" else work.points

    @property
    def coursedir(self) -> Any:
        """nbgrader's course folder."""
        return self.parent.coursedir

    def record(self, assignment: str) -> dict[str, collected.Collected]:
        """What was collected from a platform, by student."""
        return collected.read(collected.record(Path(self.coursedir.root), self.config, assignment))

    def check_ids(self, ids: list[str]) -> None:
        """Say which identifiers had to be written as text that the platform will not know."""
        odd = sorted({one for one in ids if one and safe(one) != one})
        if odd:
            self.log.warning(
                "These would run as formulas in a spreadsheet, so they got an apostrophe before them, and the platform "
                "may not find the student: %s", _some(odd),
            )  # fmt: skip


def _some(names: list[str] | tuple[str, ...], most: int = _SHOWN) -> str:
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def _by_student(marks: list[Marks]) -> dict[str, list[tuple[Marks, Work]]]:
    found: dict[str, list[tuple[Marks, Work]]] = {}
    for one in marks:
        for work in one.works:
            found.setdefault(work.student.id, []).append((one, work))
    return found


class Canvas(GradeExporter):
    """A CSV file for Canvas: Grades, Import.

    Relied on: Instructure's guide "How do I import grades in the Gradebook?", and what Canvas reads
    (canvas-lms, lib/gradebook_importer.rb): the columns Student, ID, SIS User ID, SIS Login ID and Section in this
    order, then the assignments; a row "Points Possible"; students found by ID, else by SIS user id or login id.
    """

    columns = Dict(
        key_trait=Unicode(),
        value_trait=Unicode(),
        help='Names of assignments in Canvas, with their number: {"ps1": "Problem set 1 (4567)"}, as the head of the '
        "column in a gradebook that Canvas exported. Canvas makes a new assignment of a name it does not know.",
    ).tag(config=True)

    default_to = "canvas.csv"

    def write(self, marks: list[Marks], target: Path) -> None:
        """One row for each student, one column for each assignment."""
        heads = [self.columns.get(one.assignment, one.assignment) for one in marks]
        rows: list[list[Cell]] = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *heads]]
        rows.append(["    Points Possible", None, None, None, None, *[one.max_points for one in marks]])
        records = {one.assignment: self.record(one.assignment) for one in marks}
        without = []
        for student, works in _by_student(marks).items():
            person = works[0][1].student
            number = person.number
            for one, _ in works:
                entry = records[one.assignment].get(student)
                if not number and entry is not None and entry.platform == "canvas" and entry.number.isdecimal():
                    number = entry.number
            if not number:
                without.append(student)
            name = ", ".join(part for part in (person.last_name, person.first_name) if part) or student
            rows.append([name, number, None, student, None, *[self.points(work, one) for one, work in works]])
        if without:
            self.log.warning(
                "No Canvas id is known of: %s. Canvas will look for them by login id. To add them: pset roster FILE, "
                "with the gradebook that Canvas exports", _some(without),
            )  # fmt: skip
        self.check_ids([str(row[place]) for row in rows[2:] for place in (1, 3)])
        write_table(target, rows)


class Moodle(GradeExporter):
    """A CSV file for Moodle: Grades, Import, CSV file.

    Relied on: docs.moodle.org, "Grade import": any columns, of which one is mapped to the user (username, ID number
    or e-mail address, whose case matters) and others to grade items. For an assignment's own grades take
    `MoodleWorksheet`: what is imported into the gradebook cannot be changed on the assignment's page any more.
    """

    columns = Dict(
        key_trait=Unicode(), value_trait=Unicode(), help='Names of grade items in Moodle: {"ps1": "Problem set 1"}'
    ).tag(config=True)
    id_column = Unicode("Username", help="What the students' ids are in your Moodle: Username, or ID number").tag(
        config=True
    )

    default_to = "moodle.csv"

    def write(self, marks: list[Marks], target: Path) -> None:
        """One row for each student, one column for each assignment."""
        heads = [self.columns.get(one.assignment, one.assignment) for one in marks]
        rows: list[list[Cell]] = [["First name", "Last name", self.id_column, "Email address", *heads]]
        for student, works in _by_student(marks).items():
            one = works[0][1].student
            points = [self.points(work, its) for its, work in works]
            rows.append([one.first_name, one.last_name, student, one.email, *points])
        self.check_ids([str(row[place]) for row in rows[1:] for place in (2, 3)])
        write_table(target, rows)


class MoodleWorksheet(GradeExporter):
    """Moodle's own grading worksheet, with the grades filled in, for Assignment, Upload grading worksheet.

    Relied on: docs.moodle.org, "Assignment grading" (offline grading), and what Moodle reads
    (mod/assign/feedback/offline/importgradeslib.php): it finds students by the column Identifier, and needs the columns
    Grade and "Last modified (grade)" as it wrote them.
    """

    worksheet = Unicode("", help="The worksheet (CSV) that you downloaded from the assignment's page in Moodle").tag(
        config=True
    )
    scale = Bool(False, help="Scale the points to the worksheet's maximum grade, where it is another").tag(config=True)

    default_to = "worksheet.csv"

    def write(self, marks: list[Marks], target: Path) -> None:
        """The worksheet again, with every grade that is decided."""
        if len(marks) != 1:
            names = ", ".join(one.assignment for one in marks)
            raise TableError(f"a worksheet is for one assignment: say which of {names} with --assignment=NAME")
        if not self.worksheet:
            raise TableError(
                "which worksheet? Download it in Moodle (Submissions, Download grading worksheet), and name it with "
                "--MoodleWorksheet.worksheet=FILE"
            )
        table = read_table(Path(self.worksheet))
        needed = ("Identifier", "Grade", "Last modified (grade)")
        lacking = [name for name in needed if name not in table.columns]
        if lacking:
            raise TableError(
                f"{self.worksheet} is no grading worksheet: it has no column {', '.join(map(repr, lacking))}. Switch "
                "Moodle to English and download it again"
            )
        if target.exists() and target.samefile(self.worksheet):
            raise TableError(f"{target} is the worksheet itself; name another file with --to")
        works = self._works(marks[0], table)
        rows: list[list[Cell]] = [list(table.columns)]
        for row, work in zip(table.rows, works, strict=True):
            points = None if work is None else self._scaled(work, marks[0], row)
            kept: dict[str, Cell] = {**row, _COMMENTS: Ours(row.get(_COMMENTS, ""))}
            if points is not None:
                kept["Grade"] = points
            rows.append([kept[name] for name in table.columns])
        # Moodle reads commas and UTF-8 only, whatever a spreadsheet has made of the file.
        write_table(target, rows)

    def _works(self, marks: Marks, table: Table) -> list[Work | None]:
        """Whose row is whose: by the number that was collected, as zip_collect tells it, or by an address or id."""
        record = self.record(marks.assignment)
        numbers = {entry.number: student for student, entry in record.items() if entry.platform == "moodle"}
        by_id = {work.student.id: work for work in marks.works}
        found = [by_id.get(numbers.get(participant(row["Identifier"]), "")) for row in table.rows]
        known = {work.student.id for work in found if work is not None}
        people = [work.student for work in marks.works if work.student.id not in known]
        # The number is a row's here: a worksheet that somebody has edited may have one twice.
        senders = {
            place: Sender("moodle", str(place), row.get("Full name", ""))
            for place, row in enumerate(table.rows)
            if found[place] is None
        }
        marked = {who.number: marks_of(table.rows[place]) for place, who in senders.items()}
        others = Roster(people, marked).find_all(senders.values())
        for place, who in senders.items():
            found[place] = by_id[others[who].id] if who in others else None
        there = {work.student.id for work in found if work is not None}
        lost = [work.student.id for work in marks.works if work.handed_in and work.student.id not in there]
        if lost:
            self.log.warning("Not in the worksheet, so their marks are not in it either: %s", _some(lost))
        return found

    def _scaled(self, work: Work, marks: Marks, row: dict[str, str]) -> float | None:
        points = self.points(work, marks)
        limit = row.get("Maximum grade", "").strip().replace(",", ".")
        try:
            most = float(limit) if limit else marks.max_points
        except ValueError:
            raise TableError(f"{self.worksheet}: the maximum grade {limit!r} is no number") from None
        if points is None or abs(most - marks.max_points) < 1e-6:
            return points
        if not self.scale:
            raise TableError(
                f"{marks.assignment} has {marks.max_points:g} points, Moodle's maximum grade is {most:g}. Set it to "
                f"{marks.max_points:g} in Moodle, or scale the points: --MoodleWorksheet.scale=True"
            )
        return round(points * most / marks.max_points, 2)


class _WithVerdicts(GradeExporter):
    def verdict_folder(self, work: Work) -> Path:
        """Where the judge's verdicts on somebody's work are."""
        folder = Path(self.coursedir.root) / SaveVerdicts(config=self.config).verdict_directory
        return folder / work.student.id / work.assignment


class Gradescope(_WithVerdicts):
    """A `results.json` for each student, in TO/STUDENT/ASSIGNMENT/, as Gradescope reads it from an autograder.

    Relied on: "Autograder Specifications", gradescope-autograders.readthedocs.io/en/latest/specs/. To have Gradescope
    grade by itself take `pset gradescope` instead.
    """

    default_to = "gradescope"

    def write(self, marks: list[Marks], target: Path) -> None:
        """A folder for each student who handed in."""
        if target.exists() and not target.is_dir():
            raise TableError(f"{target} is a file; name a folder with --to")
        for one in marks:
            for work in one.works:
                if work.handed_in:
                    folder = self.verdict_folder(work)
                    found = results(work, lambda notebook, folder=folder: read_verdicts(folder, notebook))  # type: ignore[misc]
                    place = target / work.student.id / work.assignment
                    place.mkdir(parents=True, exist_ok=True)
                    text = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
                    write_whole(place / "results.json", text.encode(errors="replace"))


class Questions(_WithVerdicts):
    """A CSV file with a row for each question of each student: points, who gave them, and the judge's state."""

    default_to = "questions.csv"

    def write(self, marks: list[Marks], target: Path) -> None:
        """One row a question; students who handed nothing in have none."""
        rows: list[list[Cell]] = [
            [
                "assignment", "student_id", "last_name", "first_name", "notebook", "question", "points", "max_points",
                "automatic_points", "manual_points", "extra_credit", "state", "needs_attention", "misconception",
            ]
        ]  # fmt: skip
        for one in marks:
            for work in one.works:
                known = {}
                for question in work.questions:
                    if question.notebook not in known:
                        known[question.notebook] = read_verdicts(self.verdict_folder(work), question.notebook)
                    verdict = known[question.notebook].get(question.name)
                    state = verdict.state.value if verdict else self._without_verdict(work, question)
                    diagnosis = verdict.diagnosis.name if verdict and verdict.diagnosis else ""
                    rows.append(
                        [
                            one.assignment, work.student.id, work.student.last_name, work.student.first_name,
                            question.notebook, question.name, question.points, question.max_points,
                            question.automatic_points, question.manual_points, question.extra_credit, state,
                            "yes" if question.waits else "no", diagnosis,
                        ]
                    )  # fmt: skip
        write_table(target, rows)

    def _without_verdict(self, work: Work, question: Question) -> str:
        """What to call a question that the judge has no word about: one for people, or one never handed in."""
        if question.waits:
            return "to be marked"
        if question.manual_points is not None:
            return "marked by hand"
        folder = self.coursedir.format_path(self.coursedir.autograded_directory, work.student.id, work.assignment)
        if not (Path(folder) / f"{question.notebook}.ipynb").is_file():
            return "not handed in"
        return "no response" if question.cell == question.name else "no verdict kept"
