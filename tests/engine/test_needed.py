"""Which cells are left out when grading: nothing that runs may be able to tell that they were."""

from __future__ import annotations

import dis
import sys
import time
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from bank import ROOT, load
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from small_notebooks import graded_cell, notebook_of

from grader.batch import Task, grade, left_out
from grader.batch.cache import content_key
from grader.batch.needed import not_needed
from grader.course import Course, fill, suite_path
from grader.jail import Jail, JailedNotebook
from grader.verdict import State, Verdict

DEMONSTRATION = {"tags": ["demonstration"]}


def cells_of(*cells: tuple[str, str]) -> list[NotebookNode]:
    """Cells by kind: the "course"'s plain ones, what "shows", a student's "own", a "check", or a question's name."""
    found = []
    for kind, source in cells:
        if kind == "check":
            cell = graded_cell("q", 1)
            cell.source = source
        elif kind in ("course", "shows", "own"):
            cell = new_code_cell(source, metadata=DEMONSTRATION if kind == "shows" else {})
        else:
            (cell,) = notebook_of(**{kind: source}).cells
        found.append(cell)
    return found


def ran(folder: Path, *cells: tuple[str, str]) -> list[int]:
    """Of a notebook's demonstrations and checks, those that run: its cells are given as to `cells_of`."""
    source = folder / "source.ipynb"
    nbformat.write(new_notebook(cells=cells_of(*((kind, text) for kind, text in cells if kind != "own"))), source)
    handed_in = new_notebook(cells=cells_of(*cells))
    for cell in handed_in.cells:
        cell.metadata.pop("tags", None)
    left = left_out(handed_in, source)
    may_go = [number for number, (kind, _) in enumerate(cells) if kind in ("shows", "check")]
    assert set(left) <= set(may_go)
    return [number for number in may_go if number not in left]


# Code that uses the notebook's name `shown`, now or when it is called.
USES = {
    "an expression": "shown",
    "a function": "def f():\n    return shown",
    "a function in a function": "def f():\n    def g():\n        return shown\n    return g()",
    "a closure's variable of that name is another function's": (
        "def f(shown):\n    return lambda: shown\ndef g():\n    return shown"
    ),
    "a lambda": "f = lambda x: x + shown",
    "a default": "def f(x=shown):\n    return x",
    "a default of a lambda": "f = lambda x=shown: x",
    "a decorator": "@shown\ndef f():\n    pass",
    "a decorator of a class": "@shown\nclass A:\n    pass",
    "a base class": "class A(shown):\n    pass",
    "a class body": "class A:\n    x = shown",
    "a class body that binds it too": "class A:\n    shown = shown",
    "a method": "class A:\n    shown = 1\n    def f(self):\n        return shown",
    "a comprehension's first source": "def f(shown):\n    return shown\n[x for x in shown]",
    "a comprehension beside one that binds it": "def f():\n    return [shown for shown in ()], shown",
    "a comprehension's condition": "def f(xs):\n    return {x: 1 for x in xs if x != shown}",
    "a generator": "g = (x + shown for x in ())",
    "an f-string": "def f(x):\n    return f'{x} {shown:.3f}'",
    "the format in an f-string": "def f(x):\n    return f'{x:{shown}}'",
    "an annotation": "def f(x: shown) -> None:\n    pass",
    "an annotated variable": "y: shown = 1",
    "a star": "print(*shown)",
    "two stars": "print(**shown)",
    "a slice": "def f(x):\n    return x[1:shown]",
    "a walrus": "def f():\n    return (y := shown)",
    "global": "def f():\n    global shown\n    shown = 1",
    "global in a class": "class A:\n    global shown\n    shown = 1",
    "nonlocal beside it": ("def f():\n    n = 0\n    def g():\n        nonlocal n\n        n = shown\n    return g"),
    "an addition to it": "shown += 1",
    "deletion": "del shown",
    "a try": "try:\n    shown\nexcept NameError:\n    shown_there = False",
    "an exception's class": "def f():\n    try:\n        pass\n    except shown:\n        pass",
    "match": "def f(x):\n    match x:\n        case shown.RED:\n            return 1",
    "match's subject": "match shown:\n    case 1:\n        pass",
    "a with": "with shown as x:\n    pass",
    "a condition": "if shown:\n    def f():\n        pass",
    "an async function": "async def f():\n    await shown",
    "what is awaited in a cell": "await shown",
    "an attribute that is set": "shown.x = 1",
    "an entry that is set in a function": "def f():\n    shown[0] = 1",
    "a raise": "def f():\n    raise shown",
    "an assert": "def f(x):\n    assert x, shown",
    "yield": "def f():\n    yield from shown",
    "a line magic": "%time shown",
    "a line magic before other code": "%time\nx = 1",
    "a cell magic": "%%time\nx = shown",
    "a shell command": "!echo {shown}",
    "a harmless magic with a name in it": "%matplotlib {shown}",
    "indented as a whole": "    shown",
    "a syntax error": "def f(:\n    return shown",
    "globals": "globals()['sho' + 'wn']",
    "globals in a function": "def f(name):\n    return globals()[name]",
    "exec": "def f():\n    exec('sho' 'wn')",
    "eval": "eval('sho' 'wn')",
    "locals": "locals()",
    "vars": "vars()",
    "dir": "dir()",
    "the module of the notebook": "import __main__",
    "sys.modules": "import sys\nsys.modules['__main__']",
    "sys.modules by its own name": "from sys import modules",
    "frames": "import sys\nsys._getframe()",
    "inspect": "import inspect",
    "a function's globals": "def f():\n    pass\nf.__globals__",
    "builtins": "import builtins",
    "IPython": "get_ipython()",
    "an earlier output": "x = _",
    "a numbered output": "x = _3",
    "the list of outputs": "Out",
    "the list of inputs": "In",
    "whatever a star import binds": "from math import *",
    "a very long cell": "x = 1" + " " * 10_000,
    "a very deep cell": "x = (1)" + ".real" * 3000,
}
# Code in which the name `shown` is another one, or none.
OTHER = {
    "a parameter": "def f(shown):\n    return shown",
    "a parameter of other kinds": "def f(a, /, b, *shown, c=1, **more):\n    return shown",
    "a local": "def f(x):\n    shown = x\n    return shown",
    "a local that is bound later": "def f(x):\n    if x:\n        return shown\n    shown = 1",
    "a closure's": "def f(shown):\n    def g():\n        return shown\n    return g",
    "nonlocal": "def f():\n    shown = 0\n    def g():\n        nonlocal shown\n        shown = 1\n    return g",
    "a lambda's": "f = lambda shown: shown",
    "an attribute": "def f(x):\n    return x.shown",
    "a keyword": "def f(x):\n    return dict(shown=x)",
    "a text": "x = 'shown'",
    "a comment": "x = 1  # shown",
    "a loop's in a function": "def f(xs):\n    for shown in xs:\n        print(shown)",
    "a with's in a function": "def f(x):\n    with x as shown:\n        print(shown)",
    "an exception's in a function": "def f():\n    try:\n        f()\n    except OSError as shown:\n        f(shown)",
    "an import's in a function": "def f():\n    import math as shown\n    return shown",
    "a walrus's in a function": "def f(x):\n    if (shown := x):\n        return shown",
    "match's in a function": "def f(x):\n    match x:\n        case [shown, *rest]:\n            return shown",
    "a method": "class A:\n    def shown(self):\n        return self.shown",
    "a longer name": "shown_before = 1",
    "a harmless magic": "%matplotlib inline\n!pip install shown\nx = 1",
    "a long text": "x = '''" + "shown " * 1000 + "'''",
}
# Ways in which a cell binds the name `shown`.
BINDS = {
    "a number": "shown = 1",
    "a chain": "a = shown = 1",
    "a tuple": "a, (shown, b) = 1, (2, 3)",
    "a starred one": "a, *shown = 1, 2",
    "an addition": "shown += 1",
    "an annotated one": "shown: int = 1",
    "a function": "def shown():\n    pass",
    "an async function": "async def shown():\n    pass",
    "a class": "class shown:\n    pass",
    "an import": "import shown",
    "an import of a part": "import shown.part",
    "an import under another name": "import math as shown",
    "an import from": "from math import pi as shown",
    "a loop": "for shown in (1, 2):\n    pass",
    "a with": "with open as shown:\n    pass",
    "a walrus": "print(shown := 1)",
    "a walrus in a comprehension": "[(shown := x) for x in (1, 2)]",
    "a walrus in a nested comprehension": "[[(shown := x) for x in y] for y in ()]",
    "deletion": "del shown",
    "an exception": "try:\n    pass\nexcept ValueError as shown:\n    pass",
    "a capture": "match 1:\n    case shown:\n        pass",
    "a capture's star": "match 1:\n    case [*shown]:\n        pass",
    "a capture's rest": "match 1:\n    case {'a': 1, **shown}:\n        pass",
    "a capture's name": "match 1:\n    case int() as shown:\n        pass",
    "global": "def f():\n    global shown\n    shown = 1\nf()",
    "global in a nested function": "def f():\n    def g():\n        global shown\n        def shown(): pass\n    g()",
    "global import": "def f():\n    global shown\n    import math as shown\nf()",
    "global in a class": "class A:\n    global shown\n    shown = 1",
    "a condition": "if True:\n    shown = 1",
    "a block in a block": "with open:\n    while 1:\n        try: shown = 1\n        finally: pass",
    "an attribute": "shown.x = 1",
    "an entry": "shown['x'] = 1",
    "an entry of a part": "def f():\n    shown.x[1].y += 1",
}


@pytest.mark.parametrize("name", USES)
def test_a_cell_runs_whose_names_are_used(tmp_path: Path, name: str) -> None:
    for kind in ("q", "own", "course"):
        assert ran(tmp_path, ("shows", "shown = 1"), (kind, USES[name])) == [0]


@pytest.mark.parametrize("name", OTHER)
def test_a_name_that_is_another_one_is_no_use(tmp_path: Path, name: str) -> None:
    assert ran(tmp_path, ("shows", "shown = 1"), ("q", OTHER[name])) == []


@pytest.mark.parametrize("name", BINDS)
def test_every_way_of_binding_a_name_is_seen(tmp_path: Path, name: str) -> None:
    assert ran(tmp_path, ("shows", BINDS[name]), ("q", "def answer():\n    return shown")) == [0]
    assert ran(tmp_path, ("shows", BINDS[name]), ("q", "def answer(shown):\n    return shown")) == []


# An answer whose functions keep something between calls: a cell that calls them may change it.
KEEPS = {
    "a list": "seen = []\ndef answer(x):\n    seen.append(x)\n    return seen",
    "a list under another name": "kept = []\nseen = kept\ndef answer(x):\n    seen.append(x)\n    return x",
    "a list in a list": "kept = []\nseen = [0]\nseen.append(kept)\ndef answer(x):\n    seen[1].append(x)",
    "a default": "def answer(x, seen=[]):\n    seen.append(x)\n    return seen",
    "a default that is a call": "def answer(x, seen=dict()):\n    return seen",
    "a keyword's default": "def answer(x, *, seen={}):\n    return seen",
    "a lambda's default": "answer = lambda x, seen=[]: seen",
    "a global": "count = 0\ndef answer(x):\n    global count\n    count += 1\n    return count",
    "an attribute of the function": "def answer(x):\n    answer.calls += 1\n    return answer.calls\nanswer.calls = 0",
    "a decorator": "import functools\n@functools.cache\ndef answer(x):\n    return object()",
    "a closure": "def make():\n    n = []\n    def f(x):\n        return n.append(x)\n    return f\nanswer = make()",
    "a class": "class A:\n    seen = []\n    def __call__(self, x):\n        self.seen.append(x)\nanswer = A()",
    "a class that is asked itself": "class answer:\n    seen = []",
    "a generator": "numbers = iter(range(9))\ndef answer(x):\n    return next(numbers)",
    "random numbers": "import numpy as np\nrng = np.random.default_rng(0)\ndef answer(x):\n    return rng.normal()",
    "a library": "import math\ndef answer(x):\n    math.calls = 1\n    return math",
    "a helper of another cell": "def answer(x):\n    return helper(x)",
    "a condition": "if True:\n    def answer(x):\n        return x",
    "a list handed to a partial": (
        "from functools import partial\ndef f(seen, x):\n    return seen\nanswer = partial(f, [])"
    ),
    "a named list handed to a partial": (
        "from functools import partial\nkept = []\ndef f(seen, x):\n    return seen\nanswer = partial(f, kept)"
    ),
    "a function that keeps a list, for arrays": (
        "import numpy as np\nkept = []\ndef f(x):\n    kept.append(x)\nanswer = np.vectorize(f)"
    ),
    "a partial of its own": (
        "def partial(f):\n    kept = []\n    return lambda x: kept.append(x)\n"
        "def f(x):\n    return x\nanswer = partial(f)"
    ),
    "another vectorize": (
        "import numpy as np\nnp.vectorize = lambda f: iter([f])\ndef f(x):\n    return x\nanswer = np.vectorize(f)"
    ),
    "a file": "def answer(x):\n    open('seen', 'a')",
    "a file, by NumPy": "import numpy as np\ndef answer(x):\n    np.save('seen', x)",
}
PURE = {
    "a function": "def answer(x):\n    y = [x]\n    y.append(1)\n    y[0] = 2\n    return y",
    "constants": "RATE = -2.5 * 3\nNAMES = ('a', 'b')\ndef answer(x, y=1, *, z=(1, 2), kind=float):\n    return RATE",
    "a module": "import math as m\ndef answer(x):\n    return m.exp(x)",
    "a lambda": "answer = lambda x: x",
    "helpers": "def helper(x):\n    return x\ndef answer(x):\n    return helper(x)",
    "a class": "class A:\n    'Text.'\n    def __init__(self, x):\n        self.x = x\ndef answer(x):\n    return A(x)",
    "a try-out": "def answer(x):\n    return x\ntried = [answer(1), answer(2)]\nprint(tried)",
    "a function for arrays": ("import numpy as np\ndef f(x):\n    return x\nanswer = np.vectorize(f, otypes=[float])"),
    "a kind of tuple": (
        "from collections import namedtuple\nPair = namedtuple('Pair', ['a', 'b'])\n"
        "def answer(x):\n    return Pair(x, x)"
    ),
    "a partial": "import functools\ndef f(n, x):\n    return n * x\nanswer = functools.partial(f, 2)",
    "a default in a function inside": "def answer(x):\n    def f(seen=[]):\n        return seen\n    return f()",
}


@pytest.mark.parametrize("name", KEEPS)
@pytest.mark.parametrize("kind", ["shows", "check"])
def test_a_cell_that_calls_what_keeps_a_state_runs(tmp_path: Path, name: str, kind: str) -> None:
    helper = "memory = {}\ndef helper(x):\n    return memory.setdefault(x, len(memory))"
    cells = [("own", helper), ("q", KEEPS[name]), (kind, "answer(1)")]
    assert ran(tmp_path, *cells) == [2]


@pytest.mark.parametrize("name", PURE)
@pytest.mark.parametrize("kind", ["shows", "check"])
def test_a_cell_that_calls_plain_functions_is_left_out(tmp_path: Path, name: str, kind: str) -> None:
    assert ran(tmp_path, ("q", PURE[name]), (kind, "answer(1)")) == []


# Two names for one list, `here` and `there`: changed under the one, it is seen under the other.
ALIASES = {
    "the same": "here = there = []",
    "one after the other": "here = []\nthere = here",
    "a part": "there = []\nhere = {'k': [there]}",
    "a part later": "here = {}\nthere = []\nhere.update(k=there)",
    "a part by assignment": "here = {}\nthere = []\nhere['k'] = there",
    "what a function gives": "here = []\ndef give():\n    return here\nthere = give()",
    "what a function has given": "there = []\ndef give():\n    return there\nhere = give()",
    "what a function gave both": "def give(kept=[]):\n    return kept\nhere = give()\nthere = give()",
    "through a third": "def give():\n    return third\nthird = []\nhere, there = [give()], give()",
    "an attribute": "class A:\n    pass\nhere, there = A(), []\nhere.x = there",
    "a loop": "there = []\nfor here in [there]:\n    pass",
    "in a function": "here = []\nthere = []\ndef join():\n    here.append(there)\njoin()",
}


@pytest.mark.parametrize("name", ALIASES)
@pytest.mark.parametrize("kind", ["course", "own"])
def test_what_is_changed_under_another_name(tmp_path: Path, name: str, kind: str) -> None:
    answers = ("q", "def answer(x):\n    x.append(1)\ndef other():\n    return there")
    assert ran(tmp_path, (kind, ALIASES[name]), answers, ("shows", "answer(here)"), ("shows", "answer([])")) == [2]


def test_what_a_cell_uses_that_is_needed_for_what_it_changes(tmp_path: Path) -> None:
    cells = [
        ("q", "def answer(x, seen=[]):\n    seen.append(x)\n    return seen"),
        ("shows", "picture = 1"), ("shows", "answer(picture)"), ("shows", "print(picture)"),
    ]  # fmt: skip
    assert ran(tmp_path, *cells) == [1, 2]


def test_what_a_needed_cell_uses_is_needed(tmp_path: Path) -> None:
    cells = [
        ("course", "load = list"), ("shows", "images = load()"), ("shows", "rows = images + [1]"),
        ("shows", "print('nothing')"), ("q", "def f():\n    return rows"), ("shows", "rows_shown = 2"),
    ]  # fmt: skip
    assert ran(tmp_path, *cells) == [1, 2]


def test_what_an_earlier_cell_used_is_done_with(tmp_path: Path) -> None:
    cells = [("course", "data = [1]\nprint(data)"), ("q", "def f(x):\n    return x"), ("shows", "f(data)")]
    assert ran(tmp_path, *cells) == []
    assert ran(tmp_path, *cells, ("own", "print(data)")) == [2]


def test_a_name_that_a_demonstration_gives_another_meaning(tmp_path: Path) -> None:
    cells = [("q", "def helper(x):\n    return x\ndef f(x):\n    return helper(x)")]
    assert ran(tmp_path, *cells, ("shows", "helper = 1")) == [1]
    assert ran(tmp_path, *cells, ("shows", "f = 1")) == [1]
    assert ran(tmp_path, *cells, ("shows", "other = 1")) == []


def test_only_what_is_exactly_the_course_s_is_a_demonstration(tmp_path: Path) -> None:
    source = tmp_path / "n.ipynb"
    nbformat.write(new_notebook(cells=cells_of(("shows", "print(1)"), ("course", "print(2)"))), source)

    def left(*cells: NotebookNode) -> tuple[int, ...]:
        return left_out(new_notebook(cells=[*cells]), source)

    tagged = new_code_cell("print(2)", metadata=DEMONSTRATION)
    assert left(new_code_cell("print(1)"), new_code_cell("print(1) "), new_code_cell("print(2)"), tagged) == (0,)
    assert left(*cells_of(("q", "print(1)")), new_code_cell("print(1)")) == (1,)
    unlocked = graded_cell("q", 1)
    unlocked.metadata.nbgrader["locked"] = False
    assert left(unlocked, graded_cell("q", 1)) == (1,)


def test_a_notebook_without_end_is_run_as_it_is(tmp_path: Path) -> None:
    """Whatever is handed in, looking at it takes a moment, and little memory."""
    source = tmp_path / "n.ipynb"
    nbformat.write(new_notebook(cells=cells_of(("shows", "print(1)"))), source)
    names = [f"a{number:x}" for number in range(1200)]
    many = [" = ".join(names) + " = []", *(f"print([{', '.join(names)}])" for _ in range(8))]
    cells = {
        "names": many,
        "statements": ["a=[]\n" * 1900] * 2,
        "cells": ["print(1)"] * 250,
        "chains": [f"a{number} = [a{number - 1}]" for number in range(290)],
        "too many cells": ["x = 1"] * 400,
        "too much in them": ["x = 1" + " " * 9_000] * 20,
    }
    for name, sources in cells.items():
        notebook = new_notebook(cells=cells_of(*(("own", text) for text in sources), ("shows", "print(1)")))
        tracemalloc.start()
        started = time.process_time()
        left = left_out(notebook, source)
        used, (_, most) = time.process_time() - started, tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert used < 20, name
        assert most < 100e6, name
        assert (left == ()) == name.startswith("too"), name


def test_a_course_without_the_notebook_runs_demonstrations(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    notebook = new_notebook(cells=cells_of(("shows", "print(1)"), ("check", "print(2)")))
    assert left_out(notebook, tmp_path / "absent.ipynb") == (1,)
    (tmp_path / "broken.ipynb").write_text("{")
    assert left_out(notebook, tmp_path / "broken.ipynb") == (1,)
    assert "its demonstrations are run" in caplog.text


def test_a_module_of_the_student_s_may_keep_anything(tmp_path: Path) -> None:
    source = tmp_path / "n.ipynb"
    given_cells = cells_of(("course", "import course_helper"), ("q", ""), ("check", "f(1)"))
    nbformat.write(new_notebook(cells=given_cells), source)
    handed_in = tmp_path / "handed_in"
    handed_in.mkdir()
    for name in ("course_helper.py", "mine.py"):
        (handed_in / name).write_text("")
    (handed_in / "package").mkdir()

    def left(answer: str) -> tuple[int, ...]:
        given_cells[1].source = answer
        return left_out(new_notebook(cells=given_cells), source, handed_in)

    assert left("from course_helper import f") == left("import math as f") == (2,)
    assert left("from mine import f") == left("import package.part as f") == ()


# --------------------------------------------------------------------------------------------------
# A law: whatever cells there are, what runs and what is asked for comes out the same
# --------------------------------------------------------------------------------------------------

NAMES = ["a", "b", "c", "f", "g"]
_OWN = """
{0} = []
{0} = [1, 2]
{0} = 3
{0}, {1} = [1], [2]
{0} = {1}
{0} = [{1}, {2}]
{0} = {1}(4)
{0} = {{'k': {1}}}
{0} += [5]
{0}.append({1})
{0}.append(6)
{0}[0] = 7
{0}[-1].append(8)
del {0}
{0}({1})
def {0}(x=1): return x
def {0}(x=1): return {1}
def {0}(x=1): return {1}(x)
def {0}(x=1): return [{1}, {2}]
def {0}(x=1): {1}.append(x); return list({1})
def {0}(x=1): {1}[-1].append(x); return x
def {0}(x=1, seen=[]): seen.append(x); return len(seen)
def {0}(x=1): x.append(9); return len(x)
def {0}(x=1): {1} = [x]; {1}.append(2); return {1}
def {0}({1}=1): return {1}
def {0}(x=1): return [{1} for {1} in (x, 2)], {2}
{0} = lambda x=1: {1}
{0} = (lambda n: lambda x=1: n.append(x) or len(n))([])
{0} = iter([1, 2, 3, 4, 5, 6, 7, 8])
def {0}(x=1): return next({1}, None)
{0} = [({1} := i) for i in (1, 2)]
import math as {0}
from copy import copy as {0}
{0}.new = {1}
"""
_OWN_BLOCKS = [
    "def {0}(x=1):\n    global {1}\n    {1} = x\n    return x",
    "def {0}(x=1):\n    global {1}\n    {1} += [x]\n    return len({1})",
    "def {0}(x=1):\n    {0}.calls += x\n    return {0}.calls\n{0}.calls = 0",
    "def {0}(x=1):\n    {1}.calls = x\n    return {1}.calls",
    "def {2}():\n    n = []\n    def inner(x=1):\n        return n.append(x) or len(n)\n    return inner\n{0} = {2}()",
    "class {0}:\n    seen = []\n    def __init__(self, x=1):\n        self.seen.append(x)",
    "class {0}:\n    def __init__(self, x=1):\n        self.x = {1}",
    "for {0} in (1, 2):\n    {1} = {0}",
    "try:\n    {0}({1})\nexcept Exception as {2}:\n    {0} = 1",
    "if {0}:\n    {1} = {2}\nelse:\n    def {1}(x=1):\n        return {0}",
    "with __import__('contextlib').nullcontext({0}) as {1}:\n    pass",
    "match {0}:\n    case [{1}, *{2}]:\n        pass\n    case {1}:\n        pass",
]
# A demonstration binds names and calls functions; what else changes is an answer's doing.
_SHOWS = """
{0} = {1}
{0} = [{1}, {2}]
{0} = {1}({2})
{0}({1})
{0}()
{0}([1])
{0}, {1} = {2}(), 3
def {0}(x=1): return {1}(x)
def {0}(x=1): return [{1}, {2}]
import math as {0}
del {0}
[({0} := i) for i in (1, 2)]
for {0} in (1, 2): {1}({0})
"""


def _filled(templates: list[str]) -> st.SearchStrategy[str]:
    name = st.sampled_from(NAMES)
    return st.builds(lambda text, *names: text.format(*names), st.sampled_from(templates), name, name, name)


_own = st.tuples(st.just("q"), _filled(_OWN.strip().splitlines() + _OWN_BLOCKS))
_shows = st.tuples(st.just("shows"), _filled(_SHOWS.strip().splitlines()))


def _picture(value: Any, depth: int = 4) -> Any:
    """What can be seen of a value; functions are seen by what they give."""
    if depth and isinstance(value, (list, tuple)):
        return [type(value).__name__, *(_picture(one, depth - 1) for one in value)]
    if depth and isinstance(value, dict):
        return {key: _picture(one, depth - 1) for key, one in value.items()}
    if isinstance(value, BaseException):
        return type(value).__name__
    return value if isinstance(value, (int, str, float, type(None))) else type(value).__name__


def _attempt(action: Any) -> Any:
    try:
        return _picture(action())
    except RecursionError:
        return "too deep"
    except Exception as error:
        return type(error).__name__


def _outcomes(cells: list[tuple[str, str]], left: set[int]) -> tuple[list[Any], dict[str, Any]]:
    """How the student's cells end, and what the judge finds: values, and two calls of each function, by name."""
    names: dict[str, Any] = {"__name__": "__main__"}
    ends = []
    for number, (kind, source) in enumerate(cells):
        if number not in left:
            end = _attempt(lambda source=source: exec(compile(source, "<cell>", "exec"), names))
            ends += [end] if kind == "q" else []
    found: dict[str, Any] = {}
    for name in NAMES:
        value = names.get(name, "not there")
        if not isinstance(value, type(sys)) and callable(value):
            found[name] = [_attempt(value), _attempt(lambda value=value: value(2)), _attempt(value)]
        else:
            found[name] = _picture(value)
    return ends, found


@settings(max_examples=300, deadline=None)
@given(cells=st.lists(st.one_of(_own, _own, _shows), min_size=2, max_size=8))
def test_what_runs_comes_out_the_same_without_the_cells_left_out(cells: list[tuple[str, str]]) -> None:
    kinds = [{number for number, (kind, _) in enumerate(cells) if kind == wanted} for wanted in ("shows", "q")]
    left = not_needed({number: text for number, (_, text) in enumerate(cells)}, *kinds)
    asked = set[str]().union(*(_bound(source) for kind, source in cells if kind == "q"))
    full_ends, full = _outcomes(cells, set())
    ends, found = _outcomes(cells, left)
    assert ends == full_ends
    assert {name: found[name] for name in asked} == {name: full[name] for name in asked}


def _bound(source: str) -> set[str]:
    """The names of the notebook that a cell may bind: asked of Python itself, by its code."""
    try:
        code = compile(source, "<cell>", "exec")
    except SyntaxError:  # a name that stands twice where it may not
        return set()
    found, waiting = set(), [(code, True)]
    while waiting:
        one, module = waiting.pop()
        for step in dis.get_instructions(one):
            if step.opname == "STORE_GLOBAL" or (module and step.opname == "STORE_NAME"):
                found.add(str(step.argval))
        waiting += [(inner, False) for inner in one.co_consts if isinstance(inner, type(code))]
    return found & set(NAMES)


# --------------------------------------------------------------------------------------------------
# In the jail
# --------------------------------------------------------------------------------------------------

_SUITE = '''
from grader.judge import Student, points, question


@question("double")
class TestDouble:
    @points(1)
    def test_double(self, student: Student) -> None:
        """twice the number"""
        student.check("double", 3, expected=6)

    @points(1)
    def test_deadly(self, student: Student) -> None:
        """zero, which kills"""
        student.check("double", 0, expected=0)
'''
_LINE = "Not run when grading: what this cell shows decides no mark.\n"


def small_task(folder: Path, answer: str, *more: NotebookNode, check: str = "1 / 0") -> Task:
    """An answer, the cells `more`, and its check; then a demonstration that fails, and one that it needs."""
    suite = folder / "small" / "hidden" / "test_needed_small.py"
    suite.parent.mkdir(parents=True)
    suite.write_text(_SUITE)
    demonstrations = cells_of(("shows", "raise SystemError"), ("shows", "factor = 2"))
    source = folder / "test-needed-small.ipynb"
    nbformat.write(new_notebook(cells=demonstrations), source)
    test = graded_cell("double", 2)
    test.source = check
    notebook = new_notebook(cells=[*notebook_of(double=answer).cells, *more, test, *demonstrations])
    return Task("small", "n", notebook, suite, folder, leave_out=left_out(notebook, source))


NEEDS_FACTOR = "def double(x):\n    return x * factor if x else __import__('os')._exit(1)"


@pytest.mark.slow
def test_what_is_left_out_stays_so_when_the_kernel_starts_again(tmp_path: Path) -> None:
    task = small_task(tmp_path, "import os\n\ndef double(x):\n    return x * factor if x else os._exit(1)")
    assert task.leave_out == (1, 2)
    found = grade(task, Jail())
    (verdict,) = found.verdicts.verdicts
    assert [part.state for part in verdict.parts] == [State.RIGHT, State.CRASHED]
    assert found.report.restarts > 0
    assert [cell.status for cell in found.report.cells] == ["ok", "left out", "left out", "ok"]
    assert [[output.text for output in found.notebook.cells[number].outputs] for number in (1, 2)] == [[_LINE]] * 2
    everything = grade(task, Jail(demonstrations=True))
    assert [cell.status for cell in everything.report.cells] == ["ok", "error", "error", "ok"]
    assert [verdict.points for verdict in everything.verdicts.verdicts] == [verdict.points]


@pytest.mark.slow
def test_names_are_kept_as_they_stood_at_a_check_that_is_not_run(tmp_path: Path) -> None:
    helper = new_code_cell("def helper(x):\n    return x")
    again = new_code_cell("def helper(x):\n    return 0")
    task = small_task(tmp_path, "def double(x):\n    return 2 * helper(x)", helper)
    task.cells.cells.append(again)
    assert task.leave_out == (2, 3, 4)
    (verdict,) = grade(task, Jail()).verdicts.verdicts
    assert verdict.points == 2
    assert "with the names as they stood here" in verdict.parts[0].message


@pytest.mark.slow
def test_a_cell_that_left_processes_running_is_not_mistaken(tmp_path: Path) -> None:
    sleepers = "import subprocess\nkept = [subprocess.Popen(['sleep', '60']) for _ in range(20)]"
    flood = "more = [subprocess.Popen(['sleep', '60']) for _ in range(200)]"
    notebook = notebook_of("x = 1", sleepers, "shown = 1", "y = 2", flood)
    with JailedNotebook(notebook, Jail(processes=80), leave_out=(2,)) as jailed:
        cells = jailed.run().cells
    assert "what cell 2 left running" in cells[1].error
    assert [cell.status for cell in cells] == ["ok", "over a limit", "left out", "ok", "error"]


def test_what_is_left_out_is_part_of_the_cache_key(tmp_path: Path) -> None:
    task = small_task(tmp_path, NEEDS_FACTOR)
    assert task.leave_out == ()  # __import__ may do anything
    keys = [content_key(replace(task, leave_out=left), jail) for left in ((), (1,), (1, 2))
            for jail in (Jail(isolation="none"), Jail(isolation="none", demonstrations=True))]  # fmt: skip
    assert len(set(keys)) == len(keys)


# --------------------------------------------------------------------------------------------------
# The problem sets: what is left out, and that no verdict hangs on it
# --------------------------------------------------------------------------------------------------

PLACES = [(assignment, path) for assignment in ("ps1", "ps1-extra") for path in Course(ROOT).notebooks(assignment)
          if suite_path(assignment, path.stem)]  # fmt: skip


@pytest.mark.parametrize("assignment, source", PLACES)
@pytest.mark.parametrize("handed_in", ["solutions", "assignments"])
def test_all_that_only_shows_is_left_out(assignment: str, source: Path, handed_in: str) -> None:
    notebook = nbformat.read(ROOT / handed_in / assignment / source.name, as_version=4)
    left = left_out(notebook, source)
    for number, cell in enumerate(notebook.cells):
        mark = cell.metadata.get("nbgrader", {})
        shows = "demonstration" in cell.metadata.get("tags", ())
        check = mark.get("grade") and not mark["solution"]
        # Dicts and sets that are answers: a cell that has hold of one might change it.
        data = handed_in == "solutions" and ("activation_loss" in cell.source or "slide_errors" in cell.source)
        assert (number in left) == bool((shows or check) and not data), cell.source
        if "plt.show()" in cell.source:
            assert number in left


def test_few_answers_need_what_only_shows() -> None:
    counts = {True: 0, False: 0}
    for assignment, source in PLACES:
        notebook = nbformat.read(source, as_version=4)
        usual = left_out(notebook, source)
        for answer in load(assignment):
            if answer.notebook == source.stem:
                counts[left_out(fill(notebook, {answer.question: answer.source}), source) == usual] += 1
    assert counts[False] < 0.05 * counts[True], counts


def students() -> list[Any]:
    """Notebooks made of the bank's answers: all of it as `thorough`, and two of those that take no Keras."""
    found = []
    for assignment, source in PLACES:
        answers: dict[str, list[Any]] = {}
        for answer in load(assignment):
            if answer.notebook == source.stem:
                answers.setdefault(answer.question, []).append(answer)
        for number in range(max(map(len, answers.values()))):
            work = {question: some[number % len(some)].source for question, some in answers.items()}
            few = number == 7 and source.stem in ("1-perceptron", "2-mlp-backprop")
            marks = () if few else (pytest.mark.thorough,)
            found.append(pytest.param(assignment, source, work, marks=marks, id=f"{source.stem}-{number}"))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("assignment, source, work", students())
def test_no_verdict_hangs_on_what_is_left_out(assignment: str, source: Path, work: dict[str, str]) -> None:
    notebook = fill(nbformat.read(source, as_version=4), work)
    task = Task(assignment, source.stem, notebook, suite_path(assignment, source.stem), ROOT, b"seed", (source.parent,))
    found = [grade(replace(task, leave_out=left), Jail()).verdicts for left in ((), left_out(notebook, source))]
    everything, few = ([marks_of(verdict) for verdict in one.verdicts] for one in found)
    assert few == everything


def marks_of(verdict: Verdict) -> tuple[str, float, list[tuple[str, State, tuple[str, ...]]]]:
    """What a verdict comes to; not its numbers, which may come from random ones of the student's."""
    return verdict.question, verdict.points, [(part.test, part.state, part.given) for part in verdict.parts]
