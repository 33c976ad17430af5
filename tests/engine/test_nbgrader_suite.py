"""nbgrader's own tests of `nbgrader autograde` pass with our preprocessors, exporter and jail in place."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CONFIG = """
from grader.autograde.settings import judge

c = get_config()
judge(c)
"""


@pytest.mark.slow
def test_autograde_suite_of_nbgrader_passes(tmp_path: Path) -> None:
    # Their tests write a config of their own into the course; ours comes in from below it.
    config = tmp_path / "config"
    config.mkdir()
    (config / "nbgrader_config.py").write_text(CONFIG)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "JUPYTER_"))}
    environment |= {
        "JUPYTER_CONFIG_DIR": str(config),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    command = [
        sys.executable, "-m", "pytest", "-q", "-n", "2", "-W", "ignore", "-p", "no:cacheprovider",
        "-o", "addopts=", "--basetemp", str(tmp_path / "runs"),
        "--pyargs", "nbgrader.tests.apps.test_nbgrader_autograde",
    ]  # fmt: skip
    done = subprocess.run(
        command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=1200, check=False
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    # An empty run would prove nothing.
    passed = int(done.stdout.rsplit(" passed", 1)[0].split()[-1])
    assert passed >= 40, done.stdout[-2000:]
