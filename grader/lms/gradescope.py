"""The zip file that makes Gradescope grade an assignment by itself: this package, the suites, and two scripts.

Relied on: "Autograder Specifications" and "Technical Details", gradescope-autograders.readthedocs.io. `setup.sh` runs
once, as root, when Gradescope builds the image; `run_autograder` for each submission, in a fresh container. Both find
their places below /autograder, or below PSET_AUTOGRADER. Only what is listed here goes in: no gradebook, no secret,
no submission, no path of this machine.
"""

from __future__ import annotations

import io
import shlex
import zipfile
from importlib import metadata
from pathlib import Path

import grader
from grader.batch import write_whole
from grader.course import Course, suite_folder
from grader.lms.names import junk

_PACKAGE = "dsia-deep-learning-pset"
# The same moment for every file: the same course gives the same archive.
_WHEN = (2000, 1, 1, 0, 0, 0)

_SETUP = """\
#!/usr/bin/env bash
# Made by `pset gradescope`. Gradescope runs it once, when it builds the image.
set -euo pipefail
root="${PSET_AUTOGRADER:-/autograder}"
source="$root/source"
python="${PSET_PYTHON:-}"
if [ -z "$python" ]; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq python3 python3-venv bubblewrap libseccomp2
  python3 -c 'import sys; sys.exit(None if sys.version_info >= (3, 10) else
    "Python 3.10 or newer is needed: choose Ubuntu 22.04 or newer in the settings of the autograder")'
  python3 -m venv "$root/venv"
  python="$root/venv/bin/python"
  "$python" -m pip install --quiet --no-cache-dir -r "$source/requirements.txt"@CONSTRAINTS@
fi
cd "$source/course"
export PYTHONPATH="$source/package" PYTHONDONTWRITEBYTECODE=1
# The probes' secret is made here, so that it is the same for all submissions, and known to nobody.
(umask 077; "$python" -c 'import secrets; print(secrets.token_hex(32))' > .pset-secret)
"$python" -m nbgrader generate_assignment @ASSIGNMENT@
"""
_RUN = """\
#!/usr/bin/env bash
# Made by `pset gradescope`. Gradescope runs it for each submission.
root="${PSET_AUTOGRADER:-/autograder}"
cd "$root/source/course" || exit 1
export PYTHONPATH="$root/source/package" PYTHONDONTWRITEBYTECODE=1
exec "${PSET_PYTHON:-$root/venv/bin/python}" -m grader.lms.harness @ASSIGNMENT@ "$root"
"""


class GradescopeError(RuntimeError):
    """The zip file cannot be made; the message says why and what to do."""


def make(course: Course, assignment: str, target: Path, include: tuple[Path, ...] = (), isolation: str = "auto") -> int:
    """Write the autograder's zip file; how many files are in it. Raises GradescopeError."""
    if suite_folder(assignment) is None:
        raise GradescopeError(
            f"{assignment} has no hidden suites in this package, so there would be nothing to judge by"
        )
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        constraints = _constraints(course)
        option = ' -c "$source/constraints.txt"' if constraints else ""
        _add(archive, "setup.sh", _fill(_SETUP, assignment, option), executable=True)
        _add(archive, "run_autograder", _fill(_RUN, assignment, option), executable=True)
        _add(archive, "requirements.txt", "".join(f"{line}\n" for line in requirements()).encode())
        if constraints:
            _add(archive, "constraints.txt", constraints)
        _add_folder(archive, "package/grader", Path(grader.__file__).parent)
        _add(archive, "course/nbgrader_config.py", _configuration(course, isolation))
        _add_folder(archive, f"course/solutions/{assignment}", course.source(assignment))
        # Suites of the course's own, where it has any (pset new).
        own = course.root / "grader"
        if own.is_dir() and not (own / "__init__.py").exists():
            _add_folder(archive, "course/grader", own)
        for path in include:
            _include(archive, course, path)
        count = len(archive.namelist())
    target.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target, content.getvalue())
    return count


def _fill(script: str, assignment: str, constraints: str) -> bytes:
    return script.replace("@ASSIGNMENT@", shlex.quote(assignment)).replace("@CONSTRAINTS@", constraints).encode()


def requirements() -> list[str]:
    """What this package needs, as pip takes it, without what only its tests and its cluster need."""
    try:
        lines = metadata.requires(_PACKAGE) or []
    except metadata.PackageNotFoundError as error:
        raise GradescopeError(f"{_PACKAGE} is not installed here: pip install it, or type make install") from error
    return [line for line in lines if "extra ==" not in line.partition(";")[2]]


def _constraints(course: Course) -> bytes:
    """The pinned versions of the course, or of a checkout of this package; nothing where there are none."""
    for folder in (course.root, Path(grader.__file__).resolve().parents[1]):
        path = folder / "constraints.txt"
        if path.is_file():
            return path.read_bytes()
    return b""


def _configuration(course: Course, isolation: str) -> bytes:
    text = (course.root / "nbgrader_config.py").read_text(encoding="utf-8")
    if isolation != "auto":
        text += f'\n# Chosen with `pset gradescope --isolation {isolation}`.\nc.Jail.isolation = "{isolation}"\n'
    return text.encode()


def _include(archive: zipfile.ZipFile, course: Course, path: Path) -> None:
    whole = (course.root / path).resolve()
    if not whole.exists() or not whole.is_relative_to(course.root) or whole == course.root:
        raise GradescopeError(f"{path} is no file or folder of the course {course.root}")
    place = f"course/{whole.relative_to(course.root).as_posix()}"
    if whole.is_dir():
        _add_folder(archive, place, whole)
    else:
        _add(archive, place, whole.read_bytes())


def _add_folder(archive: zipfile.ZipFile, place: str, folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if path.is_file() and not path.is_symlink() and not junk(relative.parts) and path.suffix != ".pyc":
            _add(archive, f"{place}/{relative.as_posix()}", path.read_bytes())


def _add(archive: zipfile.ZipFile, name: str, content: bytes, executable: bool = False) -> None:
    entry = zipfile.ZipInfo(name, _WHEN)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = (0o100755 if executable else 0o100644) << 16
    archive.writestr(entry, content)
