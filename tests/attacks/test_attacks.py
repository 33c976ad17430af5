"""A sample of the corpus of attacks through one real nbgrader run; `make security` runs all of it."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from tests.attacks import __main__ as attacks
from tests.attacks.__main__ import page
from tests.attacks.layers import LAYERS, WALLS, LayerError, switch_off
from tests.support.attacks import Check, Outcome, Planted, Report, load
from tests.support.pages import BEGIN, END, PageError, publish

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed"),
]
SAMPLE = (
    "agent_claims_points", "text_that_cannot_be_written", "reads_the_course_by_its_path", "daemon_outlives_the_run",
    "notebook_is_a_pipe", "near_but_not_right", "lists_for_arrays", "cells_in_another_order",
)  # fmt: skip


def run(report: Path, *options: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.attacks", "--json", str(report), *options]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert report.exists(), ran.stdout + ran.stderr
    found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    assert (ran.returncode == 0) is found["held"]
    return found


def problems(found: dict[str, Any]) -> list[str]:
    told = [f"{name}: {problem}" for name, one in found["submissions"].items() for problem in one["problems"]]
    return told + [f"{name}: {problem}" for name, of_run in found["checks"].items() for problem in of_run]


def test_every_cell_of_the_corpus_is_python(tmp_path: Path) -> None:
    """An attack whose cell is a syntax error tries nothing."""
    planted, transform = Planted(tmp_path), TransformerManager().transform_cell
    for entry in load():
        for source in (entry.first, entry.last, *entry.answers.values()):
            text = transform(planted.fill_in(source))
            compile(text, entry.name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | ast.PyCF_ONLY_AST)


@pytest.mark.parametrize("names", [*((name,) for name in LAYERS), WALLS])
def test_each_layer_is_where_it_is_switched_off(tmp_path: Path, names: tuple[str, ...]) -> None:
    before = {path: path.read_text(encoding="utf-8") for path in sorted((ROOT / "grader" / "jail").rglob("*.py"))}
    shutil.copytree(ROOT / "grader" / "jail", tmp_path / "jail", ignore=shutil.ignore_patterns("__pycache__"))
    switch_off(tmp_path, names)
    differ = set()
    for path, text in before.items():
        copy = tmp_path / "jail" / path.relative_to(ROOT / "grader" / "jail")
        compile(copy.read_text(encoding="utf-8"), str(copy), "exec")
        if copy.read_text(encoding="utf-8") != text:
            differ.add(str(copy.relative_to(tmp_path / "jail")))
    assert differ == {file for name in names for file, _, _ in LAYERS[name].edits}
    known = {entry.name for entry in load()}
    assert {one for name in names for one in (*LAYERS[name].tried, *LAYERS[name].harmful)} <= known
    assert not any(set(LAYERS[name].tried) & set(LAYERS[name].harmful) for name in names)


def test_a_layer_that_is_not_there_any_more_is_told(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "grader" / "jail", tmp_path / "jail")
    (tmp_path / "jail" / "inside" / "watch.py").write_text("")
    with pytest.raises(LayerError, match=r"'watch' cannot be switched off: grader/jail/inside/watch.py has .* 0 times"):
        switch_off(tmp_path, ("watch",))


def test_what_would_harm_the_machine_is_not_run_without_its_layer(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.attacks", "--without", "watch", "--only", "memory_in_children"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert "memory_in_children would harm this machine without the layer 'watch'" in ran.stderr


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--isolation", "none", "--only", "signals_to_everyone"), "without a jail nothing is run but"),
        (("--without", "filter", "--isolation", "landlock"), "filter: with --isolation bubblewrap only"),
        (("--without", "filter", "Landlock"), "with --isolation bubblewrap only, and without others"),
    ],
)
def test_what_would_reach_the_machine_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], told: str
) -> None:
    monkeypatch.setattr(sys, "argv", ["attacks", *options])
    monkeypatch.setattr(attacks, "run", lambda *_: pytest.fail("it was run"))
    with pytest.raises(SystemExit) as ended:
        attacks.main()
    assert ended.value.code == 2
    assert told in capsys.readouterr().err


def test_the_page_says_first_what_did_not_hold() -> None:
    entry = load()[0]
    good, bad = Outcome(entry, points=1.0, max_points=4.0), Outcome(entry, ["read: secret"], {"sigmoid": "right"})
    checks = [Check("nothing read", ["secret: in feedback"])]
    held = page([Report("bubblewrap", [good], [Check("nothing read")], 1.0)])
    assert "Everything held." in held
    text = page([Report("bubblewrap", [good], [], 1.0), Report("landlock", [bad], checks, 1.0)])
    before, _, after = text.partition("## Isolation: bubblewrap")
    assert f"- landlock: `{entry.name}`: read: secret\n- landlock: nothing read: secret: in feedback" in before
    assert "| nothing read | NO |" in after.partition("## Isolation: landlock")[2]


def test_a_table_goes_between_its_marks(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text("# Page\n")
    with pytest.raises(PageError, match="put the lines <!-- cost: begin"):
        publish(path, "cost", "make it", "| a |")
    path.write_text(f"before\n{BEGIN.format('cost', 'make it')}\nold\n{END.format('cost')}\nafter\n")
    for text in ("| a |", "| b |"):
        publish(path, "cost", "make it", text)
    assert path.read_text() == (f"before\n{BEGIN.format('cost', 'make it')}\n\n| b |\n\n{END.format('cost')}\nafter\n")


def test_a_sample_of_attacks(tmp_path: Path) -> None:
    found = run(tmp_path / "report.json", "--only", *SAMPLE)
    assert set(found["submissions"]) == set(SAMPLE)
    assert not problems(found)


@pytest.mark.thorough
@pytest.mark.parametrize("isolation", ["bubblewrap", "landlock"])
def test_every_attack(tmp_path: Path, isolation: str) -> None:
    found = run(tmp_path / "report.json", "--isolation", isolation)
    hostile = [name for name, one in found["submissions"].items() if one["family"] != "honest"]
    assert len(hostile) >= 80
    assert len(found["submissions"]) - len(hostile) >= 30
    assert not problems(found)


@pytest.mark.thorough
def test_without_a_jail_the_same_attacks_are_seen(tmp_path: Path) -> None:
    """The checks can fail: what is planted is found, and doors are opened."""
    attacks = ("reads_the_course_by_its_path", "calls_home")
    found = run(tmp_path / "report.json", "--isolation", "none", "--only", *attacks)
    assert found["held"] is False
    read = {problem.partition(":")[0] for problem in found["checks"]["nothing read"]}
    assert read == {"grader", "solutions", "neighbour", "outside", "secret", "gradebook", "suite"}
    assert set(found["checks"]["no connection"]) == {"127.0.0.1", "an abstract socket", "a socket file"}
    assert found["submissions"]["reads_the_course_by_its_path"]["problems"]
