"""Verdicts as the outputs of test cells: one message for people, one plain number for nbgrader."""

from __future__ import annotations

import re
from html import escape
from textwrap import indent

from nbformat import NotebookNode

from grader.jail import output_of
from grader.verdict import NotebookVerdicts, Part, Shown, State, Verdict

_MARK = {State.RIGHT: "right", State.PARTLY: "partly right"}


def _number(points: float) -> str:
    return f"{points:g}"


def _said(part: Part) -> str:
    """What is said of a part besides its title: its state, and why."""
    return part.message if part.state is State.RIGHT else f"{part.state.value}: {part.message}"


def _revealed(part: Part) -> list[tuple[str, str]]:
    """The probe at which a part failed: what was called, expected and got."""
    failed = [probe for probe in part.evidence if probe.problem]
    if part.state is State.RIGHT or not failed:
        return []
    probe = failed[-1]
    return [("called", probe.call), ("expected", probe.expected), ("got", probe.got)]


def _head(verdict: Verdict) -> tuple[str, str]:
    title = f"{verdict.question}: {_MARK.get(verdict.state, verdict.state.value)}"
    return title, f"{_number(verdict.points)} of {_number(verdict.max_points)} points"


def _example(shown: Shown) -> tuple[str, str, str]:
    """A visible example: a headline, a block of two columns, a word of caution; the last two may be empty."""
    if shown.right:
        name = shown.call.partition("(")[0]
        return f"The visible examples of `{name}` come out right; the mistake shows with other numbers.", "", ""
    rows = {"call": shown.call, "expected": shown.expected, "got": shown.got, "differs": shown.differs_at}
    block = "\n".join(f"{name:10}{indent(text, ' ' * 10).lstrip()}" for name, text in rows.items() if text)
    *most, last = [f"`{name}`" for name in shown.besides] or [""]
    earlier = f"{', '.join(most)} and {last}" if most else last
    return "For example:", block, f"Your {earlier}, not right either, may have a part in this." if last else ""


def as_text(verdict: Verdict, notes: tuple[str, ...] = (), *, reveal: bool = False) -> str:
    """A verdict in plain text; `reveal` adds the hidden probes at which parts failed."""
    lines = [", ".join(_head(verdict))]
    if verdict.diagnosis is not None:
        found = verdict.diagnosis
        lines += [f"  This looks like: {found.name} ({found.concept}).", f"  Hint: {found.hint}"]
    for part in verdict.parts:
        sign = "[x]" if part.state is State.RIGHT else "[ ]"
        lines.append(f"  {sign} {_number(part.points)}/{_number(part.max_points)}  {part.title}")
        if part.message:
            lines.append(f"        {_said(part)}")
        if reveal:
            lines += [f"        {name}: {text}" for name, text in _revealed(part)]
    if verdict.example is not None:
        headline, block, caution = _example(verdict.example)
        lines += [indent(text, "  " + "  " * (text is block)) for text in (headline, block, caution) if text]
    if not verdict.parts:
        lines.append("  " + verdict.message)
    return "\n".join([*lines, *(f"  note: {note}" for note in notes)])


def _words(text: str) -> str:
    """Escaped, with what stands between backticks as code."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", escape(text))


def as_html(verdict: Verdict, notes: tuple[str, ...] = (), *, reveal: bool = False) -> str:
    """A verdict in HTML, everything escaped, in the few tags that nbconvert's cleaning lets through."""
    title, points = _head(verdict)
    rows = ""
    for part in verdict.parts:
        row = f"<b>{_number(part.points)}/{_number(part.max_points)}</b> {_words(part.title)}"
        if part.message:
            row += f"<div><em>{_words(_said(part))}</em></div>"
        if reveal:
            row += "".join(f"<div>{name}: <code>{escape(text)}</code></div>" for name, text in _revealed(part))
        rows += f"<li>{row}</li>"
    body = f"<ul>{rows}</ul>" if rows else f"<div>{_words(verdict.message)}</div>"
    found = verdict.diagnosis
    if found is not None:
        idea = f"<em>This looks like:</em> {_words(found.name)} ({_words(found.concept)})."
        body = f"<div>{idea}</div><div><em>Hint:</em> {_words(found.hint)}</div>{body}"
    if verdict.example is not None:
        headline, block, caution = _example(verdict.example)
        body += f"<div>{_words(headline)}</div>"
        body += f"<pre>{escape(block)}</pre>" if block else ""
        body += f"<div>{_words(caution)}</div>" if caution else ""
    more = "".join(f"<div><em>Note:</em> {_words(note)}</div>" for note in notes)
    return f"<div><strong>{escape(title)}</strong>, {points}</div>{body}{more}"


def render(notebook: NotebookNode, verdicts: NotebookVerdicts, *, reveal: bool = False) -> None:
    """Replace the outputs of every judged test cell, in place, by its verdict."""
    found = {verdict.question: verdict for verdict in verdicts.verdicts}
    for cell in notebook.cells:
        data = cell.metadata.get("nbgrader", {})
        if cell.cell_type != "code" or not data.get("grade") or data.get("solution"):
            continue
        verdict = found.get(str(data["grade_id"]).removeprefix("test_"))
        if verdict is None:
            continue
        text = as_text(verdict, verdicts.notes, reveal=reveal)
        html = as_html(verdict, verdicts.notes, reveal=reveal)
        cell.outputs = [
            output_of("display_data", data={"text/plain": text, "text/html": html}),
            output_of("execute_result", data={"text/plain": repr(float(verdict.points))}, execution_count=None),
        ]
        cell.execution_count = None
