"""How nbgrader reads a submission: any file becomes a notebook, so that one bad file costs itself only."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from nbconvert.exporters import HTMLExporter, NotebookExporter, TemplateExporter
from nbconvert.filters.widgetsdatatypefilter import WidgetsDataTypeFilter
from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters.base import NbGraderException

from grader.autograde.repair import Submission, read_notebook
from grader.autograde.resume import Feedback, Grading
from grader.autograde.reuse import Highlighter, keep_engines
from grader.autograde.submission import GradebookTrouble, judged, plain_trouble
from grader.batch import Cache
from grader.jail import Jail, JailError, isolation

_NO_ALT = re.compile(r"<img(?![^>]*\salt=)", re.IGNORECASE)
_ALT = "No description has been provided for this image"


class SubmissionExporter(NotebookExporter):  # type: ignore[misc]
    """nbgrader's notebook exporter with a reader that refuses nothing, for assignments that have hidden suites.

    It marks the resources of their notebooks with the key "pset"; our preprocessors leave all others to nbgrader.
    One is made per `nbgrader autograde`, before any submission is touched, so what would fail for everybody (no
    way to confine, no gradebook yet) is said once, here, instead of once per student.
    """

    # The notebook is checked once, after all preprocessors: after each one took longer than many of them.
    optimistic_validation = True

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        coursedir: Any = getattr(self.parent, "coursedir", None)
        keep_engines()
        self.judged = coursedir is not None and judged(coursedir)
        if self.judged:
            self._check(coursedir)
            self.cache = Cache(parent=self)
            self.parent.__class__ = Grading

    def _check(self, coursedir: Any) -> None:
        name = coursedir.assignment_id
        try:
            with (
                plain_trouble("Nobody was graded"),
                Gradebook(coursedir.db_url, coursedir.course_id) as gradebook,
            ):
                known = bool(gradebook.find_assignment(name).notebooks)
        except MissingEntry:
            known = False
        except GradebookTrouble as error:
            raise self._refuse(str(error)) from error
        if not known:
            raise self._refuse(
                f"The gradebook has no assignment {name!r} yet. Make it first: nbgrader generate_assignment {name}"
            )
        try:
            mode = isolation(Jail(parent=self))
        except JailError as error:
            raise self._refuse(str(error)) from error
        if mode == "none":
            self.log.warning("c.Jail.isolation is 'none': student code runs WITHOUT ANY PROTECTION.")
        elif mode == "landlock":
            self.log.warning("Student code is confined by Landlock, which is weaker than bubblewrap. See: pset doctor")

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
        reading = read_notebook(path, Submission(parent=self))
        for note in reading.notes:
            self.log.warning("%s: %s", filename, note)
        resources["pset"] = {"notes": list(reading.notes), "unreadable": reading.unreadable}
        resources["metadata"] = {"name": path.stem, "path": str(path.parent)}
        return self.from_notebook_node(reading.notebook, resources=resources, **kwargs)  # type: ignore[no-any-return]


class FeedbackExporter(HTMLExporter):  # type: ignore[misc]
    """nbgrader's exporter for feedback; made once per `nbgrader generate_feedback`, which it makes resumable."""

    optimistic_validation = True

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        coursedir: Any = getattr(self.parent, "coursedir", None)
        keep_engines()
        if coursedir is not None and judged(coursedir):
            self.parent.__class__ = Feedback

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kwargs: Any
    ) -> tuple[str, dict[str, Any]]:
        """Make the page as nbconvert does, but for its last step.

        That reads the whole page once more, to give texts to pictures that have none, and costs half of all.
        """
        language = nb.metadata.get("language_info", {})
        lexer = language.get("pygments_lexer", language.get("name"))
        self.register_filter("highlight_code", Highlighter(pygments_lexer=lexer, parent=self))
        data_type = WidgetsDataTypeFilter(notebook_metadata=self._nb_metadata, parent=self, resources=resources)
        self.register_filter("filter_data_type", data_type)
        page, resources = TemplateExporter.from_notebook_node(self, nb, self._init_resources(resources or {}), **kwargs)
        return _NO_ALT.sub(f'<img alt="{_ALT}"', page), resources
