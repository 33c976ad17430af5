"""nbgrader's side: reading, repairing, judging and saving, as parts of `nbgrader autograde`."""

from grader.autograde.exporter import FeedbackExporter, SubmissionExporter
from grader.autograde.preprocessors import (
    CleanMarkup,
    GetRows,
    HandBackVerdicts,
    JailedExecute,
    RepairNotebook,
    SaveVerdicts,
)
from grader.autograde.settings import configure

__all__ = [
    "CleanMarkup",
    "FeedbackExporter",
    "GetRows",
    "HandBackVerdicts",
    "JailedExecute",
    "RepairNotebook",
    "SaveVerdicts",
    "SubmissionExporter",
    "configure",
]
