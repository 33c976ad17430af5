"""Tables that people and platforms exchange: CSV files, read whatever wrote them, and written so that they are safe.

Spreadsheets run a cell that begins with one of = + - @, a tab or a return. Names, ids and comments come from students,
so such a text gets an apostrophe before it, which spreadsheets take as "this is text" (OWASP, "CSV Injection"). So does
what follows a semicolon, a tab or a line's end: a spreadsheet that is set up for another country begins a cell there.
Numbers are written as numbers, also those below zero.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.batch import write_whole

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_WITHIN = re.compile(r"([;\t\r\n][ \"]*)(?=[=+\-@＝＋－＠])")
_LARGEST = 50_000_000
_HARMLESS = re.compile(r"[-+]?\d+([.,]\d+)?|-")
Cell = str | float | int | None


class Ours(str):
    """A text that an instructor wrote: it stays as it is."""


class TableError(RuntimeError):
    """A file is no table of the kind that is wanted; the message says what was wrong and what to do."""


@dataclass(frozen=True)
class Table:
    """A CSV file: its columns in order, its rows by column, and how it was written."""

    columns: list[str]
    rows: list[dict[str, str]]
    delimiter: str
    encoding: str


def read_table(path: Path) -> Table:
    """Read a CSV file with or without a byte order mark, in UTF-8, UTF-16 or Latin-1, by comma, semicolon or tab."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise TableError(f"{path} cannot be read: {error.strerror or error}") from error
    if len(content) > _LARGEST:
        raise TableError(f"{path} has {len(content) / 1e6:.0f} MB: that is no table of students")
    if content.startswith(b"PK\x03\x04"):
        raise TableError(f"{path} is a spreadsheet (or zip) file; save it as CSV and try again")
    text, encoding = _decode(content, path)
    # Excel's own first line, which names the sign between the columns.
    text = re.sub(r"\Asep=.\r?\n", "", text)
    head = next((line for line in text.splitlines() if line.strip()), "")
    if not head:
        raise TableError(f"{path} is empty")
    delimiter = max(",;\t", key=lambda sign: len(next(csv.reader([head], delimiter=sign))))
    # Feedback in Moodle's worksheet may hold pictures.
    csv.field_size_limit(_LARGEST)
    try:
        found = [
            row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if any(map(str.strip, row))
        ]
    except csv.Error as error:
        raise TableError(f"{path} is no CSV file: {error}") from error
    columns = [name.strip() for name in found[0]]
    # A row may be short; what is beyond the last column has no meaning.
    rows = [dict(zip(columns, [*row, *[""] * len(columns)], strict=False)) for row in found[1:]]
    return Table(columns, rows, delimiter, encoding)


def _decode(content: bytes, path: Path) -> tuple[str, str]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif content.startswith(b"\xef\xbb\xbf"):
        encoding = "utf-8-sig"
    else:
        encoding = "utf-8"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        # What Excel saves as "CSV" where it is set up for Western Europe: Latin-1 with a few signs more.
        text, encoding = content.decode("cp1252", errors="replace"), "cp1252"
    if "\x00" in text:
        raise TableError(f"{path} is no text file")
    return text, encoding


def safe(value: Cell) -> str:
    """A cell that no spreadsheet runs. Raises ValueError for a number that is none."""
    if value is None:
        return ""
    if isinstance(value, str):
        text = value.replace("\r\n", "\n").replace("\x00", "")
        if isinstance(value, Ours) or _HARMLESS.fullmatch(text):
            return text
        text = _WITHIN.sub(r"\1'", text)
        return "'" + text if text.lstrip(" \n").startswith(_FORMULA) else text
    if not math.isfinite(value):
        raise ValueError(f"{value} is no number of points")
    return f"{round(float(value), 6):.10g}"


def write_table(path: Path, rows: Iterable[Sequence[Cell]]) -> None:
    """Write rows, the columns' names first; the file is there as a whole, or as it was."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerows([safe(cell) for cell in row] for row in rows)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, stream.getvalue().encode(errors="replace"))
    except OSError as error:
        raise TableError(f"{path} cannot be written: {error.strerror or error}") from error
