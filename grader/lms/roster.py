"""A list of students, as Canvas, Moodle, nbgrader or a spreadsheet gives it, into the gradebook.

`nbgrader db student import` wants a file in UTF-8, with commas and nbgrader's own names of columns. With a byte order
mark or semicolons it says only that there is no column `id`, and Latin-1 ends in a traceback.
Here the whole file is looked at before anything is written, and every problem in it is named.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.api import Gradebook

from grader.autograde.submission import plain_trouble
from grader.lms.collect import Person
from grader.lms.table import Table, read_table

# Names of columns that mean the same, in small letters; for an id, those that come first count first.
_IDS = ("id", "student id", "student_id", "username", "user name", "sis login id", "login id", "login", "netid",
        "sis user id", "id number", "student number", "email address", "email", "e-mail")  # fmt: skip
_FIRST = ("first_name", "first name", "firstname", "given name", "forename")
_LAST = ("last_name", "last name", "lastname", "surname", "family name")
_FULL = ("student", "name", "full name", "student name")
_MAIL = ("email", "email address", "e-mail", "e-mail address", "mail")
_NUMBER = ("lms_user_id", "canvas id", "canvas user id")
_FORBIDDEN = set("/\\*?[],:\"'<>|")


class RosterError(RuntimeError):
    """A roster cannot be imported; the message has every reason, and nothing was written."""


@dataclass
class Roster:
    """The students of a file, and what kind of file it seems to be."""

    kind: str
    id_column: str
    people: list[Person] = field(default_factory=list)


def read_roster(path: Path, id_column: str = "") -> Roster:
    """The students in a CSV file. RosterError (or TableError) with every problem when one cannot be read."""
    table = read_table(path)
    names = {name.casefold(): name for name in reversed(table.columns)}
    # Canvas can be told to write names in two columns.
    name = next((one for one in ("student", "lastname") if one in names), "")
    canvas = bool(name) and "id" in names and "section" in names
    roster = Roster("Canvas" if canvas else "plain", _id_column(path, table, names, canvas, id_column))
    problems: list[str] = []
    seen: dict[str, tuple[int, Person]] = {}
    for line, row in enumerate(table.rows, 2):
        if canvas and _no_student(row[names[name]], row[names["firstname"]] if "firstname" in names else ""):
            continue
        person = _person(row, names, roster.id_column, canvas)
        problem = _problem(person.id, roster.id_column)
        earlier = seen.get(person.id)
        if problem:
            problems.append(f"row {line} ({_who(row)}): {problem}")
        elif earlier and earlier[1] != person:
            problems.append(f"row {line}: {person.id!r} is in row {earlier[0]} too, as somebody else")
        elif not earlier:
            seen[person.id] = (line, person)
            roster.people.append(person)
    if not table.rows or (not problems and not roster.people):
        problems.append("there is no student in it, only the columns' names")
    if problems:
        shown = "\n".join(f"  {problem}" for problem in problems[:20])
        more = f"\n  and {len(problems) - 20} more" if len(problems) > 20 else ""
        raise RosterError(f"{path} is not imported, and the gradebook is as it was:\n{shown}{more}")
    return roster


def _id_column(path: Path, table: Table, names: dict[str, str], canvas: bool, wanted: str) -> str:
    there = ", ".join(repr(name) for name in table.columns)
    if wanted:
        if wanted.casefold() not in names:
            raise RosterError(f"{path} has no column {wanted!r}; it has {there}")
        return names[wanted.casefold()]
    # In Canvas's own file "ID" is Canvas's number of the user, which nobody types.
    order = ("sis login id", "sis user id", "id") if canvas else _IDS
    for name in order:
        if name in names and any(row[names[name]].strip() for row in table.rows):
            return names[name]
    raise RosterError(
        f"{path} has no column that says who a student is, or it is empty. It has: {there}. It needs one called 'id', "
        "'Username', 'SIS Login ID', 'ID number' or 'Email address'; or name yours with --id COLUMN"
    )


def _no_student(name: str, first: str) -> bool:
    """Rows of Canvas's gradebook that are no students: the points possible, and its test student."""
    whole = ", ".join(part.strip() for part in (name, first) if part.strip())
    return "points possible" in whole.casefold() or whole in ("Student, Test", "Test Student", "")


def _person(row: dict[str, str], names: dict[str, str], id_column: str, canvas: bool) -> Person:
    def cell(candidates: Iterable[str]) -> str:
        return next((row[names[name]].strip() for name in candidates if name in names and row[names[name]].strip()), "")

    first, last = cell(_FIRST), cell(_LAST)
    if not (first or last):
        last, comma, first = (part.strip() for part in cell(_FULL).partition(","))
        if not comma:
            first, _, last = last.rpartition(" ")
    number = cell(("id",)) if canvas else cell(_NUMBER)
    return Person(row[id_column].strip(), first, last, cell(_MAIL), number)


def _problem(student: str, column: str) -> str:
    """What is wrong with a student's id, which is also a folder's name and goes into spreadsheets."""
    if not student:
        return f"nothing in the column {column!r} (another one is named with --id COLUMN)"
    bad = sorted({sign for sign in student if sign in _FORBIDDEN or not sign.isprintable()})
    if bad:
        return f"the id {student!r} has {', '.join(map(repr, bad))} in it, which a folder's name must not have"
    if student.startswith((".", "=", "+", "-", "@", "~")):
        return (
            f"the id {student!r} begins with {student[0]!r}: a folder or a spreadsheet would take it for something else"
        )
    return f"the id {student[:40]!r}... is longer than 128 signs" if len(student) > 128 else ""


def _who(row: dict[str, str]) -> str:
    return ", ".join(text.strip() for text in list(row.values())[:3] if text.strip())


def save(roster: Roster, gradebook_url: str) -> tuple[int, int]:
    """Write the students into the gradebook: how many were new, and how many known. What is empty stays as it was."""
    new = 0
    with plain_trouble("The roster was not imported wholly"), Gradebook(gradebook_url) as gradebook:
        known = {student.id for student in gradebook.students}
        for person in roster.people:
            values = {
                "first_name": person.first_name,
                "last_name": person.last_name,
                "email": person.email,
                "lms_user_id": person.number,
            }
            gradebook.update_or_create_student(person.id, **{name: text for name, text in values.items() if text})
            new += person.id not in known
    return new, len(roster.people) - new
