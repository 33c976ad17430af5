"""The class report: what a whole class did, as one page to read and as data. It only reads; it runs nothing."""

from grader.report.figures import Report, compare, summarise
from grader.report.gather import ClassWork, NothingToReport, gather
from grader.report.page import page
from grader.report.write import OldReportError, read_report, write

__all__ = [
    "ClassWork",
    "NothingToReport",
    "OldReportError",
    "Report",
    "compare",
    "gather",
    "page",
    "read_report",
    "summarise",
    "write",
]
