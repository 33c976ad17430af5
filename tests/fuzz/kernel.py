"""Messages from a kernel that a student has taken over: the session and nbclient make outputs of them, or nothing."""

from __future__ import annotations

import copy
import json
from functools import cache, partial
from random import Random
from typing import Any

import nbformat
from nbclient.exceptions import CellExecutionComplete
from nbformat.v4 import new_code_cell, new_notebook

from grader.jail import wire
from grader.jail.messages import CheckedSession
from grader.jail.notebook import _Client, _status_of
from tests.fuzz import trees

PARENT = {"msg_id": "asked", "msg_type": "execute_request", "version": "5.4", "date": "2026-01-01T00:00:00Z"}
_DATA = {"text/plain": "1", "text/html": ["<b>", "</b>"], "application/json": {"a": [1]}}
_BUNDLE = {"data": _DATA, "metadata": {}, "transient": {"display_id": "d"}}
_REPLY = {"status": "ok", "data": {"application/x-pset": '{"d":{"value":1}}'}, "metadata": {}}
CONTENTS: dict[str, dict[str, Any]] = {
    "status": {"execution_state": "idle"},
    "stream": {"name": "stdout", "text": "one\n"},
    "display_data": _BUNDLE,
    "update_display_data": _BUNDLE,
    "execute_result": {**_BUNDLE, "execution_count": 3},
    "error": {"ename": "ValueError", "evalue": "no", "traceback": ["a", "b"]},
    "execute_input": {"code": "1", "execution_count": 3},
    "clear_output": {"wait": True},
    "comm_open": {"comm_id": "c", "target_name": "jupyter.widget", "data": {"state": {"x": 1}}},
    "comm_msg": {"comm_id": "c", "data": {"method": "update", "state": {}}},
    "execute_reply": {"status": "error", "ename": "E", "evalue": "", "traceback": [], "execution_count": 3},
    "execute_reply ": {"status": "ok", "execution_count": 3, "user_expressions": {"reply": _REPLY}, "payload": []},
}
REAL: list[Any] = [
    [[{**PARENT, "msg_type": kind.strip(), "msg_id": f"m{kind}"}, PARENT, {}, content]]
    for kind, content in CONTENTS.items()
]
REAL += [REAL[2] + REAL[3] + REAL[7], REAL[4] + REAL[3] + REAL[1], REAL[7] + REAL[1] + REAL[2]]
ODD: list[Any] = [
    None, True, 0, -1, 3, 1.5, 2**70, float("nan"), "", "x", "\ud800", "stdout", "stdin", "idle", "busy", "ok", "error",
    [], {}, [[]], [1], ["a"], {"a": 1}, {"text/plain": 3}, {"text/plain": ["a", 1]}, {"image/png": None},
    {"\ud800": "x"}, {"application/x+json": [{}]}, {"display_id": ["d"]}, {"display_id": {}}, {"display_id": "d"},
    "d", "d d", "5", "6.0", "2026-13-45T99:99:99Z", "2026-01-01", "9" * 400, ["\x1b[31m"], {"msg_id": 3},
    {"msg_id": ["asked"]}, *CONTENTS.values(), *(kind.strip() for kind in CONTENTS),
    "kernel_info_reply", "input_request", "shutdown_reply", "iopub_welcome", "debug",
]  # fmt: skip
WRAPS = ("data", "metadata", "transient", "display_id", "execution_count", "state", "msg_type", "content", "text")
RAW = ["NaN", "[", "]", "{", "}", ",", '"', "\\", "\x00", "\u00e9", "null", "9" * 5000, "[" * 150, "1e999", '"\\ud800"']
_NOTEBOOK = new_notebook(cells=[new_code_cell("1", id="a"), new_code_cell("2", id="b")])


def make(random: Random) -> bytes:
    """Some messages, as JSON: a list of lists of header, parent header, metadata and content."""
    found = copy.deepcopy([message for _ in range(random.randint(1, 3)) for message in random.choice(REAL)])
    kind = random.randint(0, 9)
    if kind:
        found = trees.changed_tree(random, found, ODD, WRAPS)
    text = json.dumps(found)
    return (trees.changed_text(random, text, RAW) if kind == 9 else text).encode("utf-8", "replace")


def frames(session: CheckedSession, raw: bytes) -> list[list[bytes]]:
    """The messages as they would come off the socket, signed: a student has the key."""
    try:
        messages = json.loads(raw)
    except (ValueError, RecursionError):
        # What is no JSON stands where the content should.
        header = json.dumps({**PARENT, "msg_type": "stream"}).encode()
        parts = [header, json.dumps(PARENT).encode(), b"{}", raw]
        return [[session.sign(parts), *parts]]
    found = []
    for message in messages if isinstance(messages, list) else [messages]:
        parts = [json.dumps(part).encode() for part in (message if isinstance(message, list) else [message])]
        found.append([session.sign(parts[:4]), *parts])
    return found


@cache
def _client() -> _Client:
    client = _Client(_NOTEBOOK, store_widget_state=False, coalesce_streams=True, record_timing=False)
    client.output_bytes = 10_000
    return client


def check(raw: bytes) -> str:
    """Whatever comes, the notebook stays valid; nothing is raised.

    Returns "passed" or "refused".
    """
    session = CheckedSession(key=b"key", unpack=partial(wire.unpack, max_bytes=2**20))
    notebook = copy.deepcopy(_NOTEBOOK)
    client = _client()
    client.nb = notebook
    client.reset_execution_trackers()
    client.clear_before_next_output = False
    for number, parts in enumerate(frames(session, raw)):
        message = session.deserialize(parts)
        cell = number % 2
        message["parent_header"].get("msg_id")
        try:
            client.process_message(message, notebook.cells[cell], cell)
        except CellExecutionComplete:
            continue
        if message["msg_type"] == "execute_reply":
            status, text = _status_of([message])
            f"{status}: {text}".encode()
    nbformat.validate(notebook)
    nbformat.writes(notebook).encode("utf-8")
    return "refused" if session.forged else "passed"
