"""What nbgrader must not copy of a submission."""

from __future__ import annotations

from pathlib import Path

from grader.autograde.submission import odd_files


def test_files_beyond_the_limit_are_left_out(tmp_path: Path) -> None:
    """A file without content on the disk may be as long as it likes; a copy of it is not so modest."""
    submitted, source = tmp_path / "submitted", tmp_path / "source"
    submitted.mkdir()
    source.mkdir()
    (submitted / "notebook.ipynb").write_bytes(b" " * 5000)
    (submitted / "small.txt").write_bytes(b"x" * 400)
    with (submitted / "endless.bin").open("wb") as stream:
        stream.truncate(10**9)
    found = odd_files(submitted, source, 1000)
    assert list(found) == [submitted / "endless.bin"]
    assert "c.Submission.files_bytes" in found[submitted / "endless.bin"]
    assert odd_files(submitted, source, 2 * 10**9) == {}
    # Together, not each.
    (submitted / "more.txt").write_bytes(b"x" * 700)
    assert len(odd_files(submitted, source, 1000)) == 2
