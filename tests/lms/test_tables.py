"""Tables from spreadsheets and platforms, rosters in them, and cells that a spreadsheet would run."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from pathlib import Path

import pytest
from clean_environment import clean_environment
from hypothesis import given
from hypothesis import strategies as st

from grader.lms.collect import Person
from grader.lms.roster import RosterError, read_roster
from grader.lms.table import Ours, TableError, read_table, safe, write_table

CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Problem set 1 (77)\n"
    "    Points Possible,,,,,100\n"
    '"Bello, Aïsha",11,s-11,abello,Group 1,\n'
    '"Student, Test",99,,,Group 1,\n'
    "Omar,12,,ocisse,Group 1,3\n"
)
CANVAS_NAMES = (
    "LastName,FirstName,ID,SIS User ID,SIS Login ID,Integration ID,Root Account,Section,Problem set 1 (77)\n"
    ",,,,,,,,Manual Posting\n"
    "    Points Possible,,,,,,,,100\n"
    "Bello,Aïsha,11,s-11,abello,,uni.example,Group 1,EX\n"
    "Student,Test,99,,1a2b,,uni.example,Group 1,\n"
)
CANVAS_PEOPLE = [Person("abello", "Aïsha", "Bello", "", "11"), Person("ocisse", "", "Omar", "", "12")]
MOODLE = "First name,Last name,ID number,Email address\nAïsha,Bello,2026-1,aisha@uni.example\n"


def roster(tmp_path: Path, content: bytes, id_column: str = "") -> list[Person]:
    (tmp_path / "roster.csv").write_bytes(content)
    return read_roster(tmp_path / "roster.csv", id_column).people


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_roster_however_it_was_saved(encoding: str, delimiter: str, line_end: str, tmp_path: Path) -> None:
    rows = list(csv.reader(MOODLE.splitlines()))
    text = line_end.join(delimiter.join(row) for row in rows) + line_end * 3
    assert roster(tmp_path, text.encode(encoding)) == [Person("2026-1", "Aïsha", "Bello", "aisha@uni.example")]


def test_a_gradebook_of_canvas(tmp_path: Path) -> None:
    people = roster(tmp_path, CANVAS.encode())
    assert people[0] == CANVAS_PEOPLE[0]
    assert [one.id for one in people] == ["abello", "ocisse"]
    assert people[1].number == "12"
    assert roster(tmp_path, CANVAS_NAMES.encode("utf-8-sig")) == CANVAS_PEOPLE[:1]


def test_excels_first_line_and_a_very_long_cell(tmp_path: Path) -> None:
    content = "sep=;\r\nid;note;last_name\r\na;" + "x" * 200_000 + ";Li\r\n"
    assert roster(tmp_path, content.encode()) == [Person("a", "", "Li")]


def test_the_column_of_ids_can_be_named(tmp_path: Path) -> None:
    assert roster(tmp_path, MOODLE.encode(), "email ADDRESS")[0].id == "aisha@uni.example"
    with pytest.raises(RosterError, match="has no column 'Login'; it has 'First name', 'Last name'"):
        roster(tmp_path, MOODLE.encode(), "Login")


def test_short_rows_same_rows_and_blank_ones(tmp_path: Path) -> None:
    text = "id,first_name,last_name,note\na,Ann\n,,,\n\na,Ann\nb,Bo,Li,x,beyond\n"
    assert roster(tmp_path, text.encode()) == [Person("a", "Ann"), Person("b", "Bo", "Li")]


@pytest.mark.parametrize(
    "content, said",
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"first_name,last_name\nAnn,Li\n", "no column that says who a student is"),
        (b"id,last_name\n", "is empty. It has: 'id', 'last_name'"),
        (b"id,last_name\n,Li\na,Bo\n", r"row 2 \(Li\): nothing in the column 'id'"),
        (b"id,last_name\na,Li\na,Bo\n", "row 3: 'a' is in row 2 too, as somebody else"),
        (b"id\n../../x\n", "has '/' in it"),
        (b"id\n=1+1\n", "begins with '='"),
        (b"id\n.hidden\n", "begins with '.'"),
        (b"id\na*\n", r"has '\*' in it"),
        (b"id\n" + b"x" * 129 + b"\n", "longer than 128"),
        (b"PK\x03\x04...", "save it as CSV"),
        (b"\x00\x01\x02", "is no text file"),
    ],
)
def test_what_is_wrong_is_said(content: bytes, said: str, tmp_path: Path) -> None:
    with pytest.raises((RosterError, TableError), match=said):
        roster(tmp_path, content)


def test_every_problem_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(RosterError) as caught:
        roster(tmp_path, b"id,last_name\n/,A\ngood,B\n,C\n")
    assert "the gradebook is as it was" in str(caught.value)
    assert "row 2 (/, A)" in str(caught.value)
    assert "row 4 (C)" in str(caught.value)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="cannot be read"):
        read_table(tmp_path / "none.csv")


@pytest.mark.parametrize(
    "value, written",
    [
        ("=1+1", "'=1+1"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("\r=1", "'\r'=1"),
        ("  =1", "'  =1"),
        ("＝1", "'＝1"),
        ("Ann;=1", "Ann;'=1"),
        ('Ann; "@x', "Ann; \"'@x"),
        ("Ann\r\n+1", "Ann\n'+1"),
        ("Ann; Bo", "Ann; Bo"),
        ("-3.5", "-3.5"),
        ("-", "-"),
        ("Ann = Bo", "Ann = Bo"),
        (-3.5, "-3.5"),
        (1 / 3, "0.333333"),
        (30.0, "30"),
        (0.1 + 0.2, "0.3"),
        (None, ""),
        (Ours("- well done"), "- well done"),
    ],
)
def test_cells(value: str | float | None, written: str) -> None:
    assert safe(value) == written


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_no_number(value: float) -> None:
    with pytest.raises(ValueError, match="no number of points"):
        safe(value)


@given(st.text(max_size=20))
def test_no_text_runs(text: str) -> None:
    written = safe(text)
    assert not written.lstrip(" \n").startswith(("=", "+", "@", "\t", "\r")) or written.lstrip(" \n")[1:2].isdecimal()
    assert not re.search(r"[;\t\r\n][ \"]*[=+@-]", written)
    assert written.replace("'", "") == text.replace("\r\n", "\n").replace("\x00", "").replace("'", "")


def test_a_table_comes_back(tmp_path: Path) -> None:
    write_table(tmp_path / "new" / "t.csv", [["a", "b"], ['x,"y"\nz', -1.5], ["é", None]])
    table = read_table(tmp_path / "new" / "t.csv")
    assert table.columns == ["a", "b"]
    assert table.rows == [{"a": 'x,"y"\nz', "b": "-1.5"}, {"a": "é", "b": ""}]


@pytest.mark.thorough
def test_nbgraders_own_import_does_not_read_these(tmp_path: Path) -> None:
    """Why there is `pset roster`; should it change, nbgrader's own command would do."""
    (tmp_path / "r.csv").write_bytes("\ufeffid\nx\n".encode())
    command = [sys.executable, "-m", "nbgrader", "db", "student", "import", "r.csv"]
    done = subprocess.run(command, cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, check=False)
    assert "must contain a column for 'id'" in done.stderr
