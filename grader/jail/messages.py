"""Kernel messages, read as what they are: texts that student code can write, since it runs beside the kernel's sockets.

nbclient and jupyter_client trust what kernels send. This session, put into their place for it, gives them messages of
the expected shape only; whatever is not such a message becomes one that answers nobody.
"""

from __future__ import annotations

import logging
from typing import Any

from jupyter_client.session import Session
from nbformat import NotebookNode

_LOG = logging.getLogger("grader.jail")
_NUMBER = (int, type(None))
# What nbclient reads of each kind of message.
_EXPECTED: dict[str, dict[str, Any]] = {
    "status": {"execution_state": str},
    "stream": {"name": str, "text": str},
    "display_data": {"data": dict, "metadata": dict},
    "update_display_data": {"data": dict, "metadata": dict},
    "execute_result": {"data": dict, "metadata": dict, "execution_count": _NUMBER},
    "error": {"ename": str, "evalue": str, "traceback": list},
    "execute_input": {"code": str},
    "execute_reply": {"status": str},
    "clear_output": {},
    "kernel_info_reply": {},
    "shutdown_reply": {},
    "interrupt_reply": {},
    "iopub_welcome": {},
}
# Widgets have no use here: nobody moves a slider while a notebook is graded.
_DROPPED = {"comm_open", "comm_msg", "comm_close", "comm_info_reply"}
_BODIES = ("header", "parent_header", "content", "metadata")


def output_of(kind: str, **content: Any) -> NotebookNode:
    """An output of a cell, as nbformat makes it, but for its check: the notebook is checked as a whole in the end.

    `content` has all that outputs of this kind have, but for metadata.
    """
    output = NotebookNode(output_type=kind)
    output.update(content)
    if "data" in content:
        output.metadata = NotebookNode()
    return output


class CheckedSession(Session):  # type: ignore[misc]
    """Jupyter's session, in front of a process that may send anything; `forged` counts what was no message."""

    forged = 0

    def feed_identities(self, msg_list: Any, copy: bool = True) -> tuple[list[Any], list[Any]]:
        """A message's address and the rest of it; nothing of what is none."""
        try:
            found: tuple[list[Any], list[Any]] = super().feed_identities(msg_list, copy)
        except ValueError:
            return [], []
        return found

    def deserialize(self, msg_list: list[Any], content: bool = True, copy: bool = True) -> dict[str, Any]:
        """One message, or an empty one in the place of what is none."""
        try:
            found: dict[str, Any] = super().deserialize(msg_list, content=content, copy=copy)
            problem = _problem(found)
        except Exception as error:
            problem = f"{type(error).__name__}: {error}"
        if not problem:
            return found
        if problem != "dropped":
            self.forged += 1
            if self.forged == 1:
                _LOG.warning("the notebook sent what no kernel of Jupyter's sends (%.200s)", problem)
        nothing: dict[str, Any] = {name: {} for name in _BODIES}
        return {**nothing, "msg_id": "", "msg_type": "", "buffers": []}


def _problem(message: dict[str, Any]) -> str:
    """Why a message is not one that nbclient can read; empty when it is."""
    for name in _BODIES:
        if not isinstance(message.get(name), dict):
            return f"{name} is missing"
    if not isinstance(message["parent_header"].get("msg_id", ""), str):
        return "the number of its parent"
    kind = message.get("msg_type")
    if not isinstance(kind, str) or not isinstance(message.get("msg_id"), str):
        return "it has no kind, or no number"
    if kind in _DROPPED:
        return "dropped"
    if kind not in _EXPECTED:
        return f"its kind is {kind!r:.50}"
    content = message["content"]
    for name, expected in _EXPECTED[kind].items():
        if name not in content or not isinstance(content[name], expected):
            return f"{name} of {kind}"
    # nbclient takes this one from messages of any kind.
    count = content.get("execution_count")
    if not (count is None or (type(count) is int and count >= 0)):
        return "its execution count"
    if kind == "stream" and content["name"] not in ("stdout", "stderr"):
        return "its stream"
    if kind == "error" and not all(isinstance(line, str) for line in content["traceback"]):
        return "its traceback"
    if kind == "execute_reply" and not all(isinstance(content.get(n, ""), str) for n in ("ename", "evalue")):
        return "its exception"
    if "data" in _EXPECTED[kind] and not _is_bundle(content["data"]):
        return "its data"
    transient = content.get("transient")
    if not isinstance(transient, (dict, type(None))):
        return "what is transient"
    if isinstance(transient, dict) and not isinstance(transient.get("display_id", ""), (str, type(None))):
        return "its display"
    return ""


def _is_bundle(data: dict[str, Any]) -> bool:
    """What a notebook file may hold as data of an output: texts by MIME type, or anything where the type is JSON."""
    return all(
        isinstance(value, str)
        or (isinstance(value, list) and all(isinstance(line, str) for line in value))
        or kind == "application/json"
        or kind.endswith("+json")
        for kind, value in data.items()
    )


def size_of(content: Any) -> int:
    """About how many bytes a message's content takes."""
    total, waiting = 0, [content]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            total += len(value)
        elif isinstance(value, dict):
            waiting.extend(value.keys())
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
        else:
            total += 8
    return total
