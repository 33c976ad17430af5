"""A hook of MkDocs: README's parts, and the files beside it, become pages, so that nothing is written twice.

Links are written as they work in the repository, and led to the pages here. `mkdocs build --strict` then checks them.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[1]
BESIDE = {
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "reporting-a-weakness.md",
    "LICENSE": "license.md",
}


def anchor(heading: str) -> str:
    """A heading's place in its page, as GitHub and MkDocs name it."""
    return re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower())


def split(text: str) -> dict[str, str]:
    """README's parts by page: what comes before the first `##` heading, and a page for each of these."""
    pages, name, fenced = {"index.md": ""}, "index.md", False
    for line in text.splitlines(keepends=True):
        fenced ^= line.startswith("```")
        if not fenced and line.startswith("## "):
            name = f"{anchor(line[3:])}.md"
            if name in pages:
                raise ValueError(f"README has two parts {line.strip()!r}")
            pages[name] = ""
        # A part is a page of its own here, so its headings move up.
        up = not fenced and name != "index.md" and line.startswith("##")
        pages[name] += line[1:] if up else line
    return pages


def places(pages: dict[str, str]) -> dict[str, str]:
    """Where README's headings are on the site, by anchor."""
    found = {name.removesuffix(".md"): name for name in pages}
    for name, text in pages.items():
        for heading in re.findall(r"^##+ (.+)$", text, re.MULTILINE):
            found.setdefault(anchor(heading), f"{name}#{anchor(heading)}")
    return found


def relink(text: str, folder: str, readme: dict[str, str]) -> str:
    """Lead the links of a file in `folder` to pages; one that has none is left, for MkDocs to complain of."""

    def led(found: re.Match[str]) -> str:
        path, _, place = found[1].partition("#")
        whole = posixpath.normpath(posixpath.join(folder, path)) if path else ""
        if whole == "README.md" or (not path and folder == ""):
            target = readme.get(place, f"index.md#{place}") if place else "index.md"
        elif whole in BESIDE:
            target = BESIDE[whole] + (f"#{place}" if place else "")
        elif whole.startswith("docs/") and folder != "docs":
            target = posixpath.relpath(whole, "docs") + (f"#{place}" if place else "")
        else:
            return found[0]
        return f"]({target})"

    return re.sub(r"\]\((?!https?:|mailto:)([^)\s]+)\)", led, text)


def on_files(files: Files, config: Any) -> Files:
    """Add the pages that are not in docs/."""
    parts = split((ROOT / "README.md").read_text(encoding="utf-8"))
    readme = places(parts)
    made = {name: relink(text, "", readme) for name, text in parts.items()}
    for file, name in BESIDE.items():
        text = (ROOT / file).read_text(encoding="utf-8")
        made[name] = relink(text, "", readme) if file.endswith(".md") else f"# Licence\n\n```text\n{text}```\n"
    for name, text in made.items():
        if files.get_file_from_path(name) is not None:
            raise ValueError(f"docs/{name} and a part of README would be the same page: give one another name")
        files.append(File.generated(config, name, content=text))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Lead the links of a file in docs/."""
    if page.file.generated_by is not None:
        return markdown
    readme = places(split((ROOT / "README.md").read_text(encoding="utf-8")))
    return relink(markdown, "docs", readme)
