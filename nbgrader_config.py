"""nbgrader's configuration for this course. Every setting of the package is explained by `pset doctor --settings`."""

from pathlib import Path

from grader.autograde import configure

c = get_config()  # noqa: F821  (nbgrader provides it)
configure(c, Path(__file__).resolve().parent)
