"""`pset new`: a problem set to start from, with one question and all that belongs to it."""

from __future__ import annotations

import importlib
import importlib.util
import keyword
import re
import shutil
from pathlib import Path
from string import Template

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from rich.markup import escape

import grader
from grader.cli import rubric
from grader.cli.common import Refusal, console, find_course
from grader.course import Course, module_name, use_own_problem_sets

_TEMPLATES = Path(__file__).parent / "templates" / "problem_set"
_NOTEBOOK = "1-start"
_TITLE = """# {assignment}: the title

**3 points.** Allow about 10 minutes.

**You will be able to**

- say what this notebook teaches."""
_TASK = """## 1. The relu (3 points)

$$\\text{relu}(z) = \\max(0, z)$$

`relu(z)` takes a number or an array of any shape and returns the same shape.

<details><summary>Hint: one line</summary>

NumPy compares whole arrays with a number: look up `np.maximum`.
</details>"""
_ANSWER = '''def relu(z):
    """max(0, z) for every number in z, any shape to the same shape."""
    ### BEGIN SOLUTION
    return np.maximum(z, 0)
    ### END SOLUTION'''

_FURTHER = "# Your mark comes from further checks with other numbers."


def _cell(name: str, source: str, points: float | None = None) -> NotebookNode:
    """A solution cell, or with `points` a locked test cell."""
    data = {"schema_version": 3, "grade_id": name, "task": False}
    if points is None:
        data |= {"grade": False, "solution": True, "locked": False}
    else:
        data |= {"grade": True, "solution": False, "locked": True, "points": points}
    return new_code_cell(source, metadata={"nbgrader": data}, id=name)


def _notebook(assignment: str) -> NotebookNode:
    package = module_name(assignment)
    cells = [
        new_markdown_cell(_TITLE.format(assignment=assignment), id="title"),
        new_code_cell(f"import numpy as np\n\nimport {package}_helper", id="setup"),
        new_markdown_cell(_TASK, id="relu-text"),
        _cell("relu", _ANSWER),
        _cell("test_relu", f"{_FURTHER}\n{package}_helper.check_relu(relu)", 3),
    ]
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})


def _refusal(course: Course, assignment: str) -> str:
    """Why this problem set cannot be begun here, with what to do; empty when it can."""
    package = module_name(assignment)
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", assignment) or keyword.iskeyword(package):
        return (
            f"{assignment!r} will not do as a name: small letters, digits and single hyphens, such as ps2 or ps2-extra."
        )
    there = [
        path for path in (course.root / "solutions" / assignment, course.root / "grader" / package,
                          course.release(assignment)) if path.exists()
    ]  # fmt: skip
    if there:
        return f"{there[0]} is there already, and nothing was touched. Take another name, or move it away."
    if importlib.util.find_spec(f"grader.{package}") is not None:
        return f"grader.{package} is a part of the grader itself. Take another name than {assignment}."
    ours = course.root / "grader" / "__init__.py"
    if ours.exists() and ours.resolve().parent != Path(grader.__file__).resolve().parent:
        return (
            f"{ours.parent} is not the package that runs, which is {Path(grader.__file__).parent}: "
            "suites that were put there would not be found. Install this checkout: make install"
        )
    return ""


def write(course: Course, assignment: str) -> list[Path]:
    """Put the files of a new problem set in their places; which they are. OSError when that fails."""
    package = module_name(assignment)
    sources = course.root / "solutions" / assignment
    made = {sources / f"{_NOTEBOOK}.ipynb": nbformat.writes(_notebook(assignment)) + "\n"}
    for template in sorted(_TEMPLATES.rglob("*.txt")):
        place = template.relative_to(_TEMPLATES).with_suffix("")
        if place.parts[0] == "solutions":
            target = sources / f"{package}_{place.name}"
        else:
            target = course.root / "grader" / package / place.relative_to("grader")
        made[target] = Template(template.read_text(encoding="utf-8")).substitute(assignment=assignment, package=package)
    for path, text in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    importlib.invalidate_caches()
    use_own_problem_sets(course.root)
    rubric.write(sources / f"{_NOTEBOOK}.ipynb", assignment)
    return list(made)


def register(pyproject: Path, package: str) -> bool:
    """Add a problem set to a checkout's import rules; False where they are not written as expected."""
    if not pyproject.is_file():
        return True
    text = pyproject.read_text(encoding="utf-8")
    rules = r'^((?:source|forbidden)_modules = \["grader\.ps1", [^\]]*)\]$'
    changed, found = re.subn(rules, rf'\1, "grader.{package}"]', text, flags=re.MULTILINE)
    if found == 2:
        pyproject.write_text(changed, encoding="utf-8")
    return found == 2


def run(assignment: str) -> int:
    """The command: write everything, make the release, and say what comes next."""
    from grader.cli.verify import generate

    course, out = find_course(), console()
    if why := _refusal(course, assignment):
        raise Refusal(why)
    package = module_name(assignment)
    try:
        made = write(course, assignment)
    except OSError as error:
        for folder in (course.root / "solutions" / assignment, course.root / "grader" / package):
            shutil.rmtree(folder, ignore_errors=True)
        raise Refusal(f"Nothing was made: {error}") from error
    failed = generate(course.root, [assignment])
    if failed:
        raise Refusal(f"The problem set is written, but its release could not be made:\n{failed[assignment]}")
    for path in sorted(made):
        out.print(escape(str(path.relative_to(course.root))))
    out.print(f"{escape(str(course.release(assignment).relative_to(course.root)))}/ is what students get")
    # A course of its own, outside the checkout, has no such rules, though it may have a pyproject.toml.
    if (course.root / "grader" / "__init__.py").exists() and not register(course.root / "pyproject.toml", package):
        out.print(f'Add "grader.{package}" beside "grader.ps1" to the import rules in pyproject.toml.')
    out.print(f"\nIt is a whole problem set already: pset verify -a {assignment}")
    return 0
