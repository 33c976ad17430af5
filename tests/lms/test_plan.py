"""Which file counts, and whose it is: duplicates, known and unknown students, notebooks under other names."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from grader.lms import collected
from grader.lms.collect import Person, Plan, Roster, make_plan, participant
from grader.lms.export import MoodleWorksheet
from grader.lms.marks import Marks, Work
from grader.lms.table import Table

NOTEBOOKS = {"one": {"double", "square", "words"}, "two": {"layer", "loss"}}
AISHA = Person("abello", "Aïsha", "Bello", "Aisha@uni.example", "11")
OMAR = Person("omar", "Omar", "Cissé")
ROSTER = Roster([AISHA, OMAR, Person("kim1", "Kim", "Lee"), Person("kim2", "Kim", "Lee")])


def notebook(*names: str) -> str:
    return json.dumps({"cells": [{"metadata": {"nbgrader": {"grade_id": name}}} for name in names]})


def plan(tmp_path: Path, files: dict[str, str], roster: Roster = ROSTER, platform: str = "auto") -> Plan:
    for number, (name, text) in enumerate(files.items()):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        os.utime(path, (1000 + number, 1000 + number))
    return make_plan(tmp_path, NOTEBOOKS, roster, platform)


def chosen(found: Plan, tmp_path: Path) -> dict[tuple[str, str], str]:
    return {place: path.relative_to(tmp_path).as_posix() for path, place in found.chosen.items()}


def test_canvas_the_newest_counts(tmp_path: Path) -> None:
    files = {"belloaïsha_11_205_one-2.ipynb": "", "belloaïsha_11_30_one.ipynb": "", "belloaïsha_11_204_one-1.ipynb": ""}
    found = plan(tmp_path, files)
    assert chosen(found, tmp_path) == {("abello", "one"): "belloaïsha_11_205_one-2.ipynb"}
    assert "one is there 3 times" in found.notes[0]
    assert not found.warnings


def test_the_later_of_two_downloads_counts_whatever_its_name_is(tmp_path: Path) -> None:
    files = {
        "new/belloaïsha_11_205_final.ipynb": notebook("double", "square", "words"),
        "old/belloaïsha_11_30_one.ipynb": "",
    }
    assert chosen(plan(tmp_path, files), tmp_path) == {("abello", "one"): "new/belloaïsha_11_205_final.ipynb"}


def test_moodle_the_newest_counts(tmp_path: Path) -> None:
    folder = "Omar Cissé_7_assignsubmission_file_"
    found = plan(tmp_path, {f"{folder}/one (1).ipynb": "", f"{folder}/two.ipynb": "", f"{folder}/one.ipynb": ""})
    assert chosen(found, tmp_path) == {("omar", "one"): f"{folder}/one.ipynb", ("omar", "two"): f"{folder}/two.ipynb"}
    assert found.entries["omar"].files == {"one": folder, "two": folder}


def test_a_notebook_under_another_name_is_known_by_its_cells(tmp_path: Path) -> None:
    files = {
        "belloaïsha_11_1_Untitled.ipynb": notebook("layer", "loss"),
        "belloaïsha_11_2_one.ipynb": notebook("double"),
        "belloaïsha_11_3_older backup.ipynb": notebook("double", "square", "words"),
        "belloaïsha_11_4_poem.ipynb": notebook("double"),
        "belloaïsha_11_5_broken.ipynb": "[1",
    }
    found = plan(tmp_path, files)
    names = list(files)
    assert chosen(found, tmp_path) == {("abello", "two"): names[0], ("abello", "one"): names[1]}
    assert len([said for said in found.warnings if "none of this assignment's notebooks" in said]) == 2


def test_unknown_students_are_collected_and_named_once(tmp_path: Path) -> None:
    found = plan(tmp_path, {"doejane_99_1_one.ipynb": "", "doejane_99_2_two.ipynb": ""})
    assert set(chosen(found, tmp_path)) == {("doejane_99", "one"), ("doejane_99", "two")}
    (said,) = found.warnings
    assert "doejane (canvas number 99) is not in the roster" in said
    assert "pset roster" in said


def test_without_a_roster_nobody_is_unknown(tmp_path: Path) -> None:
    found = plan(tmp_path, {"Jane Doe_9_assignsubmission_file_/one.ipynb": ""}, Roster([]))
    assert set(found.entries) == {"jane_doe_9"}
    assert not found.warnings


def test_two_people_are_never_one(tmp_path: Path) -> None:
    """The same name twice in the roster, the same name under two numbers, a known number under other names."""
    found = plan(
        tmp_path,
        {
            "Kim Lee_1_assignsubmission_file_/one.ipynb": "",
            "cisséomar_50_1_one.ipynb": "",
            "cisséomar_51_2_one.ipynb": "",
            "belloaïsha_52_3_one.ipynb": "",
            "newname_11_4_one.ipynb": "",
            "newername_11_5_two.ipynb": "",
        },
    )
    # Which of two is the Omar of the roster would be a guess.
    assert set(found.entries) == {"kim_lee_1", "cisséomar_50", "cisséomar_51", "belloaïsha_52", "abello"}
    assert found.entries["abello"].number == "11"
    assert set(found.entries["abello"].files) == {"one", "two"}
    assert sum("cisséomar" in said for said in found.warnings) == 2


def test_an_unknown_student_gets_nobodys_id(tmp_path: Path) -> None:
    roster = Roster([Person("x_1", "Ann", "Li")])
    found = plan(tmp_path, {"x_1_2_one.ipynb": "", "X_1_assignsubmission_file_/one.ipynb": ""}, roster)
    assert set(found.entries) == {"x_1_", "x_1__"}


def test_somebody_who_handed_in_no_notebook_is_named(tmp_path: Path) -> None:
    found = plan(
        tmp_path, {"belloaïsha_11_1_one.ipynb.txt": "", "belloaïsha_11_2_notes.pdf": "", "c_2_3_one.ipynb": ""}
    )
    (said,) = (said for said in found.warnings if "no notebook is among" in said)
    assert said.startswith("abello: ")
    assert "one.ipynb.txt, belloaïsha_11_2_notes.pdf" in said


def test_moodles_worksheet_tells_the_address(tmp_path: Path) -> None:
    roster = Roster(ROSTER.people, {"7": ("aisha@UNI.example",)})
    found = plan(tmp_path, {"A. B._7_assignsubmission_file_/one.ipynb": ""}, roster)
    assert set(found.entries) == {"abello"}


class Sheet(MoodleWorksheet):
    """The exporter with a record of what was collected that says whose number 501 is."""

    def record(self, assignment: str) -> dict[str, collected.Collected]:
        known = {"kim1": ("moodle", "501"), "omar": ("canvas", "502")}
        return {
            who: collected.Collected(platform=where, number=number, name="") for who, (where, number) in known.items()
        }


def test_a_mark_goes_to_nobody_else_of_that_name() -> None:
    """Moodle's worksheet with two Omars and two Aishas of which the course has one, and with what else tells."""
    people = [AISHA, OMAR, *ROSTER.people[2:], Person("2026-7", "Ann", "Li"), Person("bo", "Bo", "Li")]
    marks = Marks("ps1", 12, tuple(Work(one, "ps1", 12, handed_in=True) for one in people))
    rows = [
        ("Participant 501", "Kim Lee", "", ""),
        ("Participant 502", "Omar Cissé", "", ""),
        ("Participant 503", "Omar Cissé", "other@uni.example", ""),
        ("Participant 504", "Bello Aïsha", "else@uni.example", ""),
        ("Participant 505", "A. B.", "aisha@UNI.example", ""),
        ("Participant 506", "A. L.", "", "2026-7"),
        ("Participant 507", "Li Bo", "", ""),
    ]
    columns = ["Identifier", "Full name", "Email address", "ID number"]
    table = Table(columns, [dict(zip(columns, row, strict=True)) for row in rows], ",", "utf-8")
    found = [work and work.student.id for work in Sheet()._works(marks, table)]
    assert found == ["kim1", None, None, None, "abello", "2026-7", "bo"]


def test_late_junk_and_files_of_nobody(tmp_path: Path) -> None:
    files = {"x_LATE_1_2_one.ipynb": "", "x_LATE_1_3_._two.ipynb": "", "stray.ipynb": "", "y_4_5_notes.txt": ""}
    found = plan(tmp_path, files, Roster([]))
    assert [(name, entry.late) for name, entry in found.entries.items()] == [("x_1", True)]
    assert ["nobody's name" in said for said in found.warnings] == [True, False]


def test_one_platform_only(tmp_path: Path) -> None:
    found = plan(tmp_path, {"x_1_2_one.ipynb": "", "Y Z_3_assignsubmission_file/one.ipynb": ""}, Roster([]), "moodle")
    assert set(found.entries) == {"y_z_3"}


def test_participants() -> None:
    assert participant("Participant 123") == "123"
    assert participant("Teilnehmer/in 7 ") == "7"
    assert participant("nobody") == participant("") == ""


def test_the_record_keeps_who_is_not_collected_again(tmp_path: Path) -> None:
    path = tmp_path / "ps1" / "collected.json"
    one = collected.Collected(platform="canvas", number="1", name="é")
    collected.write(path, {"a": one})
    collected.write(path, {"b": one.model_copy(update={"late": True, "number": "2"})})
    assert {name: entry.late for name, entry in collected.read(path).items()} == {"a": False, "b": True}
    collected.write(path, {"ann": one})
    assert set(collected.read(path)) == {"ann", "b"}, "the same number is the same person, by whatever id"
    path.write_text('{"a": 3}')
    with pytest.raises(collected.CollectedError, match="zip_collect ps1 --force"):
        collected.read(path)
