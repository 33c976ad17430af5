"""Files that are there whole or not at all, whenever the program is killed."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

UNFINISHED = ".tmp"


def write_whole(path: Path, content: bytes) -> None:
    """Write a file, or replace it: a reader finds the old content or the new one, never part of it.

    It can be read by its owner only. A killed run leaves a file with the suffix ".tmp" beside it.
    """
    descriptor, name = tempfile.mkstemp(dir=path.parent, suffix=UNFINISHED)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            # Else a power cut may keep the new name and lose the content.
            os.fsync(stream.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
