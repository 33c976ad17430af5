"""The zip that students get: what is in it, what never is, that its parts work, and when it is not made."""

from __future__ import annotations

import ast
import io
import json
import re
import shutil
import sys
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import nbformat
import numpy as np
import pytest
from click.testing import CliRunner, Result
from packaging.markers import Marker
from packaging.requirements import Requirement

from grader.cli import main
from grader.cli.release import FILES, REQUIREMENTS, contents, write_zip
from grader.course import Course

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return contents(Course(ROOT), "ps1")


# ---- what is in it


def test_it_holds_what_a_student_needs_and_no_more(files: dict[str, bytes]) -> None:
    notebooks = {"0-start-here.ipynb", "1-perceptron.ipynb", "2-mlp-backprop.ipynb", "3-keras-mnist.ipynb"}
    assert set(files) == {
        *notebooks, "ps1_helper.py", "digits.npz", "check.py", "README.html", "LICENSE", *REQUIREMENTS,
    }  # fmt: skip
    for name in (*notebooks, "ps1_helper.py", "digits.npz"):
        assert files[name] == (ROOT / "assignments" / "ps1" / name).read_bytes()


def _windows(text: str, size: int) -> set[str]:
    """Every few consecutive lines of a program, without comments, blank lines and the widths of blanks."""
    lines = [re.sub(r"\s+", " ", line.split("#")[0]).strip() for line in text.splitlines()]
    told = [line for line in lines if len(line) > 3]
    return {"\n".join(told[at : at + size]) for at in range(len(told) - size + 1)}


def _readable(files: dict[str, bytes]) -> str:
    """All text of the zip; of notebooks and of check.py's questions, the sources as they are shown."""
    texts = []
    for name, data in files.items():
        if name.endswith(".ipynb"):
            texts += [cell.source for cell in nbformat.reads(data.decode(), as_version=4).cells]
        elif name.endswith(".py"):
            texts.append(data.decode())
            strings = (node.value for node in ast.walk(ast.parse(data)) if isinstance(node, ast.Constant))
            texts += [value for value in strings if isinstance(value, str)]
        elif not name.endswith(".npz"):
            texts.append(data.decode())
    return "\n".join(texts)


def test_no_worked_answer_is_in_it(files: dict[str, bytes]) -> None:
    """Neither as code nor as words: not one worked answer's first lines, nor a written model answer."""
    public = _readable(files)
    pairs, looked_at, compared = _windows(public, 2), 0, 0
    for path in sorted((ROOT / "solutions" / "ps1").glob("*.ipynb")):
        given = {cell.get("id"): cell.source for cell in nbformat.reads(files[path.name].decode(), as_version=4).cells}
        for cell in nbformat.read(path, as_version=4).cells:
            if not cell.metadata.get("nbgrader", {}).get("solution"):
                continue
            looked_at += 1
            written = cell.cell_type == "markdown"
            parts = [cell.source] if written else re.findall(r"### BEGIN SOL\w+\n(.*?)### END", cell.source, re.DOTALL)
            for answer in parts:
                compared += len(_windows(answer, 2))
                assert not _windows(answer, 2) & pairs, f"{path.stem} {cell.id}"
                assert not _windows(answer, 1) & _windows(given[cell.id], 1), f"{path.stem} {cell.id}"
            assert ("YOUR ANSWER HERE" if written else "raise NotImplementedError()") in given[cell.id]
    assert compared > 60
    assert looked_at > 30
    assert not re.search(r"(BEGIN|END) (SOLUTION|HIDDEN TESTS|MARK SCHEME)", public)


def test_nothing_of_the_hidden_suites_is_in_it(files: dict[str, bytes]) -> None:
    """Three lines in a row of a suite, a reference, a misconception or a probe would be a leak; so would a digit."""
    # What notebook 2 supplies itself: the sigmoid, so that nothing there hangs on notebook 1, and the start on XOR.
    cells = nbformat.reads(files["2-mlp-backprop.ipynb"].decode(), as_version=4).cells
    given = [cell.source for cell in cells if cell.get("id", "").startswith("supplied_")]
    assert len(given) == 2
    supplied = set().union(*(_windows(source, 3) for source in given))
    public, secret, looked_at = _windows(_readable(files), 3), ROOT / "grader" / "ps1", 0
    for path in sorted(secret.rglob("*.py")):
        if path.name in ("make_digits.py", "examples.py"):
            continue  # how the bundle is made, and the calls of the visible checks: nothing that is hidden
        ours = _windows(path.read_text(encoding="utf-8"), 3)
        looked_at += len(ours)
        assert not (ours & public) - supplied, f"{path.relative_to(ROOT)}: {sorted((ours & public) - supplied)[:3]}"
    assert looked_at > 1000
    with np.load(io.BytesIO(files["digits.npz"])) as given, np.load(secret / "heldout_digits.npz") as held:
        shown = {image.tobytes() for name in given.files if given[name].ndim == 3 for image in given[name]}
        kept = {image.tobytes() for name in held.files if held[name].ndim == 3 for image in held[name]}
    assert len(kept) > 100
    assert not shown & kept


def test_check_py_knows_every_question(files: dict[str, bytes]) -> None:
    module = ModuleType("check_of_the_zip")
    sys.modules[module.__name__] = module
    exec(compile(files["check.py"], "check.py", "exec"), module.__dict__)
    known = {name: [entry["name"] for entry in entries] for name, entries in module.RELEASED.items()}
    assert known["0-start-here"] == ["add"]
    assert [len(known[name]) for name in ("1-perceptron", "2-mlp-backprop", "3-keras-mnist")] == [11, 9, 10]
    ours = {"grader", "nbgrader", "nbformat", "nbclient", "rich", "click"}
    imported = {
        node.module or "" for node in ast.walk(ast.parse(files["check.py"])) if isinstance(node, ast.ImportFrom)
    }
    imported |= {
        alias.name
        for node in ast.walk(ast.parse(files["check.py"]))
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert not {name.split(".")[0] for name in imported} & ours


# ---- the page


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_the_page_is_whole_offline_and_accessible(files: dict[str, bytes]) -> None:
    text = files["README.html"].decode("utf-8")
    page = _Page()
    page.feed(text)
    words = " ".join(" ".join(page.texts).split())
    rows = dict(re.findall(r'<tr><th scope="row"><code>(\S+?)\.ipynb</code></th>.*?<td>(\d+)</td>', text))
    assert rows == {"0-start-here": "0", "1-perceptron": "36", "2-mlp-backprop": "34", "3-keras-mnist": "30"}
    assert "2 to 3 hours" in words
    assert "$" not in text.replace("$ ", "")
    assert not re.search(r"(src|href)=\"(?!data:image/png;base64,|#)", text), "the page asks the network for something"
    pictures = [attrs for tag, attrs in page.tags if tag == "img"]
    assert pictures
    assert all(len(str(attrs.get("alt"))) > 40 for attrs in pictures)
    drawings = [attrs for tag, attrs in page.tags if tag == "svg"]
    named = {attrs.get("id") for tag, attrs in page.tags if tag in ("title", "desc")}
    assert len(drawings) == 2
    assert all(set(str(attrs["aria-labelledby"]).split()) <= named for attrs in drawings)
    assert ("html", {"lang": "en"}) in page.tags
    for command in re.findall(r"-r (requirements[\w.-]*)", text):
        assert command in files


# ---- what is installed

PLATFORMS = {
    "Windows": ({"sys_platform": "win32", "platform_machine": "AMD64"}, "tensorflow-cpu"),
    "Linux": ({"sys_platform": "linux", "platform_machine": "x86_64"}, "tensorflow-cpu"),
    "Linux on ARM": ({"sys_platform": "linux", "platform_machine": "aarch64"}, "tensorflow"),
    "Mac": ({"sys_platform": "darwin", "platform_machine": "arm64"}, "tensorflow"),
    "Mac, Intel": ({"sys_platform": "darwin", "platform_machine": "x86_64"}, "tensorflow"),
    "Mac, Intel, 3.13": ({"sys_platform": "darwin", "platform_machine": "x86_64", "python_version": "3.13"}, "jax"),
}


def _installed(name: str, platform: dict[str, str]) -> list[str]:
    """What a requirements file installs on a platform; python_version is 3.12 unless said."""
    found: list[str] = []
    for line in (FILES / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("-r "):
            found += _installed(line[3:].strip(), platform)
        elif line.strip() and not line.startswith("#"):
            wanted = Requirement(line)
            marker: Marker | None = wanted.marker
            if marker is None or marker.evaluate({"python_version": "3.12", **platform}):
                found.append(wanted.name)
    return found


@pytest.mark.parametrize("platform", PLATFORMS)
def test_each_platform_gets_one_backend(platform: str) -> None:
    surroundings, backend = PLATFORMS[platform]
    assert _installed("requirements-numpy.txt", surroundings) == ["numpy", "matplotlib"]
    everything = ["jupyterlab", "numpy", "matplotlib", "keras"]
    assert _installed("requirements.txt", surroundings) == [*everything, backend]
    assert _installed("requirements-jax.txt", surroundings) == [*everything, "jax"]


# ---- the cell for Colab


def test_the_colab_cell_does_nothing_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: object) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "google.colab", None)
    exec((FILES / "colab.py").read_text(encoding="utf-8"), {})
    assert list(tmp_path.iterdir()) == []


def test_the_colab_cell_unpacks_the_zip(
    files: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On Colab it takes what the notebooks need from the zip, nothing else, and says when it was another file."""
    mac = {"../__MACOSX/ps1/._ps1_helper.py": b"what a Mac adds when the zip is packed again", "beds.csv": b"1,2"}
    write_zip(tmp_path / "ps1.zip", "ps1", {**files, **mac})
    packed = (tmp_path / "ps1.zip").read_bytes()
    work = tmp_path / "content"
    work.mkdir()
    monkeypatch.chdir(work)
    uploads = [{"notes.pdf": b"%PDF"}, {"ps1 (1).zip": packed}]
    colab = ModuleType("google.colab")
    colab.files = ModuleType("files")  # type: ignore[attr-defined]
    colab.files.upload = lambda: uploads.pop(0)
    monkeypatch.setitem(sys.modules, "google.colab", colab)
    cell = (FILES / "colab.py").read_text(encoding="utf-8")
    exec(cell, {})
    assert "Run this cell again" in capsys.readouterr().out
    exec(cell, {})
    assert capsys.readouterr().out.strip().endswith("Ready: beds.csv, digits.npz, ps1_helper.py")
    assert {path.name: path.read_bytes() for path in work.iterdir()} == {
        name: {**files, **mac}[name] for name in ("beds.csv", "digits.npz", "ps1_helper.py")
    }


# ---- the command


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This course cut down to its shortest notebook, which is also the current folder."""
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    for name in ("solutions", "assignments"):
        shutil.copytree(ROOT / name / "ps1", tmp_path / name / "ps1", ignore=shutil.ignore_patterns("[123]*", "__py*"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def pset(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["release", *arguments], env={"COLUMNS": "200"})


@pytest.mark.thorough
def test_the_same_course_gives_the_same_bytes(course: Path) -> None:
    done = CliRunner().invoke(main, ["release", "ps1"])
    assert done.exit_code == 0, done.output
    path = course / "dist" / "ps1.zip"
    first = path.read_bytes()
    with zipfile.ZipFile(path) as packed:
        assert packed.testzip() is None
        members = packed.infolist()
    assert [member.filename for member in members] == sorted(member.filename for member in members)
    assert all(member.filename.startswith("ps1/") and ".." not in member.filename for member in members)
    assert {(member.date_time, member.create_system, member.external_attr >> 16) for member in members} == {
        ((1980, 1, 1, 0, 0, 0), 3, 0o100644)
    }
    for file in course.rglob("*"):
        file.touch()
    write_zip(course / "again.zip", "ps1", contents(Course(course), "ps1"))
    assert (course / "again.zip").read_bytes() == first

    # Out of step: a released notebook that was changed by hand, and a secret that was left lying in the release.
    released = course / "assignments" / "ps1" / "0-start-here.ipynb"
    notebook = json.loads(released.read_text(encoding="utf-8"))
    notebook["cells"][0]["source"] = ["an old text"]
    released.write_text(json.dumps(notebook), encoding="utf-8")
    (course / "assignments" / "ps1" / "answers.txt").write_text("a secret")
    done = pset("ps1")
    assert done.exit_code == 2
    said = " ".join(done.output.split())
    assert "No zip was made of ps1" in said
    assert "0-start-here.ipynb differs in cell" in said
    assert "answers.txt is no part of the release" in said
    assert path.read_bytes() == first


def test_bad_input_is_refused(course: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: object) -> None:
    done = pset("ps9")
    assert done.exit_code == 2
    assert "no assignment 'ps9'" in done.output
    shutil.copytree(course / "solutions" / "ps1", course / "solutions" / "ps2")
    assert "--to names the zip of one assignment" in " ".join(pset("--to", "x.zip").output.split())
    assert sorted(entry.name for entry in course.iterdir()) == ["assignments", "nbgrader_config.py", "solutions"]


def test_a_zip_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Exception, match="cannot be written"):
        write_zip(tmp_path / "file" / "ps1.zip", "ps1", {"a": b"1"})
    (tmp_path / "taken.zip").mkdir()
    with pytest.raises(Exception, match="cannot be written"):
        write_zip(tmp_path / "taken.zip", "ps1", {"a": b"1"})
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["file", "taken.zip"]


# ---- how long it takes


@pytest.mark.parametrize("name", ["0-start-here", "1-perceptron", "2-mlp-backprop", "3-keras-mnist"])
def test_the_stated_time_goes_with_the_number_of_steps(name: str, files: dict[str, bytes]) -> None:
    """The rule: a minute for 100 words, four for each part of an answer, two for each cell to run and look at."""
    cells = nbformat.reads(files[f"{name}.ipynb"].decode(), as_version=4).cells
    minutes = 0.0
    for cell in cells:
        mark = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "markdown":
            minutes += len(cell.source.split()) / 100
            minutes += 4 * mark["points"] if mark.get("solution") else 0
        elif mark.get("grade"):
            parts = re.findall(r"^#   (?:(\d+) x )?\d+  \S", cell.source, re.MULTILINE)
            minutes += 4 * sum(int(times or 1) for times in parts or ["1"])
        elif mark.get("solution") and not any(
            other.metadata.get("nbgrader", {}).get("grade_id") == f"test_{mark['grade_id']}" for other in cells
        ):
            minutes += 4
        elif not mark:
            minutes += 2 if "demonstration" in cell.metadata.get("tags", ()) or name == "0-start-here" else 0
    stated = re.search(r"\*\*Time:\*\* (?:about )?([\d.]+)(?: to ([\d.]+))? (minutes|hours)", cells[0].source)
    assert stated is not None
    low, high = (float(value) * (60 if stated[3] == "hours" else 1) for value in (stated[1], stated[2] or stated[1]))
    low, high = (low, high) if stated[2] else (0.6 * low, 1.4 * high)
    assert low <= minutes <= high, f"{name}: {minutes:.0f} minutes by the rule"
