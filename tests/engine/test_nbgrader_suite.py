"""nbgrader's own tests of `nbgrader autograde` pass with our preprocessors, exporter and jail in place."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from clean_environment import clean_environment

CONFIG = """
from grader.autograde.settings import judge

c = get_config()
judge(c)
"""


# One test or two of each thing that nbgrader's own suite looks at; `make thorough` runs all of it.
SAMPLE = """
    (test_grade and not autotest and not hashed and not subdirs and not timestamp and not overwrite)
    or test_late_submission_penalty_plugin or test_force_single or test_filter_notebook or test_handle_failure_single
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("chosen", "least"), [(" ".join(SAMPLE.split()), 6), pytest.param("", 40, marks=pytest.mark.thorough)]
)
def test_autograde_suite_of_nbgrader_passes(tmp_path: Path, chosen: str, least: int) -> None:
    # Their tests write a config of their own into the course; ours comes in from below it.
    config = tmp_path / "config"
    config.mkdir()
    (config / "nbgrader_config.py").write_text(CONFIG)
    environment = clean_environment(JUPYTER_CONFIG_DIR=str(config))
    command = [
        sys.executable, "-m", "pytest", "-q", "-n", "2", "-W", "ignore", "-p", "no:cacheprovider",
        "-o", "addopts=", "-k", chosen, "--basetemp", str(tmp_path / "runs"),
        "--pyargs", "nbgrader.tests.apps.test_nbgrader_autograde",
    ]  # fmt: skip
    done = subprocess.run(
        command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=1200, check=False
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    # An empty run would prove nothing.
    passed = int(done.stdout.rsplit(" passed", 1)[0].split()[-1])
    assert passed >= least, done.stdout[-2000:]
