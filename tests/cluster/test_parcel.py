"""A parcel holds what grading one notebook needs, and nothing else; it comes out as it went in."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import fields, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from small_notebooks import notebook_of

import grader
from grader.batch import Graded, Task, parcel
from grader.jail import Jail, isolation
from grader.verdict import NotebookVerdicts


def test_bytes_come_out_as_they_went_in() -> None:
    blobs = [b"", b"\x00" * 10, b"three"]
    assert parcel.unframe(parcel.frame({"a": [1, "\udc80"]}, blobs)) == ({"a": [1, "\udc80"]}, blobs)


def test_every_field_of_a_task_arrives(make: Callable[..., Task], course: Path, tmp_path: Path) -> None:
    """A field that a task gets one day must not be left behind."""
    task = make("return 2 * x", files=(course / "submitted" / "ann" / "away",))
    strange = {"notes": ("a note",), "unreadable": True, "leave_out": (1, 2)}
    task = replace(task, **{field.name: strange[field.name] for field in fields(task) if field.name in strange})
    packed = parcel.pack(task, Jail())
    header, blobs = parcel.unframe(packed.request(everything=True))
    (tmp_path / "files").mkdir()
    contents = dict(zip(header["digests"], blobs, strict=True))
    found, _ = parcel.unpack(header, contents, tmp_path / "files", tmp_path / "keep")
    for field in fields(task):
        if field.name != "files":
            assert getattr(found, field.name) == getattr(task, field.name), field.name
    assert [(folder / "data.txt").read_text() for folder in found.files] == ["data of ann's"]


def test_nothing_else_is_sent(make: Callable[..., Task], course: Path) -> None:
    task = make("return 2 * x", files=(course / "submitted" / "ann" / "away",))
    sent = parcel.pack(task, Jail()).request(everything=True) + parcel.package()
    assert b"data of ann's" in sent
    for other in (b"the secret of this course", b"the gradebook of this course", b"data of bob's"):
        assert other not in sent


def test_large_files_are_sent_when_they_are_asked_for(make: Callable[..., Task], tmp_path: Path) -> None:
    (tmp_path / "large.bin").write_bytes(b"large" * 10_000)
    (tmp_path / "small.txt").write_bytes(b"small")
    packed = parcel.pack(make("pass", files=(tmp_path,)), Jail())
    first, second = packed.request(everything=False), packed.request(everything=True)
    assert b"small" in first
    assert b"large" * 10_000 not in first
    assert b"large" * 10_000 in second
    assert parcel.unframe(first)[0]["wanted"] == parcel.unframe(second)[0]["digests"]


def test_the_jail_is_as_it_is_here(make: Callable[..., Task], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "mnist.npz"
    data.write_bytes(b"digits")
    monkeypatch.setenv("MNIST_NPZ", str(data))
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    jail = Jail(cell_timeout=7, environment={"A": 1}, warm=["numpy"])
    packed = parcel.pack(make("pass"), jail)
    header, blobs = parcel.unframe(packed.request(everything=True))
    # The other machine has settings of its own, which do not count.
    monkeypatch.setenv("MNIST_NPZ", "/theirs")
    monkeypatch.delenv("KERAS_BACKEND")
    data.unlink()
    (tmp_path / "files").mkdir()
    contents = dict(zip(header["digests"], blobs, strict=True))
    _, found = parcel.unpack(header, contents, tmp_path / "files", tmp_path / "keep")
    assert found.settings() == {**jail.settings(), "environment": "{'A': '1'}", "isolation": repr(isolation(jail))}
    assert found.inherited()["KERAS_BACKEND"] == "jax"
    assert os.path.basename(found.inherited()["MNIST_NPZ"]) == "mnist.npz"
    assert Path(found.inherited()["MNIST_NPZ"]).read_bytes() == b"digits"


def test_a_suite_that_workers_would_not_have(make: Callable[..., Task], tmp_path: Path) -> None:
    suite = tmp_path / "test_elsewhere.py"
    suite.touch()
    with pytest.raises(parcel.ParcelError, match=r"test_elsewhere\.py is not in the package"):
        parcel.pack(replace(make("pass"), suite=suite), Jail())


def test_what_was_found_comes_back_as_it_is() -> None:
    found = Graded(notebook_of("x = 1"), NotebookVerdicts(assignment="a", notebook="n", verdicts=()))
    assert parcel.from_plain(parcel.to_plain(found)) == found


def test_the_package_is_all_of_it_and_always_the_same(suite: Path, tmp_path: Path) -> None:
    made = parcel.package()
    assert made == parcel.package()
    with zipfile.ZipFile(BytesIO(made)) as archive:
        archive.extractall(tmp_path)
    here = Path(grader.__path__[0])
    expected = {
        path.relative_to(here).as_posix() for path in here.rglob("*") if path.is_file() and path.suffix != ".pyc"
    }
    found = {path.relative_to(tmp_path / "grader").as_posix() for path in (tmp_path / "grader").rglob("*.*")}
    assert found == {name for name in expected if "." in name}
    (more,) = parcel.further_folders(tmp_path)
    assert Path(more, "away", "hidden", suite.name).read_bytes() == suite.read_bytes()


_FACTS: dict[str, Any] = {
    "python": "3.11",
    "system": "Linux",
    "machine": "x86_64",
    "libraries": {"numpy": "1.26.4", "keras": "3.15.1", "pandas": "3.0", "dsia-deep-learning-pset": "1"},
}


@pytest.mark.parametrize(
    "other, said",
    [
        ({"python": "3.12"}, "python is 3.11 here, 3.12 there"),
        ({"machine": "aarch64"}, "machine is x86_64 here, aarch64 there"),
        ({"libraries": {**_FACTS["libraries"], "numpy": "2.5.5"}}, "numpy is 1.26.4 here, 2.5.5 there"),
        ({"libraries": {"numpy": "1.26.4"}}, "keras is 3.15.1 here, missing there"),
        ({"libraries": {**_FACTS["libraries"], "jax": "0.4"}}, "jax is missing here, 0.4 there"),
    ],
)  # fmt: skip
def test_a_worker_that_may_mark_otherwise_is_told_by_its_difference(other: dict[str, Any], said: str) -> None:
    problem = parcel.misfit(_FACTS, {**_FACTS, **other}, "far.example")
    assert said in problem
    assert "far.example" in problem
    assert "constraints.txt" in problem


def test_other_libraries_are_only_told(monkeypatch: pytest.MonkeyPatch) -> None:
    other = {**_FACTS, "libraries": {"numpy": "1.26.4", "keras": "3.15.1", "ruff": "1", "dsia-deep-learning-pset": "2"}}
    assert parcel.misfit(_FACTS, other, "far") == ""
    assert parcel.other_differences(_FACTS, other) == ["pandas", "ruff"]


def test_the_facts_of_this_machine() -> None:
    found = parcel.facts()
    assert found["libraries"]["numpy"] == __import__("numpy").__version__
    assert parcel.misfit(found, found, "here") == ""


def test_files_that_notebooks_may_read_are_known_by_names_and_sizes(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    (one / "in").mkdir(parents=True)
    (one / "in" / "a").write_text("abc")
    shutil.copytree(one, two)
    assert parcel.listing(str(one)) == parcel.listing(str(two)) != ""
    (two / "in" / "a").write_text("abcd")
    assert parcel.listing(str(one)) != parcel.listing(str(two))
    assert parcel.listing(str(tmp_path / "three")) == ""
    assert parcel.listing(str(one / "in" / "a")) != ""
