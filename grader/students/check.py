"""Run a notebook's visible checks without opening Jupyter:   python check.py 1-perceptron.ipynb

Every cell is run from top to bottom, as "Restart Kernel and Run All Cells" does it, but a cell that fails stops
nothing. Then a table says for each question whether its visible check passes and, if not, what the check said. A cell
that runs on for ever is stopped (--seconds), and so is one that ends Python; the rest is then run again without it.

Your file is only read. What you see is no mark: that comes from further checks with other numbers.
Exit status: 0 when every visible check passes, 1 when one does not, 2 when the notebook could not be run.

This file needs Python 3.10 or newer and what the notebook itself imports.
"""

from __future__ import annotations

import argparse
import builtins
import contextlib
import io
import json
import linecache
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import time
import traceback
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

Cell = dict[str, Any]

# The questions of each notebook as it was handed out, in order: {notebook: [{"name", "answer", "check"} or {"name",
# "written"}]}, each value but the name being a cell's source. Filled in when the problem set is packed.
RELEASED: dict[str, list[dict[str, str]]] = {}

CHILD = "--run-the-cells-on-stdin"
SECONDS = 120.0
LOST_AT_MOST = 3
KEPT_CHARACTERS = 20_000
MESSAGE_CHARACTERS = 1500


class Unusable(Exception):
    """The notebook cannot be run at all; the message says why and what to do."""


# ---------------------------------------------------------------------------------------------------
# The notebook
# ---------------------------------------------------------------------------------------------------


def read_cells(path: Path) -> list[Cell]:
    """The cells of a notebook file, each with its source as one text; Unusable when there is no reading it."""
    try:
        missing = not path.exists()
    except OSError as error:
        raise Unusable(f"{path} cannot be read: {error.strerror or error}.") from error
    if missing:
        there = sorted(other.name for other in path.parent.glob("*.ipynb")) if path.parent.is_dir() else []
        known = f"The notebooks in that folder: {', '.join(there)}." if there else "That folder has no notebooks."
        raise Unusable(f"There is no file {path}. {known}")
    if not path.is_file():
        raise Unusable(f"{path} is not a file. Name a notebook, such as 1-perceptron.ipynb.")
    again = "Open it in Jupyter and save it again, or begin with a fresh copy and paste your answers into it."
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise Unusable(f"{path} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise Unusable(f"{path} is not a notebook: it is not a text file. {again}") from error
    if not text.strip():
        raise Unusable(f"{path} is empty. Was it saved? {again}")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unusable(f"{path} is not a notebook: it is not JSON ({error}). {again}") from error
    cells = data.get("cells") if isinstance(data, dict) else None
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise Unusable(f"{path} is not a notebook of today's format: it has no list of cells. {again}")
    return [_tidy(cell) for cell in cells]


def _tidy(cell: Cell) -> Cell:
    """A cell with what this program reads of it, each in its usual form."""
    source, metadata = cell.get("source", ""), cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return {
        "kind": cell.get("cell_type"),
        "source": "".join(map(str, source)) if isinstance(source, list) else str(source),
        "marks": marks if isinstance(marks, dict) else {},
    }


@dataclass
class Question:
    """Where a question's cells are, as indices into the notebook's cells; None where there is no such cell."""

    name: str
    answer: int | None = None
    check: int | None = None
    written: int | None = None
    twice: bool = False


def find_questions(cells: list[Cell]) -> list[Question]:
    """The questions of a notebook in order; of cells that were copied the last one counts."""
    found: dict[str, Question] = {}

    def note(name: str, part: str, index: int) -> None:
        question = found.setdefault(name, Question(name))
        question.twice |= getattr(question, part) is not None
        setattr(question, part, index)

    for index, cell in enumerate(cells):
        marks, name = cell["marks"], str(cell["marks"].get("grade_id", ""))
        practice = re.search(r"^check_(\w+)\(", cell["source"], re.MULTILINE)
        if marks.get("solution"):
            note(name, "written" if marks.get("grade") else "answer", index)
        elif marks.get("grade"):
            note(name.removeprefix("test_"), "check", index)
        elif cell["kind"] == "code" and practice and practice[1] in found and found[practice[1]].check is None:
            # The practice question carries no points, so its check is a cell like any other.
            note(practice[1], "check", index)
    return list(found.values())


def as_released(cells: list[Cell]) -> list[dict[str, str]]:
    """A notebook's entry of RELEASED, from the notebook as it is handed out."""
    entry = []
    for question in find_questions(cells):
        parts = {part: getattr(question, part) for part in ("answer", "check", "written")}
        sources = {part: str(cells[index]["source"]) for part, index in parts.items() if index is not None}
        entry.append({"name": question.name, **sources})
    return entry


@dataclass
class Step:
    """One piece of code to run: a cell, or the original of a check that is missing or was changed."""

    label: str
    source: str
    question: str = ""
    part: str = ""


@dataclass
class Plan:
    """What is to be run, which questions there are, and what the student should know about the file itself."""

    steps: list[Step] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    written: dict[str, bool] = field(default_factory=dict)
    blank: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)


def make_plan(name: str, cells: list[Cell], released: dict[str, list[dict[str, str]]]) -> Plan:
    """Decide what to run; `name` is the file's, without its ending. Unusable when there is nothing to check."""
    own_name, originals = _originals(name, cells, released)
    found = {question.name: question for question in find_questions(cells)}
    plan = Plan(questions=list(dict.fromkeys([*originals, *found])))
    if own_name and own_name != name:
        plan.notes.append(f"This looks like {own_name}.ipynb. Hand it in under that name.")
    replaced: dict[int, str] = {}
    missing: dict[int, list[str]] = {}
    for question in plan.questions:
        here, original = found.get(question, Question(question)), originals.get(question, {})
        _look_at(plan, cells, here, original)
        if "check" in original and here.check is None:
            missing.setdefault(len(cells) - 1 if here.answer is None else here.answer, []).append(question)
        elif here.check is not None and "check" in original and _changed(cells[here.check], original["check"]):
            replaced[here.check] = original["check"]
    places = [
        (index, question.name, part)
        for question in found.values()
        for part, index in (("answer", question.answer), ("check", question.check))
    ]
    parts = {index: (question, part) for index, question, part in places}
    for index, cell in enumerate(cells):
        if cell["kind"] == "code" or index in replaced:
            question, part = parts.get(index, ("", ""))
            source = replaced[index] if index in replaced else cell["source"]
            plan.steps.append(Step(f"cell {index + 1}", source, question, part))
        for question in missing.get(index, ()):
            check = originals[question]["check"]
            plan.steps.append(Step(f"the check of {question}", check, question, "check"))
    if not any(step.part == "check" for step in plan.steps):
        raise Unusable(f"{name}.ipynb has no checks in it. Is it a notebook of the problem set?")
    return plan


def _originals(
    name: str, cells: list[Cell], released: dict[str, list[dict[str, str]]]
) -> tuple[str, dict[str, dict[str, str]]]:
    """The name under which a notebook was handed out, and its questions then; it may have been renamed since."""
    ids = {question.name for question in find_questions(cells)}
    shared = {other: len(ids & {entry["name"] for entry in entries}) for other, entries in released.items()}
    likely = max(shared, key=lambda other: shared[other], default="")
    if not shared.get(name) and shared.get(likely):
        name = likely
    if name not in released:
        return "", {}
    return name, {entry["name"]: entry for entry in released[name]}


def _look_at(plan: Plan, cells: list[Cell], here: Question, original: dict[str, str]) -> None:
    """Compare a question's cells with the originals, and note what the student should know."""
    name = here.name
    if here.twice:
        plan.notes.append(f"{name}: one of its cells is there twice. The last one counts; delete the other.")
    if "written" in original or here.written is not None:
        untouched = original.get("written", "YOUR ANSWER HERE").strip()
        plan.written[name] = here.written is not None and cells[here.written]["source"].strip() not in ("", untouched)
        if here.written is None:
            plan.notes.append(f"{name}: the cell for the written answer is missing. Copy it from a fresh notebook.")
        return
    if here.answer is None:
        plan.notes.append(f"{name}: the cell for your answer is missing. Copy it from a fresh notebook.")
    else:
        stub = original.get("answer")
        source = cells[here.answer]["source"]
        unchanged = not _changed(cells[here.answer], stub) if stub else "raise NotImplementedError()" in source
        plan.blank |= {name} if unchanged else set()
        if cells[here.answer]["kind"] != "code":
            plan.notes.append(f"{name}: the cell for your answer is no code cell any more. Turn it into one.")
    if "check" not in original:
        return
    if here.check is None:
        plan.notes.append(f"{name}: its check cell is missing. The original check was run in its place.")
    elif _changed(cells[here.check], original["check"]):
        plan.notes.append(f"{name}: its check cell was changed. The original check was run in its place.")


def _changed(cell: Cell, original: str) -> bool:
    """Whether a code cell is not what was handed out; blanks at the ends of lines do not matter."""
    was, now = ([line.rstrip() for line in text.strip().splitlines()] for text in (original, str(cell["source"])))
    return was != now or cell["kind"] != "code"


def missing_helpers(folder: Path, steps: Iterable[Step]) -> list[str]:
    """The helper files that cells import and that do not lie beside the notebook."""
    named = {
        name
        for step in steps
        for name in re.findall(r"^\s*(?:from|import)\s+(\w+_helper)\b", step.source, re.MULTILINE)
    }
    return sorted(f"{name}.py" for name in named if not (folder / f"{name}.py").is_file())


# ---------------------------------------------------------------------------------------------------
# The child: runs the cells, one after the other, and tells the parent
# ---------------------------------------------------------------------------------------------------


class _Listener(io.TextIOBase):
    """Stands in for the terminal in the child: keeps what was said last, and passes on how it goes."""

    encoding = "utf-8"  # some libraries ask for it

    def __init__(self, tell: Any) -> None:
        self._tell, self._told, self.said = tell, 0.0, ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.said = (self.said + text)[-KEPT_CHARACTERS:]
        if re.search(r"[\r\n\b]", text) and time.monotonic() - self._told > 0.2:
            self._told = time.monotonic()
            lines = [line for line in re.split(r"[\r\n\b]+", self.said[-2000:]) if line.strip()]
            self._tell(event="said", text=lines[-1] if lines else "")
        return len(text)


def run_cells() -> None:
    """The child's whole life: read the job from stdin, run it, report each cell as a line of JSON, and end."""
    job = json.loads(sys.stdin.buffer.read())
    # The report goes to a copy of the real output; whatever else is written there, by C code too, goes nowhere.
    report = os.fdopen(os.dup(1), "w", encoding="ascii")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)

    def tell(**told: Any) -> None:
        report.write(json.dumps(told) + "\n")
        report.flush()

    sys.path[0] = job["folder"]
    sys.argv = [""]
    listener = _Listener(tell)
    sys.stdout = sys.stderr = listener
    builtins.input = _nobody_types
    run = _ipython() or _plain_python()
    for number, source in enumerate(job["sources"]):
        if number in job["left_out"]:
            continue
        tell(event="start", step=number)
        listener.said = ""
        error = run(source, number)
        if "matplotlib.pyplot" in sys.modules:
            sys.modules["matplotlib.pyplot"].close("all")
        tell(event="end", step=number, error=_told_error(error), said=listener.said)
    tell(event="done")
    # A thread or an exit handler of the notebook's must not keep this process.
    os._exit(0)


def _ipython() -> Any:
    """Run cells as Jupyter does, magics and all; None where there is no IPython."""
    try:
        from IPython.core.interactiveshell import InteractiveShell
        from traitlets.config import Config
    except ImportError:
        return None

    class Shell(InteractiveShell):  # type: ignore[misc]
        """Jupyter's shell without a front end: there are no windows to open, and leaving ends the cell only."""

        def enable_gui(self, gui: str | None = None) -> None:
            pass

        def ask_exit(self) -> None:
            raise SystemExit("exit() was called")

    config = Config()
    config.HistoryManager.enabled = False
    shell = Shell.instance(config=config)

    def run(source: str, number: int) -> BaseException | None:
        result = shell.run_cell(source, store_history=False)
        error = result.error_before_exec or result.error_in_exec
        return error if isinstance(error, BaseException) else None

    return run


def _plain_python() -> Any:
    """Run cells without IPython: lines that only Jupyter understands are left out."""
    names: dict[str, Any] = {"__name__": "__main__", "__builtins__": builtins}
    builtins.display = print  # type: ignore[attr-defined]

    def run(source: str, number: int) -> BaseException | None:
        source, file = without_magics(source), f"<ipython-input-{number}>"
        linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
        try:
            exec(compile(source, file, "exec"), names)
        except BaseException as error:  # a SystemExit ends a cell, not this program
            return error
        return None

    return run


def without_magics(source: str) -> str:
    """A cell's Python; lines keep their numbers. A cell in another language (%%bash, %%html) has none."""
    if re.match(r"\s*%%(?!time\b|timeit\b|capture\b|prun\b)", source):
        return ""
    return re.sub(
        r"^([ \t]*)(%%?[A-Za-z]|!(?!=)|\?).*$|^[ \t]*[\w.]+\?{1,2}[ \t]*$", r"\1pass", source, flags=re.MULTILINE
    )


def _told_error(error: BaseException | None) -> dict[str, Any] | None:
    """An exception as data: its type, its message, and the student's line that it came from."""
    if error is None:
        return None
    line = message = ""
    if isinstance(error, SyntaxError):
        message, line = str(error.msg), f"line {error.lineno}: {(error.text or '').strip()}" if error.lineno else ""
    else:
        with contextlib.suppress(Exception):  # an exception of the student's own may have no words
            message = str(error)
        own = [frame for frame in traceback.extract_tb(error.__traceback__) if "<ipython-input" in frame.filename]
        if own:
            line = f"line {own[-1].lineno}: {own[-1].line}"
    if len(message) > MESSAGE_CHARACTERS:
        message = message[:MESSAGE_CHARACTERS] + " ..."
    return {"type": type(error).__name__, "message": message, "line": line[:200]}


def _nobody_types(*_: object) -> str:
    """In the place of `input`."""
    raise EOFError("nobody can type here, nor when your work is marked: do without input()")


# ---------------------------------------------------------------------------------------------------
# The parent: watches over the child
# ---------------------------------------------------------------------------------------------------


@dataclass
class Ran:
    """What came of running the steps: reports by step, and the steps that had to be stopped, with the reason."""

    reports: dict[int, dict[str, Any]] = field(default_factory=dict)
    lost: dict[int, str] = field(default_factory=dict)
    unfinished: str = ""


def run_steps(steps: list[Step], folder: Path, seconds: float, show: Progress) -> Ran:
    """Run all steps in a process of their own; after one that had to be stopped, all again without it."""
    ran = Ran()
    while True:
        ran.reports = {}
        lost = _run_once(steps, folder, seconds, show, ran)
        if lost is None:
            return ran
        number, reason = lost
        if number in ran.lost or number < 0 or len(ran.lost) == LOST_AT_MOST:
            ran.unfinished = reason if number < 0 else f"{steps[number].label} {reason}"
            return ran
        ran.lost[number] = reason
        show.say(f"{steps[number].label} {reason}. Starting again without it.")


def _run_once(steps: list[Step], folder: Path, seconds: float, show: Progress, ran: Ran) -> tuple[int, str] | None:
    """One child's life; the step that was lost and why, or None when all were run."""
    sources = [step.source for step in steps]
    job = json.dumps({"folder": str(folder), "sources": sources, "left_out": list(ran.lost)}).encode()
    # Figures are drawn, and shown nowhere.
    environment = {**os.environ, "MPLBACKEND": "Agg"}
    child = subprocess.Popen(
        [sys.executable, str(Path(__file__).resolve()), CHILD],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        cwd=folder, env=environment, start_new_session=os.name == "posix",
    )  # fmt: skip
    heard: queue.Queue[bytes | None] = queue.Queue()
    threading.Thread(target=_listen, args=(child, heard), daemon=True).start()
    try:
        with contextlib.suppress(OSError):  # a child that is gone already is noticed below
            assert child.stdin is not None
            child.stdin.write(job)
            child.stdin.close()
        return _watch(steps, seconds, show, ran, heard)
    finally:
        _end(child)
        show.clear()


def _listen(child: subprocess.Popen[bytes], heard: queue.Queue[bytes | None]) -> None:
    assert child.stdout is not None
    with child.stdout:
        for line in child.stdout:
            heard.put(line)
    heard.put(None)


def _watch(
    steps: list[Step], seconds: float, show: Progress, ran: Ran, heard: queue.Queue[bytes | None]
) -> tuple[int, str] | None:
    """Take the child's reports as they come, until all is done, a step takes too long, or the child is gone."""
    now, began, said = -1, time.monotonic(), ""
    while True:
        # Before the first cell, Python itself has to start, which may take long on a busy or old computer.
        left = began + (seconds if now >= 0 else max(seconds, 60)) - time.monotonic()
        if left <= 0 and now < 0:
            return now, "Python took too long to start"
        if left <= 0:
            return now, f"took more than {seconds:g} seconds and was stopped"
        try:
            line = heard.get(timeout=min(left, 0.5))
        except queue.Empty:
            line = b"{}"
        if line is None:
            return now, "ended Python" if now >= 0 else "Python did not start"
        told = json.loads(line)
        event = told.get("event")
        if event == "done":
            return None
        if event == "start":
            now, began, said = told["step"], time.monotonic(), ""
        elif event == "said":
            said = plain(told["text"])
        elif event == "end":
            ran.reports[told["step"]] = told
        show.update(now + 1, len(steps), time.monotonic() - began, said)


def _end(child: subprocess.Popen[bytes]) -> None:
    """End the child and whatever it started."""
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
    child.kill()
    child.wait()


# ---------------------------------------------------------------------------------------------------
# The table
# ---------------------------------------------------------------------------------------------------


@dataclass
class Row:
    """One question's line: `state` is a key of STATES, `text` is what there is to say."""

    name: str
    state: str
    text: str = ""


# A state's sign, the same in ASCII, and its colour (green, orange, blue: told apart by colour-blind eyes as well).
STATES = {
    "passed": ("\u2713", "+", "32"),
    "not yet": ("\u2717", "x", "33"),
    "stopped": ("!", "!", "33"),
    "not run": ("!", "!", "33"),
    "not attempted": ("\u00b7", "-", "36"),
    "written": ("\u270e", "=", "36"),
}


def make_rows(plan: Plan, ran: Ran) -> list[Row]:
    """What the table says of each question."""
    return [_row(name, plan, ran) for name in plan.questions]


def _row(name: str, plan: Plan, ran: Ran) -> Row:
    if name in plan.written:
        done = plan.written[name]
        return Row(name, "written" if done else "not attempted", "A person reads it." if done else "Not written yet.")
    places = {step.part: number for number, step in enumerate(plan.steps) if step.question == name}
    answer, check = places.get("answer", -1), places.get("check", -1)
    for number, what in ((answer, "Your cell"), (check, "Your code, called by the check,")):
        if number in ran.lost:
            return Row(name, "stopped", f"{what} {ran.lost[number]}.")
    if check not in ran.reports:
        return Row(name, "not run", "")
    report = ran.reports[check]
    error, before = report["error"], ran.reports.get(answer, {}).get("error")
    if error is None:
        said = [line for line in plain(report["said"]).splitlines() if line.strip()]
        return Row(name, "passed", said[-1].removeprefix(f"{name}: ") if said else "")
    if name in plan.blank:
        return Row(name, "not attempted", "Write your answer where the cell says YOUR CODE HERE.")
    if before is not None:
        return Row(name, "not yet", f"Your cell stops with an error.\n{_error(before)}")
    return Row(name, "not yet", plain(error["message"]) if error["type"] == "CheckFailed" else _error(error))


def _error(error: dict[str, Any]) -> str:
    line = f"\n  in {plain(error['line'])}" if error["line"] else ""
    missing = error["type"] == "ModuleNotFoundError"
    return f"{error['type']}: {plain(error['message'])}{line}" + ("\n  " + INSTALL if missing else "")


INSTALL = "Install what the notebook imports: pip install -r requirements.txt (README.html says more)."


def other_failures(plan: Plan, ran: Ran) -> list[str]:
    """The failing cells that belong to no question: they explain what fails further down."""
    found = []
    for number, step in enumerate(plan.steps):
        error = ran.reports.get(number, {}).get("error")
        if not step.question and (error or number in ran.lost):
            first = next((line for line in step.source.splitlines() if line.strip()), "")
            why = _error(error) if error else ran.lost[number]
            found.append(f"{step.label} (it begins: {first[:60]})\n{why}")
    return found


def plain(text: str) -> str:
    """Text without colours, cursor movements and other controls of a terminal."""
    text = re.sub(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?|.)", "", str(text))
    return "".join(c for c in text if c in "\n\t" or c.isprintable())


class Paper:
    """Where the table is written: with colours and signs as far as they can be shown there."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.colours = stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        if self.colours and os.name == "nt":
            os.system("")  # switches a Windows console to understanding colours
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
        try:
            "".join(sign for sign, _, _ in STATES.values()).encode(stream.encoding or "ascii")
            self.signs = True
        except (UnicodeEncodeError, LookupError):
            self.signs = False
        self.width = min(shutil.get_terminal_size((100, 24)).columns, 120)

    def line(self, text: str = "") -> None:
        self._stream.write(text.rstrip() + "\n")

    def colour(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colours else text

    def state(self, state: str) -> str:
        sign, ascii_sign, code = STATES[state]
        return self.colour(f"{sign if self.signs else ascii_sign} {state:13}", code)

    def paragraph(self, text: str, indent: str = "") -> None:
        for line in text.splitlines():
            for piece in textwrap.wrap(line, max(self.width - 1, 40), initial_indent=indent, subsequent_indent=indent):
                self.line(piece)

    def table(self, rows: list[Row]) -> None:
        """Three columns; what a check says keeps its lines, and long ones are folded."""
        names = max([len("question"), *(len(row.name) for row in rows)])
        room = self.width - names - 15 - 5
        # In a narrow window the text goes below, over the whole width.
        below = room < 30
        self.line(self.colour(f"{'question':{names}}  {'result':15}" + ("" if below else "  what the check says"), "1"))
        for row in rows:
            texts = [
                piece
                for line in row.text.splitlines()
                for piece in textwrap.wrap(
                    line, max(self.width - 4 if below else room, 20), subsequent_indent="    ", drop_whitespace=False
                )
            ]
            head, rest = ("", texts) if below else (texts[0] if texts else "", texts[1:])
            self.line(f"{row.name:{names}}  {self.state(row.state)}  {head}")
            for text in rest:
                self.line(("  " if below else " " * (names + 19)) + text)


class Progress:
    """One line, written over and over while cells run; nothing where nobody watches."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._shown, self._at = stream, 0, 0.0
        self.watched = stream.isatty() and os.environ.get("TERM") != "dumb"

    def update(self, number: int, count: int, seconds: float, said: str) -> None:
        """Cell `number` of `count` has been running for some seconds, and said something last."""
        if not self.watched or time.monotonic() - self._at < 0.1:
            return
        self._at = time.monotonic()
        done = int(20 * max(number - 1, 0) / count)
        width = max(shutil.get_terminal_size((80, 24)).columns - 1, 20)
        text = f"[{'#' * done}{'.' * (20 - done)}] cell {number} of {count}, {seconds:.0f} s  {said}"
        text = text.encode("ascii", "replace").decode()[:width]
        self._stream.write("\r" + text + " " * (self._shown - len(text)))
        self._stream.flush()
        self._shown = len(text)

    def clear(self) -> None:
        if self._shown:
            self._stream.write("\r" + " " * self._shown + "\r")
            self._stream.flush()
            self._shown = 0

    def say(self, text: str) -> None:
        self.clear()
        if self.watched:
            self._stream.write(text + "\n")


# ---------------------------------------------------------------------------------------------------
# The command
# ---------------------------------------------------------------------------------------------------


def check(path: Path, seconds: float = SECONDS, released: dict[str, list[dict[str, str]]] | None = None) -> int:
    """Run a notebook, print its table, and return the exit status."""
    paper = Paper(sys.stdout)
    try:
        cells = read_cells(path)
        plan = make_plan(path.stem, cells, RELEASED if released is None else released)
        folder = path.resolve().parent
        missing = missing_helpers(folder, plan.steps)
        if missing:
            raise Unusable(
                f"{' and '.join(missing)} must lie in the same folder as the notebook ({folder}). "
                "Unpack the problem set again, and keep its files together."
            )
        ran = run_steps(plan.steps, folder, seconds, Progress(sys.stderr))
        if ran.unfinished and not ran.reports:
            raise Unusable(f"The notebook could not be run: {ran.unfinished}.")
    except Unusable as error:
        paper.paragraph(str(error))
        return 2
    except KeyboardInterrupt:
        paper.line("Stopped.")
        return 130
    rows = make_rows(plan, ran)
    paper.line(paper.colour(path.name, "1"))
    paper.line()
    paper.table(rows)
    _epilogue(paper, plan, ran, rows)
    return 0 if all(row.state in ("passed", "written") for row in rows if row.name not in plan.written) else 1


def _epilogue(paper: Paper, plan: Plan, ran: Ran, rows: list[Row]) -> None:
    """Below the table: what else failed, what is odd about the file, and what all this means."""
    failures = other_failures(plan, ran)
    if ran.unfinished:
        failures.append(f"{ran.unfinished}. Too many cells had to be stopped; what comes after was not run.")
    for heading, texts in (("Other cells that fail:", failures), ("About the file:", plan.notes)):
        if texts:
            paper.line()
            paper.line(paper.colour(heading, "1"))
            for text in texts:
                paper.paragraph(text, "  ")
    checks = [row for row in rows if row.name not in plan.written]
    passed = sum(row.state == "passed" for row in checks)
    paper.line()
    paper.paragraph(
        f"{passed} of {len(checks)} visible checks pass. This is no mark: each check tries a small example, and your "
        "mark comes from further checks with other numbers."
    )


def _seconds(text: str) -> float:
    with contextlib.suppress(ValueError):
        if 0 < float(text) < 1e6:
            return float(text)
    raise argparse.ArgumentTypeError("a number of seconds above 0, such as 120")


def main(arguments: list[str] | None = None) -> int:
    """The command line; see the top of this file."""
    about, details = str(__doc__).split("\n\n", 1)
    parser = argparse.ArgumentParser(
        prog="check.py", description=about, epilog=details, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("notebook", metavar="NOTEBOOK", type=Path, help="a notebook's file, such as 1-perceptron.ipynb")
    parser.add_argument(
        "--seconds", type=_seconds, default=SECONDS, help="how long one cell may take (default: %(default)g)"
    )
    chosen = parser.parse_args(arguments)
    return check(chosen.notebook, chosen.seconds)


if __name__ == "__main__":
    if sys.version_info < (3, 10):  # noqa: UP036  (a student's Python may be older than the course's)
        sys.exit("check.py needs Python 3.10 or newer.")
    if sys.argv[1:] == [CHILD]:
        run_cells()
    else:
        sys.exit(main())
