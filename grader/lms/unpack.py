"""Unpacking what a platform gave: students' bytes, so nothing in an archive decides where, or how much, is written.

nbgrader's own way stops at the first archive with a path that leads out of it, and has no limits. Here such an entry
is left out and named, and everybody else's work is unpacked. An archive inside the archive is one student's: it has
limits of its own, and costs nobody else anything.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
import time
import zipfile
import zlib
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from logging import Logger
from pathlib import Path

from grader.lms.names import junk

_CHUNK = 1 << 20
OTHER_ARCHIVES = (".gz", ".tgz", ".tar", ".bz2", ".xz", ".rar", ".7z")
# What zipfile raises for archives that are broken, encrypted or compressed in a way it does not know.
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)
# Python unpacks the other kinds as much at a time as there is, which may be gigabytes: no limit would stop them.
_KINDS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_UTF_8 = 0x800
# Of folders in folders: Python follows them with a call and an open file each, and stops at a thousand.
_DEEPEST = 50
Say = Callable[[str], None]


@dataclass
class Budget:
    """How much may still be written: files, their bytes, and the bytes of any one of them."""

    files: int
    bytes: int
    one_file: int


class OverBudget(Exception):
    """An archive holds more than it may; the message says which limit."""


def unpack(archive: Path, target: Path, budget: Budget, inner: Budget, log: Logger) -> None:
    """Unpack a platform's archive below `target`, and the archives in it beside themselves.

    Raises OverBudget when it is too much in all, and BadZipFile when it is no zip file.
    """
    say = log.warning
    for path in _write_all(archive, target, budget, say):
        if path.suffix.lower() == ".zip":
            _unpack_inner(path, Budget(inner.files, inner.bytes, inner.one_file), say)
        elif path.suffix.lower() in OTHER_ARCHIVES:
            say(f"{path} is an archive, but no zip file: unpack it by hand.")


def _unpack_inner(path: Path, budget: Budget, say: Say) -> None:
    target = free(path.with_suffix(""))
    try:
        for found in _write_all(path, target, budget, say):
            if found.suffix.lower() in (".zip", *OTHER_ARCHIVES):
                say(f"{found} is an archive inside a student's archive, and is not unpacked.")
        path.unlink()
    except OverBudget as error:
        shutil.rmtree(target, ignore_errors=True)
        say(f"{path} is not unpacked: {error}. Look at it by hand.")
    except (*_BROKEN, OSError) as error:
        say(f"{path} could not be unpacked, at least not wholly: {error or type(error).__name__}. Look at it by hand.")


def _write_all(archive: Path, target: Path, budget: Budget, say: Say) -> list[Path]:
    """Write every entry that may be written; the files made."""
    made = []
    with _damage_told():
        opened = zipfile.ZipFile(archive)
    with opened:
        for entry in opened.infolist():
            if entry.is_dir():
                continue
            name = _name(entry)
            parts = safe_parts(name)
            if parts is None:
                say(f"{archive.name}: {name!r} leads out of the archive, and is left out.")
                continue
            if junk(parts):
                continue
            if len(parts) > _DEEPEST:
                say(f"{archive.name}: {name[:80]!r}... is more than {_DEEPEST} folders deep, and is left out.")
                continue
            if stat.S_ISLNK(entry.external_attr >> 16):
                say(f"{archive.name}: {name!r} is a link, and is left out.")
                continue
            if entry.compress_type not in _KINDS:
                say(f"{archive.name}: {name!r} is packed in a rare way, and is left out: unpack it by hand.")
                continue
            budget.files -= 1
            if budget.files < 0:
                raise OverBudget(f"{archive.name} holds too many files")
            path = _place(target, parts)
            try:
                with _damage_told():
                    whole = _write(opened, entry, path, budget)
            except zipfile.BadZipFile as error:
                path.unlink(missing_ok=True)
                say(f"{archive.name}: {name!r} cannot be read, and is left out: {error}")
                continue
            if not whole:
                say(f"{archive.name}: {name!r} is larger than one file may be, and is left out.")
                continue
            made.append(path)
    return made


@contextmanager
def _damage_told() -> Generator[None, None, None]:
    """Raises BadZipFile for what is damaged, also where zipfile trips over it otherwise."""
    try:
        yield
    except OverBudget:
        raise
    except (*_BROKEN, OSError) as error:
        # A damaged archive leads to places before its beginning.
        if isinstance(error, OSError) and error.errno != errno.EINVAL:
            raise
        raise zipfile.BadZipFile(str(error)) from error


def _name(entry: zipfile.ZipInfo) -> str:
    """The name of an entry; many programs write UTF-8 without saying so, which zipfile takes for DOS's letters."""
    if not entry.flag_bits & _UTF_8:
        with suppress(ValueError):
            return entry.filename.encode("cp437").decode("utf-8")
    return entry.filename


def _place(target: Path, parts: tuple[str, ...]) -> Path:
    """Where an entry goes: what is a file in one entry may be a folder in the next."""
    folder = target
    for part in parts[:-1]:
        folder = folder / part
        if folder.exists() and not folder.is_dir():
            folder = free(folder)
    folder.mkdir(parents=True, exist_ok=True)
    return free(folder / parts[-1])


def _write(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path, budget: Budget) -> bool:
    """Write one entry by what really comes out of it, not by what it says of itself; False when it is too large."""
    written = 0
    moment = time.mktime((*entry.date_time, 0, 0, -1))
    with opened.open(entry) as source, path.open("xb") as stream:
        while chunk := source.read(_CHUNK):
            written += len(chunk)
            budget.bytes -= len(chunk)
            if written > budget.one_file or budget.bytes < 0:
                break
            stream.write(chunk)
        else:
            stream.flush()
            # Of two files that are the same notebook the newer counts.
            os.utime(path, (moment, moment))
            return True
    path.unlink()
    if budget.bytes < 0:
        raise OverBudget(f"{opened.filename and Path(opened.filename).name} holds too many bytes")
    budget.bytes += written
    return False


def safe_parts(name: str) -> tuple[str, ...] | None:
    """The parts of an entry's path, fit for any disk; None for a path that leads elsewhere."""
    plain = name.replace("\\", "/")
    parts = [part for part in plain.split("/") if part not in ("", ".")]
    if plain.startswith("/") or ".." in parts or not parts or (len(parts[0]) == 2 and parts[0][1] == ":"):
        return None
    printable = ["".join(sign if sign.isprintable() else "_" for sign in part) for part in parts]
    # nbgrader, which keeps the end of a name, knows no notebook `.IPYNB`.
    printable[-1] = re.sub(r"\.ipynb$", ".ipynb", printable[-1], flags=re.IGNORECASE)
    return tuple(_short(part) for part in printable)


def _short(name: str) -> str:
    """At most 200 bytes: the beginning, which says whose it is, and the end, which says what kind of file."""
    content = name.encode(errors="replace")
    if len(content) <= 200:
        return content.decode()
    stem, dot, suffix = name.rpartition(".")
    end = dot + suffix if stem and len(suffix.encode(errors="replace")) < 10 else ""
    return content[: 200 - len(end.encode(errors="replace"))].decode(errors="ignore") + end


def free(path: Path) -> Path:
    """The path itself, or with a number where there is something already."""
    number, found = 1, path
    while found.exists() or found.is_symlink():
        number += 1
        found = path.with_name(f"{path.stem} ({number}){path.suffix}")
    return found
