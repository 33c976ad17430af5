"""What students wrote, as it may stand in a page: it arranges text, and nothing of it runs, loads anything from
elsewhere, covers anything, or passes for a part of the page.

`tidy` does that to a graded notebook itself, not to the pages made of it, so that whoever shows it is safe: nbgrader's
formgrader does so with the settings of the folder in which the Jupyter server was started, which need not be ours.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from html import escape
from typing import Any

import bleach
from bleach.css_sanitizer import CSSSanitizer
from bleach.html5lib_shim import Filter
from nbconvert.filters.markdown_mistune import InvalidNotebook, IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from nbgrader import utils
from pygments.token import STANDARD_TYPES  # type: ignore[import-untyped]

from grader.jail import output_of

# fmt: off
_TAGS = {
    "a", "abbr", "b", "big", "blockquote", "br", "caption", "center", "cite", "code", "col", "colgroup", "dd", "del",
    "details", "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "font", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
    "i", "img", "input", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "s", "samp", "small", "span", "strike",
    "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul", "var",
}
# fmt: on
_NUMBER = r"\d{1,4}%?"
_PICTURE = r"data:image/(?:png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=\s]*"
_BESIDE = r"(?:\w[\w .-]*/)*\w(?:[\w -]|%20)*\.(?:png|jpe?g|gif|webp)"
_ATTRIBUTES = {
    "*": {"align": r"left|right|center|justify"},
    # nbgrader 0.9 runs what the address of a page of formgrader's says: no links into it.
    "a": {"href": r"(?![\s\S]*formgrader)(?:https?://|mailto:|#)[\s\S]*", "title": r"[\s\S]*"},
    "abbr": {"title": r"[\s\S]*"},
    "col": {"span": _NUMBER},
    "details": {"open": r"[\s\S]*"},
    "font": {"color": r"#?\w+", "size": r"[+-]?\d"},
    "img": {
        "src": f"{_PICTURE}|{_BESIDE}",
        "alt": r"[\s\S]*",
        "title": r"[\s\S]*",
        "width": _NUMBER,
        "height": _NUMBER,
    },
    "input": {"type": r"checkbox", "checked": r"[\s\S]*"},
    "ol": {"start": _NUMBER, "type": r"[1aAiI]"},
    "table": {"border": _NUMBER},
    "td": {"colspan": _NUMBER, "rowspan": _NUMBER},
    "th": {"colspan": _NUMBER, "rowspan": _NUMBER},
}
# Of the page's classes only those that colour code: with others, text could pass for a button of formgrader's.
_CLASSES = {"highlight", *STANDARD_TYPES.values()} - {""}
# None of these can load, move or cover anything.
_STYLES = CSSSanitizer(
    allowed_css_properties=["background-color", "color", "font-style", "font-weight", "text-align", "text-decoration"]
)


def _may_stand(tag: str, name: str, value: str) -> bool:
    """Whether a tag of a student's may have this attribute."""
    if name == "class":
        return tag in ("div", "span") and value in _CLASSES
    if name == "style":
        return True  # goes through _STYLES
    allowed = _ATTRIBUTES.get(tag, {}).get(name) or _ATTRIBUTES["*"].get(name)
    return allowed is not None and re.fullmatch(allowed, value, re.IGNORECASE) is not None


class _Finish(Filter):  # type: ignore[misc]
    """Style sheets go, with all that is in them; links open in a page of their own, which learns nothing of this one;
    the boxes of a task list become text."""

    def __iter__(self) -> Iterator[dict[str, Any]]:
        in_style = False
        for token in super().__iter__():
            data = token.get("data")
            if token.get("name") == "style":
                in_style = token["type"] == "StartTag"
            elif in_style:
                continue
            elif token["type"] == "EmptyTag" and token["name"] == "input":
                yield {"type": "Characters", "data": "\u2611 " if (None, "checked") in data else "\u2610 "}
            else:
                if token["type"] == "StartTag" and not data.get((None, "href"), "#").startswith("#"):
                    data[None, "target"], data[None, "rel"] = "_blank", "noopener noreferrer"
                yield token


_SPECIAL = re.compile(r"[^\w ]|_")


class _Encode(Filter):  # type: ignore[misc]
    """Text and attributes without a character that Markdown could take for its own, not even the end of a line."""

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for token in super().__iter__():
            if token["type"] in ("Characters", "SpaceCharacters"):
                for piece in re.split(f"({_SPECIAL.pattern})", token["data"]):
                    if _SPECIAL.fullmatch(piece):
                        yield {"type": "Entity", "name": f"#{ord(piece)}"}
                    elif piece:
                        yield {"type": "Characters", "data": piece}
                continue
            if token["type"] in ("StartTag", "EmptyTag"):
                for name, value in token["data"].items():
                    token["data"][name] = re.sub(r"[\s$\\<>`]", lambda found: f"&#{ord(found[0])};", value)
            yield token


_LONG = 10_000
"""Characters from which on cleaned HTML is not kept: it is hardly one of ours."""
# The parser's time grows with the square of what stands open, and honest outputs are far from these limits.
_LONGEST_HTML, _LONGEST_MARKDOWN, _MOST_OPEN, _MOST_MATH = 100_000, 50_000, 200, 200
# fmt: off
_MAY_STAY_OPEN = {
    "br", "col", "dd", "dt", "hr", "img", "input", "li", "p", "tbody", "td", "tfoot", "th", "thead", "tr",
}
# fmt: on
_OPENED = re.compile(r"<(/?)([a-z][a-z0-9]*)", re.IGNORECASE)


def _too_much(html: str) -> bool:
    """Whether HTML is too long, or too deeply nested, to be parsed in good time."""
    if len(html) > _LONGEST_HTML:
        return True
    still_open: Counter[str] = Counter()
    for closes, name in _OPENED.findall(html.lower()):
        if name in _TAGS and name not in _MAY_STAY_OPEN:
            still_open[name] = max(0, still_open[name] + (-1 if closes else 1))
            if not closes and still_open.total() > _MOST_OPEN:
                return True
    return False


def clean_html(html: str, *, in_markdown: bool = False) -> str:
    """HTML with nothing but tags that arrange text and pictures; all other tags are shown as they were typed.

    With `in_markdown` it is one line that Markdown leaves as it is.
    """
    clean = _clean_html if len(html) < _LONG else _clean_html.__wrapped__
    return clean(html, in_markdown)


# Verdicts that say the same stand in many notebooks of a class, and so do the course's own texts.
@lru_cache(maxsize=1024)
def _clean_html(html: str, in_markdown: bool) -> str:
    if _too_much(html):
        text = _SPECIAL.sub(lambda found: f"&#{ord(found[0])};", html) if in_markdown else escape(html)
        return f"<pre>{text}</pre>"
    cleaner = bleach.Cleaner(
        tags={*_TAGS, "style"},
        attributes=_may_stand,
        protocols={"http", "https", "mailto", "data"},
        filters=[_Finish, _Encode] if in_markdown else [_Finish],
        css_sanitizer=_STYLES,
    )
    return str(cleaner.clean(html))


class _Renderer(IPythonRenderer):  # type: ignore[misc]
    """nbconvert's, which gives up the whole notebook over an attachment that is not there."""

    def image(self, text: str, url: str, title: str | None = None) -> str:
        try:
            return str(super().image(text, url, title))
        except InvalidNotebook:
            return f"[{escape(text)}: {escape(url)} is missing]"


def _html_of(markdown: str, attachments: Mapping[str, Any]) -> str:
    """Markdown as nbconvert renders it, not cleaned. Headings get no names: they could be a field's of the page."""
    maths = markdown.count("\\begin{") + markdown.count("\\\\[")
    if len(markdown) > _LONGEST_MARKDOWN or maths > _MOST_MATH:
        return f"<pre>{escape(markdown)}</pre>"
    renderer = _Renderer(escape=False, attachments=attachments, exclude_anchor_links=True)
    return str(MarkdownWithMath(renderer=renderer).render(markdown))


# No tags, links, code or formulas, and no headings, by whatever they are marked.
_PLAIN = re.compile(r"(?!.*^[ \t]*-+[ \t]*$)[\w\s.,;:?!'\"()%+/*-]*", re.DOTALL | re.MULTILINE)


def clean_markdown(markdown: str, attachments: Mapping[str, Any]) -> str:
    """Markdown as it is where it holds words and emphasis only; else what it makes, cleaned, as a line of HTML.

    Cleaning what was typed would not do: Markdown makes tags and addresses of what was none before.
    """
    if _PLAIN.fullmatch(markdown):
        return markdown
    if attachments:
        return _boxed(clean_html(_html_of(markdown, attachments), in_markdown=True))
    return _cleaned(markdown)


@lru_cache(maxsize=512)
def _cleaned(markdown: str) -> str:
    """Without attachments: the course's own texts stand in every notebook of a class."""
    return _boxed(clean_html(_html_of(markdown, {}), in_markdown=True))


def _boxed(html: str) -> str:
    """In a box of its own: formulas can be drawn outside of their place."""
    return f'<div style="overflow-x: auto; overflow-y: hidden">{html}</div>'


# ---- notebooks


def tidy(notebook: NotebookNode) -> None:
    """Leave of a graded notebook, in place, only what its pages need, in the types that they take for granted."""
    language = notebook.metadata.get("language_info", {})
    name = language.get("name") if isinstance(language, dict) else None
    known = isinstance(name, str) and name.isidentifier()
    kept = {"kernelspec": notebook.metadata.get("kernelspec"), "language_info": {"name": name} if known else None}
    notebook.metadata = NotebookNode({key: value for key, value in kept.items() if value})
    for cell in notebook.cells:
        cell.metadata = NotebookNode({key: value for key, value in cell.metadata.items() if key == "nbgrader"})
        cell.source = text_of(cell)
        attachments = _pictures_only(cell.pop("attachments", None))
        if cell.cell_type == "code":
            cell.execution_count = _count(cell)
            cell.outputs = [kept for output in cell.outputs for kept in _output(output)]
        elif attachments:
            cell.attachments = attachments


def text_of(cell: NotebookNode) -> str:
    """A cell's text as it stands in the graded copy."""
    ours = utils.is_locked(cell) and "grade_id" in cell.metadata.nbgrader
    if cell.cell_type == "markdown" and not ours:
        return clean_markdown(cell.source, _pictures_only(cell.get("attachments")))
    return escape(cell.source) if cell.cell_type == "raw" else str(cell.source)


_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
_DRAWN = ("image/png", "image/jpeg", "image/gif", "image/webp")


def _pictures_only(attachments: object) -> NotebookNode:
    """The pictures among a cell's attachments."""
    bundles = attachments.items() if isinstance(attachments, Mapping) else ()
    found = {name: _data(bundle, _DRAWN) for name, bundle in bundles if isinstance(bundle, Mapping)}
    return NotebookNode({name: bundle for name, bundle in found.items() if bundle})


def _count(of: NotebookNode) -> int | None:
    """The number that a cell or an output has, where it is one."""
    count = of.get("execution_count")
    return count if isinstance(count, int) else None


def _text(value: object) -> str | None:
    """A text that may have been written as a list of lines."""
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "".join(value)
    return value if isinstance(value, str) else None


def _data(bundle: Mapping[str, Any], kinds: tuple[str, ...]) -> dict[str, str]:
    """What of an output, or of an attachment, is of these kinds and in the right form."""
    found = {kind: text for kind in kinds if (text := _text(bundle.get(kind))) is not None}
    return {kind: text for kind, text in found.items() if kind not in _DRAWN or _BASE64.fullmatch(text)}


def _shown(bundle: Mapping[str, Any]) -> dict[str, str]:
    """The data of an output: what nbconvert would show of it as clean HTML, besides pictures and plain text."""
    kept = _data(bundle, (*_DRAWN, "text/plain"))
    rich = _data(bundle, ("text/html", "text/markdown", "image/svg+xml", "text/latex"))
    for kind, text in rich.items():
        if kind == "text/html":
            html = clean_html(text)
        elif kind == "text/markdown":
            html = clean_html(_html_of(text, {}))
        elif kind == "image/svg+xml":
            # As a picture, which neither runs scripts nor loads anything.
            html = f'<img src="data:image/svg+xml;base64,{b64encode(text.encode()).decode()}">'
        else:
            html = escape(text)
        return {"text/html": _boxed(html), **kept}
    return kept


def _output(output: NotebookNode) -> Iterator[NotebookNode]:
    """An output anew, from what is in order of it; nothing where nothing is. Its metadata goes: templates trust it."""
    kind, data = output.get("output_type"), output.get("data")
    if kind == "stream" and (text := _text(output.get("text"))) is not None:
        yield output_of("stream", name="stderr" if output.get("name") == "stderr" else "stdout", text=text)
    elif kind == "error" and isinstance(output.get("traceback"), list):
        told = {key: str(output.get(key, "")) for key in ("ename", "evalue")}
        yield output_of("error", **told, traceback=[str(line) for line in output.traceback])
    elif kind in ("display_data", "execute_result") and isinstance(data, Mapping) and (shown := _shown(data)):
        kept = {"execution_count": _count(output)} if kind == "execute_result" else {}
        yield output_of(kind, data=shown, **kept)
