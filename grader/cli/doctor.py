"""`pset doctor`: what is installed, what works here, and what to do about the rest.

It must speak where something is broken, so it imports nothing heavy (TensorFlow takes seconds) and expects every
look to fail.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from grader.cli.common import configuration, console
from grader.course import Course, CourseError

GOOD, NOTE, BAD = "ok", "note", "missing"
_COLOUR = {GOOD: "green", NOTE: "yellow", BAD: "red"}
_PACKAGES = ("numpy", "matplotlib", "keras", "nbgrader", "nbclient", "ipykernel", "pytest")
_BACKENDS = ("tensorflow", "jax", "torch", "openvino", "numpy")
_SCRATCH_NEEDED = 2 * 2**30


@dataclass(frozen=True)
class Finding:
    """One line: what was looked at, how it stands, what was found, and what to do."""

    what: str
    state: str
    found: str
    advice: str = ""


def _python() -> Finding:
    right = (3, 10) <= sys.version_info[:2] <= (3, 13)
    advice = "" if right else "Make the environment with Python 3.10, 3.11, 3.12 or 3.13."
    return Finding("python", GOOD if right else NOTE, f"{platform.python_version()} at {sys.executable}", advice)


def _version(name: str) -> Finding:
    try:
        return Finding(name, GOOD, importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        command = f"{Path(sys.executable).name} -m pip install -c constraints.txt -e ."
        return Finding(name, BAD, "not installed", f"Type in the course folder: {command}")


def _backend() -> Finding:
    """Keras's backend in the jail, whose home is empty: the environment decides, or else Keras's default."""
    named = os.environ.get("KERAS_BACKEND", "")
    name, why = named or "tensorflow", "from KERAS_BACKEND" if named else "Keras's default"
    if name not in _BACKENDS:
        return Finding("backend", BAD, f"{name}, {why}", f"Keras knows {', '.join(_BACKENDS)}.")
    if importlib.util.find_spec(name) is None:
        advice = f"Install it, or name one that is: pip install {name}, or export KERAS_BACKEND=jax"
        return Finding("backend", BAD, f"{name}, {why}, is not installed", advice)
    if name in ("numpy", "openvino"):
        return Finding("backend", NOTE, f"{name}, {why}", "It cannot train a model: export KERAS_BACKEND=tensorflow")
    elsewhere = _backend_of_home()
    if not named and elsewhere not in ("", name):
        advice = f"Your own keras.json says {elsewhere}; the jail does not see it: export KERAS_BACKEND={elsewhere}"
        return Finding("backend", NOTE, f"{name}, {why}", advice)
    return Finding("backend", GOOD, f"{name}, {why}")


def _backend_of_home() -> str:
    """The backend in the user's own keras.json, if it names one."""
    settings = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "keras.json"
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        return str(json.loads(settings.read_text(encoding="utf-8"))["backend"])
    return ""


def _isolation(course: Course | None) -> Finding:
    from grader.jail import Jail, JailError, bubblewrap, isolation, landlock

    jail = Jail(config=configuration(course.root)) if course is not None else Jail()
    try:
        mode = isolation(jail)
    except JailError as error:
        first, *rest = str(error).split("\n")
        return Finding("isolation", BAD, first, "\n".join(rest))
    if mode == "bubblewrap":
        return Finding("isolation", GOOD, f"bubblewrap at {bubblewrap()}, with a filter of system calls")
    if mode == "none":
        return Finding(
            "isolation",
            NOTE,
            'none: c.Jail.isolation = "none" in nbgrader_config.py',
            "Student code runs WITHOUT ANY PROTECTION. Take the line out to grade what others wrote.",
        )
    found = f"Landlock, version {landlock()}, with a filter of system calls: weaker than bubblewrap"
    if jail.isolation == "landlock":
        return Finding("isolation", NOTE, found, 'As nbgrader_config.py says: c.Jail.isolation = "landlock".')
    try:
        bubblewrap()
    except JailError as error:
        return Finding("isolation", NOTE, found, str(error).rpartition("\n")[0])
    return Finding("isolation", NOTE, found)


def _course(course: Course | None) -> Finding:
    if course is None:
        return Finding(
            "course",
            BAD,
            f"{Path.cwd()} is not a course folder",
            "Change to the folder that holds nbgrader_config.py and solutions/.",
        )
    names = course.assignments
    unreleased = [name for name in names if not course.release(name).is_dir()]
    advice = "\n".join(f"Make the release: nbgrader generate_assignment {name}" for name in unreleased)
    found = f"{course.root} with {', '.join(names) or 'no assignments'}"
    return Finding("course", NOTE if unreleased or not names else GOOD, found, advice)


def _gradebook(course: Course | None) -> Finding | None:
    """What the gradebook holds; it is not made when it is not there."""
    if course is None:
        return None
    url = str(configuration(course.root).CourseDirectory.get("db_url", "sqlite:///gradebook.db"))
    scheme, _, path = url.partition(":///")
    if scheme != "sqlite":
        return Finding("gradebook", NOTE, f"a {scheme.partition(':')[0]} database; not looked into")
    file = course.root / path.partition("?")[0]
    if not file.is_file():
        first = (course.assignments or ["ps1"])[0]
        return Finding("gradebook", NOTE, "there is none yet", f"Make it: nbgrader generate_assignment {first}")
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{file}?timeout=5") as gradebook:
        assignments = ", ".join(entry.name for entry in gradebook.assignments) or "no assignments"
        submissions = sum(len(entry.submissions) for entry in gradebook.assignments)
        return Finding(
            "gradebook", GOOD, f"{assignments}; {len(gradebook.students)} students, {submissions} submissions"
        )


def _digits(course: Course | None) -> list[Finding]:
    """Which digits load_digits_data of a released helper takes: here, and in the jail, which has a home of its own."""
    helpers = sorted((course.root / "solutions").glob("*/*_helper.py")) if course else []
    helpers = [path for path in helpers if "def load_digits_data" in path.read_text(encoding="utf-8")]
    if not helpers:
        return []
    with tempfile.TemporaryDirectory() as empty:
        return [
            _load_digits("digits here", helpers[0], {}),
            _load_digits("digits in the jail", helpers[0], {"HOME": empty, "USERPROFILE": empty}),
        ]


def _load_digits(what: str, helper: Path, environment: dict[str, str]) -> Finding:
    code = f"from {helper.stem} import load_digits_data; load_digits_data()"
    done = subprocess.run(
        [sys.executable, "-B", "-c", code],
        cwd=helper.parent,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    said = (done.stdout if done.returncode == 0 else done.stderr).strip().splitlines() or ["nothing was said"]
    if done.returncode == 0:
        return Finding(what, GOOD, said[-1])
    return Finding(what, BAD, said[-1], "Is MNIST_NPZ right? Without it the bundled digits are used.")


def _scratch() -> Finding:
    folder = "/tmp" if os.path.isdir("/tmp") else tempfile.gettempdir()
    free = shutil.disk_usage(folder).free
    few = free < _SCRATCH_NEEDED
    advice = "A notebook's jail may use 0.25 GB, a set-up more: make room." if few else ""
    return Finding("scratch disk", NOTE if few else GOOD, f"{free / 2**30:.1f} GB free in {folder}", advice)


def _memory() -> Finding:
    try:
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    except (AttributeError, ValueError, OSError):
        return Finding("processor", GOOD, f"{os.cpu_count()} cores")
    advice = "A Keras notebook takes about 1 GB." if size < 3 else ""
    return Finding("processor", NOTE if advice else GOOD, f"{os.cpu_count()} cores, {size:.0f} GB of memory", advice)


def _look(what: str, look: Callable[[], Any]) -> list[Finding]:
    """One look's findings; a look that fails is itself a finding."""
    try:
        found = look()
    except Exception as error:  # a doctor that dies tells nothing
        return [Finding(what, BAD, f"could not be examined: {type(error).__name__}: {error}")]
    return found if isinstance(found, list) else [found] if found is not None else []


def examine() -> list[Finding]:
    """Everything there is to say."""
    try:
        course: Course | None = Course.find(Path.cwd())
    except CourseError:
        course = None
    looks: list[tuple[str, Callable[[], Any]]] = [
        ("python", _python),
        *((name, partial(_version, name)) for name in _PACKAGES),
        ("backend", _backend),
        ("isolation", partial(_isolation, course)),
        ("course", partial(_course, course)),
        ("gradebook", partial(_gradebook, course)),
        ("digits", partial(_digits, course)),
        ("scratch disk", _scratch),
        ("processor", _memory),
    ]
    return [finding for what, look in looks for finding in _look(what, look)]


def run() -> int:
    """The command: a table, and the exit status."""
    out = console()
    findings = examine()
    table = Table(show_header=False, box=None, pad_edge=False)
    for finding in findings:
        sign = f"[{_COLOUR[finding.state]}]{finding.state}[/]"
        advice = f"\n[bold]{escape(finding.advice)}[/]" if finding.advice else ""
        table.add_row(finding.what, sign, escape(finding.found) + advice)
    out.print(table)
    ill = [finding.what for finding in findings if finding.state == BAD]
    out.print(f"\nGrading cannot run here: see {', '.join(ill)}." if ill else "\nReady to grade.")
    return 1 if ill else 0


def print_settings() -> int:
    """Every setting of the package as a line for nbgrader_config.py."""
    from grader.autograde import SaveVerdicts
    from grader.autograde.repair import Submission
    from grader.batch import Batch, Cache
    from grader.batch.cluster import Cluster
    from grader.jail import Jail
    from grader.judge.run import Judge
    from grader.lms.collect import Collector, Extractor
    from grader.lms.export import Canvas, GradeExporter, Moodle, MoodleWorksheet
    from grader.lms.late import LatePenalty

    platforms = (Collector, Extractor, LatePenalty, GradeExporter, Canvas, Moodle, MoodleWorksheet)
    print("# The settings of this package with their defaults, for nbgrader_config.py.")
    print("# nbgrader's own are listed by: nbgrader autograde --help-all")
    for section in (Batch, Cluster, Jail, Judge, Cache, Submission, SaveVerdicts, *platforms):
        print(f"\n# {(section.__doc__ or section.__name__).strip().splitlines()[0]}")
        for name, trait in sorted(section.class_own_traits(config=True).items()):
            print(f"\n# {' '.join(str(trait.help).split())}")
            print(f"# c.{section.__name__}.{name} = {trait.default_value_repr()}")
    return 0
