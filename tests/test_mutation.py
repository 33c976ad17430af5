"""The mutation run's own parts, and a share of its mutants: half of notebook 1's, every fourth of notebook 2's.

`make mutants` judges all of them.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from tests import mutation
from tests.mutation import Mutant, Target, excuse, groups, mutants, problems, reasons, survived, targets

SHARES = {"1-perceptron": 2, "2-mlp-backprop": 4}


def of(source: str) -> dict[str, str]:
    """The mutants of a source text: the changed line after, by their whole text."""
    return {mutant.source: mutant.after for mutant in mutants(Target("", "", "q", ("f",), source, ""))}


@pytest.mark.parametrize(
    "line, wanted",
    [
        ("return a - b", {"return a + b", "return b - a", "return a", "return b", "return -(a - b)"}),
        ("return a * b + c", {"return a * b", "return c", "return a + c", "return a / b + c"}),
        ("return a @ b", {"return a * b", "return b @ a"}),
        ("return a ** 2", {"return a * 2", "return a ** 3", "return a ** 1"}),
        ("return a < b", {"return a <= b", "return a > b"}),
        ("return a + 1", {"return a + 2", "return a + 0", "return a + -1"}),
        ("return a + 0", {"return a + 1"}),
        ("return np.sum(a, axis=1, keepdims=True)", {
            "return np.mean(a, axis=1, keepdims=True)", "return np.sum(a, axis=0, keepdims=True)",
            "return np.sum(a, axis=1)", "return np.sum(a, keepdims=True)", "return np.sum(a, axis=1, keepdims=False)",
        }),
        ("return a.max(axis=-1)", {"return a.min(axis=-1)", "return a.max(axis=0)", "return a.max(axis=1)"}),
        ("return np.exp(np.abs(a))", {"return np.exp(a)", "return np.abs(a)", "return np.exp(-np.abs(a))"}),
        ("return g(a, b)", {"return g(b, a)"}),
        ("return a.T", {"return a"}),
        ("return -a", {"return a"}),
        ("return a, b", {"return (b, a)", "return (a,)"}),
        ("return {'u': a, 'v': b}", {"return {'u': b, 'v': a}", "return {'u': a}", "return {'u_': a, 'v': b}"}),
        ("return a[1:n]", {"return a[:n]", "return a[1:]"}),
        ("return a if b else c", {"return c if b else a"}),
    ],
)  # fmt: skip
def test_every_kind_of_slip_is_made(line: str, wanted: set[str]) -> None:
    made = set(of(f"def f(a, b, c, n):\n    {line}\n").values())
    assert wanted <= made, wanted - made


def test_statements_are_dropped_and_loops_left_early() -> None:
    made = of("def f(a):\n    b = a\n    for x in a:\n        b = b + x\n    return b\n")
    assert "def f(a):\n    for x in a:\n        b = b + x\n    return b" in made
    assert "def f(a):\n    b = a\n    return b" in made
    assert (
        made["def f(a):\n    b = a\n    for x in a:\n        b = b + x\n        break\n    return b"]
        == "b = b + x; break"
    )


def test_a_mutant_differs_from_the_original_in_one_place_and_comes_once() -> None:
    source = "def f(a, b=1e-5):\n    return float(a * 2 + b)"
    made = [mutant.source for mutant in mutants(Target("", "", "q", ("f",), source, ""))]
    assert len(made) == len(set(made)) > 10
    assert source not in made
    assert all(ast.parse(one) for one in made)
    assert not any("float" not in one and "return" in one and "a * 2 + b" in one for one in made)


def test_annotations_and_docstrings_are_left_alone() -> None:
    known = mutation.definitions('def f(a: "x") -> "y":\n    """Words."""\n    b: "z" = a\n    return b\n')
    assert ast.unparse(known["f"]) == "def f(a):\n    b = a\n    return b"


def test_every_question_has_mutants_and_right_answers_survive() -> None:
    assert len(targets()) == 28
    assert all(len(mutants(target)) >= 5 for target in targets().values())
    unchanged = [Mutant(target, "", "", "", target.source) for target in targets().values()]
    assert all(all(survived(group)) for group in groups([one for one in unchanged if one.target.notebook in SHARES]))


def test_helpers_of_a_reference_are_mutated_with_it_but_other_answers_are_not() -> None:
    assert {mutant.function for mutant in mutants(targets()["mlp_forward"])} == {"sigmoid", "mlp_forward"}
    assert {mutant.function for mutant in mutants(targets()["mlp_backward"])} == {"mlp_backward"}


def test_a_mutant_that_raises_or_never_ends_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mutation, "CALL_SECONDS", 0.05)
    target = targets()["weighted_sum"]
    for body in ("    raise ValueError(X)", "    while True:\n        pass", "    return X @ w +", ""):
        assert survived([Mutant(target, "", "", "", f"def weighted_sum(X, w, b):\n{body}")]) == [False]


@pytest.mark.parametrize(
    "notebook", [pytest.param(name, marks=[] if name == "1-perceptron" else [pytest.mark.thorough]) for name in SHARES]
)
def test_no_mutant_survives_without_a_reason(notebook: str) -> None:
    found = [mutant for target in targets().values() if target.notebook == notebook for mutant in mutants(target)]
    found = found[:: SHARES[notebook]]
    alive = [one for group in groups(found) for one, lives in zip(group, survived(group), strict=True) if lives]
    excused = reasons()
    assert [str(mutant) for mutant in alive if excuse(mutant, excused) is None] == []


@pytest.mark.thorough
def test_every_reason_is_about_a_mutant_that_is_made() -> None:
    excused = reasons()
    made = [mutant for target in targets().values() for mutant in mutants(target)]
    assert excused.keys() - {excuse(mutant, excused) for mutant in made} == set()


def test_survivors_without_reason_and_stale_reasons_are_problems(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    one, two, three = mutants(targets()["weighted_sum"])[:3]
    text = "".join(
        f"[[survivor]]\nquestion = '{one.target.question}'\nfunction = '{one.function}'\nbefore = '{one.before}'\n"
        f"after = '{one.after}'\nreason = 'it is the same'\n"
        for one in (one, replace(one, target=targets()["sigmoid"]))
    )
    (tmp_path / "reasons.toml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(mutation, "REASONS", tmp_path / "reasons.toml")
    assert problems([one, two, three], [one]) == []
    (lost,) = problems([one, two, three], [one, two])
    assert two.after in lost
    assert "no reason" in lost
    (stale,) = problems([one, two, three], [])
    assert one.after in stale
    assert "does not survive" in stale
