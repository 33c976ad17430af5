"""docs/platforms.md names commands, exporters and settings that there are."""

from __future__ import annotations

import importlib
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner
from nbgrader.apps.nbgraderapp import NbGraderApp

from grader.cli import main

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "platforms.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```shell\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
COMMANDS = list(dict.fromkeys(line for block in BLOCKS for line in block.splitlines()))
INLINE = re.findall(r"`((?:nbgrader|pset) [^`]*)`", PAGE)


@pytest.mark.parametrize("command", [*COMMANDS, *INLINE])
def test_a_command_that_there_is(command: str) -> None:
    program, name, *arguments = shlex.split(command)
    if program == "pset":
        with main.commands[name].make_context(name, arguments) as context:
            assert not context.args
        return
    assert program == "nbgrader"
    assert name.replace("_", "-") in NbGraderApp.subcommands or name in NbGraderApp.subcommands
    for argument in arguments:
        if found := re.fullmatch(r"--exporter=([\w.]+)\.(\w+)", argument):
            assert issubclass(getattr(importlib.import_module(found[1]), found[2]), setting("GradeExporter"))
        elif found := re.fullmatch(r"--(\w+)\.(\w+)=.*", argument):
            assert found[2] in setting(found[1]).class_traits(config=True)


def setting(name: str) -> type:
    modules = [
        "grader.lms.export",
        "grader.lms.collect",
        "grader.lms.late",
        "nbgrader.coursedir",
        "nbgrader.exchange.default",
    ]
    return next(getattr(module, name) for module in map(importlib.import_module, modules) if hasattr(module, name))


@pytest.mark.parametrize("name, trait", sorted(set(re.findall(r"c\.([A-Z]\w+)\.(\w+)", PAGE))))
def test_a_setting_that_there_is(name: str, trait: str) -> None:
    assert trait in setting(name).class_traits(config=True)


def test_there_are_some() -> None:
    assert len(COMMANDS) > 10
    assert len(INLINE) > 3


@pytest.mark.parametrize("command", ["roster roster.csv", "feedback-zip ps1 --for moodle", "gradescope ps1"])
def test_a_folder_that_is_no_course(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, shlex.split(command))
    assert result.exit_code == 2
    assert "is not a course folder" in result.output
    assert list(tmp_path.iterdir()) == []
