"""What was collected, in `downloaded/ASSIGNMENT/collected.json`: feedback and grades find their way back by it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from grader.batch import write_whole


class CollectedError(RuntimeError):
    """There is no record of what was collected, or it cannot be read; the message says what to do."""


class Collected(BaseModel):
    """What one student handed in through a platform."""

    model_config = ConfigDict(extra="forbid")

    platform: str
    number: str
    name: str
    late: bool = False
    # The notebook's name, and the name under which the platform gave its file: for Moodle the student's folder first.
    files: dict[str, str] = {}


def record(root: Path, config: Any, assignment: str) -> Path:
    """Where the record of an assignment is, by nbgrader's setting for the folder."""
    folder = (
        config.ZipCollectApp.get("downloaded_directory", "downloaded") if "ZipCollectApp" in config else "downloaded"
    )
    return root / str(folder) / assignment / "collected.json"


def read(path: Path) -> dict[str, Collected]:
    """The record, by student; empty where nothing was collected. CollectedError when it cannot be read."""
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {student: Collected.model_validate(entry) for student, entry in found.items()}
    except (OSError, ValueError, AttributeError, ValidationError) as error:
        what = str(error).splitlines()[0]
        raise CollectedError(
            f"{path} cannot be read ({what}). Collect again: nbgrader zip_collect {path.parent.name} --force"
        ) from error


def write(path: Path, entries: Mapping[str, Collected]) -> None:
    """Add entries to the record: of students who are not among them it keeps what it has.

    Somebody whom the roster did not know when it was first collected has been given another id since.
    """
    senders = {(one.platform, one.number) for one in entries.values()}
    kept = {student: one for student, one in read(path).items() if (one.platform, one.number) not in senders}
    whole = {**kept, **entries}
    text = json.dumps({student: whole[student].model_dump() for student in sorted(whole)}, indent=1, ensure_ascii=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, (text + "\n").encode())
