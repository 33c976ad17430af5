"""The bundled digits, the part graders keep, and the loader that students call."""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from grader.ps1 import make_digits

SOLUTIONS = make_digits.ROOT / "solutions"
NAMES = ("x_train", "y_train", "x_test", "y_test")


def load_helper(folder: Path = SOLUTIONS / "ps1") -> ModuleType:
    """The released helper file, imported from where students have it."""
    spec = importlib.util.spec_from_file_location("ps1_helper_under_test", folder / "ps1_helper.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def helper(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The helper with an empty home and no MNIST_NPZ, so that only the bundle is there."""
    monkeypatch.delenv("MNIST_NPZ", raising=False)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    return load_helper()


def small(n: int = 3, **changes: np.ndarray) -> dict[str, np.ndarray]:
    """A tiny file in MNIST's layout, with some arrays changed."""
    x, y = np.full((n, 28, 28), 7, np.uint8), np.arange(n, dtype=np.uint8)
    return {"x_train": x, "y_train": y, "x_test": x, "y_test": y} | changes


def images_of(path: Path) -> set[bytes]:
    with np.load(path) as file:
        return {image.tobytes() for name in file.files if name.startswith("x") for image in file[name]}


def test_files_are_what_the_script_makes() -> None:
    for path, made in zip((make_digits.BUNDLE, make_digits.HELD_OUT), make_digits.make(), strict=True):
        with np.load(path) as stored:
            assert set(stored.files) == set(made)
            for name, array in made.items():
                np.testing.assert_array_equal(stored[name], array)


def test_bundle_and_held_out_part_share_no_image() -> None:
    bundle, held_out = images_of(make_digits.BUNDLE), images_of(make_digits.HELD_OUT)
    assert not bundle & held_out
    assert len(bundle) == make_digits.N_TRAIN + make_digits.N_TEST  # no image twice either
    assert len(held_out) >= 250


def test_held_out_part_is_not_among_the_released_files() -> None:
    held_out = images_of(make_digits.HELD_OUT)
    for path in SOLUTIONS.rglob("*.npz"):
        assert not images_of(path) & held_out, path


def test_scale_layout_and_size() -> None:
    with np.load(make_digits.BUNDLE) as file:
        for name in ("x_train", "x_test"):
            x = file[name]
            assert x.dtype == np.uint8
            assert x.shape[1:] == (28, 28)
            assert x.min() == 0
            assert x.max() == 255  # 0..16 stretched to MNIST's scale
        for name in ("y_train", "y_test"):
            counts = np.bincount(file[name], minlength=10)
            assert counts.min() > 0.05 * counts.sum()  # every digit is there
    assert make_digits.BUNDLE.stat().st_size < 500_000


def test_enlarging_keeps_the_picture() -> None:
    corners = np.zeros((1, 8, 8), dtype=np.int64)
    corners[0, 0, 0], corners[0, 7, 2] = 16, 8
    big = make_digits.enlarge(corners)[0]
    assert big[2, 2] == 255
    assert big[25, 9] == 128  # the bottom row, right on column 2: half of 255, rounded
    assert big[25, 10] == 85  # a third of a pixel further: 255 * 2/3 * 8/16
    assert big[:2].max() == big[-2:].max() == big[:, :2].max() == big[:, -2:].max() == 0
    np.testing.assert_array_equal(make_digits.tent_weights().sum(axis=1), 3)


def test_a_straight_line_model_learns_the_bundle() -> None:
    """Labels belong to their images: a ridge regression on one-hot labels reads most of the held-out part."""
    with np.load(make_digits.BUNDLE) as bundle, np.load(make_digits.HELD_OUT) as held_out:
        x, y = bundle["x_train"].reshape(-1, 784) / 255, bundle["y_train"]
        x_new, y_new = held_out["x"].reshape(-1, 784) / 255, held_out["y"]
    weights = np.linalg.solve(x.T @ x + 10 * np.eye(784), x.T @ np.eye(10)[y])
    assert np.mean(np.argmax(x_new @ weights, axis=1) == y_new) > 0.9


def test_the_bundle_is_the_last_resort(helper: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    (x_train, y_train), (x_test, y_test) = helper.load_digits_data()
    assert x_train.shape == (1200, 28, 28)
    assert x_train.dtype == x_test.dtype == y_train.dtype == y_test.dtype == np.uint8
    assert x_test.shape == (300, 28, 28)
    assert y_train.shape == (1200,)
    assert y_test.shape == (300,)
    assert "bundled UCI digits" in capsys.readouterr().out


def test_order_named_file_then_kerass_own_then_bundle(
    helper: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / ".keras" / "datasets"
    kept.mkdir(parents=True)
    np.savez(kept / "mnist.npz", **small(5))
    assert len(helper.load_digits_data()[0][0]) == 5
    assert "kept by Keras" in capsys.readouterr().out
    np.savez(tmp_path / "own.npz", **small(4))
    monkeypatch.setenv("MNIST_NPZ", str(tmp_path / "own.npz"))
    assert len(helper.load_digits_data()[0][0]) == 4
    assert "own.npz" in capsys.readouterr().out


def test_a_damaged_file_of_keras_is_passed_over_aloud(
    helper: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / ".keras" / "datasets"
    kept.mkdir(parents=True)
    (kept / "mnist.npz").write_bytes(b"half a downlo")
    assert len(helper.load_digits_data()[0][0]) == 1200
    assert "Ignored" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arrays, words",
    [
        (None, "no such file"),
        ({"x_train": np.zeros((2, 28, 28), np.uint8)}, "must be an .npz file with the arrays"),
        (small(x_test=np.zeros((3, 8, 8), np.uint8)), "x_test must be uint8 of shape"),
        (small(x_train=np.zeros((3, 28, 28))), "float64"),
        (small(y_train=np.zeros(4, np.uint8)), "y_train"),
        (small(y_test=np.array([1, 2, 10])), "from 0 to 9"),
        (small(y_test=np.array([1.0, 2, 3])), "whole numbers"),
        (small(y_train=np.array([1, None, 3], dtype=object)), "Cannot read"),
    ],
)
def test_a_bad_named_file_is_a_clear_error(
    helper: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arrays: dict[str, np.ndarray] | None,
    words: str,
) -> None:
    path = tmp_path / "own.npz"
    if arrays is not None:
        np.savez(path, **arrays)
    monkeypatch.setenv("MNIST_NPZ", str(path))
    with pytest.raises(ValueError, match=words) as caught:
        helper.load_digits_data()
    assert "MNIST_NPZ" in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"not a zip file"])
def test_a_named_file_that_is_no_npz_is_a_clear_error(
    helper: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    (tmp_path / "own.npz").write_bytes(content)
    monkeypatch.setenv("MNIST_NPZ", str(tmp_path / "own.npz"))
    with pytest.raises(ValueError, match="Cannot read digits"):
        helper.load_digits_data()


def test_nothing_is_downloaded_unless_asked(helper: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str, *rest: object) -> ModuleType:
        assert not name.startswith("keras"), "load_digits_data() must not touch Keras"
        return real_import(name, *rest)  # type: ignore[arg-type]

    import builtins

    real_import = builtins.__import__
    monkeypatch.setattr(builtins, "__import__", refuse)
    helper.load_digits_data()


def test_a_failed_download_falls_back_and_says_so(
    helper: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "keras.datasets", None)  # importing it now raises
    assert len(helper.load_digits_data(download=True)[0][0]) == 1200
    out = capsys.readouterr().out
    assert "download of MNIST failed" in out
    assert "bundled" in out


def test_download_returns_what_keras_returns(
    helper: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import sys

    fake = ModuleType("keras.datasets")
    fake.mnist = ModuleType("mnist")  # type: ignore[attr-defined]
    content = small(6)
    data = (content["x_train"], content["y_train"]), (content["x_test"], content["y_test"])
    fake.mnist.load_data = lambda: data  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keras", ModuleType("keras"))
    monkeypatch.setitem(sys.modules, "keras.datasets", fake)
    assert helper.load_digits_data(download=True) is data
    assert "downloaded by Keras" in capsys.readouterr().out


def test_the_helper_needs_nothing_beyond_numpy_to_import() -> None:
    tree = ast.parse((SOLUTIONS / "ps1" / "ps1_helper.py").read_text(encoding="ascii"))
    imported = {
        name.split(".")[0]
        for node in tree.body
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    import sys

    assert imported - set(sys.stdlib_module_names) <= {"numpy"}
