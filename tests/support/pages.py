"""Tables that programs put into pages written by people, between two marks that say so."""

from __future__ import annotations

from pathlib import Path

BEGIN, END = "<!-- {}: begin (made by `{}`) -->", "<!-- {}: end -->"


class PageError(RuntimeError):
    """The page has no place for the table; the message says what to put into it."""


def publish(path: Path, name: str, command: str, text: str) -> None:
    """Put a text between its marks in a page, in the place of what is there."""
    page = path.read_text(encoding="utf-8")
    begin, end = BEGIN.format(name, command), END.format(name)
    if page.count(begin) != 1 or page.count(end) != 1:
        raise PageError(f"{path} has no place for this: put the lines {begin} and {end} into it")
    before, _, rest = page.partition(begin)
    path.write_text(f"{before}{begin}\n\n{text.strip()}\n\n{end}{rest.partition(end)[2]}", encoding="utf-8")


def line(*cells: object) -> str:
    """One line of a table in Markdown."""
    escaped = (str(cell).replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(escaped)} |"
