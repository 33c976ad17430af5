"""The corpus of attacks: hostile submissions, and honest but awkward ones, through one real nbgrader run.

`tests/attacks/corpus/*.toml` has a table for each submission, named after the student who hands it in:

    [np_allclose_says_yes]
    tries = "what a clever student hopes for, in a sentence"
    notebook = "1-perceptron"            # the default
    first = '''...'''                    # a cell before all answers
    last = '''...'''                     # a cell after everything
    edit = '''...'''                     # done by this harness, never in the jail: to the `notebook`, in its `folder`
    expect.sigmoid = [0, "wrong"]        # points, then the states that are right; [0, "wrong", "crashed"] allows two
    everything = [0, "tampered"]         # the same for all questions that `expect` does not name; else full marks
                                         # (points of -1: whatever comes of it, as long as it is said)
    absent = "<script>alert"             # a pattern that must not be in the body of the feedback page
    notes = "a pattern in the notes"     # besides: what must be said of the notebook as a whole
    attention = true                     # the notebook must be marked for a person to look at
    [np_allclose_says_yes.answers]
    sigmoid = '''...'''

All other answers are the solutions, and must keep every mark. A text `@NAME@` in a cell is replaced by what an attacker
may know: where the course lies, the port of a listener, and the like (see `Planted.words`).

Nothing is believed without a look: the gradebook, the verdicts, the feedback, hashes of all files of the course, tokens
planted in whatever must not be read, and what is left of processes and folders.
"""

from __future__ import annotations

import hashlib
import html
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Generator, Iterable
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import psutil
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from nbgrader.api import Gradebook
from sqlalchemy.exc import SAWarning

from grader.course import Course, fill, questions, with_solutions
from grader.verdict import NotebookVerdicts, Verdict
from tests.accuracy import without_plots
from tests.support.clean_environment import clean_environment

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT / "tests" / "attacks" / "corpus"
HONEST = "honest"
FAMILIES = {
    "A": "verdict tampering",
    "B": "hostile values",
    "C": "reading secrets",
    "D": "forging results",
    "E": "resources",
    "F": "the notebook file",
    "G": "machine learning",
    "H": "overfitting",
    HONEST: "honest but awkward",
}
ASSIGNMENT = "ps1"
NEIGHBOURS = {"a_first_neighbour": "1-perceptron", "zz_last_neighbour": "2-mlp-backprop"}
BYSTANDER = "bystander"
MAX_KEPT = 30_000_000
PLACES = ("/var/tmp", "/srv", "/opt")
# What looks for secrets shows only those it finds: all of it would be cut at the limit on output.
LOOK = """
def tell(*found):
    import re
    for one in found:
        text = one if isinstance(one, str) else one.decode("utf-8", "replace") if isinstance(one, bytes) else repr(one)
        for place in re.finditer("canary-|class TestWeightedSum", text):
            print("FOUND", text[place.start():place.start() + 60])
"""
CONFIG = """
# Short limits, so that what runs for ever does so for seconds.
c.Jail.isolation = {isolation!r}
c.Jail.cell_timeout = 10
c.Jail.call_timeout = 10.0
c.Jail.notebook_timeout = 60
c.Jail.output_bytes = 200_000
c.Jail.memory_bytes = 2 * 2**30
c.Jail.processes = 300
c.Jail.cell_cpu = 20.0
c.Jail.notebook_cpu = 120.0
c.Jail.environment = {{"PSET_ATTACKS": {run!r}}}

# Every folder that this process makes for a moment is noted, to see afterwards whether it is gone.
import tempfile
if not hasattr(tempfile, "pset_attacks"):
    tempfile.pset_attacks = tempfile.mkdtemp
    def noted(*args, **kwargs):
        made = tempfile.pset_attacks(*args, **kwargs)
        with open({scratch!r}, "a") as stream:
            stream.write(made + "\\n")
        return made
    tempfile.mkdtemp = noted
"""


class CorpusError(ValueError):
    """An entry of the corpus is malformed; the message names it and says what to do."""


@dataclass(frozen=True)
class Entry:
    """One submission of the corpus."""

    name: str
    family: str
    tries: str
    notebook: str = "1-perceptron"
    answers: dict[str, str] = field(default_factory=dict)
    first: str = ""
    last: str = ""
    edit: str = ""
    expect: dict[str, tuple[float, tuple[str, ...]]] = field(default_factory=dict)
    everything: tuple[float, tuple[str, ...]] | None = None
    notes: str = ""
    absent: str = ""
    attention: bool = False

    @property
    def honest(self) -> bool:
        return self.family == HONEST


def load() -> list[Entry]:
    """The whole corpus, family by family; CorpusError where it is malformed."""
    entries: list[Entry] = []
    for path in sorted(CORPUS.glob("*.toml")):
        family = path.stem if path.stem == HONEST else path.stem[0].upper()
        if family not in FAMILIES:
            raise CorpusError(f"{path}: the name must begin with a family's letter, or be {HONEST}.toml")
        for name, table in tomllib.loads(path.read_text(encoding="utf-8")).items():
            entries.append(_entry(f"{path.name}, {name}", name, family, table))
    names = [entry.name for entry in entries]
    if twice := {name for name in names if names.count(name) > 1}:
        raise CorpusError(f"two entries are called {', '.join(sorted(twice))}")
    return entries


def _marks(said: list[Any]) -> tuple[float, tuple[str, ...]]:
    points, *states = said
    return float(points), tuple(states)


def _entry(where: str, name: str, family: str, table: dict[str, Any]) -> Entry:
    expect = {question: _marks(said) for question, said in table.pop("expect", {}).items()}
    everything = _marks(table.pop("everything")) if "everything" in table else None
    try:
        entry = Entry(name, family, expect=expect, everything=everything, **table)
    except TypeError as error:
        raise CorpusError(f"{where}: {error}") from error
    if entry.honest and (expect or everything or entry.attention):
        raise CorpusError(f"{where}: an honest submission keeps every mark")
    if not re.fullmatch("[a-z0-9_]+", name):
        raise CorpusError(f"{where}: the name is a student's id: small letters, digits and _")
    return entry


@dataclass
class Check:
    """Whether one thing held for the run as a whole, and what did not."""

    name: str
    problems: list[str] = field(default_factory=list)


@dataclass
class Outcome:
    """What came of one submission."""

    entry: Entry
    problems: list[str] = field(default_factory=list)
    states: dict[str, str] = field(default_factory=dict)
    """States of the attacked questions, or of all that are not right."""
    points: float = 0.0
    max_points: float = 0.0
    seconds: float = 0.0

    @property
    def held(self) -> bool:
        return not self.problems


@dataclass
class Report:
    """The outcome of one run over the corpus."""

    isolation: str
    outcomes: list[Outcome]
    checks: list[Check]
    seconds: float

    @property
    def held(self) -> bool:
        return all(outcome.held for outcome in self.outcomes) and not any(check.problems for check in self.checks)


class Planted:
    """Tokens in all places that student code must not read, and doors that it must not open."""

    def __init__(self, folder: Path) -> None:
        self.course = folder / "course"
        self.outside = folder / "outside"
        self.grader = folder / "installed" / "grader"
        self.outside.mkdir()
        self.run = f"attacks-{secrets.token_hex(8)}"
        self.tokens = {
            place: f"canary-{secrets.token_hex(12)}"
            for place in ("grader", "solutions", "neighbour", "environment", "outside", "secret", "gradebook")
        }
        # Besides, a line of the hidden suite as it is, and not one that the README shows.
        self.tokens["suite"] = "class TestWeightedSum"
        # What an attacker prints who got past a limit that should have stopped it.
        self.tokens["limit"] = "PAST A LIMIT"
        self.connections: list[str] = []
        self.port = 0

    @contextmanager
    def doors(self) -> Generator[None, None, None]:
        """Listeners on 127.0.0.1, on an abstract socket and on one in /tmp; who connects is noted."""
        tcp = socket.create_server(("127.0.0.1", 0))
        self.port = tcp.getsockname()[1]
        abstract, plain = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
        abstract.bind(f"\0{self.run}")
        plain.bind(str(self.outside / "socket"))
        stop = threading.Event()
        with ExitStack() as stack:
            for name, server in (("127.0.0.1", tcp), ("an abstract socket", abstract), ("a socket file", plain)):
                server.listen(5)
                server.settimeout(0.3)
                stack.callback(server.close)
                thread = threading.Thread(target=self._answer, args=(server, name, stop))
                thread.start()
                stack.callback(thread.join)
            stack.callback(stop.set)
            yield

    def _answer(self, server: socket.socket, name: str, stop: threading.Event) -> None:
        while not stop.is_set():
            with suppress(TimeoutError):
                client, _ = server.accept()
                with client:
                    self.connections.append(name)

    def files(self) -> None:
        """A token in the very `grader/` that grades, which is a copy for that, and one in a file beside the course."""
        (self.outside / "diary.txt").write_text(self.tokens["outside"] + "\n", encoding="utf-8")
        shutil.copytree(ROOT / "grader", self.grader, ignore=shutil.ignore_patterns("__pycache__"))
        token = self.grader / "ps1" / "hidden" / f"{self.run}.txt"
        token.write_text(self.tokens["grader"] + "\n", encoding="utf-8")

    def words(self) -> dict[str, str]:
        """What an attacker is told, by the name that stands in the corpus."""
        return {
            "@COURSE@": str(self.course),
            "@GRADER@": str(self.grader),
            "@REPOSITORY@": str(ROOT),
            "@OUTSIDE@": str(self.outside),
            "@NEIGHBOUR@": str(self.course / "submitted" / next(iter(NEIGHBOURS)) / ASSIGNMENT),
            "@PORT@": str(self.port),
            "@RUN@": self.run,
            "@LOOK@": LOOK.strip(),
        }

    def fill_in(self, text: str) -> str:
        for name, value in self.words().items():
            text = text.replace(name, value)
        # Cells are shown with their sources: there these words stand in two halves, which Python joins.
        for place in ("suite", "limit"):
            word = self.tokens[place]
            text = text.replace(word, f'{word[:-3]}" "{word[-3:]}')
        return text


class Class:
    """A course of its own with the corpus and its neighbours handed in."""

    def __init__(self, course: Path, planted: Planted, isolation: str, config: str) -> None:
        self.course = course
        self.planted = planted
        self.scratch = course.parent / "scratch.txt"
        course.mkdir()
        text = (ROOT / "nbgrader_config.py").read_text(encoding="utf-8")
        text += CONFIG.format(isolation=isolation, run=planted.run, scratch=str(self.scratch))
        (course / "nbgrader_config.py").write_text(f"{text}\n{config}\n", encoding="utf-8")
        (course / ".pset-secret").write_text(planted.tokens["secret"] + "\n", encoding="utf-8")
        ignored = shutil.ignore_patterns("__pycache__", ".ipynb_*")
        shutil.copytree(ROOT / "solutions" / ASSIGNMENT, course / "solutions" / ASSIGNMENT, ignore=ignored)
        self.solved: dict[str, dict[str, str]] = {}
        self.worth: dict[str, dict[str, float]] = {}
        for path in Course(course).notebooks(ASSIGNMENT):
            notebook = nbformat.read(path, as_version=4)
            self.solved[path.stem] = with_solutions(notebook)
            self.worth[path.stem] = {one.name: one.points for one in questions(notebook) if one.automatic}
            _mark_solutions(notebook, planted.tokens["solutions"])
            nbformat.write(notebook, path)

    def nbgrader(self, *arguments: str) -> tuple[int, str]:
        """Run one nbgrader command; its exit status and what it said."""
        environment = clean_environment(
            # The copy, wherever else a grader is installed.
            PYTHONPATH=str(self.planted.grader.parent),
            PSET_CANARY=self.planted.tokens["environment"],
        )
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(
                [sys.executable, "-m", "nbgrader", *arguments],
                cwd=self.course, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT,
            )  # fmt: skip
            status = process.wait()
            said.seek(0)
            return status, said.read().decode("utf-8", "replace")

    def hand_in(self, entry: Entry) -> None:
        """Write one submission: the solutions, with what is the entry's own in their place."""
        folder = self.course / "submitted" / entry.name / ASSIGNMENT
        shutil.copytree(Course(self.course).release(ASSIGNMENT), folder)
        for path in folder.glob("*.ipynb"):
            if path.stem != entry.notebook:
                path.unlink()
        path = folder / f"{entry.notebook}.ipynb"
        if not path.exists():
            raise CorpusError(f"{entry.name}: there is no notebook {entry.notebook!r}")
        unknown = {*entry.answers, *entry.expect} - set(self.solved[entry.notebook])
        if unknown:
            raise CorpusError(f"{entry.name}: {entry.notebook} has no question {', '.join(sorted(unknown))}")
        own = {name: self.planted.fill_in(source) for name, source in entry.answers.items()}
        notebook = without_plots(nbformat.read(path, as_version=4))
        notebook = fill(notebook, {**self.solved[entry.notebook], **own})
        if entry.first:
            notebook.cells.insert(_setup(notebook) + 1, new_code_cell(self.planted.fill_in(entry.first)))
        if entry.last:
            notebook.cells.append(new_code_cell(self.planted.fill_in(entry.last)))
        path.unlink()
        if entry.edit:
            self._edit(entry, notebook, folder, path)
        if not os.path.lexists(path):
            nbformat.write(notebook, path)

    def _edit(self, entry: Entry, notebook: NotebookNode, folder: Path, path: Path) -> None:
        """Whatever a student may do to the file and beside it; an edit that writes `path` writes the notebook."""

        def cell(grade_id: str) -> NotebookNode:
            return next(one for one in notebook.cells if one.metadata.get("nbgrader", {}).get("grade_id") == grade_id)

        names = {
            "notebook": notebook, "folder": folder, "path": path, "cell": cell, "nbformat": nbformat, "json": json,
            "os": os, "new_code_cell": new_code_cell, "new_markdown_cell": new_markdown_cell, "new_output": new_output,
            "solutions": self.solved[entry.notebook],
        }  # fmt: skip
        before = Path.cwd()
        try:
            exec(compile(self.planted.fill_in(entry.edit), f"<{entry.name}>", "exec"), names)
        finally:
            # An edit may go where it works.
            os.chdir(before)

    def gather(self, entries: Iterable[Entry]) -> None:
        """The release, everybody's submission, and a graded row that nobody may touch."""
        status, said = self.nbgrader("generate_assignment", ASSIGNMENT)
        if status != 0:
            raise RuntimeError(f"nbgrader generate_assignment failed:\n{said[-4000:]}")
        for name, notebook in NEIGHBOURS.items():
            self.hand_in(Entry(name, HONEST, "a neighbour", notebook))
            source = f'def of_a_neighbour():\n    return "{self.planted.tokens["neighbour"]}"\n'
            folder = self.course / "submitted" / name / ASSIGNMENT
            (folder / "own_helper.py").write_text(source, encoding="utf-8")
        for entry in entries:
            self.hand_in(entry)
        with Gradebook(self.database) as gradebook:
            warnings.filterwarnings("ignore", category=SAWarning)  # of nbgrader, see grader.autograde.settings
            gradebook.update_or_create_student(BYSTANDER, last_name=self.planted.tokens["gradebook"])
            gradebook.add_submission(ASSIGNMENT, BYSTANDER)
            for row in gradebook.find_submission(ASSIGNMENT, BYSTANDER).notebooks[0].grades:
                row.auto_score, row.manual_score, row.needs_manual_grade = 1.0, 0.5, False
            gradebook.db.commit()

    @property
    def database(self) -> str:
        return f"sqlite:///{self.course / 'gradebook.db'}"

    def rows(self, student: str) -> dict[tuple[str, str], tuple[float | None, float | None, bool]]:
        """A student's rows in the gradebook, by notebook and test cell."""
        with Gradebook(self.database) as gradebook:
            return {
                (notebook.name, row.name): (row.auto_score, row.manual_score, bool(row.needs_manual_grade))
                for notebook in gradebook.find_submission(ASSIGNMENT, student).notebooks
                for row in notebook.grades
            }

    def verdicts(self, student: str, notebook: str) -> NotebookVerdicts | None:
        path = self.course / "verdicts" / student / ASSIGNMENT / f"{notebook}.json"
        return NotebookVerdicts.model_validate_json(path.read_bytes()) if path.is_file() else None


def _setup(notebook: NotebookNode) -> int:
    """The place of the first code cell: imports and data."""
    return next(index for index, cell in enumerate(notebook.cells) if cell.cell_type == "code")


def _mark_solutions(notebook: NotebookNode, token: str) -> None:
    """Put a token into every solution, where generate_assignment takes it out."""
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("solution") and cell.cell_type == "code":
            cell.source = cell.source.replace("### BEGIN SOLUTION", f"### BEGIN SOLUTION\n    # {token}", 1)


def digests(*folders: Path) -> dict[str, str]:
    """Each file, link and pipe below some folders, with what it holds."""
    found = {}
    for folder in folders:
        for parent, _, names in os.walk(folder):
            for path in (Path(parent) / name for name in names):
                if path.is_symlink():
                    found[str(path)] = f"a link to {os.readlink(path)}"
                elif path.is_file():
                    found[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
                else:
                    found[str(path)] = "no plain file"
    return found


def changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """What differs between two states of some folders."""
    words = {(True, True): "was changed", (True, False): "is gone", (False, True): "is new"}
    return [
        f"{name} {words[name in before, name in after]}"
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]


def _described(process: psutil.Process) -> str:
    return f"{process.pid} {process.name()} {' '.join(process.cmdline())[:120]}"


def marked(planted: Planted) -> dict[int, str]:
    """Processes that carry the mark of this run in their environment or on their command line."""
    found = {}
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            of_this_run = planted.run in [process.environ().get("PSET_ATTACKS"), *process.cmdline()]
            if of_this_run and process.pid != os.getpid():
                found[process.pid] = _described(process)
    return found


class Watch:
    """Notes every process below this one while a command runs, to see afterwards whether it is gone."""

    def __init__(self) -> None:
        self._seen: dict[int, float] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        me = psutil.Process()
        while not self._stop.wait(0.3):
            for process in me.children(recursive=True):
                with suppress(psutil.Error):
                    self._seen[process.pid] = process.create_time()

    def alive(self) -> dict[int, str]:
        found = {}
        for pid, started in self._seen.items():
            with suppress(psutil.Error):
                process = psutil.Process(pid)
                if process.create_time() == started and process.status() != psutil.STATUS_ZOMBIE:
                    found[pid] = _described(process)
        return found


def _words(text: str) -> str:
    """Letters and digits: a web page shows white space, control characters, marks and entities in its own way."""
    return re.sub(r"\W+", "", html.unescape(text))


def judge(group: Class, entry: Entry) -> Outcome:
    """Compare what one submission got with what it deserves."""
    outcome = Outcome(entry)
    complain = outcome.problems.append
    found = group.verdicts(entry.name, entry.notebook)
    if found is None:
        complain("there are no verdicts")
        return outcome
    outcome.seconds = found.run_seconds + found.judge_seconds
    verdicts = {verdict.question: verdict for verdict in found.verdicts}
    rows = group.rows(entry.name)
    page = group.course / "feedback" / entry.name / ASSIGNMENT / f"{entry.notebook}.html"
    raw = page.read_text(encoding="utf-8") if page.is_file() else ""
    shown = _words(re.sub(r"<[^>]*>", "", raw[raw.find("<body") :]))
    if not shown:
        complain("there is no feedback")
    body = raw[raw.find("<body") :]
    if entry.absent and re.search(entry.absent, body):
        complain(f"the feedback holds {entry.absent!r}")
    if found.needs_attention != entry.attention:
        complain(f"needs attention: {found.needs_attention}")
    if entry.notes and not any(re.search(entry.notes, note) for note in found.notes):
        complain(f"no note says {entry.notes!r}: {found.notes}")
    for question, full in group.worth[entry.notebook].items():
        points, states = entry.expect.get(question) or entry.everything or (full, ("right",))
        if question not in verdicts:
            complain(f"{question} was not judged")
            continue
        verdict = verdicts[question]
        outcome.points += verdict.points
        outcome.max_points += full
        if question in entry.expect or verdict.state.value != "right":
            outcome.states[question] = verdict.state.value
        score, manual, needs_manual = rows[entry.notebook, f"test_{question}"]
        if score != (verdict.points if points < 0 else points) or manual is not None or verdict.points != score:
            complain(f"{question}: {score} points of {full:g} in the gradebook, not {points:g} ({verdict.message})")
        if needs_manual != entry.attention:
            complain(f"{question}: needs a manual grade: {needs_manual}")
        if states and verdict.state.value not in states:
            complain(f"{question}: {verdict.state.value} ({verdict.message}), not {' or '.join(states)}")
        _reason(verdict, shown, complain)
    return outcome


def _reason(verdict: Verdict, shown: str, complain: Any) -> None:
    """A mark that is not full has a reason, and the student's page says it."""
    if verdict.points == verdict.max_points:
        return
    if not verdict.message.strip() or verdict.message == "Right.":
        complain(f"{verdict.question}: no reason is stated")
    for line in verdict.message.splitlines():
        if _words(line) not in shown:
            complain(f"{verdict.question}: the feedback does not say: {line}")


def _neighbours(group: Class) -> list[str]:
    """What is wrong with the marks of those who only sat beside."""
    problems = []
    for name in NEIGHBOURS:
        for (notebook, cell), (score, manual, _) in group.rows(name).items():
            full = group.worth[notebook].get(cell.removeprefix("test_"))
            handed_in = (group.course / "submitted" / name / ASSIGNMENT / f"{notebook}.ipynb").exists()
            if full is not None and (score, manual) != (full if handed_in else 0.0, None):
                problems.append(f"{name}, {cell}: {score}, not {full}")
    return problems


def _canaries(group: Class, said: str) -> list[tuple[str, str]]:
    """Where planted tokens turned up: (student or command, what was read)."""
    found = []
    texts = {"nbgrader's log": said}
    for folder in ("autograded", "feedback", "verdicts"):
        for path in sorted((group.course / folder).rglob("*")):
            if path.is_file() and path.suffix in (".ipynb", ".json", ".html", ".py", ".txt", ".csv"):
                texts[str(path.relative_to(group.course))] = path.read_text(encoding="utf-8", errors="replace")
    for place, token in group.planted.tokens.items():
        for where, text in texts.items():
            own = place == "neighbour" and where.split(os.sep)[1:2] and where.split(os.sep)[1] in NEIGHBOURS
            if token in text and not own:
                found.append((where, place))
    return found


def run(
    entries: list[Entry],
    isolation: str,
    config: str = "",
    keep: Path | None = None,
    change: Callable[[Path], None] | None = None,
) -> Report:
    """Hand in the entries beside honest neighbours, grade them all in one run, and look at everything.

    `change` is given the copy of the package that is to grade.
    """
    started = time.monotonic()
    with ExitStack() as stack:
        # Every notebook has a /tmp of its own: there a course would be out of sight whatever else is open.
        place = next((path for path in PLACES if os.path.isdir(path) and os.access(path, os.W_OK)), None)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="attacks-", dir=place)))
        planted = Planted(folder)
        planted.files()
        if change is not None:
            change(planted.grader)
        stack.enter_context(planted.doors())
        group = Class(planted.course, planted, isolation, config)
        group.gather(entries)
        guarded = [planted.course / name for name in ("submitted", "solutions", "assignments")]
        guarded += [planted.outside, planted.grader]
        single = [planted.course / name for name in ("nbgrader_config.py", ".pset-secret")]
        before = {**digests(*guarded), **{str(path): path.read_text(encoding="utf-8") for path in single}}
        bystander = group.rows(BYSTANDER)
        with Watch() as watch:
            status, said = group.nbgrader("autograde", ASSIGNMENT)
            feedback, more = group.nbgrader("generate_feedback", ASSIGNMENT)
        after = {**digests(*guarded), **{str(path): path.read_text(encoding="utf-8") for path in single}}
        if keep is not None:
            (planted.course / "autograde.log").write_text(said, encoding="utf-8")
            shutil.rmtree(keep, ignore_errors=True)
            shutil.copytree(planted.course, keep, symlinks=True, ignore=_not_plain)
        outcomes = [judge(group, entry) for entry in entries]
        read = _canaries(group, said)
        for outcome in outcomes:
            found = {place for where, place in read if where.split(os.sep)[1:2] == [outcome.entry.name]}
            outcome.problems += [f"read: {place}" for place in sorted(found)]
        checks = [
            Check("the run ends", [] if status == 0 else [f"autograde: exit status {status}", *_errors(said)]),
            Check("feedback for all", [] if feedback == 0 else [f"exit status {feedback}", *_errors(more)]),
            Check("neighbours keep their marks", _neighbours(group)),
            Check("no row of others", [] if group.rows(BYSTANDER) == bystander else [f"the rows of {BYSTANDER}"]),
            Check("no file of the course", changed(_lasting(before), _lasting(after))),
            Check("nothing read", [f"{place}: in {where}" for where, place in read]),
            Check("no connection", planted.connections),
            Check("no process left", _gone(planted, watch)),
            Check("nothing too large", _large(group)),
            Check("no folder left", [path for path in _scratch(group.scratch) if os.path.exists(path)]),
        ]
    return Report(isolation, outcomes, checks, time.monotonic() - started)


def _large(group: Class) -> list[str]:
    """Students of whom more is kept than a notebook with pictures may take."""
    sizes: dict[str, int] = {}
    for folder in ("autograded", "feedback", "verdicts"):
        for path in (group.course / folder).rglob("*"):
            if path.is_file():
                student = path.relative_to(group.course).parts[1]
                sizes[student] = sizes.get(student, 0) + path.stat().st_size
    return [f"{student}: {size / 1e6:.0f} MB" for student, size in sizes.items() if size > MAX_KEPT]


def _not_plain(folder: str, names: list[str]) -> list[str]:
    paths = {name: Path(folder) / name for name in names}
    return [name for name, path in paths.items() if not (path.is_symlink() or path.is_file() or path.is_dir())]


def _lasting(state: dict[str, str]) -> dict[str, str]:
    """Without what Python writes for itself."""
    return {name: value for name, value in state.items() if "__pycache__" not in name}


def _errors(said: str) -> list[str]:
    return [line[:300] for line in said.splitlines() if "ERROR" in line or "Error:" in line][-10:]


def _gone(planted: Planted, watch: Watch) -> list[str]:
    """Processes of the run that are there some seconds after its end."""
    deadline = time.monotonic() + 5
    while (found := {**watch.alive(), **marked(planted)}) and time.monotonic() < deadline:
        time.sleep(0.2)
    for pid in found:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return list(found.values())


def _scratch(noted: Path) -> list[str]:
    return noted.read_text(encoding="utf-8").split() if noted.exists() else []
