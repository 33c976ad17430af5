"""`pset demo` end to end: nbgrader's own commands on a made-up class, every mark known beforehand."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import main

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.slow


def test_every_student_gets_the_mark_the_answers_deserve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    course = tmp_path / "course"
    shutil.copytree(ROOT / "solutions", course / "solutions")
    shutil.copytree(ROOT / "examples", course / "examples")
    shutil.copy(ROOT / "nbgrader_config.py", course)
    monkeypatch.chdir(course)
    monkeypatch.setenv("COLUMNS", "200")
    result = CliRunner().invoke(main, ["demo", "class", "--picture", "table.svg"])
    assert result.exit_code == 0, result.output
    assert "Every mark of all 14 students is the one their answers deserve" in " ".join(result.output.split())

    made = course / "class"
    for folder in ("submitted", "autograded", "feedback"):
        assert len(list((made / folder).iterdir())) == 14, folder
    feedback = made / "feedback" / "thandi_dlamini" / "ps1" / "1-perceptron.html"
    assert "squared_error" in feedback.read_text(encoding="utf-8")
    report = (made / "report" / "ps1.html").read_text(encoding="utf-8")
    assert "thandi_dlamini" in report
    assert "sign of the exponent" in report
    picture = (course / "table.svg").read_text(encoding="utf-8")
    assert "train_perceptron" in picture
    assert "Amina" in picture
    assert not (course / "gradebook.db").exists(), "the course's own gradebook is not the demo's"
