"""What a Dask worker does with a parcel: graders in processes of their own, without Dask and with it the same."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sys
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import IO, Any

import psutil
import pytest
from cluster_common import common, gone, has_jail, printed

from grader.batch import Task, grade, parcel, slot
from grader.jail import Jail, JailError, isolation
from grader.jail.confine import _run_folder

pytestmark = pytest.mark.slow
MODES = ["bubblewrap", pytest.param("landlock", marks=pytest.mark.thorough)]


class Slot:
    """One worker's place for a notebook, spoken to as `Cluster` does."""

    def __init__(self) -> None:
        self.package = parcel.package()
        self.digest = hashlib.sha256(self.package).hexdigest()

    def ask(self, packed: parcel.Parcel, *, everything: bool = True, package: bool = True) -> dict[str, Any]:
        sent = self.package if package else b""
        reply, _ = parcel.unframe(slot.work(self.digest, sent, packed.request(everything=everything)))
        return reply

    @property
    def idle(self) -> list[slot.Grader]:
        found: list[slot.Grader] = sys.modules[slot._STATE].__dict__[self.digest]
        return found

    def close(self) -> None:
        for grader in self.idle:
            grader.close()
        self.idle.clear()


@pytest.fixture(scope="module")
def place(suite: Path) -> Generator[Slot, None, None]:
    made = Slot()
    yield made
    made.close()


def needs(mode: str) -> Jail:
    jail = Jail(isolation=mode)
    try:
        isolation(jail)
    except JailError as error:
        pytest.skip(str(error))
    return jail


def test_package_and_files_are_asked_for_once(place: Slot, make: Callable[..., Task], tmp_path: Path) -> None:
    (tmp_path / "large.txt").write_text("0123456789" * 3000)
    task = make("return 2 * x", "print(len(open('large.txt').read()))", files=(tmp_path,))
    packed = parcel.pack(task, Jail())
    first = place.ask(packed, everything=False, package=False)
    second = place.ask(packed, everything=False)
    third = place.ask(packed)
    fourth = place.ask(packed, everything=False, package=False)
    assert [first.get("need"), second.get("need")] == ["package", "files"]
    assert len(place.idle) == 1
    here = common(grade(task, Jail()))
    for reply in (third, fourth):
        found = parcel.from_plain(reply["graded"])
        assert common(found) == here
        assert printed(found, 0) == "30000\n"
        assert found.verdicts.points == 2


_LOOK = """
import os
def reads(path):
    try:
        return os.listdir(path) if os.path.isdir(path) else open(path, "rb").read(10)
    except OSError as error:
        return type(error).__name__
"""
_IMPORT = """
try:
    import grader.ps1.reference
except OSError:
    print("refused")
except ImportError:
    print("absent")
"""


@pytest.mark.parametrize("mode", MODES)
def test_the_jail_there_shows_no_package(
    place: Slot, make: Callable[..., Task], mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "digits.npz"
    data.write_bytes(b"the digits")
    monkeypatch.setenv("MNIST_NPZ", str(data))
    place.ask(parcel.pack(make("pass"), needs(mode)))
    folder = place.idle[-1].folder
    seen = [f"{folder}/grader/__init__.py", f"{folder}/grader/ps1/reference", f"{folder}/more", folder]
    task = make(
        "return 2 * x", _LOOK, f"print([reads(path) for path in {seen}])", "print(reads(os.environ['MNIST_NPZ']))",
_IMPORT,
    )  # fmt: skip
    found = parcel.from_plain(place.ask(parcel.pack(task, needs(mode)))["graded"])
    assert found.verdicts.points == 2
    looks = printed(found, 1)
    assert all(os.path.exists(path) for path in seen)
    # bubblewrap shows the way to the digits and nothing beside it.
    way = "['inherited']" if mode == "bubblewrap" else "'PermissionError'"
    absent = "FileNotFoundError" if mode == "bubblewrap" else "PermissionError"
    assert looks == f"[{', '.join([repr(absent)] * 3)}, {way}]\n"
    assert printed(found, 2) == "b'the digits'\n"
    assert printed(found, 3) in ("refused\n", "absent\n")


def test_another_copy_of_the_package_is_hidden_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from grader.jail.confine import Confinement

    (tmp_path / "grader").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    made = Confinement(Jail())
    made.close()
    assert tmp_path / "grader" in made.private


def test_other_libraries_are_refused(place: Slot, make: Callable[..., Task]) -> None:
    packed = parcel.pack(make("return 2 * x"), Jail())
    libraries = {**packed.header["facts"]["libraries"], "numpy": "0.9"}
    packed.header["facts"] = {**packed.header["facts"], "libraries": libraries}
    reply = place.ask(packed)
    assert "numpy is 0.9 here" in reply["unfit"]
    assert "graded" not in reply


def test_weaker_walls_are_refused(make: Callable[..., Task], suite: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = parcel.pack(make("return 2 * x"), Jail())
    packed.header["jail"]["isolation"] = "bubblewrap"
    monkeypatch.setenv("PATH", os.path.dirname(sys.executable))
    place = Slot()
    place.digest += "-without-bubblewrap"
    try:
        reply = place.ask(packed)
    finally:
        place.close()
    assert "Student code is confined by bubblewrap here, which does not work on" in reply["unfit"]


def test_readable_files_must_be_there(place: Slot, make: Callable[..., Task], tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    data.write_text("1,2")
    packed = parcel.pack(make("return 2 * x"), Jail(readable=[str(data)]))
    data.write_text("1,2,3")
    reply = place.ask(packed)
    assert f"{data} (c.Jail.readable) must be on" in reply["unfit"]


def test_a_fault_of_ours_is_told(place: Slot, make: Callable[..., Task]) -> None:
    packed = parcel.pack(make("return 2 * x"), Jail())
    packed.header["cells"] = {"cells": 7}
    reply = place.ask(packed)
    assert "Traceback" in reply["error"]


def test_a_grader_that_cannot_start_says_why(make: Callable[..., Task]) -> None:
    place = Slot()
    place.package, place.digest = _zip({"grader/__init__.py": "raise ImportError('nothing works')"}), "broken"
    reply = place.ask(parcel.pack(make("pass"), Jail()))
    assert "ImportError: nothing works" in reply["unstarted"]
    assert place.idle == []


def _zip(files: dict[str, str]) -> bytes:
    import io
    import zipfile

    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return made.getvalue()


def test_a_grader_that_ends_in_the_middle_is_told_and_one_that_has_gone_is_replaced(
    place: Slot, make: Callable[..., Task], monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = parcel.pack(make("return 2 * x"), Jail())
    assert "graded" in place.ask(packed)
    old = place.idle[-1]
    # Gone while it waited: nobody is to know.
    old.process.kill()
    old.process.wait()
    assert "graded" in place.ask(packed)
    new = place.idle[-1]
    assert new.process.pid != old.process.pid
    assert not os.path.exists(old.folder)
    # Killed once it has the request.
    answers = iter([b""])

    def read(stream: Any) -> bytes | None:
        found = next(answers, None)
        if found is None:
            new.process.kill()
        return found

    monkeypatch.setattr(slot, "read", read)
    reply = place.ask(packed)
    assert reply["ended"] == "exit status -9"
    assert not os.path.exists(new.folder)
    assert new not in place.idle


def test_a_grader_ends_with_its_worker_in_the_middle_of_a_notebook(make: Callable[..., Task], suite: Path) -> None:
    """The worker's end is the end of the pipe: a killed one closes it as well."""
    packed = parcel.pack(make("return 2 * x", "import time; time.sleep(60)"), Jail())
    grader = slot.Grader(parcel.package())
    assert grader.process.stdin is not None
    assert grader.process.stdout is not None
    slot.write(grader.process.stdin, packed.request(everything=True))
    assert slot.read(grader.process.stdout) == b""
    watched = psutil.Process(grader.process.pid)
    deadline = time.monotonic() + 60
    while not has_jail(watched):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    family = [child.pid for child in watched.children(recursive=True)]
    grader.process.stdin.close()
    assert grader.process.wait(timeout=30) == 0
    assert all(gone(pid) for pid in family)
    assert not os.path.exists(grader.folder)
    grader.close()


@pytest.mark.thorough
def test_a_grader_without_work_goes(suite: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        slot, "_START", slot._START.replace("; main()", "; import grader.batch.remote as r; r._IDLE = 0.1; main()")
    )
    grader = slot.Grader(parcel.package())
    assert grader.process.wait(timeout=30) == 0
    assert not os.path.exists(grader.folder)
    grader.close()


@pytest.mark.parametrize("make_folder", [slot._private_folder, _run_folder])
def test_a_folder_that_was_taken_for_a_left_one_is_made_anew(
    make_folder: Callable[[], tuple[str | Path, IO[bytes]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many jails start at once, and each removes what nobody holds locked."""
    locked: list[Path] = []
    lock_it = fcntl.flock

    def flock(stream: IO[bytes], how: int) -> None:
        if how == fcntl.LOCK_EX:
            locked.append(Path(stream.name).parent)
            if len(locked) == 1:
                shutil.rmtree(locked[0])
        lock_it(stream, how)

    monkeypatch.setattr(fcntl, "flock", flock)
    folder, lock = make_folder()
    with lock:
        assert Path(folder) == locked[1] != locked[0]
        assert Path(folder, "lock").is_file()
        assert not locked[0].exists()
    shutil.rmtree(folder)
