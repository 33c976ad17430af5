"""What each layer alone stops: layers of the jail are switched off one by one, or all but one, for a run of the corpus.

A layer is switched off in the copy of `grader/` that grades (see `Planted.files`), by changing the few lines that make
it; LayerError where those are not there any more, so that nobody is told of a layer that is still on.

Some submissions would harm the machine without the layer that stops them: those are never run without it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.support.attacks import Entry, Report, run
from tests.support.pages import line

COMMAND = "python -m tests.attacks --layers docs/security.md"
# What a wall between a notebook and the machine may stop; the others of the corpus are for the judge to see through.
REACHING_OUT = (
    "reads_the_course_by_its_path", "reads_every_process", "reads_memory_of_others", "reads_the_environment",
    "calls_home", "raw_sockets_and_other_families", "imports_the_grader", "mounts_and_namespaces", "raw_devices",
    "sockets_of_other_kernels", "looks_for_the_course_secret", "keyrings_and_other_calls", "symlinks_made_inside",
    "daemon_outlives_the_run", "signals_to_everyone", "writes_result_files", "leaves_a_note", "looks_for_a_note",
    "asks_the_warm_parent",
)  # fmt: skip
# With Landlock there is no second wall around files, processes and signals: without it the others would write into the
# machine's folders, look into whatever runs there, or end it.
READING = (
    "reads_the_course_by_its_path", "reads_the_environment", "calls_home", "raw_sockets_and_other_families",
    "imports_the_grader", "looks_for_the_course_secret",
)  # fmt: skip
# Goes through all abstract sockets there are: without a network of the notebook's own, through the machine's.
DIALLING = ("sockets_of_other_kernels",)
WRITING = tuple(name for name in REACHING_OUT if name not in READING)
FORGED = (
    "idle_before_it_is_done", "messages_without_content", "messages_that_are_none", "replies_that_are_none",
    "widgets_of_fifty_megabytes", "outputs_under_other_cells",
)  # fmt: skip
MEMORY = ("memory_without_end", "memory_in_children", "memory_shared")
PROCESSES = ("processes_without_end", "bomb_of_forks", "threads_without_end")


class LayerError(RuntimeError):
    """The lines that make a layer were not found: `LAYERS` has to follow the code."""


@dataclass(frozen=True)
class Layer:
    """One layer: what it is, how it is switched off, and which submissions might get through then."""

    what: str
    edits: tuple[tuple[str, str, str], ...]
    """(file below grader/jail, text that is there once, text in its place)."""
    tried: tuple[str, ...] = REACHING_OUT
    harmful: tuple[str, ...] = ()
    """Submissions that are not run without it: they would harm the machine."""
    mode: str = "bubblewrap"


_FILTER = (
    ("inside/parent.py", 'if settings["filter"]:', "if False:"),
    (
        "inside/parent.py",
        "    walls.drop_capabilities()\n    walls.no_new_privileges()\n",
        "    walls.drop_capabilities()\n",
    ),
)
_RIGHTS = (("inside/walls.py", "    for number in range(64):\n", "    return\n    for number in range(64):\n"),)
_FOR_EACH = """        if settings["mode"] == "bubblewrap":
            _in_namespaces(parent, settings)
        else:
"""
_FOR_ALL = """        if True:
            if settings["mode"] == "bubblewrap":
                _limit(settings, 0)
                _seal(parent.walls, settings)
"""
LAYERS = {
    "files": Layer(
        "what is mounted: without it the whole disk can be read",
        (
            ("confine.py", '*_system_mounts(), "--proc", "/proc"', '"--ro-bind", "/", "/", "--proc", "/proc"'),
            ("confine.py", 'walls |= {path: ["--tmpfs", str(path)] for path in hidden}', "hidden = []"),
        ),
    ),
    "network": Layer(
        "a network of its own: without it the machine's is there",
        (
            (
                "confine.py",
                '"--unshare-user", "--unshare-all",',
                '"--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-uts",',
            ),
        ),
        tuple(name for name in REACHING_OUT if name not in DIALLING),
        DIALLING,
    ),
    "each notebook's namespaces": Layer(
        "processes, mounts and IPC of each notebook: without it a notebook shares those of its warm parent",
        (("inside/parent.py", _FOR_EACH, _FOR_ALL),),
        harmful=("disk_without_end",),
    ),
    "capabilities": Layer("none are kept: without it a notebook keeps those of its user namespace", _RIGHTS),
    "filter": Layer(
        "the filter of system calls, and `no_new_privs`, which it needs", _FILTER, harmful=("memory_that_nobody_maps",)
    ),
    "environment": Layer(
        "a fixed few variables: without it the grader's own are there",
        (("confine.py", "return {**fixed, **self.jail", "return {**os.environ, **fixed, **self.jail"),),
    ),
    "plain files": Layer(
        "only plain files go in with a notebook: without it links are followed",
        (("notebook.py", "if path.is_symlink() or not path.is_file() or", "if not path.is_file() or"),),
        ("links_in_the_submission", "names_of_files", "files_without_end"),
    ),
    "limits of each process": Layer(
        "open files, size of a file, data, locked memory (rlimits)",
        (("inside/parent.py", '    memory = settings["limits"]["memory"]\n', "    return\n"),),
        ("descriptors_without_end", "memory_that_nobody_maps", "leaves_a_note", "looks_for_a_note"),
        (*PROCESSES, "memory_without_end", "disk_without_end"),
    ),
    "watch": Layer(
        "memory, processes and processor time of all processes together",
        (("inside/watch.py", "if self.blind or self.over:", "if True:"),),
        ("burns_beside", "descriptors_without_end", "memory_that_nobody_maps"),
        (*MEMORY, *PROCESSES),
    ),
    "scratch disk": Layer("its size", (), (), ("disk_without_end",)),
    "end of all processes": Layer(
        "whatever a kernel left is killed: without it only its namespace ends it",
        (("inside/parent.py", "left: int = self.watch_module.kill_all()", "left = 0"),),
        ("daemon_outlives_the_run", "daemon_that_cannot_be_asked", "leaves_a_note", "looks_for_a_note", "burns_beside"),
    ),
    "messages": Layer(
        "messages of Jupyter's are checked before Jupyter reads them",
        (("messages.py", "        try:\n            found: dict[str, Any] = super().deserialize(",
          "        return super().deserialize(msg_list, content=content, copy=copy)\n"
          "        try:\n            found: dict[str, Any] = super().deserialize("),),
        FORGED,
    ),
    "size of outputs": Layer(
        "outputs and messages are cut",
        (
            ("notebook.py", "if used + size > self.output_bytes:", "if False:"),
            ("inside/agent.py", "    session.send = cut\n", ""),
            ("notebook.py", "self.context.setsockopt(zmq.MAXMSGSIZE, size)", "pass"),
        ),
        ("widgets_of_fifty_megabytes", "outputs_under_other_cells", "hooks_show_full_marks"),
        # They keep the grader itself busy for many minutes then.
        ("output_without_end", "outputs_of_every_kind", "messages_without_end"),
    ),
    "Landlock": Layer(
        "the allow-list of files, TCP, signals and abstract sockets",
        (("inside/parent.py", "    if version:\n        walls.landlock(", "    if False:\n        walls.landlock("),),
        READING,
        WRITING,
        "landlock",
    ),
    "filter (with Landlock)": Layer(
        "the filter of system calls", (_FILTER[0],), READING, (*WRITING, "memory_that_nobody_maps"), "landlock"
    ),
    "capabilities (with Landlock)": Layer("none are kept", _RIGHTS, READING, WRITING, "landlock"),
}  # fmt: skip
_HARM = {"nothing read": "read", "no connection": "connected to"}
# Those that stand between a notebook and the machine; what only bounds it stays on.
WALLS = ("files", "network", "each notebook's namespaces", "capabilities", "filter", "environment")


def switch_off(grader: Path, names: tuple[str, ...]) -> None:
    """Change a copy of the package so that these layers are not there; LayerError where one cannot be found."""
    for name in names:
        for file, old, new in LAYERS[name].edits:
            path = grader / "jail" / file
            text = path.read_text(encoding="utf-8")
            if text.count(old) != 1:
                raise LayerError(
                    f"the layer {name!r} cannot be switched off: grader/jail/{file} has {old.strip()!r} "
                    f"{text.count(old)} times. Bring LAYERS in tests/attacks/layers.py in step with it."
                )
            path.write_text(text.replace(old, new), encoding="utf-8")


def harmful_without(entry: str, off: tuple[str, ...]) -> str:
    """The layer without which a submission would harm the machine, if that is off; else nothing."""
    return next((name for name in off if entry in LAYERS[name].harmful), "")


def passed(report: Report) -> tuple[list[str], list[str]]:
    """The submissions that got through, and what came of it for others than themselves."""
    through = [outcome.entry.name for outcome in report.outcomes if not outcome.held]
    if all(outcome.max_points == 0 for outcome in report.outcomes):
        raise LayerError("no notebook could be run at all like this: that a layer stops anything is not shown by it")
    harm = [
        f"{_HARM[check.name]}: {_few(check.problems)}" if check.name in _HARM else f"not so: {check.name}"
        for check in report.checks
        if check.problems
    ]
    return through, harm


def _few(problems: list[str]) -> str:
    """What problems are about, each once: what was read or reached stands before the place where that showed."""
    return ", ".join(sorted({problem.partition(":")[0].replace("limit", "past a limit") for problem in problems}))


def runs(entries: list[Entry], say: Callable[[str], None]) -> str:
    """Run the corpus without each layer, one after the other; the table as Markdown. Takes about twenty minutes.

    Raises RuntimeError when something gets through with all layers on: then the table would say nothing.
    """
    by_name = {entry.name: entry for entry in entries}
    for mode in ("bubblewrap", "landlock"):
        say(f"{mode}, with all layers")
        wanted = {name for layer in LAYERS.values() if layer.mode == mode for name in layer.tried}
        report = run([entry for entry in entries if entry.name in wanted], mode)
        if not report.held:
            raise RuntimeError(f"With all layers on ({mode}) not everything held: {passed(report)}")
    lines = [
        line("without", "tried", "gets through", "not tried: it would harm the machine"),
        "| --- | ---: | --- | --- |",
    ]
    for name, layer in LAYERS.items():
        report = None
        if layer.edits:
            say(f"without {name}")
            report = run([by_name[one] for one in layer.tried], layer.mode, change=off(name))
        lines.append(_row(f"{name}: {layer.what}", report, layer.harmful))
    return "\n".join(lines)


def off(*names: str) -> Callable[[Path], None]:
    """Switches layers off in a copy of the package, as `run` wants it."""
    return lambda grader: switch_off(grader, names)


def _row(title: str, report: Report | None, harmful: tuple[str, ...]) -> str:
    if report is None:
        said = "nothing is tried"
    else:
        through, harm = passed(report)
        said = "; ".join([", ".join(f"`{one}`" for one in through), *harm] if through else harm)
        said = said or "nothing in the corpus needs it alone"
    return line(title, str(len(report.outcomes) if report else 0), said, ", ".join(f"`{one}`" for one in harmful))
