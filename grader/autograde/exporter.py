"""How nbgrader reads a submission: any file becomes a notebook, so that one bad file costs itself only."""

from __future__ import annotations

import re
from glob import escape
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters.base import NbGraderException

from grader.autograde.repair import read_notebook
from grader.autograde.submission import odd_files, withdraw
from grader.batch import Cache
from grader.course import suite_path
from grader.jail import Jail, JailError, bubblewrap


class SubmissionExporter(NotebookExporter):  # type: ignore[misc]
    """nbgrader's notebook exporter with a reader that refuses nothing, for assignments that have hidden suites.

    It marks the resources of their notebooks with the key "pset"; our preprocessors leave all others to nbgrader.
    One is made per `nbgrader autograde`, before any submission is touched, so what would fail for everybody (no
    bubblewrap, no gradebook yet) is said once, here, instead of once per student.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.judged = False
        coursedir: Any = getattr(self.parent, "coursedir", None)
        if coursedir is not None:
            source = coursedir.format_path(coursedir.source_directory, ".", coursedir.assignment_id)
            names = [path.stem for path in Path(source).glob("*.ipynb")]
            self.judged = any(suite_path(coursedir.assignment_id, name) for name in names)
        if self.judged:
            self._check(coursedir)
            self.cache = Cache(parent=self)
            self._ignored = list(coursedir.ignore)
            self._next_hook = self.parent.pre_convert_hook
            self.parent.pre_convert_hook = self._prepare

    def _prepare(self, *, assignment: str, student: str, notebooks: list[str]) -> None:
        """nbgrader's hook before it touches a submission, in front of the course's own hook, if it has one."""
        coursedir = self.parent.coursedir
        submitted = Path(notebooks[0]).parent
        source = Path(coursedir.format_path(coursedir.source_directory, ".", assignment))
        odd = odd_files(submitted, source)
        for path, reason in odd.items():
            self.log.warning("%s was left out: %s", path, reason)
        coursedir.ignore = [*self._ignored, *sorted({escape(path.name) for path in odd})]
        # What the hook is given as the student is the pattern of --student, not the student.
        pattern = self.parent._format_source("(?P<assignment_id>.*)", "(?P<student_id>.*)", escape=True)
        found = re.match(pattern, str(submitted))
        if found is not None:
            with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
                withdraw(gradebook, [Path(name).stem for name in notebooks], assignment, found["student_id"])
        if self._next_hook:
            self._next_hook(assignment=assignment, student=student, notebooks=notebooks)

    def _check(self, coursedir: Any) -> None:
        name = coursedir.assignment_id
        with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
            try:
                known = bool(gradebook.find_assignment(name).notebooks)
            except MissingEntry:
                known = False
        if not known:
            raise self._refuse(
                f"The gradebook has no assignment {name!r} yet. Make it first: nbgrader generate_assignment {name}"
            )
        if Jail(parent=self).isolation == "none":
            self.log.warning("c.Jail.isolation is 'none': student code runs WITHOUT ANY PROTECTION.")
            return
        try:
            bubblewrap()
        except JailError as error:
            raise self._refuse(str(error)) from error

    def _refuse(self, message: str) -> NbGraderException:
        self.log.error(message)
        return NbGraderException(message)

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **kwargs: Any
    ) -> tuple[Any, dict[str, Any]]:
        """Convert a file. What a student handed in is read whatever it is; our own copy in autograded/ as usual."""
        if not self.judged:
            return super().from_filename(filename, resources=resources, **kwargs)  # type: ignore[no-any-return]
        resources = {**(resources or {}), "pset": {}}
        if not getattr(self.parent, "_sanitizing", False):
            return super().from_filename(filename, resources=resources, **kwargs)  # type: ignore[no-any-return]
        path = Path(filename)
        reading = read_notebook(path)
        for note in reading.notes:
            self.log.warning("%s: %s", filename, note)
        resources["pset"] = {"notes": list(reading.notes), "unreadable": reading.unreadable}
        resources["metadata"] = {"name": path.stem, "path": str(path.parent)}
        return self.from_notebook_node(reading.notebook, resources=resources, **kwargs)  # type: ignore[no-any-return]
