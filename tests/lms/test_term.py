"""A small course from a platform's zip file to its gradebook, by the real commands.

One test each, as what they cost is the course: `nbgrader generate_assignment` and `nbgrader autograde`.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import time
import zipfile
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner
from inside import command, inside
from nbgrader.api import Gradebook
from nbgrader.apps import ExportApp, ZipCollectApp
from small_course import SmallCourse

from grader.cli import main

LATE = """
c.LatePenalty.percent_per_day = 10
c.LatePenalty.extensions = {"tiny": {"omar": 3, "oskar": 1}}
"""
ROSTER = (
    "Student;ID;SIS User ID;SIS Login ID;Section\r\n    Points Possible;;;;\r\n"
    '"Bello, =Aïsha";11;;abello;A\r\n"Cissé, Omar";12;;omar;A\r\n"Diallo, Ami";13;;ami;A\r\n'
)
DUE, HANDED_IN = "2026-11-01 12:00:00", "2026-11-02 13:00:00 UTC"


def pset(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, list(arguments))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
    return done.exit_code, done.output


def notebooks(course: SmallCourse, answers: str, words: str = "") -> dict[str, bytes]:
    """What a student with these answers would hand in."""
    course.hand_in("somebody", answers, words)
    folder = course.submitted("somebody")
    found = {path.stem: path.read_bytes() for path in sorted(folder.glob("*.ipynb"))}
    for path in [*folder.glob("*"), folder, folder.parent]:
        path.unlink() if path.is_file() else path.rmdir()
    return found


def export(exporter: str, *arguments: str) -> tuple[int, str]:
    return command(ExportApp, f"--exporter=grader.lms.export.{exporter}", *arguments)


def table(path: str) -> list[dict[str, str]]:
    with Path(path).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def mark(student: str, notebook: str, points: float, comment: str = "") -> None:
    """As formgrader saves a mark and a comment."""
    with Gradebook("sqlite:///gradebook.db") as gradebook:
        row = gradebook.find_grade(f"words_{notebook}", notebook, "tiny", student)
        row.manual_score, row.needs_manual_grade = points, False
        gradebook.find_comment(f"words_{notebook}", notebook, "tiny", student).manual_comment = comment
        gradebook.db.commit()


@pytest.mark.slow
def test_from_canvas_to_canvas(tmp_path: Path) -> None:
    course = SmallCourse(tmp_path, LATE)
    with inside(tmp_path):
        _nothing_is_graded_yet()
        _roster()
        _collect(course)
        with Gradebook("sqlite:///gradebook.db") as gradebook:
            gradebook.update_or_create_assignment("tiny", duedate=DUE)
        for student in ("abello", "omar"):
            (course.submitted(student) / "timestamp.txt").write_text(HANDED_IN)
        done = course.autograde()
        assert done.returncode == 0, done.stderr
        _undecided_marks_are_blank()
        for student in ("abello", "omar", "doejane_99"):
            mark(student, "one", 0.5, "Why?")
        for student in ("abello", "omar"):
            mark(student, "two", 1.0)
        _decided_marks()
        _questions()
        _gradescope()
        _worksheet()
        _back_to_canvas()
        _back_to_moodle()
        _again(course)


def _nothing_is_graded_yet() -> None:
    for exporter in ("Canvas", "Moodle", "Gradescope", "Questions"):
        status, said = export(exporter)
        assert status == 1
        assert said.endswith("Nothing was exported: nothing is graded yet. Type first: nbgrader autograde tiny")
    status, said = export("Canvas", "--assignment=ps9")
    assert status == 1
    assert "no assignment 'ps9' (there is: tiny). Type first: nbgrader generate_assignment ps9" in said
    assert not [path for path in Path().iterdir() if path.suffix == ".csv"]
    status, said = pset("feedback-zip", "tiny", "--for", "moodle")
    assert (status, "zip_collect tiny" in said) == (2, True)


def _roster() -> None:
    Path("roster.csv").write_bytes(ROSTER.replace("=", "").encode("latin-1"))
    status, said = pset("roster", "roster.csv")
    assert (status, said.splitlines()[0]) == (0, "3 new students and 0 known ones, by the column 'SIS Login ID'.")
    Path("roster.csv").write_text(ROSTER, encoding="utf-8-sig")
    status, said = pset("roster", "roster.csv")
    assert said.startswith("0 new students and 3 known ones")
    status, said = pset("roster", "roster.csv", "--id", "Login")
    assert (status, "has no column 'Login'" in said) == (2, True)


def _collect(course: SmallCourse) -> None:
    right, wrong = notebooks(course, "right", "Because $a < b$ & so on."), notebooks(course, "wrong", "So.")
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as packed:
        packed.writestr("my work/one.ipynb", wrong["one"])
        packed.writestr("my work/last.ipynb", wrong["two"])
    archive = Path("downloaded/tiny/archive")
    archive.mkdir(parents=True)
    with zipfile.ZipFile(archive / "submissions.zip", "w") as given:
        given.writestr("belloaïsha_LATE_11_101_one.ipynb", wrong["one"])
        given.writestr("belloaïsha_LATE_11_105_one-1.ipynb", right["one"])
        given.writestr("belloaïsha_LATE_11_103_Two (1).ipynb", right["two"])
        given.writestr("__MACOSX/._belloaïsha_11_105_one-1.ipynb", b"junk")
        given.writestr("cisséomar_12_202_ps.zip", inner.getvalue())
        given.writestr("doejane_99_301_one.ipynb", right["one"])
        given.writestr("../../../evil.ipynb", b"x")
    status, said = command(ZipCollectApp, "tiny")
    assert status == 0, said
    for expected in (
        "'../../../evil.ipynb' leads out",
        "abello: one is there 2 times; belloaïsha_LATE_11_105_one-1.ipynb counts",
        "doejane (canvas number 99) is not in the roster",
        "Late, as Canvas says, but not by how much: abello.",
    ):
        assert expected in said
    found = {path.relative_to("submitted").as_posix() for path in Path("submitted").rglob("*.ipynb")}
    both = {f"{who}/tiny/{name}.ipynb" for who in ("abello", "omar") for name in ("one", "two")}
    assert found == {*both, "doejane_99/tiny/one.ipynb"}
    assert Path("submitted/abello/tiny/one.ipynb").read_bytes() == right["one"]
    assert Path("submitted/omar/tiny/two.ipynb").read_bytes() == wrong["two"]
    status, said = command(ZipCollectApp, "tiny")
    assert status == 1
    assert "--force" in said
    (course.submitted("omar") / "timestamp.txt").write_text("2026-11-01 11:00 UTC")
    status, said = command(ZipCollectApp, "tiny", "--force")
    assert (status, "timestamp.txt goes" in said) == (0, False), "the files are the same"
    assert (course.submitted("omar") / "timestamp.txt").read_text() == "2026-11-01 11:00:00"
    assert {path.relative_to("submitted").as_posix() for path in Path("submitted").rglob("*.ipynb")} == found


def _undecided_marks_are_blank() -> None:
    status, said = export("Canvas")
    assert status == 0
    assert "3 of 4 students wait for a manual grade and are left blank: abello (words_one, words_two)" in said
    assert "nothing was handed in, so left blank: ami" in said
    assert "extensions is for students whom the gradebook does not know: oskar" in said
    assert {row["tiny"] for row in table("canvas.csv")} == {"12", ""}
    export("Canvas", "--Canvas.undecided=so-far", "--Canvas.missing=zero", "--to=so-far.csv")
    assert [row["tiny"] for row in table("so-far.csv")] == ["12", "8", "0", "5", "4"]


def _decided_marks() -> None:
    """abello is a day and an hour late: two tenths of 10 automatic points; omar has three days more."""
    status, said = export("Canvas", "--to=canvas.csv", "--Canvas.columns=tiny=Tiny (77)")
    assert status == 0
    assert "manual grade" not in said
    assert "as it is now: abello. Type: nbgrader autograde tiny --force" in said
    lines = Path("canvas.csv").read_text(encoding="utf-8").splitlines()
    # As Canvas wants it: these five columns first, the assignment with its number, then the points possible.
    assert lines == [
        "Student,ID,SIS User ID,SIS Login ID,Section,Tiny (77)",
        "    Points Possible,,,,,12",
        '"Bello, =Aïsha",11,,abello,,9.5',
        '"Diallo, Ami",13,,ami,,',
        "doejane_99,99,,doejane_99,,5.5",
        '"Cissé, Omar",12,,omar,,5.5',
    ]
    status, said = export("Moodle", "--Moodle.id_column=ID number", "--Moodle.columns=tiny=Problem set")
    assert status == 0
    assert Path("moodle.csv").read_text(encoding="utf-8").splitlines()[:2] == [
        "First name,Last name,ID number,Email address,Problem set",
        "'=Aïsha,Bello,abello,,9.5",
    ]
    status, said = export("Moodle", "--student=nobody")
    assert (status, "no student 'nobody'" in said) == (1, True)


def _questions() -> None:
    assert export("Questions")[0] == 0
    rows = {(row["student_id"], row["notebook"], row["question"]): row for row in table("questions.csv")}
    assert len(rows) == 18
    double = rows["omar", "two", "double"]
    assert (double["points"], double["max_points"], double["state"], double["needs_attention"]) == (
        "2",
        "3",
        "partly",
        "no",
    )
    words = rows["abello", "one", "words_one"]
    assert (words["points"], words["manual_points"], words["automatic_points"]) == ("0.5", "0.5", "")
    assert words["state"] == "marked by hand"
    gone = rows["doejane_99", "two", "double"]
    assert (gone["points"], gone["state"], gone["needs_attention"]) == ("0", "not handed in", "no")


def _gradescope() -> None:
    assert export("Gradescope", "--to=gs")[0] == 0
    assert {path.as_posix() for path in Path("gs").rglob("*.json")} == {
        f"gs/{student}/tiny/results.json" for student in ("abello", "omar", "doejane_99")
    }
    found = json.loads(Path("gs/abello/tiny/results.json").read_text(encoding="utf-8"))
    assert found["score"] == 9.5
    assert found["output"] == "2 points are taken off because this was handed in late."
    assert sum(test["score"] for test in found["tests"]) == 11.5
    assert sum(test["max_score"] for test in found["tests"]) == 12
    assert found["tests"][0]["name"] == "one: double: twice the number"
    assert found["tests"][3]["output"] == "Marked by hand."


def _worksheet() -> None:
    """The same marks in Moodle's own worksheet, whose rows are found by address or name, and which keeps the rest."""
    head = "Identifier,Full name,Email address,Status,Grade,Maximum grade,Last modified (grade),Feedback comments"
    rows = [
        "Participant 501,Aïsha Bello,abello,Submitted,,24.00,-,- good",
        "Participant 502,Omar Cissé,,Submitted,,24.00,-,",
        "Participant 503,Ami Diallo,,No submission,,24.00,-,",
    ]
    Path("given.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8-sig")
    assert export("MoodleWorksheet")[0] == 1
    status, said = export("MoodleWorksheet", "--MoodleWorksheet.worksheet=given.csv")
    assert (status, "tiny has 12 points, Moodle's maximum grade is 24" in said) == (1, True)
    status, said = export("MoodleWorksheet", "--MoodleWorksheet.worksheet=given.csv", "--MoodleWorksheet.scale=True")
    assert status == 0
    assert "Not in the worksheet, so their marks are not in it either: doejane_99" in said
    assert Path("worksheet.csv").read_text(encoding="utf-8").splitlines() == [
        head,
        "Participant 501,Aïsha Bello,abello,Submitted,19,24.00,-,- good",
        "Participant 502,Omar Cissé,,Submitted,11,24.00,-,",
        "Participant 503,Ami Diallo,,No submission,,24.00,-,",
    ]
    status, said = export("MoodleWorksheet", "--MoodleWorksheet.worksheet=roster.csv")
    assert (status, "is no grading worksheet" in said) == (1, True)


def _back_to_canvas() -> None:
    status, said = pset("feedback-zip", "tiny", "--for", "canvas", "--to", "back.zip")
    assert (status, "4 files for 3 students" in said) == (0, True), said
    with zipfile.ZipFile("back.zip") as back:
        assert set(back.namelist()) == {
            "belloaïsha_LATE_11_105_one-1.ipynb",
            "belloaïsha_LATE_11_103_Two (1).ipynb",
            "doejane_99_301_one.ipynb",
            "cisséomar_12_202_ps.zip",
        }
        one = nbformat.reads(back.read("belloaïsha_LATE_11_105_one-1.ipynb").decode(), as_version=4)
        with zipfile.ZipFile(io.BytesIO(back.read("cisséomar_12_202_ps.zip"))) as packed:
            assert packed.namelist() == ["one.ipynb", "two.ipynb"]
    nbformat.validate(one)
    assert one.cells[0].source.startswith("# one: 5.5 of 6 points\n")
    assert "**words_one**: Why?" in one.cells[0].source
    assert "\nIt was handed in late, which takes 1 off." in one.cells[0].source
    shown = [output.data["text/plain"] for cell in one.cells if cell.cell_type == "code" for output in cell.outputs]
    assert any(re.match("double: right, 3 of 3 points", text) for text in shown)


def _back_to_moodle() -> None:
    """The page is a stand-in here; test_from_moodle_to_moodle has nbgrader make them."""
    record = Path("downloaded/tiny/collected.json")
    entries = json.loads(record.read_text(encoding="utf-8"))
    entries["abello"] |= {"platform": "moodle", "number": "501", "name": "Aïsha Bello"}
    entries["omar"] |= {"platform": "moodle", "number": "502", "name": "Omar Cissé"}
    record.write_text(json.dumps(entries), encoding="utf-8")
    status, said = pset("feedback-zip", "tiny", "--for", "moodle")
    assert (status, "nbgrader generate_feedback tiny" in said) == (2, True)
    page = Path("feedback/abello/tiny/one.html")
    page.parent.mkdir(parents=True)
    page.write_text("<p>Right.</p>")
    status, said = pset("feedback-zip", "tiny", "--for", "moodle")
    assert (status, "Left out: omar: no feedback yet" in said) == (1, True)
    with zipfile.ZipFile("feedback-tiny-moodle.zip") as back:
        assert back.namelist() == ["Aïsha Bello_501_assignsubmission_file_/one.html"]


def _again(course: SmallCourse) -> None:
    """A second grading keeps what was marked by hand, and then the penalty is of all points; then a second attempt."""
    done = course.autograde("--force")
    assert done.returncode == 0, done.stderr
    status, said = export("Canvas", "--to=again.csv")
    # doejane_99's second notebook, which was not handed in, waits for nobody.
    assert (status, "manual grade" in said, "as it is now" in said) == (0, False, False)
    assert [row["tiny"] for row in table("again.csv")] == ["12", "9.2", "", "5.5", "5.5"]
    status, said = pset("feedback-zip", "tiny", "--for", "moodle")
    assert (status, "nobody has feedback" in said) == (2, True), "its only page is of the first grading"
    with zipfile.ZipFile("downloaded/tiny/archive/later.zip", "w") as given:
        given.writestr("belloaïsha_11_999_one-2.ipynb", notebooks(course, "wrong")["one"])
    status, said = command(ZipCollectApp, "tiny", "--force")
    assert status == 0, said
    assert "abello handed in anew" in said
    assert f"abello: timestamp.txt goes with the old files; it said {HANDED_IN}." in said
    assert "omar handed in anew" not in said
    assert (course.autograded("omar").is_dir(), course.autograded("abello").exists()) == (True, False)
    status, said = export("Canvas")
    assert "handed in anew and not graded since, so with the marks of the earlier files: abello." in said


def test_zip_collect_without_a_release(tmp_path: Path) -> None:
    (tmp_path / "solutions" / "ps1").mkdir(parents=True)
    (tmp_path / "nbgrader_config.py").write_text(
        "from pathlib import Path\nfrom grader.autograde import configure\nc = get_config()\nconfigure(c, Path.cwd())\n"
    )
    archive = tmp_path / "downloaded" / "ps1" / "archive"
    archive.mkdir(parents=True)
    with inside(tmp_path):
        (archive / "more.tar.gz").write_bytes(b"")
        (archive / "link.zip").symlink_to("submissions.zip")
        (archive / "submissions.zip").write_bytes(b"PK\x03\x04 cut off")
        status, said = command(ZipCollectApp, "ps1")
        assert (status, "is no whole zip file" in said) == (1, True)
        assert "more.tar.gz is an archive, but no zip file" in said
        assert "link.zip is a link, and is left out" in said
        with zipfile.ZipFile(archive / "submissions.zip", "w") as given:
            given.writestr("bello_1_2_1-perceptron.ipynb", "{}")
        status, said = command(ZipCollectApp, "ps1", "--force")
        assert (status, "nbgrader generate_assignment ps1" in said) == (1, True)
        assert not (tmp_path / "gradebook.db").exists()
        assert not (tmp_path / "submitted").exists()


@pytest.mark.thorough
@pytest.mark.slow
def test_from_moodle_to_moodle(tmp_path: Path) -> None:
    """With Moodle's worksheet beside the archive, whose addresses tell who is who."""
    course = SmallCourse(tmp_path)
    worksheet = (
        "Identifier,Full name,Email address,Status,Grade,Maximum grade,Last modified (grade),Feedback comments\n"
        "Participant 501,A. Bello,aisha@uni.example,Submitted,,12.00,-,\n"
        "Participant 502,Omar Cissé,omar@uni.example,Submitted,,12.00,-,\n"
    )
    with inside(tmp_path):
        roster = "Username,First name,Last name,Email address\nabello,Aïsha,Bello,Aisha@uni.example\nomar,Omar,Cissé,\n"
        Path("roster.csv").write_text(roster, encoding="utf-8")
        assert pset("roster", "roster.csv")[0] == 0
        archive = Path("downloaded/tiny/archive")
        archive.mkdir(parents=True)
        (archive / "worksheet.csv").write_text(worksheet, encoding="utf-8")
        right, wrong = notebooks(course, "right", "Because."), notebooks(course, "wrong", "So.")
        with zipfile.ZipFile(archive / "all.zip", "w") as given:
            given.writestr("A. Bello_501_assignsubmission_file/one.ipynb", right["one"])
            given.writestr("A. Bello_501_assignsubmission_file/work/two (2).ipynb", right["two"])
            given.writestr("Omar Cissé_502_assignsubmission_file_one.ipynb", wrong["one"])
            given.writestr("Omar Cissé_502_assignsubmission_onlinetext_onlinetext.html", b"<p>")
        status, said = command(ZipCollectApp, "tiny")
        assert status == 0, said
        assert "not in the roster" not in said
        done = course.autograde()
        assert done.returncode == 0, done.stderr
        for student in ("abello", "omar"):
            mark(student, "one", 1.0)
        mark("abello", "two", 1.0)
        arguments = ("--MoodleWorksheet.worksheet=downloaded/tiny/archive/worksheet.csv", "--to=upload.csv")
        status, said = export("MoodleWorksheet", *arguments)
        assert status == 0, said
        assert [row["Grade"] for row in table("upload.csv")] == ["12", "3"]
        done = course.run("generate_feedback", "tiny")
        assert done.returncode == 0, done.stderr
        later = time.time() + 60
        os.utime(course.autograded("omar") / "one.ipynb", (later, later))
        status, said = pset("feedback-zip", "tiny", "--for", "moodle")
        assert (status, "Left out: omar: graded again since" in said) == (1, True)
        done = course.run("generate_feedback", "tiny")
        assert "feedback/omar/tiny was graded again since; the feedback is made anew" in done.stderr
        os.utime(course.autograded("omar") / "one.ipynb", (1, 1))
        assert pset("feedback-zip", "tiny", "--for", "moodle")[0] == 0
        with zipfile.ZipFile("feedback-tiny-moodle.zip") as back:
            names = set(back.namelist())
            page = back.read("A. Bello_501_assignsubmission_file_/one.html").decode()
        assert {name for name in names if name.startswith("A. Bello")} == {
            f"A. Bello_501_assignsubmission_file_/{name}.html" for name in ("one", "two")
        }
        assert "Omar Cissé_502_assignsubmission_file_/one.html" in names
        assert "twice the number" in page


@pytest.mark.thorough
@pytest.mark.slow
def test_through_the_exchange_of_a_hub(tmp_path: Path) -> None:
    """Released, fetched, handed in late and collected by nbgrader's own exchange: its time decides the penalty."""
    exchange = tmp_path / "exchange"
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    settings = f'\nc.CourseDirectory.course_id = "dl"\nc.Exchange.root = {str(exchange)!r}\n' + LATE
    (tmp_path / "course").mkdir()
    course = SmallCourse(tmp_path / "course", settings)
    with Gradebook(f"sqlite:///{course.root / 'gradebook.db'}") as gradebook:
        gradebook.update_or_create_assignment("tiny", duedate="2020-01-01 12:00:00")
    assert course.run("release_assignment", "tiny").returncode == 0
    student = SmallCourse.at(tmp_path / "home")
    student.root.mkdir()
    (student.root / "nbgrader_config.py").write_text("c = get_config()\n" + settings.replace(LATE, ""))
    assert student.run("fetch_assignment", "tiny").returncode == 0
    for path in (student.root / "tiny").glob("*.ipynb"):
        notebook = nbformat.read(path, 4)
        for cell in notebook.cells:
            if cell.metadata.get("nbgrader", {}).get("grade_id") == "double":
                cell.source = "def double(x):\n    return 2 * x"
        nbformat.write(notebook, path)
    done = student.run("submit", "tiny")
    assert done.returncode == 0, done.stderr
    done = course.run("collect", "tiny")
    assert done.returncode == 0, done.stderr
    done = course.autograde()
    assert done.returncode == 0, done.stderr
    with inside(course.root):
        status, said = export("Questions")
        assert status == 0, said
        assert {row["points"] for row in table("questions.csv") if row["question"] == "double"} == {"3"}
        # Years late: all that was earned is taken off.
        assert export("Moodle")[0] == 0
        assert [row["tiny"] for row in table("moodle.csv")] == ["0"]
