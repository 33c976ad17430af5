"""`pset`: the course's own command, beside nbgrader's.

Each command is imported when it is called, so that `pset doctor` can speak where something else is broken.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="dsia-deep-learning-pset")
def main() -> None:
    """Autograded problem sets: check the course, check this machine, try a made-up class.

    Grading itself is nbgrader's: `nbgrader autograde ps1`.
    """


@main.command("verify")
@click.option("--assignment", "-a", multiple=True, help="Only this assignment (may be given more than once).")
def verify_command(assignment: tuple[str, ...]) -> None:
    """Prove that solutions, release and hidden suites belong together.

    The committed release is what `nbgrader generate_assignment` makes; every instructor notebook earns every
    automatic point; the untouched release earns none. Exit status 0 when all of it holds, 1 when not.
    """
    from grader.cli.verify import run

    raise SystemExit(run(list(assignment)))


@main.command("rubric")
def rubric_command() -> None:
    """Write what each part of a question is worth into its test cell in `solutions/`, as the hidden suites have it."""
    from grader.cli.rubric import run

    raise SystemExit(run())


@main.command("doctor")
@click.option("--settings", is_flag=True, help="Print every setting of the package with its default instead.")
def doctor_command(settings: bool) -> None:
    """Say what is installed, what works here, and what to do about the rest.

    Exit status 1 when grading could not run on this machine or in this folder.
    """
    from grader.cli.doctor import print_settings, run

    raise SystemExit(print_settings() if settings else run())


@main.command("demo")
@click.argument("folder", type=click.Path(path_type=Path), default=Path("demo"))
@click.option("--force", is_flag=True, help="Use a folder that has something in it already.")
@click.option("--picture", type=click.Path(path_type=Path), help="Also draw the table into this SVG file.")
def demo_command(folder: Path, force: bool, picture: Path | None) -> None:
    """Grade a small made-up class in FOLDER with nbgrader's own commands.

    The marks are compared with those written beside each made-up student's answers. Exit status 1 when one is not
    as it should be.
    """
    from grader.cli.demo import run

    raise SystemExit(run(folder, force, picture))


@main.command("grade")
@click.argument("assignment", default="ps1")
@click.option("--jobs", "-j", type=click.IntRange(1), help="How many submissions at once.  [default: one per core]")
@click.option("--scheduler", help="Address of a Dask scheduler whose workers run and judge the notebooks.")
@click.option("--student", default="*", show_default=True, help="Only these students; * stands for anything.")
@click.option("--notebook", default="*", show_default=True, help="Only these notebooks; * stands for anything.")
@click.option("--force", is_flag=True, help="Grade also what was graded before.")
@click.option("--feedback", is_flag=True, help="Write the feedback as well, once all is graded.")
def grade_command(assignment: str, feedback: bool, **options: Any) -> None:
    """Grade what was handed in for ASSIGNMENT: `nbgrader autograde` with the options of a large run.

    Exit status as nbgrader's: 1 when somebody could not be graded, and 130 when it was stopped.
    """
    from grader.cli.grade import run

    raise SystemExit(run(assignment, feedback, **options))


@main.command("explain")
@click.argument("student")
@click.argument("question")
@click.option("--assignment", "-a", default="ps1", show_default=True)
@click.option("--live/--stored", default=True, help="Also judge it again now, with the same probes.")
def explain_command(student: str, question: str, assignment: str, live: bool) -> None:
    """Show every probe of one QUESTION of one STUDENT: call, expected, got, tolerance, seed and time.

    For instructors. Exit status 1 when judging it again gives another verdict.
    """
    from grader.cli.explain import run

    raise SystemExit(run(student, question, assignment, live))
