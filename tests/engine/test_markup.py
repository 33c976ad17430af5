"""What of a student's markup reaches a page. tests/browser tries the same on real pages; here, the rules one by one."""

from __future__ import annotations

import time

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st
from nbconvert.filters.markdown_mistune import markdown2html_mistune
from nbformat import NotebookNode, validate
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

from grader.autograde.markup import clean_html, clean_markdown, tidy


def shown(markdown: str, **attachments: dict[str, str]) -> BeautifulSoup:
    """What a page makes of a cleaned Markdown cell: nbgrader's templates render it once more."""
    return BeautifulSoup(markdown2html_mistune(clean_markdown(markdown, attachments)), "html.parser")


TABLE = '<table><tbody><tr><td colspan="2">x</td></tr></tbody></table>'


@pytest.mark.parametrize(
    "html, cleaned",
    [
        ("H<sub>2</sub>O", "H<sub>2</sub>O"),
        ("<b onclick=hit() id=x name=y class=btn data-x=1>x</b>", "<b>x</b>"),
        ("<script>hit()</script>", "&lt;script&gt;hit()&lt;/script&gt;"),
        ("<style>a{}<b></b></style>x<STYLE>b</STYLE >y", "xy"),
        ("<!-- gone -->x", "x"),
        ("<a href='javascript:hit()'>x</a>", "<a>x</a>"),
        ("<a href='&#106;avascript:hit()'>x</a>", "<a>x</a>"),
        ("<a href='//x.org'>x</a> <a href='/lab'>x</a>", "<a>x</a> <a>x</a>"),
        ("<a href='#x'>x</a>", '<a href="#x">x</a>'),
        ("<a href='http://localhost:8888/Formgrader/manage_students/%22;hit();%22'>x</a>", "<a>x</a>"),
        (
            "<a href='https://x.org/?a=b&c' target=_top rel=opener>x</a>",
            '<a href="https://x.org/?a=b&amp;c" target="_blank" rel="noopener noreferrer">x</a>',
        ),
        ("<details ontoggle=hit() open>x</details>", "<details open>x</details>"),
        ("<img src=https://x.org/x.png alt=x>", '<img alt="x">'),
        ("<img src=../x.png><img src=/x.png><img src=x.svg><img src=file:///x.png>", "<img><img><img><img>"),
        ("<img src='plots/a b.png' width=40 onerror=hit()>", '<img src="plots/a b.png" width="40">'),
        ("<img src='data:image/png;base64,aGk=' width='1 x'>", '<img src="data:image/png;base64,aGk=">'),
        ("<img src='data:text/html;base64,aGk='>", "<img>"),
        ("<b style='color: red; position: fixed; background: url(x)'>x</b>", '<b style="color: red;">x</b>'),
        ("<input type=checkbox checked><input type=checkbox><input type=image>", "\u2611 \u2610 \u2610 "),
        ("<span class=k>x</span><span class='k btn'>x</span>", '<span class="k">x</span><span>x</span>'),
        ("<table><tr><td colspan=2 rowspan=x>x</table>", TABLE),
    ],
)
def test_html_keeps_what_arranges_text_and_nothing_that_acts(html: str, cleaned: str) -> None:
    assert clean_html(html) == cleaned
    assert clean_html(cleaned) == cleaned


@pytest.mark.parametrize("tag", ["iframe src=//e", "svg onload=hit()", "form", "meta charset=x", "base", "link"])
def test_other_tags_are_shown_as_text(tag: str) -> None:
    assert clean_html(f"<{tag}>").startswith("&lt;")
    assert shown(f"<{tag}>").text.strip() == f"<{tag}>"


@pytest.mark.parametrize(
    "markdown",
    [
        '<a title="\n\n<img src=x onerror=hit()>\n\n">x</a>',
        '<details open="\n\n<script>hit()</script>\n\n">x</details>',
        "[x](javascript:hit())",
        "<javascript:hit()>",
        "[x][r]\n\n[r]: javascript:hit()",
        "![x](https://x.org/x.png)",
        "```mermaid\n</pre><script>hit()</script>\n```",
        "# test_sigmoid",
        "test_sigmoid\n===",
        "test_sigmoid\n   ---  ",
    ],
)
def test_markdown_makes_nothing_that_acts(markdown: str) -> None:
    page = shown(markdown)
    assert not page.find_all(["script", "style"])
    for tag in page.find_all(True):
        assert not {"id", "onerror", "src"} & set(tag.attrs), tag
        assert tag.get("href", "https:").startswith("https:"), tag


def test_markdown_that_is_only_words_stays_as_it_was_typed() -> None:
    text = "It *depends*: (1) on x, and\n\n- on y\n- on _z_ (http://x.org), 50%.\n\n1. Yes!"
    assert clean_markdown(text, {}) == text


@given(st.text(st.sampled_from("ab <>/\"'`=!-[]()#*_~$\\&;:|\n\t{}0"), max_size=60))
def test_cleaned_markdown_is_rendered_as_it_is(text: str) -> None:
    """What comes out of the cleaning means the same to Markdown as to a browser."""
    cleaned = clean_markdown(text, {})
    if cleaned != text:
        assert "\n" not in cleaned
        assert markdown2html_mistune(cleaned).strip() == cleaned
    assert {tag.name for tag in shown(text).find_all(True)} <= {
        "a", "blockquote", "br", "code", "dd", "del", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
        "li", "ol", "p", "pre", "span", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul", "b", "img",
    }  # fmt: skip


def test_formulas_and_code_are_what_they_were() -> None:
    page = shown("$a < b$ and `a < b && \\x`\n\n```python\nif a < b:\n\n    pass\n```\n\n$$\nx\n\ny\n$$")
    assert "$a < b$" in page.text
    assert page.find("code").text == "a < b && \\x"
    assert page.find("pre").text.strip() == "if a < b:\n\n    pass"
    assert "$$\nx\n\ny\n$$" in page.text


def test_attachments_are_pictures_or_said_to_be_missing() -> None:
    page = shown("![a](attachment:a.png) ![b](attachment:b.png)", **{"a.png": {"image/png": "aGk="}})
    assert [picture["src"] for picture in page.find_all("img")] == ["data:image/png;base64,aGk="]
    assert "b.png is missing" in page.text


@pytest.mark.parametrize(
    "text",
    ["<div>" * 40_000, "<b>" * 40_000, "<b></p>" * 20_000, "<a " * 40_000, "<style" * 40_000, "<table><b>" * 20_000,
     "\\\\[" * 40_000, "\\begin{a}" * 20_000, "[" * 200_000, "<div>" * 500 + "</div>" * 500, "\n" * 40_000],
)  # fmt: skip
def test_no_markup_takes_long(text: str) -> None:
    for length in (len(text), 40_000):
        started = time.process_time()
        clean_html(text[:length])
        assert "<div><div><div>" not in clean_markdown(text[:length], {})
        assert time.process_time() - started < 5


# ---- notebooks


def tidied(*outputs: dict[str, object]) -> list[NotebookNode]:
    """The outputs of a cell, in whatever form, after tidying."""
    cell = new_code_cell("1")
    notebook = new_notebook(cells=[cell])
    cell.outputs = [NotebookNode(output) for output in outputs]
    tidy(notebook)
    validate(notebook)
    found: list[NotebookNode] = notebook.cells[0].outputs
    return found


def of(**data: object) -> dict[str, object]:
    bundle = {(f"image/{kind}" if kind in ("png", "svg+xml") else f"text/{kind}"): text for kind, text in data.items()}
    return {"output_type": "display_data", "data": bundle, "metadata": {}}


def boxed(html: str) -> str:
    return f'<div style="overflow-x: auto; overflow-y: hidden">{html}</div>'


def test_outputs_become_clean_html_pictures_and_text() -> None:
    html, markdown, latex = tidied(
        of(html="<b>x</b><script>x</script>", plain="x", javascript="x"), of(markdown="*x*"), of(latex="$a < b$")
    )
    assert html.data == {"text/html": boxed("<b>x</b>&lt;script&gt;x&lt;/script&gt;"), "text/plain": "x"}
    assert markdown.data == {"text/html": boxed("<p><em>x</em></p>\n")}
    assert latex.data == {"text/html": boxed("$a &lt; b$")}
    (drawn,) = tidied(of(**{"svg+xml": "<svg onload=hit()>", "png": "a="}))
    assert drawn.data["text/html"].startswith(boxed('<img src="data:image/svg+xml;base64,')[:-6])
    assert drawn.data["image/png"] == "a="
    assert tidied(of(html=["<b>", "x</b>"]))[0].data == {"text/html": boxed("<b>x</b>")}


def test_outputs_of_odd_shapes_are_dropped_or_put_right() -> None:
    dropped = [
        of(html=7), of(), of(plain={}), {"output_type": "display_data"}, {"output_type": "stream", "text": ["a", 7]},
        {"output_type": "error"}, {"output_type": "error", "traceback": "x"}, {"output_type": "new"}, {},
        {"output_type": "display_data", "data": {"image/png": 'x" onerror="hit()', "text/x": "x"}},
    ]  # fmt: skip
    assert tidied(*dropped) == []
    (stream,) = tidied({"output_type": "stream", "name": "<b>", "text": ["a", "b"]})
    assert (stream.name, stream.text) == ("stdout", "ab")
    (error,) = tidied({"output_type": "error", "ename": 1, "evalue": None, "traceback": [1, "b"]})
    assert (error.ename, error.traceback) == ("1", ["1", "b"])
    result = {**of(plain="x"), "output_type": "execute_result"}
    numbered, forged = tidied({**result, "execution_count": 7}, {**result, "execution_count": "<b>"})
    assert (numbered.execution_count, forged.execution_count) == (7, None)
    (sized,) = tidied({**of(plain="x"), "metadata": {"image/png": {"width": "1 onerror=hit()"}}})
    assert sized.metadata == {}


def test_of_metadata_only_what_is_nbgraders_stays() -> None:
    label = {"grade_id": "q", "locked": False, "grade": False, "solution": True, "schema_version": 3, "task": False}
    cells = [
        new_code_cell("1", metadata={"nbgrader": label, "transient": 7}),
        new_markdown_cell("# x", metadata={"tags": ["x"]}),
        new_markdown_cell("# ours", metadata={"nbgrader": {**label, "locked": True, "solution": False}}),
        new_raw_cell("<script>x</script>", metadata={"raw_mimetype": "text/html"}),
    ]
    notebook = new_notebook(cells=cells, metadata={"title": "x", "widgets": {}, "language_info": {"name": "<b>"}})
    notebook.cells[0].metadata.tags = 7
    notebook.cells[0].execution_count = "<img src=x onerror=hit()>"
    notebook.cells[1].attachments = {"a.png": {"image/png": "a=", "image/png' onerror='x": "a="}, "b": "x"}
    tidy(notebook)
    validate(notebook)
    assert [dict(cell.metadata) for cell in notebook.cells] == [
        {"nbgrader": label}, {}, {"nbgrader": {**label, "locked": True, "solution": False}}, {}
    ]  # fmt: skip
    assert notebook.cells[0].execution_count is None
    assert notebook.cells[1].attachments == {"a.png": {"image/png": "a="}}
    assert notebook.cells[2].source == "# ours"
    assert notebook.cells[3].source == "&lt;script&gt;x&lt;/script&gt;"
    assert notebook.metadata == {}
