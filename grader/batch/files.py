"""Files that are there whole or not at all, whenever the program is killed."""

from __future__ import annotations

import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

UNFINISHED = ".tmp"


def write_whole(path: Path, content: bytes, mode: int = 0o666) -> None:
    """Write a file, or replace it: a reader finds the old content or the new one, never part of it."""
    with written_whole(path, mode) as stream:
        stream.write(content)


@contextmanager
def written_whole(path: Path, mode: int = 0o666) -> Generator[IO[bytes], None, None]:
    """The same for what is too large for memory: a stream, whose content takes its place when the block has ended well.

    A run that is killed here leaves a file with the suffix ".tmp" beside it.
    """
    name = path.with_name(secrets.token_hex(8) + UNFINISHED)
    descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
            stream.flush()
            # Else a power cut may keep the new name and lose the content.
            os.fsync(stream.fileno())
        os.replace(name, path)
    except BaseException:
        name.unlink(missing_ok=True)
        raise
