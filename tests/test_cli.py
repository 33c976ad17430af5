"""`pset` where something is missing: one clear message, the right exit status, never a traceback."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grader.cli import main
from grader.cli.made_up import read_class, read_student
from grader.cli.verify import differences

ROOT = Path(__file__).resolve().parents[1]


def pset(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course folder with this course's files, which is also the current folder."""
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    shutil.copytree(ROOT / "solutions", tmp_path / "solutions")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_installed_command_answers() -> None:
    """The console script of pyproject.toml is there."""
    command = Path(sys.executable).with_name("pset")
    done = subprocess.run([command, "--help"], capture_output=True, text=True, check=True)
    for name in ("demo", "doctor", "verify"):
        assert name in done.stdout


@pytest.mark.parametrize("command", ["verify", "demo"])
def test_a_folder_that_is_no_course(command: str, nowhere: Path) -> None:
    result = pset(command)
    assert result.exit_code == 2
    assert "is not a course folder" in result.output
    assert "Traceback" not in result.output
    assert list(nowhere.iterdir()) == []


def test_verify_an_unknown_assignment(course: Path) -> None:
    result = pset("verify", "--assignment", "ps9")
    assert result.exit_code == 2
    assert "no assignment 'ps9'" in result.output


def test_verify_needs_a_jail(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr("grader.jail.confine.landlock_version", lambda: 0)
    result = pset("verify")
    assert result.exit_code == 2
    assert "apt-get install bubblewrap" in result.output


def test_doctor_in_a_course(course: Path) -> None:
    result = pset("doctor")
    assert result.exit_code == 0, result.output
    for line in ("python", "numpy", "backend", "isolation", "digits in the jail", "Ready to grade"):
        assert line in result.output
    assert not (course / "gradebook.db").exists(), "a look must not make a gradebook"


def test_doctor_without_bubblewrap(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    result = pset("doctor")
    assert result.exit_code == 0, "Landlock is weaker, and better than nothing"
    for line in ("Landlock, version", "weaker than bubblewrap", "apt-get install bubblewrap"):
        assert line in result.output
    monkeypatch.setattr("grader.jail.confine.landlock_version", lambda: 0)
    result = pset("doctor")
    assert result.exit_code == 1
    assert "apt-get install bubblewrap" in result.output
    assert "no Landlock either" in result.output
    assert "Grading cannot run here: see isolation." in result.output


def test_doctor_without_the_backend(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    result = pset("doctor")
    assert result.exit_code == 1
    assert "torch, from KERAS_BACKEND, is not installed" in " ".join(result.output.split())


def test_doctor_without_keras(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.metadata as metadata

    known = metadata.version

    def version(name: str) -> str:
        if name == "keras":
            raise metadata.PackageNotFoundError(name)
        return known(name)

    monkeypatch.setattr(metadata, "version", version)
    result = pset("doctor")
    assert result.exit_code == 1
    assert "pip install -c constraints.txt" in " ".join(result.output.split())


def test_doctor_outside_a_course(nowhere: Path) -> None:
    result = pset("doctor")
    assert result.exit_code == 1
    assert "is not a course folder" in " ".join(result.output.split())


def test_doctor_does_not_load_tensorflow(course: Path) -> None:
    """It takes seconds, and a broken one must not silence the doctor."""
    code = "import sys\nfrom grader.cli.doctor import examine\nexamine()\nprint('tensorflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("False")


def test_doctor_reports_digits_that_cannot_be_read(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MNIST_NPZ", "/nowhere/mnist.npz")
    result = pset("doctor")
    assert result.exit_code == 1
    assert "MNIST_NPZ" in result.output


def test_settings_are_lines_for_the_configuration(nowhere: Path) -> None:
    result = pset("doctor", "--settings")
    assert result.exit_code == 0
    for setting in ("c.Jail.isolation = 'auto'", "c.Judge.secret = ''", "c.SaveVerdicts.verdict_directory"):
        assert f"# {setting}" in result.output
    lines = [line for line in result.output.splitlines() if line]
    assert all(line.startswith("# ") for line in lines), "pasting all of it must change nothing"


def test_the_demo_never_touches_a_folder_it_did_not_make(course: Path) -> None:
    shutil.copytree(ROOT / "examples", course / "examples")
    kept = course / "mine" / "submitted" / "work.txt"
    kept.parent.mkdir(parents=True)
    kept.write_text("a term's work", encoding="utf-8")
    result = pset("demo", "mine")
    assert result.exit_code == 2
    assert "--force" in result.output
    assert kept.read_text(encoding="utf-8") == "a term's work"


@pytest.mark.parametrize("place", [".", ".."])
def test_the_demo_never_replaces_the_course(place: str, course: Path) -> None:
    shutil.copytree(ROOT / "examples", course / "examples")
    result = pset("demo", place, "--force")
    assert result.exit_code == 2
    assert "holds this course" in " ".join(result.output.split())
    assert (course / "solutions" / "ps1").is_dir()


def test_every_made_up_student_can_be_read() -> None:
    students = read_class(ROOT / "examples" / "ps1")
    assert len(students) >= 10
    assert len({student.name for student in students}) == len(students)
    assert all(student.story for student in students)


def test_a_made_up_student_without_a_start_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "nobody.py"
    path.write_text('"""Nobody: nothing."""\nEXPECTED = {}\n', encoding="utf-8")
    with pytest.raises(ValueError, match="START"):
        read_student(path)


class TestDifferences:
    """How `pset verify` compares a release with the committed one."""

    @pytest.fixture
    def folders(self, tmp_path: Path) -> tuple[Path, Path]:
        for name in ("made", "committed"):
            shutil.copytree(ROOT / "solutions" / "ps1", tmp_path / name)
        return tmp_path / "made", tmp_path / "committed"

    def test_the_same(self, folders: tuple[Path, Path]) -> None:
        assert differences(*folders) == {}

    def test_layout_is_no_difference(self, folders: tuple[Path, Path]) -> None:
        import json

        path = folders[1] / "1-perceptron.ipynb"
        path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")), indent=4), encoding="utf-8")
        assert differences(*folders) == {}

    def test_an_edited_cell_is_named(self, folders: tuple[Path, Path]) -> None:
        path = folders[1] / "1-perceptron.ipynb"
        path.write_text(path.read_text(encoding="utf-8").replace("np.abs(z)", "np.abs(-z)"), encoding="utf-8")
        assert differences(*folders) == {"1-perceptron.ipynb": "differs in cell sigmoid (source)"}

    def test_a_file_too_many_too_few_and_another(self, folders: tuple[Path, Path]) -> None:
        made, committed = folders
        (committed / "notes.txt").write_text("x", encoding="utf-8")
        (committed / "digits.npz").unlink()
        (committed / "ps1_helper.py").write_text("x", encoding="utf-8")
        (committed / "__pycache__").mkdir(exist_ok=True)
        (committed / "__pycache__" / "x.pyc").write_text("x", encoding="utf-8")
        assert differences(made, committed) == {
            "digits.npz": "is missing",
            "notes.txt": "is no part of the release",
            "ps1_helper.py": "differs",
        }
