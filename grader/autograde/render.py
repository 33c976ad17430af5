"""Verdicts as the outputs of test cells: one message for people, one plain number for nbgrader."""

from __future__ import annotations

from html import escape

from nbconvert.filters.strings import clean_html
from nbformat import NotebookNode
from nbformat.v4 import new_output

from grader.verdict import NotebookVerdicts, Part, State, Verdict

_MARK = {State.RIGHT: "right", State.PARTLY: "partly right"}


def _number(points: float) -> str:
    return f"{points:g}"


def _plain_part(part: Part) -> str:
    sign = "[x]" if part.state is State.RIGHT else "[ ]"
    line = f"  {sign} {_number(part.points)}/{_number(part.max_points)}  {part.title}"
    return line if not part.message else f"{line}\n        {part.state.value}: {part.message}"


def as_text(verdict: Verdict, notes: tuple[str, ...] = ()) -> str:
    """A verdict in plain text."""
    head = (
        f"{verdict.question}: {_MARK.get(verdict.state, verdict.state.value)}, "
        f"{_number(verdict.points)} of {_number(verdict.max_points)} points"
    )
    body = [_plain_part(part) for part in verdict.parts] or ["  " + verdict.message]
    found = verdict.diagnosis
    idea = [f"  This looks like: {found.name} ({found.concept}).", f"  Hint: {found.hint}"] if found else []
    return "\n".join([head, *idea, *body, *(f"  note: {note}" for note in notes)])


def as_html(verdict: Verdict, notes: tuple[str, ...] = ()) -> str:
    """A verdict in HTML that survives nbconvert's cleaning: no style, no script, everything escaped."""
    head = f"{escape(verdict.question)}: {escape(_MARK.get(verdict.state, verdict.state.value))}"
    points = f"{_number(verdict.points)} of {_number(verdict.max_points)} points"
    rows = "".join(
        f"<li><b>{_number(part.points)}/{_number(part.max_points)}</b> {escape(part.title)}"
        + (f"<br><em>{escape(part.state.value)}:</em> {escape(part.message)}" if part.message else "")
        + "</li>"
        for part in verdict.parts
    )
    body = f"<ul>{rows}</ul>" if rows else f"<p>{escape(verdict.message)}</p>"
    found = verdict.diagnosis
    if found is not None:
        idea = f"<em>This looks like:</em> {escape(found.name)} ({escape(found.concept)})."
        body = f"<p>{idea}<br><em>Hint:</em> {escape(found.hint)}</p>{body}"
    more = "".join(f"<p><em>Note:</em> {escape(note)}</p>" for note in notes)
    return f"<div><p><strong>{head}</strong>, {points}</p>{body}{more}</div>"


def render(notebook: NotebookNode, verdicts: NotebookVerdicts) -> None:
    """Replace the outputs of every judged test cell, in place, by its verdict."""
    found = {verdict.question: verdict for verdict in verdicts.verdicts}
    for cell in notebook.cells:
        data = cell.metadata.get("nbgrader", {})
        if cell.cell_type != "code" or not data.get("grade") or data.get("solution"):
            continue
        verdict = found.get(str(data["grade_id"]).removeprefix("test_"))
        if verdict is None:
            continue
        text, html = as_text(verdict, verdicts.notes), as_html(verdict, verdicts.notes)
        cell.outputs = [
            new_output("display_data", data={"text/plain": text, "text/html": html}),
            new_output("execute_result", data={"text/plain": repr(float(verdict.points))}, execution_count=None),
        ]
        cell.execution_count = None


_ACTIVE = {"application/javascript", "application/vnd.jupyter.widget-view+json", "image/svg+xml", "text/latex"}


def outputs_of(cell: NotebookNode) -> list[NotebookNode]:
    """A code cell's outputs without scripts: HTML and Markdown cleaned, active formats dropped."""
    kept = []
    for output in cell.get("outputs", []):
        data = output.get("data")
        if data is not None:
            for kind in list(data):
                if kind in _ACTIVE or not isinstance(kind, str):
                    del data[kind]
                elif kind in ("text/html", "text/markdown"):
                    text = data[kind]
                    data[kind] = clean_html(text if isinstance(text, str) else "".join(text))
        kept.append(output)
    return kept
