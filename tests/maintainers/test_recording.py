"""README's terminal recording: how it is made from what a terminal is sent, and that it is there, with its commands."""

from __future__ import annotations

import html
import importlib.util
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PICTURE = "docs/pictures/terminal.svg"
_spec = importlib.util.spec_from_file_location("readme_recording", ROOT / "docs" / "record.py")
assert _spec is not None
assert _spec.loader is not None
record = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(record)


@pytest.mark.parametrize(
    "said, seen",
    [
        ("one\r\ntwo\r\n", "one\ntwo\n"),
        ("0 of 2\r1 of 2\r2 of 2\n", "2 of 2\n"),
        ("\x1b[1mbold\x1b[0m", "\x1b[1mbold\x1b[0m"),
        # As rich's bar does it: clear the line, draw again; a message goes above.
        ("\x1b[?25lbar 0\r\x1b[2Kbar 1\r\x1b[2Kmessage\r\nbar 1\r\x1b[2Kbar 2\r\n\x1b[?25h", "message\nbar 2\n"),
        ("\x1b(Bplain\x1b(B", "plain"),
        ("first\nbar 0\n\x1b[1A\x1b[2Kbar 1\n", "first\nbar 1\n"),
    ],
)
def test_what_stands_on_the_terminal_in_the_end(said: str, seen: str) -> None:
    assert record.screen(said) == seen


@pytest.mark.skipif(sys.platform != "linux", reason="a terminal of Linux")
def test_a_command_is_typed_at_a_terminal(tmp_path: Path) -> None:
    said = record.typed(
        f"test -t 1 && {sys.executable} -c 'import os; print(os.get_terminal_size().columns)'", tmp_path
    )
    assert said == f"{record.WIDTH}\r\n"
    with pytest.raises(record.subprocess.CalledProcessError):
        record.typed("exit 3", tmp_path)


def test_readme_shows_the_recording_of_these_commands() -> None:
    assert PICTURE in (ROOT / "README.md").read_text(encoding="utf-8")
    drawn = (ROOT / PICTURE).read_text(encoding="utf-8")
    words = html.unescape("".join(re.findall(r">([^<]*)</text>", drawn))).replace("\xa0", " ")
    for command in record.COMMANDS:
        assert f"$ {command}" in words
    fetched = re.findall(r"""(?:href|src)=["'](?!#)|url\((?!#)""", drawn)
    assert fetched == [], "a picture that fetches something is not shown by every site"
