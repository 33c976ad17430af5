"""What Gradescope's `run_autograder` starts: grade the one submission there is, and write its results.json.

    python -m grader.lms.harness ASSIGNMENT [ROOT]

ROOT is /autograder unless given. The course is the current folder. Where grading itself fails no results.json is
written, which Gradescope reports as a failure of the autograder to the instructor: a zero would be a student's.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from traitlets.config.loader import PyFileConfigLoader

from grader.batch import write_whole
from grader.lms.collect import by_content, cell_names
from grader.lms.marks import NotGraded, read_marks, read_verdicts
from grader.lms.names import junk, recognise
from grader.lms.results import results

_STUDENT = "student"


def main(arguments: list[str]) -> int:
    """Grade; 0 when results.json is there."""
    assignment, root = arguments[0], Path(arguments[1] if len(arguments) > 1 else "/autograder").resolve()
    target, started = root / "results" / "results.json", time.monotonic()
    target.unlink(missing_ok=True)
    course = Path.cwd()
    chosen, others = choose(root / "submission", course / "solutions" / assignment)
    if not chosen:
        _write(target, _nothing(others, course / "solutions" / assignment))
        return 0
    folder = course / "submitted" / _STUDENT / assignment
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for notebook, path in chosen.items():
        shutil.copyfile(path, folder / f"{notebook}.ipynb")
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "autograde", assignment, f"--student={_STUDENT}", "--force"],
        check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    if done.returncode != 0:
        print(
            f"Grading failed with exit status {done.returncode}; see above. No results were written.", file=sys.stderr
        )
        return 1
    try:
        found = _results(course, assignment)
    except NotGraded as error:
        print(f"Grading left no marks: {error}. No results were written.", file=sys.stderr)
        return 1
    left = [f"Not one of this assignment's notebooks, so not looked at: {', '.join(others)}"] if others else []
    found["output"] = "\n".join(text for text in (found["output"], *left) if text)
    found["execution_time"] = round(time.monotonic() - started, 1)
    _write(target, found)
    return 0


def choose(submission: Path, source: Path) -> tuple[dict[str, Path], list[str]]:
    """Which file is which notebook, by its name or its cells, the newest of several; and the other files' names."""
    known = {path.stem: cell_names(path) for path in source.glob("*.ipynb")}
    chosen: dict[str, tuple[tuple[bool, float, int], Path]] = {}
    others = []
    for path in sorted(path for path in submission.rglob("*") if ".ipynb" in path.name.lower()):
        if path.is_symlink() or not path.is_file() or junk(path.relative_to(submission).parts):
            continue
        named = recognise(path.stem, known)
        which = None if path.suffix.lower() != ".ipynb" else named or by_content(path, known)
        if which is None:
            others.append(path.name)
            continue
        notebook, copy = which
        # As what was collected from another platform is chosen.
        order = (named is not None, path.stat().st_mtime, copy)
        if notebook not in chosen or order >= chosen[notebook][0]:
            chosen[notebook] = (order, path)
    return {notebook: path for notebook, (_, path) in sorted(chosen.items())}, others


def _nothing(others: list[str], source: Path) -> dict[str, Any]:
    wanted = ", ".join(sorted(path.name for path in source.glob("*.ipynb")))
    had = f" You handed in: {', '.join(others)}." if others else ""
    said = f"None of this assignment's notebooks was found, so there was nothing to grade. Hand in: {wanted}.{had}"
    return {"score": 0.0, "output": said, "output_format": "text", "tests": []}


def _results(course: Path, assignment: str) -> dict[str, Any]:
    config = PyFileConfigLoader("nbgrader_config.py", path=str(course)).load_config()
    config.CourseDirectory.setdefault("root", str(course))
    coursedir = CourseDirectory(config=config)
    with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
        (work,) = read_marks(gradebook, coursedir, assignment, [_STUDENT]).works
    directory = config.SaveVerdicts.get("verdict_directory", "verdicts") if "SaveVerdicts" in config else "verdicts"
    folder = course / str(directory) / _STUDENT / assignment
    return results(work, lambda notebook: read_verdicts(folder, notebook))


def _write(target: Path, found: dict[str, Any]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target, json.dumps(found, indent=1, ensure_ascii=False).encode(errors="replace"), 0o644)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
