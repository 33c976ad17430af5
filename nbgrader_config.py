"""nbgrader's configuration for this course. Every setting of the package is explained by `pset doctor --settings`."""

from pathlib import Path

c = get_config()  # noqa: F821  (nbgrader provides it)

try:
    from grader.autograde import configure

    configure(c, Path(__file__).resolve().parent)
except Exception as error:
    # nbgrader would log it and go on without: students' code outside of any jail, and marks by what it prints.
    raise SystemExit(f"Nothing was done: nbgrader_config.py fails. {type(error).__name__}: {error}") from error
