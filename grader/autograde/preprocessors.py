"""The preprocessors that nbgrader_config.py puts into `nbgrader autograde`.

Sanitizing: `RepairNotebook`. Autograding: `JailedExecute` (runs and judges), `SaveVerdicts` (the gradebook's rows),
`CleanMarkup` (what people will look at). Feedback: `HandBackVerdicts`. Notebooks of assignments without hidden suites
are left to nbgrader, except that they too run in the jail.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import NATIVE_KERNEL_NAME, KernelSpecManager
from jupyter_core.utils import run_sync
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import Gradebook
from nbgrader.preprocessors import Execute, GetGrades, NbGraderPreprocessor, SaveAutoGrades
from traitlets import List, Unicode

from grader.autograde.markup import text_of, tidy
from grader.autograde.render import render
from grader.autograde.repair import CellSpec, repair
from grader.autograde.reuse import Rows
from grader.batch import Task, left_out, write_whole
from grader.course import suite_path
from grader.jail import Confinement, Jail, JailError, JailKernelManager, WarmParent
from grader.judge.run import Judge
from grader.verdict import NotebookVerdicts

Resources = dict[str, Any]


def _where(resources: Resources) -> tuple[str, str, str]:
    """The notebook, assignment and student of a resources dict, in the order nbgrader's API wants them."""
    found = resources["nbgrader"]
    return found["notebook"], found["assignment"], found["student"]


class RepairNotebook(NbGraderPreprocessor):  # type: ignore[misc]
    """Puts right what happened to a notebook's metadata."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Repair one submitted notebook."""
        if "pset" not in resources:
            return nb, resources
        notebook, assignment, student = _where(resources)
        with Gradebook(resources["nbgrader"]["db_url"]) as gradebook:
            specs = cell_specs(gradebook, notebook, assignment)
        notes = repair(nb, specs)
        for note in notes:
            self.log.warning("%s, %s: %s", student, notebook, note)
        found = resources["pset"]
        nb.metadata["pset"] = {"notes": [*found["notes"], *notes], "unreadable": found["unreadable"]}
        return nb, resources


def cell_specs(gradebook: Gradebook, notebook: str, assignment: str) -> list[CellSpec]:
    """What the gradebook knows of a released notebook's cells, in their order."""
    entry = gradebook.find_notebook(notebook, assignment)
    graded = {cell.name: cell for cell in entry.grade_cells}
    solutions = {cell.name for cell in entry.solution_cells}
    tasks = {cell.name: cell for cell in entry.task_cells}
    specs = []
    for cell in entry.source_cells:
        scored = graded.get(cell.name) or tasks.get(cell.name)
        specs.append(
            CellSpec(
                grade_id=cell.name,
                cell_type=cell.cell_type,
                source=cell.source or "",
                checksum=cell.checksum or "",
                locked=bool(cell.locked),
                grade=cell.name in graded,
                solution=cell.name in solutions,
                task=cell.name in tasks,
                points=float(scored.max_score) if scored is not None else 0.0,
            )
        )
    return specs


class JailedExecute(Execute):  # type: ignore[misc]
    """nbgrader's Execute with the kernel in a jail; notebooks with a hidden suite are judged as well."""

    def preprocess(self, nb: NotebookNode, resources: Resources, km: Any = None) -> tuple[NotebookNode, Resources]:
        """Run one notebook, and replace the outputs of its test cells by verdicts where it has a suite."""
        if "pset" not in resources:
            return self._run_as_nbgrader_does(nb, resources)
        notebook, assignment, student = _where(resources)
        found = nb.metadata.pop("pset", {})
        converter = self.parent.parent
        coursedir = converter.coursedir
        submitted = Path(coursedir.format_path(coursedir.submitted_directory, student, assignment))
        source = Path(coursedir.format_path(coursedir.source_directory, ".", assignment))
        suite = suite_path(assignment, notebook)
        judge, root = Judge(parent=self), Path(coursedir.root)
        task = Task(
            assignment=assignment,
            name=notebook,
            cells=nb,
            suite=suite,
            course_root=root,
            seed=judge.seed(root, nb) if suite else b"",
            files=(submitted, source),
            notes=tuple(found.get("notes", ())),
            unreadable=bool(found.get("unreadable")),
            leave_out=left_out(nb, source / f"{notebook}.ipynb", submitted) if suite else (),
        )
        graded = self.parent.cache.grade(task, Jail(parent=self), self.log)
        render(graded.notebook, graded.verdicts, reveal=judge.reveal)
        resources["pset"]["verdicts"] = graded.verdicts
        for verdict in graded.verdicts.verdicts:
            self.log.info("%s %s %g/%g", student, verdict.question, verdict.points, verdict.max_points)
        return graded.notebook, resources

    def _run_as_nbgrader_does(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """nbgrader's own Execute, in the submission's folder; only the walls around the kernel are ours."""
        _check_kernel(nb.metadata.get("kernelspec", {}).get("name", NATIVE_KERNEL_NAME))
        folder = Path(resources["metadata"]["path"] or ".").resolve()
        jail = Jail(parent=self)
        jail.inherit = [*jail.inherit, "NBGRADER_EXECUTION"]
        parent = WarmParent(Confinement(jail, shared_folder=folder))
        try:
            manager = JailKernelManager(parent_process=parent, folder=parent.confinement.kernel_folder())
            try:
                return super().preprocess(nb, resources, km=manager)  # type: ignore[no-any-return]
            finally:
                run_sync(_stop)(manager)
        finally:
            parent.close()


def _check_kernel(name: str) -> None:
    """Refuse a notebook for another kernel: the jail starts Python whatever the notebook asks for."""
    if name in ("python", NATIVE_KERNEL_NAME):
        return
    language = KernelSpecManager().get_kernel_spec(name).language
    if language.lower() != "python":
        raise JailError(f"the notebook wants the kernel {name!r} ({language}); only Python runs in the jail")


async def _stop(manager: JailKernelManager) -> None:
    """Kill a kernel that nbclient left running, because the manager is not its own."""
    if manager.has_kernel:
        await manager.shutdown_kernel(now=True)


# nbconvert's HTML exporter sets it for every preprocessor; those of nbgrader's that do not know it warn each time.
_PRIORITY = GetGrades.display_data_priority.default()


class SaveVerdicts(SaveAutoGrades):  # type: ignore[misc]
    """nbgrader's SaveAutoGrades, with marks from verdicts where there are any: no cell output is ever scored."""

    display_data_priority = List(_PRIORITY).tag(config=True)
    verdict_directory = Unicode(
        "verdicts", help="Where the judge's verdicts with their evidence go, below the course folder"
    ).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Save the marks of one notebook, and its verdicts as JSON for the instructor."""
        self.verdicts: NotebookVerdicts | None = resources.get("pset", {}).get("verdicts")
        path = self.path(resources)
        if self.verdicts is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, self.verdicts.model_dump_json(indent=1).encode())
        else:
            # What an earlier grading found must not be handed back as if it were today's.
            path.unlink(missing_ok=True)
        if "pset" not in resources:
            return super().preprocess(nb, resources)  # type: ignore[no-any-return]
        with Gradebook(resources["nbgrader"]["db_url"]) as gradebook:
            self.rows = Rows(gradebook, *_where(resources))
            for index, cell in enumerate(nb.cells):
                self.preprocess_cell(cell, resources, index)
            # All marks of a notebook, or none.
            gradebook.db.commit()
        return nb, resources

    def path(self, resources: Resources) -> Path:
        """Where the verdicts of a notebook are kept."""
        notebook, assignment, student = _where(resources)
        return self.folder(assignment, student) / f"{notebook}.json"

    def folder(self, assignment: str, student: str) -> Path:
        """Where the verdicts of a student's assignment are kept."""
        return Path(self.parent.parent.coursedir.root) / self.verdict_directory / student / assignment

    def _add_score(self, cell: NotebookNode, resources: Resources) -> None:
        if "pset" not in resources:
            super()._add_score(cell, resources)
            return
        name = cell.metadata["nbgrader"]["grade_id"]
        row = self.rows.grade(name)
        attention = decided = False
        if utils.is_solution(cell):
            # A written answer: nbgrader's own rule, but for one that is as it was when a person marked it.
            row.auto_score = utils.determine_grade(cell, self.log)[0]
            known = getattr(self.parent.parent, "settled", {})
            decided = row.manual_score is not None and known.get((_where(resources)[0], name)) == text_of(cell)
        else:
            found = {verdict.question: verdict for verdict in self.verdicts.verdicts} if self.verdicts else {}
            verdict = found.get(name.removeprefix("test_"))
            if verdict is None:
                # Not run (--no-execute), or a test cell that the suite does not know: a person must look.
                self.log.error("%s: %s was not judged; it needs a manual grade", resources["nbgrader"]["student"], name)
            row.auto_score = None if verdict is None or verdict.needs_attention else verdict.points
            attention = self.verdicts is None or (self.verdicts.needs_attention and row.auto_score in (None, 0.0))
        waits = row.auto_score is None or row.manual_score is not None or attention
        row.needs_manual_grade = waits and not decided

    def _add_comment(self, cell: NotebookNode, resources: Resources) -> None:
        if "pset" not in resources:
            super()._add_comment(cell, resources)
            return
        settings = cell.metadata["nbgrader"]
        untouched = settings.get("checksum") == utils.compute_checksum(cell) and not utils.is_task(cell)
        self.rows.comment(settings["grade_id"]).auto_comment = "No response." if untouched else None


class GetRows(GetGrades):  # type: ignore[misc]
    """nbgrader's GetGrades, with one question to the gradebook for all cells of a notebook."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Put grades and comments into a notebook's metadata."""
        self.rows: Rows | None = None
        return super().preprocess(nb, resources)  # type: ignore[no-any-return]

    def _rows(self) -> Rows:
        if self.rows is None:
            self.rows = Rows(self.gradebook, self.notebook_id, self.assignment_id, self.student_id)
        return self.rows

    def _get_comment(self, cell: NotebookNode, resources: Resources) -> None:
        cell.metadata.nbgrader["comment"] = self._rows().comment(cell.metadata.nbgrader["grade_id"]).comment

    def _get_score(self, cell: NotebookNode, resources: Resources) -> None:
        row = self._rows().grade(cell.metadata.nbgrader["grade_id"])
        cell.metadata.nbgrader["score"], cell.metadata.nbgrader["points"] = row.score, row.max_score


class HandBackVerdicts(NbGraderPreprocessor):  # type: ignore[misc]
    """Puts the student's copy of the verdicts, as JSON, beside the feedback page of each judged notebook."""

    display_data_priority = List(_PRIORITY).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Hand the file to nbconvert's writer, which puts it where it puts the page; the notebook stays as it is."""
        path = SaveVerdicts(parent=self.parent).path(resources)
        if path.is_file():
            found = NotebookVerdicts.model_validate_json(path.read_text(encoding="utf-8"))
            if found.verdicts:
                resources.setdefault("outputs", {})[path.name] = found.student_json().encode()
        return nb, resources


class CleanMarkup(NbGraderPreprocessor):  # type: ignore[misc]
    """Takes active markup out of what students wrote, so that it cannot run in formgrader or feedback.

    Comes after SaveVerdicts: checksums of answers are taken before.
    """

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Tidy one notebook."""
        tidy(nb)
        return nb, resources
