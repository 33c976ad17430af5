"""What students put into archives: nothing is written elsewhere, nothing fills the disk, nobody else's work is lost."""

from __future__ import annotations

import io
import logging
import stat
import time
import zipfile
from pathlib import Path

import pytest

from grader.lms.unpack import Budget, OverBudget, free, safe_parts, unpack

LOG = logging.getLogger("test_unpack")


def archive(entries: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in entries.items():
            made.writestr(name, text)
    return content.getvalue()


def unpacked(
    tmp_path: Path,
    content: bytes,
    whole: tuple[int, int, int] = (100, 10**6, 10**5),
    inner: tuple[int, int, int] = (20, 10**5, 10**5),
) -> dict[str, bytes]:
    (tmp_path / "given.zip").write_bytes(content)
    unpack(tmp_path / "given.zip", tmp_path / "out", Budget(*whole), Budget(*inner), LOG)
    assert {path.name for path in tmp_path.iterdir()} <= {"given.zip", "out"}, "written elsewhere"
    found = (path for path in sorted((tmp_path / "out").rglob("*")) if path.is_file())
    return {path.relative_to(tmp_path / "out").as_posix(): path.read_bytes() for path in found}


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil", "..\\evil", "C:\\evil", "\\\\host\\evil"])
def test_paths_that_lead_out_are_left_out_and_named(
    name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert unpacked(tmp_path, archive({name: b"x", "good.ipynb": b"1"})) == {"good.ipynb": b"1"}
    assert "leads out of the archive" in caplog.text


def test_junk_links_and_odd_names(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        made.writestr("__MACOSX/._a.ipynb", b"x")
        made.writestr(".DS_Store", b"x")
        link = zipfile.ZipInfo("link.ipynb")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        made.writestr(link, "/etc/passwd")
        made.writestr("a\nb\x1b.ipynb", b"1")
        made.writestr("é" * 300 + ".ipynb", b"2")
        made.writestr("twice.ipynb", b"3")
        with pytest.warns(UserWarning, match="Duplicate"):
            made.writestr("twice.ipynb", b"4")
        made.writestr("twice.ipynb/below.ipynb", b"5")
    found = unpacked(tmp_path, content.getvalue())
    assert sorted(found.values()) == [b"1", b"2", b"3", b"4", b"5"]
    assert {"a_b_.ipynb", "twice.ipynb", "twice (2).ipynb"} <= set(found)
    assert "'link.ipynb' is a link" in caplog.text


def test_a_students_archive_beside_the_others(tmp_path: Path) -> None:
    inner = archive({"work/a.ipynb": b"1", "__MACOSX/b": b"x"})
    found = unpacked(tmp_path, archive({"bello_1_2_ps.zip": inner, "cisse_3_4_a.ipynb": b"2"}))
    assert found == {"bello_1_2_ps/work/a.ipynb": b"1", "cisse_3_4_a.ipynb": b"2"}


@pytest.mark.parametrize(
    "bomb, said",
    [
        (archive({f"{number}": b"" for number in range(21)}), "too many files"),
        (archive({"a": b"\0" * 60_000, "b": b"\0" * 60_000}), "too many bytes"),
        (b"PK\x03\x04 broken", "could not be unpacked"),
    ],
)
def test_a_students_bomb_costs_nobody_else(
    bomb: bytes, said: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    found = unpacked(tmp_path, archive({"bello_1_2_ps.zip": bomb, "cisse_3_4_a.ipynb": b"2"}))
    assert found == {"bello_1_2_ps.zip": bomb, "cisse_3_4_a.ipynb": b"2"}
    assert said in caplog.text


def test_archives_in_archives_in_archives_and_of_other_kinds(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    deep = archive({"x.zip": archive({"y": b""}), "a.ipynb": b"1"})
    found = unpacked(tmp_path, archive({"bello_1_2_ps.zip": deep, "cisse_3_4_a.tar.gz": b"2"}))
    assert set(found) == {"bello_1_2_ps/x.zip", "bello_1_2_ps/a.ipynb", "cisse_3_4_a.tar.gz"}
    assert "inside a student's archive" in caplog.text
    assert "unpack it by hand" in caplog.text


def test_a_file_that_is_too_large_is_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert unpacked(tmp_path, archive({"big": b"\0" * 100_001, "good": b"1"})) == {"good": b"1"}
    assert "larger than one file may be" in caplog.text


@pytest.mark.parametrize("whole", [(1, 10**6, 10**5), (100, 3, 10**5)])
def test_a_download_beyond_all_limits_is_refused(whole: tuple[int, int, int], tmp_path: Path) -> None:
    with pytest.raises(OverBudget, match="too many"):
        unpacked(tmp_path, archive({"a": b"12", "b": b"34"}), whole=whole)


@pytest.mark.parametrize("kind", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_python_cannot_unpack_bit_by_bit_is_left_out(
    kind: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", kind) as made:
        made.writestr("big.ipynb", b"\0" * 100_000)
        made.writestr("good.ipynb", b"1", zipfile.ZIP_STORED)
    assert unpacked(tmp_path, archive({"bello_1_2_ps.zip": content.getvalue()})) == {"bello_1_2_ps/good.ipynb": b"1"}
    assert "'big.ipynb' is packed in a rare way" in caplog.text


def test_the_name_of_a_notebook_stays_one(tmp_path: Path) -> None:
    """Also in capitals, when it is very long, and in UTF-8 that does not say so, as macOS writes it."""
    said = archive({"Aïsha_1_assignsubmission_file_/One.IPYNB": b"1", "x" * 60 + "_1_2_" + "ü" * 99 + ".ipynb": b"2"})
    content = bytearray(said)
    for header, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(header)
        content[at + place : at + place + 2] = b"\0\0"
    found = unpacked(tmp_path, bytes(content))
    assert "Aïsha_1_assignsubmission_file_/One.ipynb" in found
    (long,) = (name for name in found if name.startswith("xx"))
    assert long.startswith("x" * 60 + "_1_2_üüüüü")
    assert long.endswith(".ipynb")
    assert len(long.encode()) <= 200


def test_a_damaged_entry_is_left_out_and_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        made.writestr("a.ipynb", b"as it was")
        made.writestr("b.ipynb", b"1")
    spoilt = content.getvalue().replace(b"as it was", b"as it IS ")
    assert unpacked(tmp_path, spoilt) == {"b.ipynb": b"1"}
    assert "'a.ipynb' cannot be read" in caplog.text


def test_a_damaged_download_is_said_to_be_one(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    content = bytearray(archive({"é.ipynb": b"1", "b.ipynb": b"2"}))
    entry = content.index(b"PK\x01\x02")
    content[entry + 42 : entry + 46] = b"\xff\xff\xff\x7f"
    unpacked(tmp_path, bytes(content))
    assert "cannot be read" in caplog.text
    content[entry + 46] = 0xFF
    with pytest.raises(zipfile.BadZipFile):
        unpacked(tmp_path, bytes(content))


def test_folders_in_folders_in_folders(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    deep = archive({"a/" * 51 + "b.ipynb": b"1", "a/" * 49 + "b.ipynb": b"2"})
    assert list(unpacked(tmp_path, archive({"bello_1_2_ps.zip": deep})).values()) == [b"2"]
    assert "more than 50 folders deep" in caplog.text


def test_the_date_of_an_entry_is_kept(tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        made.writestr(zipfile.ZipInfo("a", (2026, 11, 3, 12, 30, 0)), b"1")
    unpacked(tmp_path, content.getvalue())
    assert time.localtime((tmp_path / "out/a").stat().st_mtime)[:5] == (2026, 11, 3, 12, 30)


def test_helpers(tmp_path: Path) -> None:
    assert safe_parts("a//./b") == ("a", "b")
    assert safe_parts("./") is None
    (tmp_path / "a.b").touch()
    assert free(tmp_path / "a.b") == tmp_path / "a (2).b"
