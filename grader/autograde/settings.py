"""The settings of nbgrader that this package relies on, in one place, for nbgrader_config.py."""

from __future__ import annotations

import os
import shutil
import sys
import warnings
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SAWarning

from grader.course import use_own_problem_sets


def configure(c: Any, root: Path) -> None:
    """Set up nbgrader for a course in `root`.

    Whole lists are assigned, never appended to: nbgrader reads the configuration more than once. Preprocessors go in
    by import string, so that nothing is imported before it is needed.
    """
    use_own_problem_sets(root)
    c.CourseDirectory.source_directory = "solutions"
    c.CourseDirectory.release_directory = "assignments"
    # Several graders may write at once: wait for the lock instead of failing after five seconds.
    c.CourseDirectory.db_url = f"sqlite:///{root / 'gradebook.db'}?timeout=60"
    # The release is committed; making it again must fill the gradebook of a fresh clone.
    c.GenerateAssignment.force = True
    judge(c)
    # nbgrader calls `alembic` by name for a new gradebook; without an activated environment PATH lacks it.
    if shutil.which("alembic") is None:
        os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    # nbgrader 0.9 makes SQLAlchemy 2.1 warn at every submission; the rows are right.
    warnings.filterwarnings("ignore", category=SAWarning, message="Object of type .* not in session")
    # What students wrote is cleaned when it is graded (CleanMarkup); nbconvert would show the heads of tables as text.
    c.HTMLExporter.sanitize_html = False
    c.FormgradeExtension.debug = False
    # Archives of Canvas and Moodle, and what being late costs: nothing, until c.LatePenalty says so.
    c.ZipCollectApp.extractor_plugin = "grader.lms.collect.Extractor"
    c.ZipCollectApp.collector_plugin = "grader.lms.collect.Collector"
    c.AssignLatePenalties.plugin_class = "grader.lms.late.LatePenalty"


def judge(c: Any) -> None:
    """Put the jail and the judge into `nbgrader autograde`."""
    c.Autograde.exporter_class = "grader.autograde.SubmissionExporter"
    c.Autograde.sanitize_preprocessors = [
        "nbgrader.preprocessors.ClearOutput",
        "grader.autograde.RepairNotebook",
        "nbgrader.preprocessors.DeduplicateIds",
        "nbgrader.preprocessors.OverwriteKernelspec",
        "nbgrader.preprocessors.OverwriteCells",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    c.Autograde.autograde_preprocessors = [
        "grader.autograde.JailedExecute",
        "nbgrader.preprocessors.IgnorePattern",
        "nbconvert.preprocessors.ClearMetadataPreprocessor",
        "nbgrader.preprocessors.LimitOutput",
        "grader.autograde.SaveVerdicts",
        "nbgrader.preprocessors.AssignLatePenalties",
        "nbgrader.preprocessors.CheckCellMetadata",
        "grader.autograde.CleanMarkup",
    ]
    c.GenerateFeedback.exporter_class = "grader.autograde.FeedbackExporter"
    c.GenerateFeedback.preprocessors = [
        "grader.autograde.GetRows",
        "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
        "grader.autograde.HandBackVerdicts",
    ]
