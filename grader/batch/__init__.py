"""Grading as a function: one notebook in, outputs and verdicts out."""

from grader.batch.grade import Graded, Task, grade

__all__ = ["Graded", "Task", "grade"]
