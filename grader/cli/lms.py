"""`pset roster`, `pset feedback-zip` and `pset gradescope`: what learning platforms give and take."""

from __future__ import annotations

from pathlib import Path

from grader.cli.common import Places, Refusal, console, find_course
from grader.course import CourseError


def roster(file: Path, id_column: str) -> int:
    """Import a list of students; 2 when there is something wrong in it."""
    from grader.autograde.submission import GradebookTrouble
    from grader.lms.roster import RosterError, read_roster, save
    from grader.lms.table import TableError

    places = Places(find_course())
    try:
        found = read_roster(file, id_column)
        new, known = save(found, places.gradebook)
    except (RosterError, TableError, GradebookTrouble) as error:
        raise Refusal(str(error)) from error
    out = console()
    out.print(f"{new} new students and {known} known ones, by the column {found.id_column!r}.", markup=False)
    numbers = sum(bool(person.number) for person in found.people)
    if numbers:
        out.print(f"{numbers} have a Canvas id, by which zip_collect and the Canvas export know them.")
    return 0


def feedback_zip(assignment: str, platform: str, to: Path | None) -> int:
    """Write everybody's feedback into one zip file; 1 when somebody who handed in is left out, 2 when all are."""
    from nbgrader.coursedir import CourseDirectory

    from grader.lms import collected
    from grader.lms.feedback import NoFeedback, make

    course = find_course()
    places = Places(course)
    target = to or course.root / f"feedback-{assignment}-{platform}.zip"
    try:
        course.source(assignment)
        made = make(
            target,
            platform,
            assignment,
            collected.record(course.root, places.config, assignment),
            places.feedback,
            places.autograded,
            places.gradebook,
            CourseDirectory(config=places.config),
        )
    except (NoFeedback, CourseError, collected.CollectedError) as error:
        raise Refusal(str(error)) from error
    except OSError as error:
        raise Refusal(f"{target} could not be made: {error}") from error
    out = console()
    out.print(f"{target}: {made.files} files for {len(made.students)} students.", markup=False)
    for student, reason in made.without.items():
        out.print(f"Left out: {student}: {reason}", markup=False)
    return 1 if made.without else 0


def gradescope(assignment: str, to: Path | None, include: tuple[Path, ...], isolation: str) -> int:
    """Write Gradescope's autograder zip."""
    from grader.lms.gradescope import GradescopeError, make

    course = find_course()
    # The configuration may say where suites are.
    Places(course)
    target = to or course.root / "dist" / f"gradescope-{assignment}.zip"
    try:
        count = make(course, assignment, target, include, isolation)
    except (GradescopeError, CourseError) as error:
        raise Refusal(str(error)) from error
    except OSError as error:
        raise Refusal(f"{target} could not be made: {error}") from error
    out = console()
    out.print(f"{target}: {count} files. Keep it from students: the suites and solutions are in it.", markup=False)
    if isolation == "none":
        out.print("Students' code will run WITHOUT WALLS in Gradescope's container, and can read all of this.")
    return 0
