"""The documentation: a site whose links all lead somewhere, and no command in it that there is not."""

from __future__ import annotations

import importlib.util
import re
import shlex
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import click
import pytest
import yaml
from nbgrader.apps.nbgraderapp import NbGraderApp
from traitlets.config import Application

from grader.cli import main

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "grader").rglob("*.md")),
]
OTHERS = {
    "pip",
    "jupyter",
    "dask",
    "mv",
    "cp",
    "mkdir",
    "cd",
    "export",
    ".",
    "unzip",
    "zip",
    "kubectl",
    "docker",
    "helm",
}
"""Programs of others that the pages use; what they are told is not looked at."""


def build(config: Path, target: Path) -> subprocess.CompletedProcess[str]:
    # Not with --quiet: what it does not say is not counted as a warning.
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", str(config), "-d", str(target)]
    return subprocess.run(command, cwd=config.parent, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("site")
    done = build(ROOT / "mkdocs.yml", target)
    assert done.returncode == 0, done.stderr
    return target


class _Page(HTMLParser):
    """What a page fetches by itself, and its headings."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.headings: list[str] = []
        self._inside = False
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in ("script", "img", "iframe"):
            self.fetched.append(values.get("src") or "")
        elif tag == "link" and values.get("rel") != "canonical":
            self.fetched.append(values.get("href") or "")
        elif tag in ("h1", "h2", "h3", "h4"):
            self.headings.append("")
            self._inside = True
        elif tag == "a" and values.get("class") == "headerlink":
            self._inside = False

    def handle_endtag(self, tag: str) -> None:
        if tag in ("h1", "h2", "h3", "h4"):
            self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.headings[-1] += data


def test_every_part_of_readme_is_on_the_site(site: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    asked = {heading.replace("`", "") for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}
    parts = ["index.html", *(path.name for path in site.glob("for-*.html"))]
    shown = {heading for name in parts for heading in _Page(site / name).headings}
    assert len(parts) == 4
    assert asked - shown == set()


def test_the_site_fetches_nothing_from_elsewhere(site: Path) -> None:
    for path in site.glob("*.html"):
        fetched = [target for target in _Page(path).fetched if target]
        assert fetched
        for target in fetched:
            assert not re.match(r"(https?:)?//", target), f"{path.name} fetches {target}"
            if path.name != "404.html":
                assert (path.parent / target.partition("?")[0]).is_file(), (
                    f"{path.name} has {target}, which is not there"
                )


def test_every_file_of_the_menu_and_every_page_once() -> None:
    names = re.findall(r": ([\w-]+\.md)$", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(names) == len(set(names))
    assert {path.name for path in (ROOT / "docs").glob("*.md")} <= set(names)


def test_links_that_lead_nowhere_are_found(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "docs", tmp_path / "docs", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("mkdocs.yml", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    links = ["security.md#no-such-place", "no-such-page.md", "../README.md#no-such-part", "/absolute.md"]
    with (tmp_path / "docs" / "bench.md").open("a", encoding="utf-8") as page:
        page.write("".join(f"\n[a link]({link})\n" for link in links))
    done = build(tmp_path / "mkdocs.yml", tmp_path / "site")
    assert done.returncode != 0
    assert done.stderr.count("WARNING") == len(links), done.stderr
    for link in links:
        assert link.rpartition("#")[2] in done.stderr


def commands(path: Path) -> list[str]:
    """What a page tells the reader to type: lines of its shell blocks, and commands within sentences."""
    text = path.read_text(encoding="utf-8")
    blocks = re.findall(r"^```(?:shell|bash|sh|console)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    within = re.findall(
        r"`((?:pset|make|nbgrader) [a-z][^`\n]*)`", re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)
    )
    return [line for line in (*lines, *within) if line.strip() and not line.lstrip().startswith("#")]


def fault(command: str) -> str:
    """What is wrong with a command; empty when it could be typed as it stands."""
    words = [word for word in shlex.split(command, comments=True) if not re.match(r"[A-Z_]+=", word)]
    if not words or words[0] in OTHERS:
        return ""
    program, arguments = words[0], words[1:]
    if program == "make":
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        unknown = [name for name in arguments if not re.search(rf"^{re.escape(name)}:", makefile, re.MULTILINE)]
        return f"make has no target {', '.join(unknown)}" if unknown else ""
    if program == "pset":
        return _pset_fault(arguments)
    if program == "nbgrader":
        return _nbgrader_fault(arguments)
    if program in ("python", "python3", "pytest"):
        if arguments[:1] == ["-m"]:
            return "" if importlib.util.find_spec(arguments[1]) else f"there is no module {arguments[1]}"
        # What students hand in, and the problem set that a page has made, are not here.
        files = [word for word in arguments if "/" in word and not re.search(r"submitted/|ps2", word)]
        return "".join(f"there is no {name}" for name in files if not (ROOT / name).exists())
    return f"{program} is no program that is known here"


def _pset_fault(arguments: list[str]) -> str:
    """Whether our own command would take these words; it is not run."""
    name, *rest = arguments or [""]
    command = main.commands.get(name)
    if command is None:
        return f"pset has no command {name!r}"
    if not rest:
        return ""
    try:
        command.make_context(name, list(rest))
    except click.UsageError as error:
        there_is_not = isinstance(error, click.BadParameter) and "does not exist" in error.message
        return "" if there_is_not else error.format_message()
    except click.exceptions.Exit:
        return ""  # --help
    return ""


def _nbgrader_fault(arguments: list[str]) -> str:
    name, *rest = arguments or [""]
    if name not in NbGraderApp.subcommands:
        return f"nbgrader has no command {name!r}"
    app: type[Application] = NbGraderApp.subcommands[name][0]
    while isinstance(app.subcommands, dict):  # db has an assignment and a student, and these an add
        word = rest.pop(0) if rest else ""
        if word not in app.subcommands:
            return f"nbgrader {name} has no command {word!r}"
        name, app = f"{name} {word}", app.subcommands[word][0]
    known = {*app.flags, *app.aliases, *NbGraderApp.flags, *NbGraderApp.aliases}
    options = [word[2:].partition("=")[0] for word in rest if word.startswith("--")]
    return "".join(f"nbgrader {name} has no --{one}" for one in options if "." not in one and one not in known)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_a_page_tells_to_type_there_is(path: Path) -> None:
    for command in commands(path):
        assert fault(command) == "", f"{path.name}: {command}"


def test_the_pages_tell_to_type_something() -> None:
    found = [command for path in PAGES for command in commands(path)]
    assert len(found) > 50
    for program in ("pset", "make", "nbgrader", "pytest", "python"):
        assert any(command.startswith(program) for command in found)


@pytest.mark.parametrize(
    "command, words",
    [
        ("pset regrade ps1", "no command 'regrade'"),
        ("pset grade ps1 --quickly", "--quickly"),
        ("pset verify ps1 ps2", "unexpected extra argument"),
        ("make everything", "no target everything"),
        ("nbgrader autograd ps1", "no command 'autograd'"),
        ("nbgrader autograde ps1 --quickly", "no --quickly"),
        ("nbgrader db homework add ps1", "no command 'homework'"),
        ("nbgrader db assignment add ps1 --quickly", "no --quickly"),
        ("python -m no_such_module", "no module no_such_module"),
        ("pytest grader/ps1/hidden/test_9.py", "there is no grader/ps1/hidden/test_9.py"),
        ("rm -rf solutions", "is no program that is known here"),
    ],
)
def test_a_command_that_there_is_not_is_found(command: str, words: str) -> None:
    assert words in fault(command)


def test_the_papers_of_the_project_agree() -> None:
    """Name of the licence, version and authors, wherever they stand."""
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    version = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert version
    assert cited["version"] == version[1]
    assert f"## {version[1]}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert licence.startswith(f"{cited['license']} License")
    holders = re.findall(r"^Copyright \(c\) \d+ (.+)$", licence, re.MULTILINE)
    assert [author["name"] for author in cited["authors"]] == holders
