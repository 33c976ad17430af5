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


@main.command("init")
@click.argument("folder", type=click.Path(path_type=Path))
def init_command(folder: Path) -> None:
    """Make a course in FOLDER: settings, problem set, helper files, and a README that leads to grades.

    The folder must be new or empty.
    """
    from grader.cli.init import run

    raise SystemExit(run(folder))


@main.command("new")
@click.argument("assignment")
def new_command(assignment: str) -> None:
    """Begin a problem set in this course: a notebook with one question, its hidden suite, and the release.

    The hidden suite, a reference solution and misconceptions are put into the folder grader/. Nothing is overwritten.
    """
    from grader.cli.new import run

    raise SystemExit(run(assignment))


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


@main.command("report")
@click.argument("assignment", default="ps1")
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("report"),
    show_default=True,
    help="Write the files into this folder.",
)
@click.option(
    "--compare",
    "old",
    type=click.Path(path_type=Path),
    help="Also tell what changed since this earlier report (its JSON file).",
)
def report_command(assignment: str, folder: Path, old: Path | None) -> None:
    """Write the class report of ASSIGNMENT: a page for instructors, and its numbers as JSON and CSV.

    Marks are the gradebook's, so those given by hand count. Exit status 2 when nothing is graded yet.
    """
    from grader.cli.report import run

    raise SystemExit(run(assignment, folder, old))


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


@main.command("release")
@click.argument("assignment", nargs=-1)
@click.option("--to", type=click.Path(path_type=Path), help="The zip file to write.  [default: dist/ASSIGNMENT.zip]")
def release_command(assignment: tuple[str, ...], to: Path | None) -> None:
    """Pack what students get into a zip file for any learning platform; without a name, each ASSIGNMENT.

    Nothing is packed that is not in step with `solutions/`. The same course gives the same bytes. Exit status 2 when no
    zip was made.
    """
    from grader.cli.release import run

    raise SystemExit(run(list(assignment), to))


@main.command("check")
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option("--seconds", type=click.FloatRange(0, min_open=True), default=120, show_default=True)
def check_command(notebook: Path, seconds: float) -> None:
    """Run the visible checks of NOTEBOOK, as students do with `python check.py NOTEBOOK`.

    The notebook's code runs on this machine WITHOUT a jail: use it for notebooks you wrote or trust, and grade others.
    Exit status 0 when every visible check passes, 1 when one does not, 2 when the notebook could not be run.
    """
    from grader.cli.check import run

    raise SystemExit(run(notebook, seconds))


@main.command("roster")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--id", "id_column", default="", help="The column with the students' ids.  [default: found by its name]")
def roster_command(file: Path, id_column: str) -> None:
    """Import the students in FILE: a gradebook that Canvas exported, a list from Moodle, or any CSV file.

    Byte order marks, semicolons and Latin-1 are understood. All of it is written into nbgrader's gradebook, or, when
    something is wrong in it, nothing. Exit status 2 then.
    """
    from grader.cli.lms import roster

    raise SystemExit(roster(file, id_column))


@main.command("feedback-zip")
@click.argument("assignment", default="ps1")
@click.option("--for", "platform", type=click.Choice(["canvas", "moodle"]), required=True, help="Who takes it back.")
@click.option("--to", type=click.Path(path_type=Path), help="The file.  [default: feedback-ASSIGNMENT-PLATFORM.zip]")
def feedback_zip_command(assignment: str, platform: str, to: Path | None) -> None:
    """Put all feedback on ASSIGNMENT into one zip file that the platform takes back.

    For what came by `nbgrader zip_collect`. Exit status 1 when somebody is left out, 2 when there is nothing.
    """
    from grader.cli.lms import feedback_zip

    raise SystemExit(feedback_zip(assignment, platform, to))


@main.command("gradescope")
@click.argument("assignment", default="ps1")
@click.option("--to", type=click.Path(path_type=Path), help="The file.  [default: dist/gradescope-ASSIGNMENT.zip]")
@click.option(
    "--include", type=click.Path(path_type=Path), multiple=True, help="A further file or folder of the course."
)
@click.option(
    "--isolation",
    type=click.Choice(["auto", "none"]),
    default="auto",
    show_default=True,
    help="`none` runs students' code without walls, where Gradescope's container allows none.",
)
def gradescope_command(assignment: str, to: Path | None, include: tuple[Path, ...], isolation: str) -> None:
    """Make the autograder zip with which Gradescope grades ASSIGNMENT by itself."""
    from grader.cli.lms import gradescope

    raise SystemExit(gradescope(assignment, to, include, isolation))
