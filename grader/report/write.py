"""The files of a report: the page, and the same numbers as JSON and CSV; and reading an earlier one again."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from grader.batch import write_whole
from grader.report.figures import Report
from grader.report.page import page
from grader.report.tables import misconceptions_csv, questions_csv, students_csv


class OldReportError(RuntimeError):
    """The file is not a report that can be compared with; the message says why."""


def write(report: Report, folder: Path) -> list[Path]:
    """Write all files of a report into `folder`, the page first; each is there whole, or as it was before."""
    folder.mkdir(parents=True, exist_ok=True)
    name = report.assignment
    contents = {
        f"{name}.html": page(report).encode(),
        f"{name}.json": report.model_dump_json(indent=1).encode(),
        f"{name}-questions.csv": questions_csv(report),
        f"{name}-students.csv": students_csv(report),
        f"{name}-misconceptions.csv": misconceptions_csv(report),
    }
    for file, content in contents.items():
        write_whole(folder / file, content)
    return [folder / file for file in contents]


def read_report(path: Path, assignment: str) -> Report:
    """An earlier report of the same assignment, from its JSON file; OldReportError says what else it is."""
    try:
        report = Report.model_validate_json(path.read_bytes())
    except OSError as error:
        raise OldReportError(f"{path} could not be read: {error.strerror}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise OldReportError(
            f"{path} is not a report of `pset report` ({f'{place}: ' if place else ''}{first['msg']}). "
            f"Name the JSON file that an earlier `pset report {assignment}` wrote."
        ) from None
    if report.assignment != assignment:
        raise OldReportError(f"{path} is a report of {report.assignment!r}; it cannot be compared with {assignment!r}.")
    return report
