"""The trusted side: calls into the jail, comparison in our own NumPy, verdicts.

A hidden suite needs these names only.
"""

from grader.jail import Handle
from grader.judge.compare import WrongAnswer, describe, same
from grader.judge.diagnose import AnyError, Misconception
from grader.judge.example import Code, Example, example
from grader.judge.plugin import points, question
from grader.judge.student import Student, StudentError

__all__ = [
    "AnyError",
    "Code",
    "Example",
    "Handle",
    "Misconception",
    "Student",
    "StudentError",
    "WrongAnswer",
    "describe",
    "example",
    "points",
    "question",
    "same",
]
