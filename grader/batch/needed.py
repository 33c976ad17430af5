"""Which cells need not run: those that decide no mark, where nothing that runs can tell that they did not.

Two kinds of cells decide no mark. What the visible check of a question prints gives way to the verdict. And a
demonstration only shows: it carries the tag `demonstration` in the course's own notebook, and the student has not
changed a character of it. The tag is its author's promise that the cell by itself does nothing but bind names.

An answer may hang on such a cell all the same, so it runs when something that runs, or the judge, might tell:

- it binds a name that is used: `keras.Input((X_train.shape[1],))` needs the cell that makes X_train;
- it calls, by however many steps, an answer that changes something that is used: a list that collects losses, a
  default argument that grows, a global variable, a generator of random numbers that has a name.

Names are followed by Python's own rules (the parameter `model` is not the notebook's `model`), statement by statement.
Whatever cannot be followed counts as using everything, and then every cell runs. The price of doubt is time, no mark.
Left out of account are generators of random numbers that have no name, such as NumPy's own: the judge's calls advance
them as well, so no suite may hang on what they give next.
"""

from __future__ import annotations

import ast
import builtins
import logging
import re
import symtable
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

TAG = "demonstration"
# Beyond these there is no looking: it would take long, and Python 3.10 cannot be trusted with what nests very deep.
_CELL_CHARACTERS = 10_000
_NOTEBOOK_CHARACTERS = 100_000
_CELLS = 300
_Function = (ast.FunctionDef, ast.AsyncFunctionDef)
# Ways to names, or from one run of a cell to the next, that this module cannot follow.
_SEES_ALL = frozenset(
    "globals locals vars dir exec eval compile open breakpoint getattr setattr delattr __import__ get_ipython "
    "__builtins__ __main__ In Out _ __ ___ _i _ii _iii _ih _oh _dh".split()
)
_HISTORY = re.compile(r"_i?\d+")
_SEES_ALL_ATTRIBUTES = frozenset(
    "modules user_ns query eval _getframe currentframe get_referrers settrace setprofile __dict__ __globals__ "
    "__builtins__ __closure__ __code__ __defaults__ __kwdefaults__ __wrapped__ __main__ "
    "write writelines write_text write_bytes dump save savez savez_compressed savetxt save_weights save_model "
    "tofile mkdir makedirs rename unlink rmdir rmtree copyfile copytree symlink symlink_to touch urlretrieve".split()
)
_SEES_ALL_MODULES = frozenset(
    "IPython __main__ atexit builtins cProfile code ctypes doctest gc importlib inspect pdb profile runpy timeit "
    "trace unittest".split()
)
_HARMLESS_MAGICS = ("matplotlib", "config", "pip")
# What these make of functions, names and numbers keeps no state of its own.
_MAKERS = frozenset("np.vectorize numpy.vectorize namedtuple collections.namedtuple partial functools.partial".split())
_ROOTS_OF_MAKERS = frozenset(name.partition(".")[0] for name in _MAKERS)


@dataclass(frozen=True)
class _Statement:
    """What a statement of a cell has to do with the notebook's names, those in functions that it defines included."""

    binds: frozenset[str]
    uses: frozenset[str]
    later: frozenset[str] = frozenset()
    """Of what it uses, that which is used (again) whenever a function that it defines is called."""
    changeable: frozenset[str] = frozenset()
    """What it binds or changes that may change without being bound anew: not plain functions, modules and numbers."""


@dataclass(frozen=True)
class _Cell:
    """The statements of a cell; `sees_all` where there is no telling what it uses."""

    statements: tuple[_Statement, ...] = ()
    modules: frozenset[str] = frozenset()
    sees_all: bool = False

    def all(self, what: str) -> frozenset[str]:
        """The names that its statements bind, use, use later or make changeable."""
        return frozenset[str]().union(*(getattr(statement, what) for statement in self.statements))


def left_out(notebook: NotebookNode, source: Path, own_files: Path | None = None) -> tuple[int, ...]:
    """The cells of a repaired notebook that need not run for its hidden suite, by index.

    `source` is the course's own notebook, and `own_files` the folder with the student's files beside the notebook.
    """
    ours = _ours(source)
    cells = {number: cell for number, cell in enumerate(notebook.cells) if cell.cell_type == "code"}
    may_go = {number for number, cell in cells.items() if _is_check(cell) or _is_plain(cell, ours.demonstrations)}
    written = {number for number in cells if not _is_locked(cells[number]) and not _is_plain(cells[number], ours.plain)}
    if len(cells) > _CELLS or sum(len(cell.source) for cell in cells.values()) > _NOTEBOOK_CHARACTERS:
        return ()
    strangers = _modules_in(own_files) - ours.modules
    if any(_read(cells[number].source).modules & strangers for number in written):
        return ()
    return tuple(sorted(not_needed({number: cell.source for number, cell in cells.items()}, may_go, written)))


def not_needed(sources: Mapping[int, str], may_go: Collection[int], written: Collection[int]) -> set[int]:
    """Of the cells that may go, those of which nothing that runs can tell; `written` are the student's own."""
    names = _Names({number: _read(source) for number, source in sources.items()}, written)
    running = set(sources).difference(may_go)
    while True:
        if any(names.cells[number].sees_all for number in running):
            return set()
        waiting = set(may_go) - running
        needed = {number for number in waiting if names.can_tell(running, number)}
        if not needed:
            return waiting
        running |= needed


def _data(cell: NotebookNode) -> dict[str, Any]:
    found = cell.metadata.get("nbgrader", {})
    return dict(found) if isinstance(found, dict) else {}


def _is_locked(cell: NotebookNode) -> bool:
    return bool(_data(cell).get("locked"))


def _is_check(cell: NotebookNode) -> bool:
    data = _data(cell)
    return bool(data.get("grade") and data.get("locked") and not data.get("solution"))


def _is_plain(cell: NotebookNode, sources: Collection[str]) -> bool:
    return not _data(cell) and cell.source in sources


@dataclass(frozen=True)
class _Ours:
    """What the course itself puts into a notebook: the sources of its plain cells, and the modules that it imports."""

    plain: frozenset[str] = frozenset()
    demonstrations: frozenset[str] = frozenset()
    modules: frozenset[str] = frozenset()


def _ours(source: Path) -> _Ours:
    try:
        status = source.stat()
        return _ours_in(source, status.st_mtime_ns, status.st_size)
    except (OSError, ValueError, nbformat.ValidationError) as error:
        logging.getLogger(__name__).warning("%s cannot be read (%s), so its demonstrations are run.", source, error)
        return _Ours()


@lru_cache(maxsize=64)
def _ours_in(source: Path, *_: int) -> _Ours:
    cells = [cell for cell in nbformat.read(source, as_version=4).cells if cell.cell_type == "code"]
    plain = [cell for cell in cells if not _data(cell)]
    return _Ours(
        plain=frozenset(cell.source for cell in plain),
        demonstrations=frozenset(cell.source for cell in plain if TAG in cell.metadata.get("tags", ())),
        modules=frozenset[str]().union(*(_read(cell.source).modules for cell in cells)),
    )


def _modules_in(folder: Path | None) -> set[str]:
    """What can be imported from a folder."""
    if folder is None or not folder.is_dir():
        return set()
    return {path.name.partition(".")[0] for path in folder.iterdir() if path.suffix != ".ipynb"}


@dataclass
class _Names:
    """The names of a notebook, cell by cell; `written` are the cells that are the student's own."""

    cells: Mapping[int, _Cell]
    written: Collection[int]
    _leads_to: dict[str, list[frozenset[str]]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self._changeable = frozenset[str]().union(*(cell.all("changeable") for cell in self.cells.values()))
        for cell in self.cells.values():
            for statement in cell.statements:
                mentions = statement.uses | statement.binds
                for name in statement.binds:
                    self._leads_to[name].append(mentions)
                # One object may have become a part of the other.
                together = mentions & self._changeable
                for name in together:
                    self._leads_to[name].append(together)
        # What a student defines may be an answer, for which the judge asks.
        self._asked = frozenset[str]().union(*(self.cells[number].all("binds") for number in self.written))

    def can_tell(self, running: Collection[int], number: int) -> bool:
        """Whether one of the running cells, or the judge, may find something else when a cell is left out."""
        cell = self.cells[number]
        touched = self._changeable if cell.sees_all else self._reached(cell.all("uses")) & self._changeable
        seen = set(self._asked)
        for other in running:
            # What an earlier cell used when it ran is done with; its functions may be called at any time.
            seen |= self.cells[other].all("uses" if other > number else "later")
        return not seen.isdisjoint(cell.all("binds") | touched)

    def _reached(self, names: Collection[str]) -> set[str]:
        """Some names, and all that may be changed by what they stand for."""
        found, waiting, done = set(names), list(names), set[int]()
        while waiting:
            for others in self._leads_to.get(waiting.pop(), ()):
                if id(others) not in done:
                    done.add(id(others))
                    waiting += others - found
                    found |= others
        return found


@lru_cache(maxsize=256)
def _read(source: str) -> _Cell:
    """What a cell has to do with names. The same for all students who have the same cell."""
    if len(source) > _CELL_CHARACTERS:
        return _Cell(sees_all=True)
    try:
        tree = _parse(source)
        if tree is None:
            words = frozenset(re.findall(r"\w+", source))
            return _cell_of([_Statement(frozenset(), words, words)], ast.Module([], []))
        tree.body = [statement for statement in tree.body if not _is_harmless_magic(statement)]
        return _cell_of([_statement_of(statement) for statement in tree.body], tree)
    except (ValueError, RecursionError, MemoryError, SyntaxError):
        # It may be too deep for Python's own tools, or one of those odd texts that they cannot write back.
        return _Cell(sees_all=True)


def _parse(source: str) -> ast.Module | None:
    """A cell's syntax tree, with magics as the calls that they become; None where a kernel would run nothing of it."""
    try:
        return ast.parse(source)
    except SyntaxError:
        from IPython.core.inputtransformer2 import TransformerManager

    text: str = TransformerManager().transform_cell(source)
    try:
        return ast.parse(text)
    except SyntaxError:
        return None


def _is_harmless_magic(statement: ast.stmt) -> bool:
    """True for lines such as `%matplotlib inline` or `!pip install scipy`, which have to do with no name."""
    called = re.fullmatch(
        r"get_ipython\(\)\.(?:run_line_magic\('(?P<magic>\w+)', |system\()'(?P<text>[^'{}$]*)'\)",
        ast.unparse(statement) if isinstance(statement, ast.Expr) else "",
    )
    if called is None:
        return False
    return called["magic"] in _HARMLESS_MAGICS if called["magic"] else called["text"].startswith("pip ")


def _cell_of(statements: list[_Statement], tree: ast.Module) -> _Cell:
    imported = {name for node in ast.walk(tree) for name in _imports(node)}
    roots = frozenset(name.partition(".")[0] for name in imported)
    mentioned = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}.union(
        *(name.split(".") for name in imported)
    )
    uses = frozenset[str]().union(*(statement.uses for statement in statements))
    sees_all = (
        "*" in mentioned
        or not _SEES_ALL.isdisjoint(uses)
        or not _SEES_ALL_ATTRIBUTES.isdisjoint(mentioned)
        or not _SEES_ALL_MODULES.isdisjoint(roots)
        or any(_HISTORY.fullmatch(name) for name in uses)
        or any(
            not isinstance(node, (ast.Import, ast.ImportFrom))
            and not _ROOTS_OF_MAKERS.isdisjoint(statement.binds | statement.changeable)
            for node, statement in zip(tree.body, statements, strict=False)
        )
    )
    return _Cell(tuple(statements), roots, sees_all)


def _imports(node: ast.AST) -> list[str]:
    """The dotted names that an import statement names."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [f"{node.module or ''}.{alias.name}" for alias in node.names]
    return []


def _statement_of(statement: ast.stmt) -> _Statement:
    binds, uses, later, changeable = set[str](), set[str](), set[str](), set[str]()
    top = symtable.symtable(ast.unparse(statement), "cell", "exec")
    for table in _tables(top):
        for symbol in table.get_symbols():
            name = symbol.get_name()
            bound = symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()
            if table is top:
                binds |= {name} if bound else set()
                uses |= {name} if symbol.is_referenced() else set()
            elif symbol.is_global() or (table.get_type() == "class" and symbol.is_referenced()):
                later.add(name)
                if bound and symbol.is_global():
                    changeable.add(name)
    for node in ast.walk(statement):
        if isinstance(node, ast.AugAssign):
            uses |= _names_in(node.target) & binds
        elif isinstance(node, ast.Delete):
            uses |= set[str]().union(*(_names_in(target) for target in node.targets)) & binds
        elif isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
            # Something is put into an object: that changes what its name stands for.
            changeable |= _root(node) & (uses | later | binds)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in _MAKERS:
            later |= _names_in(node)
    uses |= later
    if not _is_fixed(statement):
        changeable |= binds
    return _Statement(*map(frozenset, (binds, uses, later, changeable)))


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    """A scope and all scopes inside it."""
    yield table
    for inner in table.get_children():
        yield from _tables(inner)


def _names_in(node: ast.AST) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def _root(node: ast.AST) -> set[str]:
    """The name `a` of `a.b[c].d`; all names where it begins with something else."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return _names_in(node)


def _is_fixed(statement: ast.stmt) -> bool:
    """True when all that a statement binds stays what it is until it is bound anew: nothing in it keeps a state."""
    if isinstance(statement, _Function):
        return not statement.decorator_list and _plain_defaults(statement.args)
    if isinstance(statement, ast.ClassDef):
        inner = [one for one in statement.body if not isinstance(one, (ast.Expr, ast.Pass))]
        return not statement.decorator_list and all(isinstance(one, _Function) and _is_fixed(one) for one in inner)
    if isinstance(statement, ast.Assign):
        return all(isinstance(one, ast.Name) for one in statement.targets) and _is_constant(statement.value)
    return isinstance(statement, (ast.Import, ast.ImportFrom))


def _plain_defaults(arguments: ast.arguments) -> bool:
    defaults: Sequence[ast.expr | None] = [*arguments.defaults, *arguments.kw_defaults]
    return all(default is None or _is_constant(default) for default in defaults)


def _is_constant(value: ast.expr) -> bool:
    """True for what is written down as a number, a text, a tuple of those, a built-in name or a plain lambda."""
    if isinstance(value, ast.UnaryOp):
        return _is_constant(value.operand)
    if isinstance(value, ast.BinOp):
        return _is_constant(value.left) and _is_constant(value.right)
    if isinstance(value, ast.Tuple):
        return all(map(_is_constant, value.elts))
    if isinstance(value, ast.Lambda):
        return _plain_defaults(value.args)
    if isinstance(value, ast.Call):
        return ast.unparse(value.func) in _MAKERS and _is_made_of_names(value)
    return isinstance(value, ast.Constant) or (isinstance(value, ast.Name) and hasattr(builtins, value.id))


def _is_made_of_names(call: ast.Call) -> bool:
    """True when all arguments are names or constants, and lists of those where they are read and not kept."""
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    if not ast.unparse(call.func).endswith("partial"):
        given = [part for value in given for part in (value.elts if isinstance(value, ast.List) else [value])]
    return all(isinstance(one, ast.Name) or _is_constant(one) for one in given)
