"""`pset release`: one zip file of an assignment, for any learning platform.

In it is the committed release, and what a student needs to begin: a page that says how, lists of what to install, and
`check.py`. Nothing else of the course is read. The same input gives the same bytes, on every machine.
"""

from __future__ import annotations

import base64
import html
import pprint
import re
import tempfile
import zipfile
from pathlib import Path
from string import Template

import nbformat
from rich.markup import escape

from grader.batch import written_whole
from grader.cli.check import released
from grader.cli.common import Refusal, console, copy_course, find_course
from grader.cli.verify import differences, generate
from grader.course import Course, CourseError, questions
from grader.students import check

FILES = Path(check.__file__).with_name("files")
REQUIREMENTS = ("requirements.txt", "requirements-numpy.txt", "requirements-jax.txt")
# The first date that a zip file can hold: when the zip was made must not change its bytes.
_NO_DATE = (1980, 1, 1, 0, 0, 0)


def out_of_step(course: Course, assignment: str) -> list[str]:
    """How the committed release differs from what `generate_assignment` makes now; empty when it does not."""
    with tempfile.TemporaryDirectory(prefix="pset-release-") as folder:
        copy = copy_course(course, Path(folder) / "course")
        failed = generate(copy.root, [assignment])
        if failed:
            return [f"nbgrader generate_assignment {assignment} fails:\n{failed[assignment].strip()[-1500:]}"]
        found = differences(copy.release(assignment), course.release(assignment))
        return [f"assignments/{assignment}/{file} {told}" for file, told in found.items()]


def contents(course: Course, assignment: str) -> dict[str, bytes]:
    """The files of the zip by their names, without the folder that holds them all."""
    folder = course.release(assignment)
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not {"__pycache__", ".ipynb_checkpoints"} & set(path.relative_to(folder).parts)
    }
    ours = {name: (FILES / name).read_bytes() for name in REQUIREMENTS}
    ours["README.html"] = readme(course, assignment).encode("utf-8")
    ours["check.py"] = check_program(course, assignment).encode("utf-8")
    licence = course.root / "LICENSE"
    if licence.is_file():
        ours["LICENSE"] = licence.read_bytes()
    doubled = sorted(files.keys() & ours.keys())
    if doubled:
        raise Refusal(
            f"assignments/{assignment} has files of its own with the names {', '.join(doubled)}, which the zip needs. "
            f"Rename them in solutions/{assignment}."
        )
    return {**files, **ours}


def check_program(course: Course, assignment: str) -> str:
    """check.py with the questions of this assignment written into it."""
    source = Path(check.__file__).read_text(encoding="utf-8")
    empty = "RELEASED: dict[str, list[dict[str, str]]] = {}\n"
    if source.count(empty) != 1:
        raise Refusal(f"{check.__file__} has no single line {empty.strip()!r} to fill in.")
    known = pprint.pformat(released(course, assignment), width=110, sort_dicts=False)
    return source.replace(empty, empty.replace("{}", known))


def readme(course: Course, assignment: str) -> str:
    """The page that says how to begin, from its template and the notebooks themselves."""
    page = Template((FILES / "README.html").read_text(encoding="utf-8"))
    paths = sorted(course.release(assignment).glob("*.ipynb"))
    others = sorted(
        path.name for path in course.release(assignment).iterdir() if path.is_file() and path.suffix != ".ipynb"
    )
    return page.substitute(
        assignment=html.escape(assignment),
        first=html.escape(paths[0].name),
        trial=html.escape(paths[min(1, len(paths) - 1)].name),
        rows="\n".join(_notebook_row(path) for path in paths),
        helpers=" and ".join(f"<code>{html.escape(name)}</code>" for name in others) or "the other files",
        colab=html.escape((FILES / "colab.py").read_text(encoding="utf-8").strip()),
        jupyterlab=base64.b64encode((FILES / "jupyterlab.png").read_bytes()).decode(),
    )


def _notebook_row(path: Path) -> str:
    """A notebook's line in the page's table: name, subject, points, time and what it imports."""
    notebook = nbformat.read(path, as_version=4)
    opening = notebook.cells[0].source
    title = re.search(r"^#\s+(.+)$", opening, re.MULTILINE)
    hours = re.search(r"(?:\*\*Time:\*\*|Allow)\s*([^.*]*(?:\.\d[^.*]*)*)", opening)
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    needs = "Keras" if re.search(r"^\s*(import|from) keras\b", code, re.MULTILINE) else "NumPy, Matplotlib"
    points = sum(question.points for question in questions(notebook))
    about = re.split(r":\s*", title[1])[-1] if title else ""
    texts = (about, f"{points:g}", hours[1].strip() if hours else "", needs)
    cells = "".join(f"<td>{html.escape(text)}</td>" for text in texts)
    return f'<tr><th scope="row"><code>{html.escape(path.name)}</code></th>{cells}</tr>'


def write_zip(path: Path, folder: str, files: dict[str, bytes]) -> None:
    """A zip of `files` in one folder. It is put in its place when it is whole; Refusal where it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Not compressed: most of it is already, and how a library compresses differs between machines.
        with written_whole(path) as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as packed:
            for inside in sorted(files):
                member = zipfile.ZipInfo(f"{folder}/{inside}", _NO_DATE)
                member.create_system, member.external_attr = 3, 0o100644 << 16
                packed.writestr(member, files[inside])
        path.chmod(0o644)
    except OSError as error:
        raise Refusal(f"{path} cannot be written: {error.strerror or error}. Name another with --to.") from error


def run(chosen: list[str], to: Path | None) -> int:
    """The command: a zip for each assignment, or a Refusal that says what is out of step."""
    course = find_course()
    try:
        assignments = sorted(set(chosen)) or course.assignments
        for name in assignments:
            course.source(name)
    except CourseError as error:
        raise Refusal(str(error)) from error
    if to is not None and len(assignments) != 1:
        raise Refusal("--to names the zip of one assignment; say which one, as in: pset release ps1 --to FILE.zip")
    out = console()
    for name in assignments:
        with out.status(f"Making the release of {name} once more, to compare it ..."):
            found = out_of_step(course, name)
        if found:
            raise Refusal(
                f"No zip was made of {name}: what is in assignments/{name} is not what solutions/{name} makes.\n  "
                + "\n  ".join(found)
                + f"\nMake it again: nbgrader generate_assignment {name} --force. Prove it: pset verify. Then again."
            )
    for name in assignments:
        path = to or course.root / "dist" / f"{name}.zip"
        files = contents(course, name)
        write_zip(path, name, files)
        size = path.stat().st_size / 1e6
        out.print(f"{escape(str(path))}  {size:.1f} MB, {len(files)} files: {escape(', '.join(sorted(files)))}")
    return 0
