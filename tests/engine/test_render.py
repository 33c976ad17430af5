"""What a student reads: everything that matters, nothing hidden, and no markup of anybody's."""

from __future__ import annotations

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output

from grader.autograde.markup import clean_html
from grader.autograde.render import as_html, as_text, render
from grader.jail import output_of
from grader.verdict import Diagnosis, Evidence, NotebookVerdicts, Part, Shown, State, Verdict, combine


def part(state: State, message: str = "", **more: object) -> Part:
    earned = 2.0 if state is State.RIGHT else 0.0
    probe = Evidence(call="sigmoid(array([0.123]))", expected="0.530", got="0.469", problem="the value is wrong")
    return Part(
        test="test_hidden_name",
        title="values",
        points=earned,
        max_points=2.0,
        state=state,
        message=message,
        evidence=(probe,),
        **more,  # type: ignore[arg-type]
    )


IDEA = Diagnosis(name="sign lost", concept='slide "Predictions"', hint="Try <z> = 3.")
VERDICT = combine("sigmoid", (part(State.WRONG, "the value is wrong"), part(State.RIGHT)), IDEA)


@pytest.mark.parametrize("write", [as_text, as_html])
def test_a_verdict_says_state_points_parts_and_hint(write) -> None:  # type: ignore[no-untyped-def]
    text = write(VERDICT, ("The cell was repaired.",))
    for words in (
        "sigmoid: partly right",
        "2 of 4 points",
        "0/2",
        "2/2",
        "the value is wrong",
        "sign lost",
        "repaired",
    ):
        assert words in text, words


@pytest.mark.parametrize("write", [as_text, as_html])
def test_hidden_probes_are_shown_only_when_revealed(write) -> None:  # type: ignore[no-untyped-def]
    for hidden in ("0.123", "0.530", "0.469", "test_hidden_name"):
        assert hidden not in write(VERDICT), hidden
    revealed = write(VERDICT, reveal=True)
    assert "0.123" in revealed
    assert "0.530" in revealed
    # The part that is right has nothing to reveal.
    assert revealed.count("0.123") == 1


SHOWN = Shown(
    call="f(np.array([1, 2]))",
    expected="[[1, 2],\n [3, 4]]",
    got="[[1, 2],\n [3, 5]]",
    differs_at="element [1, 1]: expected 4, got 5",
    besides=("g", "h"),
)
BLOCK = """\
call      f(np.array([1, 2]))
expected  [[1, 2],
           [3, 4]]
got       [[1, 2],
           [3, 5]]
differs   element [1, 1]: expected 4, got 5"""


def test_an_example_stands_in_two_columns_once_a_question() -> None:
    verdict = VERDICT.model_copy(update={"example": SHOWN})
    assert f"<pre>{BLOCK}</pre>" in as_html(verdict)
    assert as_html(verdict).count("<pre>") == 1
    assert "".join(f"    {line}\n" for line in BLOCK.splitlines()) in as_text(verdict)
    assert "Your `g` and `h`, not right either, may have a part in this." in as_text(verdict)
    assert "Your <code>g</code> and <code>h</code>, not right either" in as_html(verdict)
    alone = VERDICT.model_copy(update={"example": SHOWN.model_copy(update={"besides": (), "differs_at": ""})})
    assert "differs " not in as_text(alone)
    assert "may have a part" not in as_text(alone)


@pytest.mark.parametrize("write", [as_text, as_html])
def test_right_examples_are_a_sentence(write) -> None:  # type: ignore[no-untyped-def]
    verdict = VERDICT.model_copy(update={"example": Shown(call="f(1)", expected="2", got="2", right=True)})
    assert "The visible examples of `f` come out right" in as_text(verdict)
    assert "The visible examples of <code>f</code> come out right" in as_html(verdict)
    assert "expected" not in write(verdict)


def test_follow_through_is_told_once() -> None:
    text = as_text(combine("table", (part(State.RIGHT, "right, given a correct `sigmoid`", given=("sigmoid",)),)))
    assert text.count("right, given a correct `sigmoid`") == 1
    assert "right: right" not in text


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", "`<script>alert(1)</script>`"])
def test_everything_in_html_is_escaped(hostile: str) -> None:
    verdict = combine("q", (part(State.CRASHED, hostile),), Diagnosis(name=hostile, concept=hostile, hint=hostile))
    shown = Shown(call=hostile, expected=hostile, got=hostile, differs_at=hostile, besides=(hostile,))
    html = as_html(verdict.model_copy(update={"example": shown}), (hostile,), reveal=True)
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 10


def test_our_html_survives_the_cleaning() -> None:
    html = as_html(VERDICT.model_copy(update={"example": SHOWN}), ("The cell was repaired.",), reveal=True)
    assert clean_html(html) == html


def test_a_verdict_without_parts_shows_its_message() -> None:
    verdict = Verdict(question="q", state=State.CRASHED, points=0, max_points=3, message="The file is empty.")
    assert "The file is empty." in as_text(verdict)
    assert "The file is empty." in as_html(verdict)


def test_render_replaces_the_outputs_of_judged_test_cells_only() -> None:
    def cell(grade_id: str, **flags: object):  # type: ignore[no-untyped-def]
        metadata = {"nbgrader": {"grade_id": grade_id, "grade": True, "solution": False, **flags}}
        return new_code_cell("1", metadata=metadata, outputs=[new_output("stream", text="own")])

    notebook = new_notebook(cells=[cell("test_sigmoid"), cell("test_other"), cell("sigmoid", grade=False)])
    render(notebook, NotebookVerdicts(assignment="ps1", notebook="n", verdicts=(VERDICT,)))
    message, number = notebook.cells[0].outputs
    assert message.output_type == "display_data"
    assert number.output_type == "execute_result"
    assert float(number.data["text/plain"]) == 2.0
    assert [c.outputs[0].text for c in notebook.cells[1:]] == ["own", "own"]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("stream", {"name": "stderr", "text": "a"}),
        ("display_data", {"data": {"text/plain": "a"}}),
        ("execute_result", {"data": {"text/plain": "a"}, "execution_count": None}),
        ("error", {"ename": "E", "evalue": "a", "traceback": ["b"]}),
    ],
)
def test_outputs_are_as_nbformat_makes_them(kind: str, content: dict[str, object]) -> None:
    ours = output_of(kind, **content)
    assert ours == new_output(kind, **content)
    assert all(type(value) is NotebookNode for value in ours.values() if isinstance(value, dict))
