"""Grading as a function: one notebook in, outputs and verdicts out."""

from grader.batch.grade import Graded, Task, grade
from grader.batch.known import Known

__all__ = ["Graded", "Known", "Task", "grade"]
