"""A mutation run: does the grader notice every small slip that can be made in a right answer?

    python -m tests.mutation [QUESTION ...]        (or: make mutants)

A mutant is a right answer with one small change: another operator, a number one off, a lost factor, a dropped line,
another axis. A program makes them all, so it also makes those that nobody thought of when the bank was written. Each
mutant of a reference function takes the place of the student's answer, among names that are otherwise right, and is
judged. It is killed when its question does not earn all its points; one that raises or never ends is killed too. A
mutant that survives shows a hole in the suite, or it is no mistake: then `mutation_survivors.toml` says why.

Answers are judged by value, so no mutant only drops a conversion (`float`, `np.asarray`, `astype`).
The exit status is 1 for a survivor without a reason, and for a reason without a survivor.
"""

from __future__ import annotations

import argparse
import ast
import copy
import functools
import importlib
import itertools
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
import numpy as np

from grader.course import Course, suite_path, with_solutions
from tests.support.bank import ROOT, places
from tests.support.local_notebook import judge_locally, names_of

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

REASONS = Path(__file__).with_name("mutation_survivors.toml")
REFERENCES = {
    "1-perceptron": "grader.ps1.reference.perceptron",
    "2-mlp-backprop": "grader.ps1.reference.mlp",
    "3-keras-mnist": "grader.ps1.reference.keras_mnist",
    "numpy-mnist": "grader.ps1_extra.reference.numpy_mnist",
}
ASSIGNMENTS = ("ps1", "ps1-extra")
CALL_SECONDS = 30.0
ALONE = {"train_mlp", "numpy_train", "build_model", "train_model"}

OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add, ast.Div),
    ast.Mult: (ast.Add, ast.Div),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.FloorDiv: (ast.Div, ast.Mod),
    ast.Pow: (ast.Mult, ast.Add),
    ast.MatMult: (ast.Mult, ast.Add),
}
COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
}
FUNCTIONS = {
    "sum": ("mean", "max"), "mean": ("sum", "median"), "max": ("min", "sum"), "min": ("max",),
    "maximum": ("minimum",), "minimum": ("maximum",), "argmax": ("argmin",), "log": ("log2", "log1p"),
    "exp": ("exp2", "expm1"), "zeros": ("ones",), "zeros_like": ("ones_like",), "sqrt": ("square",),
}  # fmt: skip
WORDS = {
    "relu": ("sigmoid", "tanh", "linear"), "softmax": ("sigmoid", "linear"), "sigmoid": ("softmax", "tanh"),
    "rmsprop": ("adam", "sgd"), "accuracy": ("mse", "top_k_categorical_accuracy"),
    "categorical_crossentropy": ("binary_crossentropy", "mse", "sparse_categorical_crossentropy"),
    "binary cross-entropy": ("categorical cross-entropy", "MSE"), "MSE": ("MAE", "categorical cross-entropy"),
    "categorical cross-entropy": ("binary cross-entropy", "MSE"), "mean squared error": ("binary cross-entropy",),
}  # fmt: skip
NO_MATTER = {"dtype", "strict", "verbose"}
CONVERSIONS = {"float", "int", "asarray", "astype", "zip", "enumerate"}


@dataclass(frozen=True)
class Target:
    """The right answer to one question, as source text, and the module in whose names it runs ('' for none)."""

    assignment: str
    notebook: str
    question: str
    defines: tuple[str, ...]
    source: str
    module: str


@dataclass(frozen=True)
class Mutant:
    """A target with one change: the line before and after it, in the named function."""

    target: Target
    function: str
    before: str
    after: str
    source: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What names it in the list of reasons."""
        return self.target.question, self.function, self.before, self.after

    def __str__(self) -> str:
        return f"{self.target.question}, {self.function}:\n    - {self.before}\n    + {self.after}"


# --------------------------------------------------------------------------------------------------
# Making mutants
# --------------------------------------------------------------------------------------------------


def called(node: ast.expr) -> str:
    """The last part of a called function's name: `sum` for `np.sum(...)` and for `x.sum()`."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def without(items: Sequence[Any], index: int) -> list[Any]:
    return [*items[:index], *items[index + 1 :]]


def swapped(items: Sequence[Any], index: int) -> list[Any]:
    """The items with the one at `index` and the next exchanged."""
    return [*items[:index], items[index + 1], items[index], *items[index + 2 :]]


def changed(node: Any, **fields: Any) -> Any:
    """A copy of a node with other fields."""
    return type(node)(**{**{name: getattr(node, name) for name in node._fields}, **fields})


def numbers(value: complex) -> list[Any]:
    """Wrong numbers in a number's place."""
    if isinstance(value, bool):
        return [not value]
    return [number for number in dict.fromkeys([value + 1, value - 1, -value, value * 10]) if number != value]


def is_negative(node: ast.AST) -> bool:
    """True for a number below zero, such as an axis, which is one number and not the negative of one."""
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant)


def of_operator(node: ast.BinOp) -> Iterator[ast.expr]:
    for operator in OPERATORS[type(node.op)]:
        yield changed(node, op=operator())
    yield node.left
    yield node.right
    yield ast.UnaryOp(ast.USub(), node)
    if not isinstance(node.op, (ast.Add, ast.Mult)):
        yield changed(node, left=node.right, right=node.left)


def of_call(node: ast.Call) -> Iterator[ast.expr]:
    name = called(node.func)
    for other in FUNCTIONS.get(name, ()):
        yield changed(node, func=changed(node.func, attr=other))
    for index in range(len(node.keywords)):
        if node.keywords[index].arg not in NO_MATTER:
            yield changed(node, keywords=without(node.keywords, index))
    for index in range(len(node.args) - 1):
        yield changed(node, args=swapped(node.args, index))
    if name not in CONVERSIONS:
        method = isinstance(node.func, ast.Attribute) and called(node.func.value) not in ("np", "layers", "keras")
        if method or node.args:
            yield node.func.value if method else node.args[0]  # type: ignore[attr-defined]
        if node.args and name != "range":
            yield ast.UnaryOp(ast.USub(), node)


def of_expression(node: ast.expr) -> Iterator[ast.expr]:
    """What a slip may make of an expression."""
    if isinstance(node, ast.BinOp):
        yield from of_operator(node)
    elif isinstance(node, ast.Call):
        yield from of_call(node)
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
        if is_negative(node):
            yield ast.Constant(0)
    elif isinstance(node, ast.Compare):
        for operator in COMPARISONS.get(type(node.ops[0]), ()):
            yield changed(node, ops=[operator(), *node.ops[1:]])
    elif isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        yield from (ast.Constant(number) for number in numbers(node.value))
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield from (ast.Constant(word) for word in WORDS.get(node.value, (node.value + "_",)))
    elif isinstance(node, ast.Attribute) and node.attr == "T":
        yield node.value
    elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
        yield changed(node, slice=changed(node.slice, lower=None))
        yield changed(node, slice=changed(node.slice, upper=None))
    elif isinstance(node, ast.IfExp):
        yield changed(node, body=node.orelse, orelse=node.body)
    elif isinstance(node, (ast.Tuple, ast.List, ast.Set)) and not isinstance(getattr(node, "ctx", None), ast.Store):
        yield from (changed(node, elts=without(node.elts, index)) for index in range(len(node.elts)))
        if not isinstance(node, ast.Set):
            yield from (changed(node, elts=swapped(node.elts, index)) for index in range(len(node.elts) - 1))
    elif isinstance(node, ast.Dict):
        for index in range(len(node.keys)):
            yield changed(node, keys=without(node.keys, index), values=without(node.values, index))
        yield from (changed(node, values=swapped(node.values, index)) for index in range(len(node.values) - 1))


def of_statements(body: list[ast.stmt]) -> Iterator[list[ast.stmt]]:
    """A block with one statement dropped, or with a loop left after its first pass."""
    for index, statement in enumerate(body):
        if isinstance(statement, (ast.Assign, ast.AugAssign, ast.Expr, ast.Return, ast.For, ast.If)):
            yield without(body, index) or [ast.Pass()]
        if isinstance(statement, ast.For):
            once = changed(statement, body=[*statement.body, ast.Break()])
            yield [*body[:index], once, *body[index + 1 :]]


def changes(node: ast.AST) -> Iterator[tuple[str, int | None, Any]]:
    """Every change inside a node: its field, the place in the field when that is a list, and what to put there."""
    if is_negative(node) or (isinstance(node, ast.keyword) and node.arg in NO_MATTER):
        return
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "func", "targets", "target"):
            continue
        if isinstance(value, ast.expr):
            yield from ((name, None, new) for new in of_expression(value))
        elif isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, ast.expr):
                    yield from ((name, index, new) for new in of_expression(item))
            if name == "body" and not isinstance(node, ast.Module):
                yield from ((name, None, new) for new in of_statements(value))


def mutated(tree: ast.Module) -> Iterator[ast.Module]:
    """The tree with one change, for every change; those whose text is the same come once."""
    seen = {ast.unparse(tree)}
    for number, node in enumerate(ast.walk(tree)):
        for name, index, new in changes(node):
            other = copy.deepcopy(tree)
            twin = next(itertools.islice(ast.walk(other), number, None))
            if index is None:
                setattr(twin, name, copy.deepcopy(new))
            else:
                getattr(twin, name)[index] = copy.deepcopy(new)
            text = ast.unparse(ast.fix_missing_locations(other))
            if text not in seen:
                seen.add(text)
                yield other


class _Plain(ast.NodeTransformer):
    """Takes out annotations and docstrings, neither of which computes anything."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.returns = None
        if ast.get_docstring(node) is not None:
            node.body = node.body[1:]
        self.generic_visit(node)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt:
        return ast.copy_location(ast.Assign([node.target], node.value), node) if node.value else node


def name_of(statement: ast.stmt) -> str:
    """The one name that a statement defines; '' when it defines none, or several."""
    if isinstance(statement, ast.FunctionDef):
        return statement.name
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        return statement.targets[0].id
    return ""


def definitions(source: str) -> dict[str, ast.stmt]:
    """The top-level definitions in a source text, by name."""
    return {name_of(one): one for one in _Plain().visit(ast.parse(source)).body if name_of(one)}


def difference(before: ast.stmt, after: ast.stmt) -> tuple[str, str]:
    """The first line that differs, before and after; an inserted line stands behind the one that it follows."""
    one, two = (ast.unparse(ast.fix_missing_locations(tree)).splitlines() for tree in (before, after))
    start = next(i for i, (a, b) in enumerate(itertools.zip_longest(one, two)) if a != b)
    if len(one) > len(two):
        return one[start].strip(), "(nothing)"
    if len(one) < len(two):
        return one[start - 1].strip(), f"{one[start - 1].strip()}; {two[start].strip()}"
    return one[start].strip(), two[start].strip()


def mutants(target: Target) -> list[Mutant]:
    """All mutants of a target, each named by the line that changed."""
    tree = ast.parse(target.source)
    found = []
    for other in mutated(tree):
        pairs = zip(tree.body, other.body, strict=True)
        before, after = next((a, b) for a, b in pairs if ast.unparse(a) != ast.unparse(b))
        found.append(Mutant(target, name_of(before), *difference(before, after), ast.unparse(other)))
    return found


# --------------------------------------------------------------------------------------------------
# What is mutated: the references behind the questions
# --------------------------------------------------------------------------------------------------


def reached(name: str, known: dict[str, ast.stmt], stop: set[str]) -> list[str]:
    """A definition and the helpers it uses, helpers first; names in `stop` are other questions' answers."""
    found: list[str] = []

    def collect(one: str) -> None:
        for node in ast.walk(known[one]):
            if isinstance(node, ast.Name) and node.id in known and node.id not in {*found, *stop, one}:
                collect(node.id)
        found.append(one)

    collect(name)
    return found


@functools.cache
def targets() -> dict[str, Target]:
    """The right answer to every automatically graded question, with its helpers, by question."""
    found = {}
    for assignment in ASSIGNMENTS:
        cells: dict[str, str] = {}
        for path in Course(ROOT).notebooks(assignment):
            cells |= with_solutions(nbformat.read(path, as_version=4))
        graded = places(assignment)
        asked = {question: definitions(cells[question]) for question in graded}
        for question, place in graded.items():
            module = REFERENCES[place.notebook]
            known = definitions(Path(str(importlib.import_module(module).__file__)).read_text(encoding="utf-8"))
            mine = [name for name in asked[question] if name in known]
            beside = [one for one, its in graded.items() if its.notebook == place.notebook]
            others = {name for one in beside if one != question for name in asked[one]}
            if not mine:  # a table of words, which the reference holds in another form
                module, known, mine = "", asked[question], list(asked[question])
            names = dict.fromkeys(name for one in mine for name in reached(one, known, others))
            source = "\n\n".join(ast.unparse(known[name]) for name in names)
            found[question] = Target(assignment, place.notebook, question, tuple(mine), source, module)
    return found


def defined_by(target: Target, source: str) -> dict[str, Any]:
    """What a target's source, or that of a mutant, defines; an error while it is defined leaves the names out."""
    module: ModuleType | None = importlib.import_module(target.module) if target.module else None
    names = dict(vars(module)) if module else {}
    try:
        exec(compile(source, "<mutant>", "exec"), names)
    except Exception:
        return {}
    return {name: names[name] for name in target.defines if name in names}


# --------------------------------------------------------------------------------------------------
# The run
# --------------------------------------------------------------------------------------------------


def survived(group: Sequence[Mutant]) -> list[bool]:
    """For each of some mutants of different questions of one notebook: does it earn all points?

    Judged together to start pytest once. None meets another: each calls right helpers of its own. A single one is
    judged until its first part fails.
    """
    first = group[0].target
    suite = suite_path(first.assignment, first.notebook)
    assert suite is not None
    names = names_of("")
    for target in targets().values():
        if target.notebook == first.notebook:
            names |= defined_by(target, target.source)
    for mutant in group:
        for name in mutant.target.defines:
            del names[name]
        names |= defined_by(mutant.target, mutant.source)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        questions = {mutant.target.question for mutant in group}
        verdicts = judge_locally(suite, names, b"mutants", questions, CALL_SECONDS, first_failure=len(group) == 1)
    for verdict in verdicts.values():
        errors = [part.grader_error for part in verdict.parts if part.grader_error]
        assert not errors, f"the grader failed at {verdict.question}:\n{errors[0]}"
    points = {name: (verdict.points, verdict.max_points) for name, verdict in verdicts.items()}
    return [points[mutant.target.question][0] == points[mutant.target.question][1] for mutant in group]


def groups(found: Sequence[Mutant]) -> list[list[Mutant]]:
    """The k-th mutants of every question of a notebook, for each notebook and k; what trains for long stands alone."""
    together: dict[tuple[str, int], list[Mutant]] = {}
    for question, of_question in itertools.groupby(found, lambda mutant: mutant.target.question):
        for k, mutant in enumerate(of_question):
            key = (question if question in ALONE else mutant.target.notebook, k)
            together.setdefault(key, []).append(mutant)
    return list(together.values())


def reasons() -> dict[tuple[str, str, str, str], str]:
    """Why some mutants may survive, by their keys."""
    entries = tomllib.loads(REASONS.read_text(encoding="utf-8"))["survivor"]
    found = {(one["question"], one["function"], one["before"], one["after"]): one["reason"].strip() for one in entries}
    assert len(found) == len(entries), "a mutant is listed twice"
    assert all(found.values()), "a reason is empty"
    return found


def excuse(mutant: Mutant, excused: dict[tuple[str, str, str, str], str]) -> tuple[str, str, str, str] | None:
    """The key of the reason for which a mutant may survive; '*' after a line excuses every change of it."""
    line = (*mutant.key[:3], "*")
    return next((key for key in (mutant.key, line) if key in excused), None)


def problems(found: Sequence[Mutant], alive: Sequence[Mutant]) -> list[str]:
    """Survivors without a reason, and reasons of these questions that no survivor needs."""
    excused = reasons()
    used = {excuse(mutant, excused) for mutant in alive}
    asked = {mutant.target.question for mutant in found}
    lost = [f"survives, and no reason is written: {mutant}" for mutant in alive if excuse(mutant, excused) is None]
    stale = [key for key in excused if key[0] in asked and key not in used]
    return lost + [f"has a reason, but does not survive (any more): {' | '.join(key)}" for key in stale]


def main() -> int:
    parser = argparse.ArgumentParser(description="Judge machine-made wrong answers: none may earn all points.")
    parser.add_argument("questions", nargs="*", metavar="QUESTION", help="only these")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1), help="processes at once")
    options = parser.parse_args()
    if strangers := sorted(set(options.questions) - set(targets())):
        parser.error(f"there is no question {strangers[0]}; there is {', '.join(targets())}")
    chosen = [target for name, target in targets().items() if name in (options.questions or targets())]
    found = [mutant for target in chosen for mutant in mutants(target)]
    work = groups(found)
    print(f"{len(found)} mutants of {len(chosen)} questions", flush=True)
    with ProcessPoolExecutor(options.jobs) as pool:
        results = []
        for states in pool.map(survived, work):
            results.append(states)
            if len(results) % 50 == 0:
                print(f"{len(results)} of {len(work)} judgements", flush=True)
    alive = [
        m for group, states in zip(work, results, strict=True) for m, lives in zip(group, states, strict=True) if lives
    ]
    excused = reasons()
    print(f"{'question':26}{'mutants':>9}{'killed':>9}{'reason':>9}{'no reason':>11}")
    for target in chosen:
        total = sum(mutant.target == target for mutant in found)
        mine = [mutant for mutant in alive if mutant.target == target]
        explained = sum(excuse(mutant, excused) is not None for mutant in mine)
        print(f"{target.question:26}{total:9}{total - len(mine):9}{explained:9}{len(mine) - explained:11}")
    complaints = problems(found, alive)
    print("\n".join([f"\n{len(found) - len(alive)} of {len(found)} mutants killed", *complaints]))
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
