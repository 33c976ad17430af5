"""What the names of downloaded files say: who handed in, and which notebook it is.

Canvas names each file of "Download Submissions" `lastnamefirst_LATE_USER_ATTACHMENT_name.ipynb`, without LATE_ where
it was in time; its own reader takes the first two numbers between underscores (canvas-lms: lib/content_zipper.rb,
`get_filename` and `add_upload_submission`, and `infer_comment_context_from_filename` of the assignment). Attachments
are numbered as they come, so the greater number is the newer file.

Moodle makes a folder `First Last_PARTICIPANT_assignsubmission_file` for each student, with an underscore more at its
end before Moodle 4.1, or, where folders were switched off, puts that before the file's name. Underscores of
a name become spaces (moodle: mod/assign, its zip download, and feedback/file/importziplib.php, which reads it back).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

_MOODLE = re.compile(r"(?P<name>[^_]*)_(?P<number>\d+)_assignsubmission_file(?:_(?P<file>.*))?", re.DOTALL)
_CANVAS = (
    re.compile(r"(?P<late>LATE_)?(?P<name>)(?P<number>anon_[A-Za-z0-9]+)_(?P<attachment>\d+)_(?P<file>.+)", re.DOTALL),
    re.compile(r"(?P<name>.+?)(?P<late>_LATE)?_(?P<number>\d+)_(?P<attachment>\d+)_(?P<file>.+)", re.DOTALL),
)
_BETWEEN = re.compile(r"[\s_-]+")
# " (2)", "-2", "-Copy1", " - Copy (3)": what browsers, platforms, Jupyter and file managers add to a second one.
_COPY = r"(?:[\s_-]*\(\d{1,4}\)|[\s_-]*copy\d{0,4}|[\s_-]+\d{1,4})*"
_JUNK_FOLDERS = ("__MACOSX", ".ipynb_checkpoints", "__pycache__", ".git")
_JUNK_FILES = (".ds_store", "thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class Sender:
    """Who handed a file in, by its name: `number` is Canvas's user id, or Moodle's number of the participant."""

    platform: str
    number: str
    name: str
    late: bool = False
    attachment: int = 0


def sender(parts: tuple[str, ...], platform: str = "auto") -> tuple[Sender, str] | None:
    """The sender of a file at a path of these parts, and what the student called it; None where no part says.

    The outermost part that says it counts: what lies below is the student's, who may name it after somebody else.
    """
    for index, part in enumerate(parts):
        found = _sender(part, platform)
        if found is not None:
            who, own = found
            return who, (parts[-1] if index < len(parts) - 1 else own)
    return None


def _sender(part: str, platform: str) -> tuple[Sender, str] | None:
    if platform in ("auto", "moodle") and (match := _MOODLE.fullmatch(part)):
        return Sender("moodle", match["number"], match["name"].strip()), match["file"] or ""
    if platform in ("auto", "canvas"):
        for pattern in _CANVAS:
            if match := pattern.fullmatch(part):
                late = match["late"] is not None
                who = Sender("canvas", match["number"], match["name"], late, int(match["attachment"]))
                return who, match["file"]
    return None


def recognise(stem: str, notebooks: Iterable[str]) -> tuple[str, int] | None:
    """Which of the notebooks a file is by its name, and the number of the copy; None for none of them.

    `1-perceptron`, `1_Perceptron (1)`, `1-perceptron-2` and `1-perceptron-Copy1` are all `1-perceptron`.
    """
    for notebook in sorted(notebooks, key=len, reverse=True):
        words = r"[\s_-]+".join(re.escape(word) for word in _BETWEEN.split(notebook))
        match = re.fullmatch(rf"(?:copy of )?{words}(?P<copy>{_COPY})", stem.strip()[:255], re.IGNORECASE)
        if match:
            numbers = re.findall(r"\d+", match["copy"])
            return notebook, int(numbers[-1]) if numbers else int(bool(match["copy"]))
    return None


def junk(parts: Iterable[str]) -> bool:
    """True for what macOS, Windows and Jupyter leave in folders that are zipped: never a submission."""
    return any(part in _JUNK_FOLDERS or part.startswith(("._", "~$")) or part.lower() in _JUNK_FILES for part in parts)


def folder_name(name: str, number: str) -> str:
    """A student id for somebody the roster does not know, good as a folder's name: `aisha_bello_12345`."""
    words = "_".join(re.findall(r"\w+", name.lower()))[:80]
    return "_".join([words, number]).lstrip("_") if not number.startswith("anon_") else number


def name_key(*names: str | None) -> str:
    """A name without case, spaces and signs, to be compared with another: Canvas writes names so.

    macOS takes letters and their accents apart; and what stands on a letter, in many scripts its vowel, is kept.
    """
    whole = unicodedata.normalize("NFC", "".join(name or "" for name in names).casefold())
    return "".join(sign for sign in whole if sign.isalnum() or unicodedata.category(sign).startswith("M"))
