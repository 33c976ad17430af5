"""The environment of a command that a test runs as a user would type it."""

from __future__ import annotations

import os

from grader.cli.common import search_path


def clean_environment(**more: str) -> dict[str, str]:
    """This process's, with our own commands first in PATH, and nothing of this test run or of Jupyter's settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "JUPYTER_"))}
    return {**kept, "PATH": search_path(), **more}
