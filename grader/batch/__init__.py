"""Grading as a function: one notebook in, outputs and verdicts out; what was graded before is kept."""

from grader.batch.cache import Cache
from grader.batch.files import write_whole, written_whole
from grader.batch.grade import Graded, Task, grade
from grader.batch.needed import left_out
from grader.batch.pool import Batch, Workers
from grader.batch.progress import Progress

__all__ = [
    "Batch",
    "Cache",
    "Graded",
    "Progress",
    "Task",
    "Workers",
    "grade",
    "left_out",
    "write_whole",
    "written_whole",
]
