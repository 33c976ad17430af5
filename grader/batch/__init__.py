"""Grading as a function: one notebook in, outputs and verdicts out; what was graded before is kept."""

from grader.batch.cache import Cache
from grader.batch.files import write_whole
from grader.batch.grade import Graded, Task, grade

__all__ = ["Cache", "Graded", "Task", "grade", "write_whole"]
