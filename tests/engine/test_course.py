"""The ground floor: the course's folders and questions, and verdicts as data."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook

from grader.course import Course, CourseError, fill, questions, suite_folder, suite_path, with_solutions
from grader.verdict import Evidence, NotebookVerdicts, Part, Shown, State, Verdict, combine, schema

ROOT = Path(__file__).resolve().parents[2]

# PS1.md: automatic points by notebook, and the written questions.
CONTRACT = {
    ("ps1", "0-start-here"): (0.0, {}),
    ("ps1", "1-perceptron"): (32.0, {"written_xor": 4.0}),
    ("ps1", "2-mlp-backprop"): (30.0, {"written_backprop": 4.0}),
    ("ps1", "3-keras-mnist"): (26.0, {"written_curves": 2.0, "written_deployment": 2.0}),
    ("ps1-extra", "numpy-mnist"): (10.0, {}),
}


def read(assignment: str, notebook: str) -> nbformat.NotebookNode:
    return nbformat.read(ROOT / "solutions" / assignment / f"{notebook}.ipynb", as_version=4)


def test_the_course_holds_the_assignments_of_the_contract() -> None:
    course = Course.find(ROOT)
    fixed = {name for name, _ in CONTRACT}
    assert fixed <= set(course.assignments)
    found = {(name, path.stem) for name in fixed for path in course.notebooks(name)}
    assert found == set(CONTRACT)


@pytest.mark.parametrize("assignment, notebook", list(CONTRACT))
def test_points_are_those_of_the_contract(assignment: str, notebook: str) -> None:
    automatic, written = CONTRACT[assignment, notebook]
    found = questions(read(assignment, notebook))
    assert sum(question.points for question in found if question.automatic) == automatic
    assert {question.name: question.points for question in found if not question.automatic} == written


@pytest.mark.parametrize("assignment, notebook", list(CONTRACT))
def test_every_test_cell_comes_directly_after_its_solution_cell(assignment: str, notebook: str) -> None:
    cells = read(assignment, notebook).cells
    ids = [cell.metadata.get("nbgrader", {}).get("grade_id", "") for cell in cells]
    for index, name in enumerate(ids):
        if name.startswith("test_"):
            assert ids[index - 1] == name.removeprefix("test_")


@pytest.mark.parametrize("assignment, notebook", [key for key in CONTRACT if CONTRACT[key][0]])
def test_every_notebook_with_points_has_a_suite(assignment: str, notebook: str) -> None:
    assert suite_path(assignment, notebook) is not None


def test_a_notebook_without_points_has_no_suite() -> None:
    assert suite_path("ps1", "0-start-here") is None


@pytest.mark.parametrize("name", ["", "ps9", "judge", "jail.wire", "..", "os", "ps1/../ps1", "ps1\x00"])
def test_no_suite_is_found_for_other_names(name: str) -> None:
    assert suite_folder(name) is None
    assert suite_path(name, "1-perceptron") is None


def test_a_folder_that_is_no_course_is_named_with_what_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=r"not a course folder.*nbgrader_config\.py"):
        Course.find(tmp_path)
    with pytest.raises(CourseError, match=r"no assignment 'ps9'.*ps1, ps1-extra"):
        Course.find(ROOT).source("ps9")


def test_fill_writes_answers_and_leaves_the_original_alone() -> None:
    notebook = read("ps1", "1-perceptron")
    before = json.dumps(notebook)
    filled = fill(notebook, {"sigmoid": "sigmoid = None"})
    assert with_solutions(filled)["sigmoid"] == "sigmoid = None"
    assert with_solutions(filled)["weighted_sum"] == with_solutions(notebook)["weighted_sum"]
    assert json.dumps(notebook) == before
    with pytest.raises(KeyError, match="no solution cell 'sigmod'"):
        fill(notebook, {"sigmod": ""})


def test_questions_ignores_cells_with_other_metadata() -> None:
    notebook = new_notebook(cells=[new_code_cell("1"), new_code_cell("2", metadata={"nbgrader": "text"})])
    assert questions(notebook) == []


def part(state: State, worth: float = 1.0, message: str = "") -> Part:
    earned = worth if state is State.RIGHT else 0.0
    return Part(
        test="test_it",
        title="it",
        points=earned,
        max_points=worth,
        state=state,
        message=message,
        seed=7,
        evidence=(Evidence(call="f(1)", expected="secret 0.25"),),
        grader_error="our traceback",
    )


# One test is right or it is not: only a whole question can be partly right.
PART_STATES = [state for state in State if state is not State.PARTLY]


@given(st.lists(st.tuples(st.sampled_from(PART_STATES), st.integers(1, 5)), min_size=1, max_size=6))
def test_a_verdict_never_gives_more_than_its_parts_and_never_hides_a_grader_failure(
    parts: list[tuple[State, int]],
) -> None:
    verdict = combine("q", tuple(part(state, worth) for state, worth in parts))
    states = [state for state, _ in parts]
    assert verdict.points == sum(worth for state, worth in parts if state is State.RIGHT)
    assert verdict.max_points == sum(worth for _, worth in parts)
    assert verdict.needs_attention == (State.GRADER_FAILED in states)
    assert (verdict.state is State.RIGHT) == all(state is State.RIGHT for state in states)
    if verdict.points == 0 and not verdict.needs_attention:
        assert verdict.state in states


def test_the_most_telling_state_is_taken_when_there_are_no_points() -> None:
    parts = (part(State.WRONG), part(State.TIMED_OUT), part(State.CRASHED))
    assert combine("q", parts).state is State.TIMED_OUT
    assert combine("q", (part(State.RIGHT), part(State.CRASHED))).state is State.PARTLY
    with pytest.raises(ValueError, match="no parts"):
        combine("q", ())


def test_what_a_student_gets_holds_no_evidence() -> None:
    verdict = combine("q", (part(State.WRONG, message="wrong sign"),))
    shown = NotebookVerdicts(assignment="ps1", notebook="n", verdicts=(verdict,)).for_student()
    text = shown.model_dump_json()
    assert "wrong sign" in text
    for secret in ("0.25", "f(1)", "our traceback", '"seed":7'):
        assert secret not in text


def keys_of(data: object) -> set[str]:
    """Every key at any depth of JSON data."""
    if isinstance(data, dict):
        return set(data) | {key for value in data.values() for key in keys_of(value)}
    return {key for item in data for key in keys_of(item)} if isinstance(data, list) else set()


@pytest.mark.parametrize("states", [(State.WRONG,), (State.RIGHT, State.GRADER_FAILED)])
def test_the_students_json_has_no_place_for_what_is_ours(states: tuple[State, ...]) -> None:
    verdict = combine("q", tuple(part(state) for state in states), None, Shown(call="f(1)", expected="2", got="3"))
    verdicts = NotebookVerdicts(assignment="ps1", notebook="n", verdicts=(verdict,))
    assert keys_of(json.loads(verdicts.model_dump_json())) >= {"evidence", "seed", "grader_error", "test"}
    theirs = json.loads(verdicts.student_json())
    assert not keys_of(theirs) & {"evidence", "seed", "grader_error", "test"}
    jsonschema.validate(theirs, json.loads(schema()))


def test_the_published_schema_is_the_models() -> None:
    published = (Path(__file__).resolve().parents[2] / "docs" / "verdict.schema.json").read_text(encoding="utf-8")
    remedy = """python -c "from grader.verdict import schema; print(schema(), end='')" > docs/verdict.schema.json"""
    assert json.loads(published) == json.loads(schema()), remedy
    jsonschema.Draft202012Validator.check_schema(json.loads(published))


def test_verdicts_survive_json_and_have_a_schema() -> None:
    verdicts = NotebookVerdicts(assignment="ps1", notebook="n", verdicts=(combine("q", (part(State.RIGHT),)),))
    assert NotebookVerdicts.model_validate_json(verdicts.model_dump_json()) == verdicts
    schema = NotebookVerdicts.model_json_schema()
    assert set(schema["$defs"]["State"]["enum"]) == {state.value for state in State}
    assert Verdict.model_fields.keys() >= {"question", "state", "points", "max_points", "message", "parts"}
