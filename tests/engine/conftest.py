"""What the engine's tests share: a look for what a jail leaves behind."""

from __future__ import annotations

import time
from collections.abc import Generator
from pathlib import Path

import psutil
import pytest


def descendants() -> set[int]:
    """The processes below this one, except what this process keeps for itself."""
    found = set()
    for process in psutil.Process().children(recursive=True):
        try:
            if "parent.py" in " ".join(process.cmdline()) or process.name() == "bwrap":
                found.add(process.pid)
        except psutil.NoSuchProcess:
            continue
    return found


@pytest.fixture
def nothing_left(monkeypatch: pytest.MonkeyPatch) -> Generator[None, None, None]:
    """Fail when a jail leaves a process or a folder of its own behind."""
    # Other test processes have folders there too: count our own only.
    from grader.jail import close_idle, confine

    made: list[Path] = []
    make = confine.tempfile.mkdtemp

    def mkdtemp(*args: str | None, **kwargs: str | None) -> str:
        path = make(*args, **kwargs)
        made.append(Path(path))
        return str(path)

    monkeypatch.setattr(confine.tempfile, "mkdtemp", mkdtemp)
    close_idle()
    before = descendants()
    yield
    close_idle()
    assert not [path for path in made if path.exists()]
    deadline = time.time() + 5
    while descendants() - before and time.time() < deadline:
        time.sleep(0.1)
    assert not descendants() - before
