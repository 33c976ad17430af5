"""What was graded before is kept on disk: the same notebook is judged once, until anything changes its result."""

from __future__ import annotations

import errno
import logging
import os
import stat
import subprocess
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from nbformat.v4 import new_output
from small_notebooks import notebook_of
from traitlets.config import Config

import grader
from grader.batch import Cache, Graded, Task, cache, files
from grader.jail import CellOutcome, Jail, JailedNotebook, RunReport
from grader.verdict import Evidence, NotebookVerdicts, Part, State, Verdict

LOG = logging.getLogger("test")


def graded(
    task: Task, state: State = State.RIGHT, *, attention: bool = False, cell: str = "ok", restarts: int = 0
) -> Graded:
    probe = Evidence(call="f(1)", got="a lone surrogate, \udc80", seconds=0.1)
    part = Part(test="t", title="t", points=1.0, max_points=1.0, state=state, evidence=(probe,))
    verdict = Verdict(question="q", state=state, points=1.0, max_points=1.0, message="", parts=(part,))
    found = NotebookVerdicts(
        assignment=task.assignment, notebook=task.name, verdicts=(verdict,), needs_attention=attention
    )
    notebook = notebook_of(*(cell.source for cell in task.cells.cells))
    for mine, theirs in zip(notebook.cells, task.cells.cells, strict=True):
        mine.id = theirs.id
    notebook.cells[0].outputs = [new_output("execute_result", data={"application/json": {"x": [1.5, None, "é"]}})]
    return Graded(notebook, found, RunReport([CellOutcome(0, "q", cell, seconds=0.25)], seconds=0.5, restarts=restarts))


class Runs:
    """Stands in for `grade`, and counts."""

    def __init__(self, result: Callable[[Task], Graded] = graded) -> None:
        self.result = result
        self.count = 0

    def __call__(self, task: Task, *_: Any) -> Graded:
        self.count += 1
        return self.result(task)


@pytest.fixture
def task(tmp_path: Path) -> Task:
    suite = tmp_path / "test_n.py"
    suite.write_text("")
    files = tmp_path / "submitted"
    files.mkdir()
    (files / "data.txt").write_text("1 2 3")
    return Task("ps", "n", notebook_of("x = 1", q="y = 2"), suite, tmp_path, files=(files,))


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Runs:
    made = Runs()
    monkeypatch.setattr(cache, "grade", made)
    # Whoever works on the package while this test runs must not change its outcome.
    monkeypatch.setattr(cache, "_code", lambda: "the code")
    return made


def run(task: Task, **values: Any) -> Graded:
    """Grade in a new run, with settings."""
    return Cache().grade(task, settings(**values), LOG)


def settings(**values: Any) -> Jail:
    jail = Jail()
    for name, value in values.items():
        setattr(jail, name, value)
    return jail


def entries(task: Task) -> list[Path]:
    return sorted((task.course_root / ".pset-cache").glob("*.json"))


def test_the_same_content_is_judged_once(task: Task, runs: Runs) -> None:
    first = run(task)
    found = run(task)
    assert runs.count == 1
    assert found == first
    assert found == graded(task)
    found.notebook.cells[0].source = "rendered"
    assert run(task).notebook.cells[0].source == "x = 1", "a caller's changes stay with that caller"


def test_ids_of_cells_decide_nothing_and_stay_each_notebook_s_own(task: Task, runs: Runs) -> None:
    run(task)
    other = replace(task, cells=notebook_of("x = 1", q="y = 2"))
    found = run(other)
    assert runs.count == 1
    assert [cell.id for cell in found.notebook.cells] == [cell.id for cell in other.cells.cells]
    assert found.notebook.cells[0].id != task.cells.cells[0].id


def test_whatever_could_change_the_result_makes_it_another(
    task: Task, runs: Runs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "a.csv").write_text("1")
    retagged = notebook_of("x = 1", q="y = 2")
    retagged.cells[0].metadata["tags"] = ["raises-exception"]
    assert task.suite is not None
    suite = task.suite
    changes: list[Callable[[], Any]] = [
        lambda: run(task),
        lambda: run(replace(task, cells=notebook_of("x = 2", q="y = 2"))),
        lambda: run(replace(task, cells=retagged)),
        lambda: run(replace(task, notes=("repaired",))),
        lambda: run(replace(task, assignment="other")),
        lambda: run(replace(task, name="other")),
        lambda: run(replace(task, files=())),
        lambda: run(task, cell_timeout=1),
        lambda: run(task, environment={"A": "b"}),
        lambda: run(replace(task, seed=b"another")),
        lambda: run(task, readable=[str(data)]),
        lambda: ((data / "a.csv").write_text("12"), run(task, readable=[str(data)])),
        lambda: ((task.files[0] / "data.txt").write_text("1 2 4"), run(task)),
        lambda: (suite.write_text("# another suite"), run(task)),
        lambda: (monkeypatch.setenv("KERAS_BACKEND", "another"), run(task)),
        lambda: (monkeypatch.setenv("MNIST_NPZ", str(data / "a.csv")), run(task)),
        lambda: ((data / "a.csv").write_text("123"), run(task)),
        lambda: (monkeypatch.setattr(cache, "_libraries", lambda: ["numpy-99.dist-info"]), run(task)),
        lambda: (monkeypatch.setattr(cache, "_code", lambda: "other code"), run(task)),
    ]
    for number, change in enumerate(changes, start=1):
        change()
        assert runs.count == number
        run_count = runs.count
        if number == 1:
            change()
            assert runs.count == run_count, "what did not change is not judged again"


def test_the_code_is_all_of_the_package_and_what_is_added_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Path(grader.__file__).parent
    found = {Path(path).relative_to(here).as_posix() for path in cache._sources(*grader.__path__)}
    assert {"batch/cache.py", "judge/compare.py", "ps1/hidden/test_1_perceptron.py", "ps1_extra/examples.py"} <= found
    assert not [name for name in found if name.endswith(".pyc")]
    folder = tmp_path / "tiny" / "hidden"
    folder.mkdir(parents=True)
    (folder / "test_n.py").write_text("a = 1")
    monkeypatch.setattr(grader, "__path__", [str(tmp_path)])
    seen = {cache._code()}
    (folder / "test_n.py").write_text("a = 2 ")
    seen.add(cache._code())
    (folder / "test_n.py").rename(folder / "test_m.py")
    seen.add(cache._code())
    (folder / "__init__.py").write_text("")
    seen.add(cache._code())
    assert len(seen) == 4


def test_code_that_changes_during_a_run_is_trusted_no_more(
    task: Task, runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    jail = settings()
    begun = Cache()
    begun.grade(task, jail, LOG)
    monkeypatch.setattr(cache, "_code", lambda: "edited")
    begun.grade(task, jail, LOG)
    begun.grade(replace(task, name="m"), jail, LOG)
    assert runs.count == 3
    assert len(entries(task)) == 1


def test_installed_libraries_are_known_with_their_versions() -> None:
    found = cache._libraries()
    assert any(name.startswith("numpy-") for name in found)
    assert any(name.startswith("ipykernel-") for name in found)


@pytest.mark.parametrize(
    "restless",
    [
        lambda task: graded(task, State.TIMED_OUT),
        lambda task: graded(task, State.CRASHED, restarts=1),
        lambda task: graded(task, State.OVER_LIMIT),
        lambda task: graded(task, State.TAMPERED),
        lambda task: graded(task, State.GRADER_FAILED),
        lambda task: graded(task, attention=True),
        lambda task: graded(task, cell="timed out"),
        lambda task: graded(task, cell="killed the kernel"),
        lambda task: graded(task, cell="over a limit"),
    ],
)
def test_only_calm_results_are_kept(task: Task, runs: Runs, restless: Callable[[Task], Graded]) -> None:
    runs.result = restless
    run(task)
    run(task)
    assert runs.count == 2
    assert not entries(task)


def test_an_exception_of_the_student_s_would_come_again(task: Task, runs: Runs) -> None:
    runs.result = lambda task: graded(task, State.CRASHED, cell="error")
    assert run(task) == run(task)
    assert runs.count == 1


def test_it_is_for_its_owner_only_and_git_does_not_see_it(task: Task, runs: Runs) -> None:
    run(task)
    folder = task.course_root / ".pset-cache"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in entries(task)} == {0o600}
    subprocess.run(["git", "init", "-q", str(task.course_root)], check=True)
    seen = subprocess.run(
        ["git", "-C", str(task.course_root), "status", "--short", "-uall"], capture_output=True, text=True, check=True
    )
    assert "data.txt" in seen.stdout
    assert "cache" not in seen.stdout


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "a bit turned": lambda old: old[:200] + bytes([old[200] ^ 1]) + old[201:],
    "truncated": lambda old: old[: len(old) // 2],
    "empty": lambda old: b"",
    "zeros": lambda old: bytes(len(old)),
    "not text": lambda old: os.urandom(1000),
    "other points": lambda old: old.replace(b'"points": 1.0', b'"points": 9.0'),
    "too deep": lambda old: b"[" * 100_000,
    "JSON without a digest": lambda old: old.partition(b"\n")[2],
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_entry_is_thrown_away_with_a_line_in_the_log(
    task: Task, runs: Runs, damage: Callable[[bytes], bytes], caplog: pytest.LogCaptureFixture
) -> None:
    first = run(task)
    (path,) = entries(task)
    kept = path.read_bytes()
    path.write_bytes(damage(kept))
    assert path.read_bytes() != kept
    assert run(task) == first
    assert runs.count == 2
    assert [record.message for record in caplog.records if path.name in record.message and "damaged" in record.message]
    assert path.read_bytes() == kept, "the new result is kept"


def test_an_entry_under_another_name_is_not_taken(task: Task, runs: Runs) -> None:
    run(task)
    (own,) = entries(task)
    run(replace(task, name="m"))
    (other,) = (path for path in entries(task) if path != own)
    other.write_bytes(own.read_bytes())
    run(replace(task, name="m"))
    assert runs.count == 3


@pytest.mark.parametrize(
    "body", [b"{}", b"[]", b'{"notebook": 1, "verdicts": 2, "report": 3}', b"\xff", b"[" * 100_000], ids=range(5)
)
def test_an_entry_of_another_form_is_thrown_away(task: Task, runs: Runs, body: bytes) -> None:
    """Such as an older version wrote, with a digest that is right."""
    run(task)
    (path,) = entries(task)
    path.write_bytes(cache._digest(path.stem, body) + b"\n" + body)
    run(task)
    assert runs.count == 2


def test_an_entry_that_may_not_be_read(task: Task, runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    run(task)
    (path,) = entries(task)
    path.unlink()
    path.mkdir()
    found = run(task)
    assert found == graded(task)
    assert runs.count == 2


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO])
def test_a_disk_that_takes_nothing_costs_one_warning(
    task: Task, runs: Runs, error: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: Any) -> None:
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(files.os, "fsync", fails)
    one = Cache()
    for name in "abc":
        assert one.grade(replace(task, name=name), settings(), LOG).verdicts.points == 1
    assert len(caplog.records) == 1
    assert os.strerror(error) in caplog.records[0].message
    assert "c.Cache.folder" in caplog.records[0].message
    assert not list((task.course_root / ".pset-cache").iterdir()), "nothing half written is left"


def test_a_file_in_the_place_of_the_folder(task: Task, runs: Runs, caplog: pytest.LogCaptureFixture) -> None:
    (task.course_root / ".pset-cache").write_text("mine")
    one = Cache()
    one.grade(task, settings(), LOG)
    one.grade(task, settings(), LOG)
    assert runs.count == 2
    assert len(caplog.records) == 1
    assert (task.course_root / ".pset-cache").read_text() == "mine"


def test_settings(task: Task, runs: Runs, tmp_path: Path) -> None:
    off = Cache(config=Config({"Cache": {"enabled": False}}))
    off.grade(task, settings(), LOG)
    assert not (task.course_root / ".pset-cache").exists()
    elsewhere = Cache(config=Config({"Cache": {"folder": str(tmp_path / "else" / "where")}}))
    elsewhere.grade(task, settings(), LOG)
    elsewhere.grade(task, settings(), LOG)
    assert runs.count == 2
    assert list((tmp_path / "else" / "where").glob("*.json"))


def test_what_was_used_longest_ago_goes_first(task: Task, runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = [replace(task, name=name) for name in "abcd"]
    for age, one in enumerate(tasks[:3]):
        new = set(entries(task))
        run(one)
        (made,) = set(entries(task)) - new
        os.utime(made, (1_000_000 + age, 1_000_000 + age))
    left_by_a_killed_run = task.course_root / ".pset-cache" / "x.tmp"
    left_by_a_killed_run.write_bytes(bytes(2000))
    os.utime(left_by_a_killed_run, (1_000_000, 1_000_000))
    run(tasks[0])
    size = sum(path.stat().st_size for path in entries(task))
    # Room for three, whatever a megabyte is.
    monkeypatch.setattr(cache, "_LARGEST_SHARE", 1)
    make_room = cache._make_room
    monkeypatch.setattr(cache, "_make_room", lambda folder, limit: make_room(folder, size + 10))
    run(tasks[3])
    assert not left_by_a_killed_run.exists()
    assert runs.count == 4
    for one in (tasks[0], tasks[2], tasks[3]):
        run(one)
    assert runs.count == 4
    run(tasks[1])
    assert runs.count == 5


def test_the_folder_never_grows_past_its_size(task: Task, runs: Runs) -> None:
    def large(task: Task) -> Graded:
        found = graded(task)
        found.notebook.cells[0].outputs = [
            new_output("stream", text="x" * (50_000 if task.name != "flood" else 200_000))
        ]
        return found

    runs.result = large
    one = Cache(config=Config({"Cache": {"megabytes": 1}}))
    for number in range(40):
        one.grade(replace(task, name=str(number)), settings(), LOG)
    kept = entries(task)
    assert len(kept) > 10
    assert sum(path.stat().st_size for path in kept) <= 1_000_000
    one.grade(replace(task, name="39"), settings(), LOG)
    assert runs.count == 40
    one.grade(replace(task, name="flood"), settings(), LOG)
    assert entries(task) == kept, "one flood does not push out what others earned"


def test_two_runs_at_once(task: Task, runs: Runs, caplog: pytest.LogCaptureFixture) -> None:
    """Both write and make room; neither fails, and what is kept is whole."""
    problems: list[BaseException] = []
    small = Config({"Cache": {"megabytes": 1}})

    def large(task: Task) -> Graded:
        found = graded(task)
        found.notebook.cells[0].outputs = [new_output("stream", text=task.name * 40_000)]
        return found

    runs.result = large

    def work() -> None:
        try:
            one = Cache(config=small)
            for number in range(60):
                name = str(number % 30)
                found = one.grade(replace(task, name=name), settings(), LOG)
                assert found.notebook.cells[0].outputs[0].text == name * 40_000
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems
    assert not caplog.records
    assert {path.suffix for path in (task.course_root / ".pset-cache").iterdir()} <= {".json", ""}


def test_a_file_that_is_not_copied_is_not_read(task: Task, runs: Runs) -> None:
    run(task, scratch_bytes=100)
    with (task.files[0] / "huge.bin").open("wb") as stream:
        stream.truncate(2**40)
    run(task, scratch_bytes=100)
    assert runs.count == 1


def test_what_is_not_run_is_not_kept(tmp_path: Path) -> None:
    unreadable = Task("ps", "n", notebook_of(), None, tmp_path, notes=("not JSON",), unreadable=True)
    assert run(unreadable).verdicts.needs_attention
    run(Task("ps", "n", notebook_of("1"), None, tmp_path))
    assert not (tmp_path / ".pset-cache").exists()


@pytest.mark.slow
def test_no_jail_sees_it(task: Task, runs: Runs) -> None:
    run(task)
    (path,) = entries(task)
    look = f"""
import os
def visible(path):
    try:
        return os.listdir(path) if os.path.isdir(path) else open(path).read()
    except OSError:
        return None
[visible(p) for p in ({str(path)!r}, {str(path.parent)!r})], [n for n in os.listdir('.') if 'cache' in n]
"""
    notebook = notebook_of(look)
    with JailedNotebook(notebook, Jail(), files=task.files, private=(task.course_root,)) as jailed:
        jailed.run()
    assert notebook.cells[0].outputs[-1].data["text/plain"] == "([None, None], [])"
