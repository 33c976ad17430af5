"""`pset grade`: nbgrader's own commands, with the options of a large run."""

from __future__ import annotations

import os
import subprocess
import sys

from grader.cli.common import find_course, search_path


def run(
    assignment: str,
    feedback: bool,
    *,
    jobs: int | None,
    scheduler: str | None,
    student: str,
    notebook: str,
    force: bool,
) -> int:
    """Run `nbgrader autograde`, and `nbgrader generate_feedback` if wanted; the first exit status that is not 0."""
    settings = {"Batch.jobs": jobs, "Batch.scheduler": scheduler}
    options = [f"--{name}={value}" for name, value in settings.items() if value]
    options += [f"--CourseDirectory.student_id={student}", f"--CourseDirectory.notebook_id={notebook}"]
    options += ["--force"] if force else []
    root = find_course().root
    for command in ["autograde", *(["generate_feedback"] if feedback else [])]:
        process = subprocess.Popen(
            [sys.executable, "-m", "nbgrader", command, assignment, *options],
            cwd=root, env={**os.environ, "PATH": search_path()},
        )  # fmt: skip
        while True:
            try:
                status = process.wait()
                break
            except KeyboardInterrupt:
                # It has heard it as well, and says itself what it leaves behind.
                continue
        if status != 0:
            return status
    return 0
