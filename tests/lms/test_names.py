"""Names of files as Canvas and Moodle write them, and what students and their browsers make of a notebook's name."""

from __future__ import annotations

import unicodedata

import pytest

from grader.lms.names import Sender, folder_name, junk, name_key, recognise, sender

NOTEBOOKS = ("0-start-here", "1-perceptron", "2-mlp-backprop", "numpy-mnist", "ps-2", "ps")


@pytest.mark.parametrize(
    "path, who, own",
    [
        ("bello_12345_678_1-perceptron.ipynb", Sender("canvas", "12345", "bello", False, 678), "1-perceptron.ipynb"),
        ("belloaisha_LATE_12345_67890_a_b.ipynb", Sender("canvas", "12345", "belloaisha", True, 67890), "a_b.ipynb"),
        # A number in the student's own name for the file is not the student's.
        ("belloaisha_1_2_x_99_98_y.ipynb", Sender("canvas", "1", "belloaisha", False, 2), "x_99_98_y.ipynb"),
        ("von_der_leyen_7_8_a.ipynb", Sender("canvas", "7", "von_der_leyen", False, 8), "a.ipynb"),
        ("anon_x7Gh2_8_a.ipynb", Sender("canvas", "anon_x7Gh2", "", False, 8), "a.ipynb"),
        ("LATE_anon_x7Gh2_8_a.ipynb", Sender("canvas", "anon_x7Gh2", "", True, 8), "a.ipynb"),
        ("Aïsha Bello_123_assignsubmission_file/work/a.ipynb", Sender("moodle", "123", "Aïsha Bello"), "a.ipynb"),
        ("Aïsha Bello_123_assignsubmission_file_/a.ipynb", Sender("moodle", "123", "Aïsha Bello"), "a.ipynb"),
        ("Aïsha Bello_123_assignsubmission_file_a_1.ipynb", Sender("moodle", "123", "Aïsha Bello"), "a_1.ipynb"),
        ("all/bello_1_2_ps1/deep/a.ipynb", Sender("canvas", "1", "bello", False, 2), "a.ipynb"),
        # Somebody else's name inside one's own archive, or in one's own name for a file, is of no use.
        ("bello_1_2_ps1/cisse_3_4_a.ipynb", Sender("canvas", "1", "bello", False, 2), "cisse_3_4_a.ipynb"),
        ("bello_1_2_ps1/Ann_3_assignsubmission_file_/a.ipynb", Sender("canvas", "1", "bello", False, 2), "a.ipynb"),
        ("b_1_2_A_3_assignsubmission_file_a", Sender("canvas", "1", "b", False, 2), "A_3_assignsubmission_file_a"),
    ],
)  # fmt: skip
def test_who_handed_in(path: str, who: Sender, own: str) -> None:
    assert sender(tuple(path.split("/"))) == (who, own)


@pytest.mark.parametrize("path", ["1-perceptron.ipynb", "bello_12_a.ipynb", "_1_2_.ipynb", "a/b/c.ipynb"])
def test_nobody(path: str) -> None:
    assert sender(tuple(path.split("/"))) is None


def test_only_the_platform_that_is_set() -> None:
    assert sender(("bello_1_2_a.ipynb",), "moodle") is None
    assert sender(("Ann_3_assignsubmission_file_",), "canvas") is None


@pytest.mark.parametrize(
    "stem, notebook",
    [
        ("1-perceptron", ("1-perceptron", 0)),
        ("1-perceptron-2", ("1-perceptron", 2)),
        ("1-perceptron (1)", ("1-perceptron", 1)),
        ("1-perceptron(12)", ("1-perceptron", 12)),
        ("1_Perceptron", ("1-perceptron", 0)),
        ("1 perceptron - Copy (3)", ("1-perceptron", 3)),
        ("1-perceptron-Copy1", ("1-perceptron", 1)),
        ("Copy of 1-perceptron", ("1-perceptron", 0)),
        ("2-mlp-backprop-1-1", ("2-mlp-backprop", 1)),
        ("ps-2", ("ps-2", 0)),
        ("ps-3", ("ps", 3)),
        ("perceptron", None),
        ("11-perceptron", None),
        ("1-perceptron2024", None),
        ("my 1-perceptron", None),
        ("1-perceptron-" + "1-" * 2000, None),
    ],
)
def test_which_notebook(stem: str, notebook: tuple[str, int] | None) -> None:
    assert recognise(stem, NOTEBOOKS) == notebook


def test_junk() -> None:
    for path in ("__MACOSX/x/._a.ipynb", "x/.DS_Store", "._a.ipynb", "a/.ipynb_checkpoints/a-checkpoint.ipynb"):
        assert junk(path.split("/")), path
    assert not junk(["work", "a.ipynb"])


def test_names_are_compared_as_canvas_writes_them() -> None:
    assert name_key("O'Neill-Diallo", "Aïsha") == name_key("oneilldialloaïsha")
    assert name_key(unicodedata.normalize("NFD", "Aïsha")) == name_key("aïsha"), "as macOS writes it"
    assert name_key("कि") != name_key("का"), "two vowels of Hindi"
    assert folder_name("Aïsha O'Neill", "12") == "aïsha_o_neill_12"
    assert folder_name("x" * 300, "12").endswith("x_12")
    assert "/" not in folder_name("../../x", "1")
