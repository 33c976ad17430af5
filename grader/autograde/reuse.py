"""What nbgrader and nbconvert make anew for every cell or look into the gradebook, kept for the next one.

It was most of what a graded notebook cost beside running and judging it: an engine of SQLAlchemy for each of 26 looks
into the gradebook, so that every statement was compiled anew; a check of the schema before each check by the schema;
a query and a commit for each cell; and the same locked cells coloured again for every student.
"""

from __future__ import annotations

import json
import os
from functools import lru_cache
from types import SimpleNamespace
from typing import Any
from weakref import WeakSet

import nbgrader.api
import sqlalchemy
from jsonschema.exceptions import best_match
from jsonschema.validators import validator_for
from nbconvert.filters import Highlight2HTML
from nbgrader.api import Comment, Grade, Gradebook, MissingEntry
from nbgrader.nbgraderformat import common
from sqlalchemy import Engine, create_engine

_create_all = nbgrader.api.Base.metadata.create_all


def keep_engines() -> None:
    """Have nbgrader use one engine for each gradebook, and one validator for each schema, for the life of a process."""
    nbgrader.api.create_engine = lambda url, **options: _engine(os.getpid(), str(url), **options)
    nbgrader.api.Base.metadata.create_all = _make_tables
    common.jsonschema = SimpleNamespace(validate=_validate)


@lru_cache(maxsize=8)
def _engine(process: int, url: str, **options: Any) -> Engine:
    """A connection must not be used by two processes, so each has an engine of its own; closing it is nbgrader's."""
    return create_engine(url, **options)


_COMPLETE: WeakSet[Engine] = WeakSet()
"""Engines of gradebooks whose tables have been looked at, one by one."""


def _make_tables(bind: Engine) -> None:
    """SQLAlchemy's `create_all`, once for each gradebook; it asks for each of 13 tables. One that is empty is new."""
    if bind not in _COMPLETE or not sqlalchemy.inspect(bind).get_table_names():
        _create_all(bind=bind)
        _COMPLETE.add(bind)


def _validate(instance: object, schema: dict[str, Any]) -> None:
    """`jsonschema.validate`, which looks at the schema itself only once."""
    error = best_match(_validator(json.dumps(schema, sort_keys=True)).iter_errors(instance))
    if error is not None:
        raise error


@lru_cache(maxsize=16)
def _validator(schema: str) -> Any:
    content = json.loads(schema)
    kind = validator_for(content)
    kind.check_schema(content)
    return kind(content)


class Rows:
    """The grades and comments of one submitted notebook, read at once."""

    def __init__(self, gradebook: Gradebook, notebook: str, assignment: str, student: str) -> None:
        self._place = f"{notebook} of {student}'s {assignment}"
        found = gradebook.find_submission_notebook(notebook, assignment, student)
        # With the cells in memory no row asks for its own.
        released = found.notebook
        cells = [*released.grade_cells, *released.solution_cells, *released.task_cells]
        names = {cell.id: cell.name for cell in cells}
        self._grades = {names[row.cell_id]: row for row in found.grades}
        self._comments = {names[row.cell_id]: row for row in found.comments}

    def grade(self, cell: str) -> Grade:
        """The grade of a cell; MissingEntry when the gradebook has none."""
        return self._of(self._grades, cell)

    def comment(self, cell: str) -> Comment:
        """The comment on a cell; MissingEntry when the gradebook has none."""
        return self._of(self._comments, cell)

    def _of(self, rows: dict[str, Any], cell: str) -> Any:
        if cell not in rows:
            raise MissingEntry(f"No such cell in the gradebook: {cell} in {self._place}")
        return rows[cell]


_LONG = 10_000
"""Characters from which on a cell is not kept: it is hardly one of ours."""


class Highlighter(Highlight2HTML):  # type: ignore[misc]
    """nbconvert's colours for code; most cells are the same for the whole class."""

    def __call__(self, source: str, language: str | None = None, metadata: dict[str, Any] | None = None) -> str:
        if len(source) > _LONG:
            return str(super().__call__(source, language, metadata))
        magics = (metadata or {}).get("magics_language")
        return _coloured(source, language or self.pygments_lexer, magics if isinstance(magics, str) else None)


@lru_cache(maxsize=2048)
def _coloured(source: str, language: str, magics: str | None) -> str:
    return str(Highlight2HTML()(source, language, {"magics_language": magics} if magics else None))
