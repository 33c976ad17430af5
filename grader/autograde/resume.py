"""nbgrader's converters, made so that whatever interrupts a run, the same command finishes it.

nbgrader takes a student's folder in autograded/ or feedback/ for finished work, also when the run that made it was
killed half way. So every student has a mark, in verdicts/STUDENT/ASSIGNMENT/, from before anything of theirs is
touched until everything is done; a mark that no living run holds is unfinished work, which is done anew. It is
held by a lock, which the system takes away from a process that dies, and for which a second run waits.

nbgrader has no setting for the class of its converter. The exporter, of which one is made at the start of every run,
puts these in place.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from glob import escape
from logging import Logger
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.converters.base import BaseConverter, NbGraderException
from nbgrader.utils import parse_utc

from grader.autograde.preprocessors import SaveVerdicts
from grader.autograde.repair import Submission
from grader.autograde.submission import GradebookTrouble, is_outdated, odd_files, plain_trouble, settled, withdraw
from grader.batch import Batch, Progress, Workers
from grader.batch.cluster import Cluster, ClusterError

_GRADING, _FEEDBACK = ".grading", ".feedback"
_UNFINISHED = b"unfinished\n"
# As a shell reports a command that Ctrl-C has ended.
_INTERRUPTED = 130


@dataclass(frozen=True)
class Outcome:
    """What came of one submission: done, known, skipped, failed or refused; "hopeless" for it and all others."""

    student: str
    state: str


class Mark:
    """Says that work on a student's assignment has begun and is not finished; locked while a run is at it."""

    def __init__(self, path: Path, log: Logger) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            self._lock(path, log)
        except BaseException:
            self.close()
            raise

    def _lock(self, path: Path, log: Logger) -> None:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            log.warning("Another run is at work in %s; waiting for it.", path.parent)
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        except OSError as error:
            log.warning("%s cannot be locked (%s): let no other run work on the same students.", path, error.strerror)

    @property
    def unfinished(self) -> bool:
        return os.fstat(self._descriptor).st_size > 0

    def begin(self, note: str = "") -> None:
        """`note` is what the work needs and takes away first: whoever finishes it finds that in `noted`."""
        os.ftruncate(self._descriptor, os.pwrite(self._descriptor, _UNFINISHED + note.encode(), 0))

    @property
    def noted(self) -> str:
        content = os.pread(self._descriptor, os.fstat(self._descriptor).st_size, 0)
        return content.removeprefix(_UNFINISHED).decode()

    def finish(self) -> None:
        os.ftruncate(self._descriptor, 0)

    def close(self) -> None:
        """Let go of the lock; whether the work is finished stays as it is."""
        os.close(self._descriptor)


class _Resumable(BaseConverter):  # type: ignore[misc]
    """A converter whose half-made folders are made anew, and whose troubles cost one student at most."""

    assignments: dict[str, list[str]]
    mark_name = ""
    doing = ""
    _mark: Mark | None = None
    _left_over = False
    _begun = False
    _refused = False

    def verdict_folder(self, assignment_id: str, student_id: str) -> Path:
        return SaveVerdicts(parent=self.exporter).folder(assignment_id, student_id)

    def begin(self, mark: Mark, assignment_id: str, student_id: str) -> None:
        """Begin, and take back what must not outlive that; its failure leaves everything as it was."""
        mark.begin()

    def init_destination(self, assignment_id: str, student_id: str) -> bool:
        """nbgrader's question whether there is anything to do; it removes old work that is to be made anew."""
        self._student = student_id
        if student_id in (self.coursedir.student_id_exclude or "").split(","):
            return False
        try:
            self._begun = self._prepare(assignment_id, student_id)
            return self._begun
        # Raised from here, either would make nbgrader remove old work that is still good.
        except GradebookTrouble as error:
            self.log.error("%s: %s", student_id, error)
        except OSError as error:
            still = "nothing was begun, and what was finished before still stands"
            self.log.error("%s: %s: %s. Mend that, and run the same command again.", student_id, still, error)
        self._refused = True
        return False

    def _prepare(self, assignment_id: str, student_id: str) -> bool:
        self._mark = Mark(self.verdict_folder(assignment_id, student_id) / self.mark_name, self.log)
        self._left_over = self._mark.unfinished
        if self._left_over:
            self._remove_left_over(assignment_id, student_id)
        # What nbgrader is about to remove is marked before; what it makes new, once it has agreed to.
        again = self._again(assignment_id, student_id)
        if again:
            self._begin(assignment_id, student_id)
        if not super().init_destination(assignment_id, student_id):
            return False
        if not again:
            self._begin(assignment_id, student_id)
        return True

    def _begin(self, assignment_id: str, student_id: str) -> None:
        assert self._mark is not None
        try:
            self.begin(self._mark, assignment_id, student_id)
        except BaseException:
            if not self._left_over:
                self._mark.finish()
            raise

    def _again(self, assignment_id: str, student_id: str) -> bool:
        """nbgrader's own rule for removing finished work: --force, or a newer submission."""
        if self.force:
            return True
        new = self.coursedir.get_existing_timestamp(self._format_source(assignment_id, student_id))
        old = self.coursedir.get_existing_timestamp(self._format_dest(assignment_id, student_id))
        return new is not None and old is not None and new > old

    def _remove_left_over(self, assignment_id: str, student_id: str) -> None:
        folder = Path(os.path.normpath(self._format_dest(assignment_id, student_id)))
        if not folder.exists():
            return
        self.log.warning("%s was left unfinished by a run that was interrupted; it is made anew.", folder)
        if self.coursedir.notebook_id == "*":
            shutil.rmtree(folder)
        else:
            for name in self.notebooks:
                (folder / f"{Path(name).stem}{self.exporter.file_extension}").unlink(missing_ok=True)

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        with plain_trouble("The grading stopped half way, and its marks are withdrawn"):
            super().init_assignment(assignment_id, student_id)

    def convert_single_notebook(self, notebook_filename: str) -> None:
        with plain_trouble(f"{notebook_filename} could not be finished"):
            super().convert_single_notebook(notebook_filename)

    def set_permissions(self, assignment_id: str, student_id: str) -> None:
        """nbgrader's last step; after it the work is finished."""
        super().set_permissions(assignment_id, student_id)
        # A run on one notebook does not finish what a run on all of them has left.
        if self._mark is not None and (self.coursedir.notebook_id == "*" or not self._left_over):
            self._mark.finish()

    def _timestamp(self, folder: str) -> datetime | None:
        """When a submission was handed in, by the file that a student may have written; None when it does not say."""
        path = Path(folder) / "timestamp.txt"
        if not os.path.lexists(path):
            return None
        try:
            if path.is_symlink() or not path.is_file():
                raise ValueError("it is not a plain file")
            with path.open(encoding="utf-8") as stream:
                found: datetime = parse_utc(stream.read(100).strip())
        except (OSError, ValueError, OverflowError) as error:
            self.log.warning("%s does not say when it was handed in: %s", path, error)
            return None
        return found

    def convert_notebooks(self) -> None:
        """The whole run, in as many processes as are wanted; it fails at its end when somebody was left out."""
        refused = self._leave_out_odd_names()
        # nbgrader's own would wait for ever at a pipe, and give up the submission over a date that is none.
        self.coursedir.get_existing_timestamp = self._timestamp
        folders, failed = sorted(self.assignments), []
        number = self._workers(Batch(parent=self), len(folders))
        each = Workers(self._convert_one, number, self.log).each(folders) if number > 1 else self._in_turn(folders)
        with Progress(self.doing, len(folders), self.log) as progress, closing(each):
            stopped = "Stopped: %s of %s finished, and kept. The same command does the rest."
            try:
                for folder, outcome in each:
                    if outcome is not None and outcome.state == "hopeless":
                        self.log.error(stopped, progress.done, len(folders))
                        raise NbGraderException("Nobody else can be graded, for the reason above.")
                    name = os.path.relpath(folder, self.coursedir.root)
                    progress.add(name, outcome.state if outcome is not None else "failed")
                    if outcome is None or outcome.state == "failed":
                        failed.append(name)
                    elif outcome.state == "refused":
                        refused.append(outcome.student)
            except KeyboardInterrupt:
                self.log.error(stopped, progress.done, len(folders))
                raise SystemExit(_INTERRUPTED) from None
        if failed:
            self.log.error("There was an error with: %s. Their reasons stand above.", ", ".join(sorted(failed)))
        if refused:
            raise NbGraderException(f"Left out, for the reasons above: {', '.join(sorted(refused))}")
        if failed:
            raise NbGraderException(f"There was an error with: {', '.join(sorted(failed))}")

    def _workers(self, batch: Batch, submissions: int) -> int:
        """How many processes do the work."""
        return batch.workers(submissions)

    def _in_turn(self, folders: list[str]) -> Generator[tuple[str, Outcome | None], None, None]:
        for folder in folders:
            yield folder, self._convert_one(folder)

    def _convert_one(self, folder: str) -> Outcome:
        """nbgrader's whole way for one submission."""
        every, self.assignments = self.assignments, {folder: self.assignments[folder]}
        self._begun = self._refused = False
        self._student = ""
        try:
            super().convert_notebooks()
        except NbGraderException:
            return Outcome(self._student, "hopeless" if self._hopeless() else "failed")
        finally:
            self.assignments = every
            self._release()
        if self._refused:
            return Outcome(self._student, "refused")
        if not self._begun:
            return Outcome(self._student, "skipped")
        return Outcome(self._student, "known" if self._nothing_new() else "done")

    def _hopeless(self) -> bool:
        """True when what failed for one submission would fail for all."""
        return False

    def _nothing_new(self) -> bool:
        """True when all that was asked of this submission was known from an earlier run."""
        return False

    def _leave_out_odd_names(self) -> list[str]:
        """Nobody whose name would act in nbgrader's pages, which hold it as it is, or stop the run for all."""
        refused = []
        for path in list(self.assignments):
            folder = os.path.relpath(path, self.coursedir.root)
            odd = sorted({character for character in folder if character in '<>"\\' or not character.isprintable()})
            if odd:
                self.log.error(
                    "%r: not handled, because nbgrader's pages cannot show a student called so. Rename the folder: "
                    "without %s.", folder, " ".join(map(repr, odd))
                )  # fmt: skip
                del self.assignments[path]
                refused.append(repr(folder))
        return refused

    def _release(self) -> None:
        if self._mark is not None:
            self._mark.close()
            self._mark = None


class Grading(_Resumable, Autograde):  # type: ignore[misc]
    """`nbgrader autograde` of an assignment with hidden suites."""

    mark_name = _GRADING
    doing = "grading"
    settled: dict[tuple[str, str], str]
    _cluster: Cluster | None = None

    def _workers(self, batch: Batch, submissions: int) -> int:
        if not batch.scheduler:
            return batch.workers(submissions)
        try:
            cluster = Cluster(batch.scheduler, parent=self)
            slots = cluster.slots()
        except ClusterError as error:
            self.log.error("%s", error)
            raise NbGraderException(str(error)) from error
        self.exporter.cache.elsewhere = cluster.grade
        self._cluster = cluster
        return batch.workers(submissions, slots)

    def _hopeless(self) -> bool:
        return self._cluster is not None and self._cluster.gone is not None

    def _nothing_new(self) -> bool:
        return bool(self.exporter.cache.all_known())

    def begin(self, mark: Mark, assignment_id: str, student_id: str) -> None:
        """Note which answers a person has marked, and how they read; take back the old marks and verdicts."""
        names = [Path(name).stem for name in self.notebooks]
        graded = Path(self._format_dest(assignment_id, student_id))
        try:
            before = {(notebook, cell): answer for notebook, cell, answer in json.loads(mark.noted or "[]")}
        except ValueError:
            before = {}  # the disk was full: these answers wait for a person once more
        with (
            plain_trouble("not graded, and what an earlier grading found still stands"),
            Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook,
        ):
            self.settled = before | settled(gradebook, graded, names, assignment_id, student_id)
            mark.begin(json.dumps([[*place, answer] for place, answer in self.settled.items()]))
            withdraw(gradebook, names, assignment_id, student_id)
        folder = self.verdict_folder(assignment_id, student_id)
        for path in [*(folder / f"{name}.json" for name in names), *folder.glob("*.tmp")]:
            path.unlink(missing_ok=True)

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        """Copy what belongs to a submission, but nothing that would lead nbgrader astray."""
        submitted = Path(self._format_source(assignment_id, student_id))
        source = Path(self.coursedir.format_path(self.coursedir.source_directory, ".", assignment_id))
        odd = odd_files(submitted, source, Submission(parent=self).files_bytes)
        for path, reason in odd.items():
            self.log.warning("%s was left out: %s", path, reason)
        before = self.coursedir.ignore
        self.coursedir.ignore = [*before, *sorted({escape(path.name) for path in odd})]
        try:
            super().init_assignment(assignment_id, student_id)
        finally:
            self.coursedir.ignore = before


class Feedback(_Resumable, GenerateFeedback):  # type: ignore[misc]
    """`nbgrader generate_feedback` of an assignment with hidden suites."""

    mark_name = _FEEDBACK
    doing = "writing feedback"

    def _prepare(self, assignment_id: str, student_id: str) -> bool:
        grading = self.verdict_folder(assignment_id, student_id) / _GRADING
        if grading.is_file() and grading.stat().st_size:
            raise GradebookTrouble(f"the grading is not finished; first run: nbgrader autograde {assignment_id}")
        folder = Path(self._format_dest(assignment_id, student_id))
        pages = {folder / f"{Path(name).stem}{self.exporter.file_extension}": Path(name) for name in self.notebooks}
        if any(is_outdated(page, graded) for page, graded in pages.items()):
            self.log.info("%s was graded again since; the feedback is made anew.", folder)
            for page in pages:
                page.unlink(missing_ok=True)
            if self.coursedir.notebook_id == "*":
                shutil.rmtree(folder)
        return super()._prepare(assignment_id, student_id)
