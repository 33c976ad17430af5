"""`pset init`: a course folder to start from, made of the course that came with this package."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

from rich.markup import escape

import grader
from grader.cli.common import Refusal, console

_TEMPLATES = Path(__file__).parent / "templates" / "course"
_COPIED = ("nbgrader_config.py", "solutions", "examples")


def starter() -> Path:
    """Where the course is that is copied: in an installed package, or else the checkout that this package is of."""
    package = Path(grader.__file__).parent
    for folder in (package / "starter", package.parent):
        if all((folder / name).exists() for name in _COPIED):
            return folder
    raise Refusal(
        f"{package} came without a course to copy ({', '.join(_COPIED)}). Install it again from a wheel or a checkout."
    )


def _refuse_what_is_there(folder: Path) -> None:
    if folder.is_dir():
        if any(folder.iterdir()):
            raise Refusal(
                f"{folder} is not empty, and nothing in it was touched. Name a folder that is new or empty: "
                "pset init some/other/folder"
            )
    elif folder.exists() or folder.is_symlink():
        raise Refusal(f"{folder} is a file. Name a folder that is new or empty.")


def _fill(source: Path, folder: Path) -> None:
    for name in _COPIED:
        if (source / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
            shutil.copytree(source / name, folder / name, ignore=ignored)
        else:
            shutil.copy(source / name, folder)
    shutil.copy(_TEMPLATES / "README.md", folder)
    # Under its own name it would be obeyed where the templates are.
    shutil.copy(_TEMPLATES / "gitignore", folder / ".gitignore")


def run(folder: Path) -> int:
    """The command: copy the course, or leave nothing behind, and say what comes next."""
    source, folder = starter(), folder.resolve()
    there_already = folder.is_dir()
    try:
        _refuse_what_is_there(folder)
        folder.mkdir(parents=True, exist_ok=True)
        try:
            _fill(source, folder)
        except BaseException:
            for path in folder.iterdir():
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            if not there_already:
                folder.rmdir()
            raise
    except OSError as error:
        raise Refusal(f"No course was made in {folder}: {error}") from error
    console().print(
        f"A course with {', '.join(sorted(path.name for path in (folder / 'solutions').iterdir()))} is in "
        f"{escape(str(folder))}. Its README.md tells the way to grades; begin with:\n"
        f"cd {escape(shlex.quote(str(folder)))}\npset doctor\nnbgrader generate_assignment ps1",
        soft_wrap=True,  # commands are there to be copied
    )
    return 0
