"""What runs inside the jail: a real ipykernel, and the agent in it that serves the judge's calls.

Untrusted from the first line of student code on: students can read and change everything here. That is harmless,
because the judge takes nothing but plain data from this process and compares it outside.
"""

from __future__ import annotations

import io
import os
import signal
import socket
import sys
import traceback
import types
from contextlib import redirect_stderr, redirect_stdout, suppress
from typing import Any

_MAX_CAPTURE = 20_000


class _Capture(io.TextIOBase):
    """What a judged call prints: kept to a limit, dropped beyond, never sent on."""

    def __init__(self) -> None:
        self.text = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if len(self.text) < _MAX_CAPTURE:
            self.text += text[: _MAX_CAPTURE - len(self.text)]
        return len(text)


class _Reply:
    """A reply on its way out."""

    def __init__(self, text: str) -> None:
        self.text = text


# Ways to a function that do not name it.
_INDIRECT = {"globals", "locals", "vars", "getattr", "eval", "exec", "get_ipython", "import_module", "__import__"}


def _mentioned(code: types.CodeType) -> set[str]:
    """The names of globals and attributes in a function's code, and in that of the functions inside it."""
    inner = (_mentioned(constant) for constant in code.co_consts if isinstance(constant, types.CodeType))
    return set(code.co_names).union(*inner)


def _is_inert(value: Any) -> bool:
    """True for what runs no code of the notebook: plain data, and functions, classes and modules that it imported."""
    if isinstance(value, (list, tuple, set, dict)):
        return all(_is_inert(one) for one in (value.values() if isinstance(value, dict) else value))
    if isinstance(value, (types.FunctionType, type)):
        return value.__module__ != "__main__"
    if type(value).__module__ == "numpy" and hasattr(value, "dtype"):
        return not value.dtype.hasobject
    return isinstance(value, (types.ModuleType, types.BuiltinFunctionType, str, bytes, int, float, complex, type(None)))


class _Undefined(Exception):
    """The notebook does not define the name that was asked for."""


class Agent:
    """Serves the judge's requests on the namespace of the notebook."""

    def __init__(self, wire: types.ModuleType, message_bytes: int) -> None:
        self.wire = wire
        self.message_bytes = message_bytes
        self.kept: dict[int, Any] = {}
        self.modules: dict[str, types.ModuleType] = {}
        self.stood: dict[str, dict[str, Any]] = {}
        self.before: list[dict[str, Any]] = []

    def namespace(self) -> dict[str, Any]:
        from IPython.core.interactiveshell import InteractiveShell

        namespace: dict[str, Any] = InteractiveShell.instance().user_ns
        return namespace

    def keep(self, value: Any) -> Any:
        number = len(self.kept) + 1
        self.kept[number] = value
        return self.wire.Handle(number, type(value).__name__)

    def restore(self, value: Any) -> Any:
        """Put the kept objects back in the place of their handles."""
        if isinstance(value, self.wire.Handle):
            return self.kept[value.number]
        if isinstance(value, (list, tuple)):
            return type(value)(self.restore(item) for item in value)
        if isinstance(value, dict):
            return {key: self.restore(item) for key, item in value.items()}
        return value

    def find(self, target: Any) -> Any:
        if isinstance(target, self.wire.Handle):
            return self.kept[target.number]
        namespace = self.namespace()
        if target not in namespace:
            raise _Undefined(target)
        return namespace[target]

    def serve(self, text: str) -> _Reply:
        """One request, one reply, both wire text. Never raises: every outcome is a reply."""
        captured = _Capture()
        try:
            request = self.wire.loads(text, max_bytes=self.message_bytes)
            with redirect_stdout(captured), redirect_stderr(captured):
                reply = getattr(self, "do_" + request["do"])(request)
            return _Reply(self.wire.dumps(reply, keep=self.keep, max_bytes=self.message_bytes))
        except BaseException as error:
            return _Reply(self.wire.dumps(self._failure(error)))

    def _failure(self, error: BaseException) -> dict[str, Any]:
        frames = []
        for frame in traceback.extract_tb(error.__traceback__):
            # Cells of the notebook have IPython's file names; frames of libraries and of this file say nothing.
            if "ipykernel_" in frame.filename or frame.filename.startswith("<ipython-input"):
                frames.append([frame.lineno or 0, frame.name[:100], (frame.line or "")[:200]])
        try:
            message = str(error)[:1000]
        except BaseException:
            message = "(its message could not be read)"
        return {
            "failed": "undefined" if isinstance(error, _Undefined) else "raised",
            "type": type(error).__name__[:100],
            "message": message,
            "frames": frames[-5:],
        }

    def do_call(self, request: dict[str, Any]) -> dict[str, Any]:
        function = self.find(request["target"])
        args = self.restore(request["args"])
        kwargs = self.restore(request["kwargs"])
        if not callable(function):
            return {"failed": "not callable", "type": type(function).__name__[:100]}
        try:
            value = function(*args, **kwargs)
        finally:
            _close_figures()
        return {"value": value, "digests": self.wire.digests([args, kwargs]) if request.get("digests", True) else []}

    def do_value(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"value": self.find(request["target"])}

    def do_replace(self, request: dict[str, Any]) -> dict[str, Any]:
        """Put kept objects in the place of names, until `do_return`."""
        self._put(self.restore(request["values"]))
        return {"value": None}

    def _put(self, values: dict[str, Any]) -> None:
        namespace = self.namespace()
        self.before.append({name: namespace.get(name, self) for name in values})
        namespace.update(values)

    def do_remember(self, request: dict[str, Any]) -> dict[str, Any]:
        """Keep what the notebook's names stand for now, under the name of the cell that just ran."""
        self.stood[request["target"]] = {k: v for k, v in self.namespace().items() if not k.startswith("_")}
        return {"value": None}

    def do_rewind(self, request: dict[str, Any]) -> dict[str, Any]:
        """Give names their meaning after a cell once more, until `do_return`, if any means something else by now.

        The reply is how many do.
        """
        namespace, stood = self.namespace(), self.stood.get(request["target"], {})
        other = {name: value for name, value in stood.items() if namespace.get(name, self) is not value}
        if other:
            self._put(other)
        return {"value": len(other)}

    def do_return(self, request: dict[str, Any]) -> dict[str, Any]:
        """Undo the latest `do_replace` or `do_rewind`; there is none in a kernel that was started since."""
        namespace = self.namespace()
        for name, value in (self.before.pop() if self.before else {}).items():
            if value is self:
                namespace.pop(name, None)
            else:
                namespace[name] = value
        return {"value": None}

    def do_reaches(self, request: dict[str, Any]) -> dict[str, Any]:
        """Whether some functions of the notebook may call others of it; True where their code cannot tell."""
        namespace, names = self.namespace(), set(request["names"])
        waiting = [namespace[target] for target in request["targets"] if callable(namespace.get(target))]
        seen: set[int] = set()
        while waiting:
            value = waiting.pop()
            if _is_inert(value) or id(value) in seen:
                continue
            seen.add(id(value))
            if not isinstance(value, types.FunctionType):
                return {"value": True}
            mentioned = _mentioned(value.__code__)
            if mentioned & (names | _INDIRECT):
                return {"value": True}
            waiting += [value.__globals__[name] for name in mentioned if name in value.__globals__]
            waiting += [cell.cell_contents for cell in value.__closure__ or ()]
            waiting += [*(value.__defaults__ or ()), *(value.__kwdefaults__ or {}).values()]
        return {"value": False}

    def do_define(self, request: dict[str, Any]) -> dict[str, Any]:
        """Run source text in a module of its own; what is to be defined once is there when it is asked for again."""
        source, once = request["source"], request.get("once", False)
        module = self.modules.get(source) if once else None
        if module is None:
            module = types.ModuleType("probe")
            exec(compile(source, "<probe>", "exec"), module.__dict__)
            if once:
                self.modules[source] = module
        return {"value": self.keep(module.__dict__[request["name"]])}


def _close_figures() -> None:
    """Close what a call has drawn and left open, as IPython does after a cell: nobody looks at it."""
    helpers = sys.modules.get("matplotlib._pylab_helpers")
    if helpers is not None and helpers.Gcf.figs:
        helpers.Gcf.destroy_all()


class _Line:
    """The judge's own way to the agent: frames over a socket, read in the kernel's main thread between its cells."""

    def __init__(self, wire: types.ModuleType, path: str) -> None:
        self.wire = wire
        self.process = os.getpid()
        self.listener: socket.socket | None = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(path)
        self.listener.listen(1)
        self.connection: socket.socket | None = None

    def attend(self, loop: Any) -> None:
        """Have the loop call us when there is something to read."""
        self.loop = loop
        loop.add_handler(self.listener, self.connected, loop.READ)

    def connected(self, listener: socket.socket, _: int) -> None:
        """The judge is there; nobody else shall come."""
        self.loop.remove_handler(listener)
        self.connection = listener.accept()[0]
        listener.close()
        self.listener = None
        self.loop.add_handler(self.connection, self.asked, self.loop.READ)

    def asked(self, connection: socket.socket, _: int) -> None:
        """Answer one request."""
        head = self.received(connection, self.wire.FRAME.size)
        if not head:
            self.loop.remove_handler(connection)
            return
        _kind, number, length = self.wire.FRAME.unpack(head)
        kind, content = self.answer(self.received(connection, length).decode("ascii"))
        self.end_copies()
        connection.sendall(self.wire.FRAME.pack(kind, number, len(content)) + content)

    def end_copies(self) -> None:
        """End a process that a cell or a call forked, and that came back from it: it would read our sockets too.

        A second kernel on the same ones takes messages that were for the first, which then waits for ever.
        """
        if os.getpid() != self.process:
            with suppress(Exception):
                sys.stdout.flush()
            os._exit(0)

    def received(self, connection: socket.socket, length: int) -> bytes:
        """So many bytes; nothing at the end of the line."""
        found = bytearray()
        while len(found) < length:
            more = connection.recv(min(length - len(found), 2**20))
            if not more:
                return b""
            found += more
        return bytes(found)

    def answer(self, text: str) -> tuple[bytes, bytes]:
        """The agent's reply; an interrupt counts for it alone, never for half a frame."""
        try:
            try:
                signal.signal(signal.SIGINT, signal.default_int_handler)
                found = self.wire.REPLY, str(sys.modules["_pset_agent"].serve(text).text).encode("ascii")
            except BaseException as error:
                found = self.wire.FAILED, _name_of(error)
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        except KeyboardInterrupt as error:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            found = self.wire.FAILED, _name_of(error)
        return found


def _name_of(error: BaseException) -> bytes:
    return type(error).__name__.encode("ascii", "replace")


def _cut_outputs(session: Any, limit: int) -> None:
    """Cut what is too long before it is sent: the other side would end the connection, and the cell with it."""
    send = session.send

    def cut(stream: Any, msg_or_type: Any, content: Any = None, *more: Any, **named: Any) -> Any:
        body = msg_or_type.get("content") if isinstance(msg_or_type, dict) else content
        note = f"[output cut at {limit} bytes: c.Jail.output_bytes]"
        if isinstance(body, dict):
            if isinstance(body.get("text"), str) and len(body["text"]) > limit:
                body["text"] = f"{body['text'][:limit]}\n{note}\n"
            bundle = body.get("data") or {}
            for kind in [kind for kind, value in bundle.items() if isinstance(value, str) and len(value) > limit]:
                del bundle[kind]
                bundle.setdefault("text/plain", note)
        return send(stream, msg_or_type, content, *more, **named)

    session.send = cut


def run(connection_file: str, message_bytes: int, output_bytes: int) -> None:
    """Become an ipykernel in the working folder, with the agent at hand; returns when the kernel is told to stop."""
    agent = types.ModuleType("_pset_agent")
    wire = sys.modules["_pset_wire"]
    agent.serve = Agent(wire, message_bytes).serve  # type: ignore[attr-defined]
    sys.modules["_pset_agent"] = agent
    line = _Line(wire, os.path.join(os.path.dirname(connection_file), "a"))

    from ipykernel.kernelapp import IPKernelApp
    from tornado.ioloop import IOLoop

    # Notebooks import the files beside them. An isolated interpreter leaves the working folder out of its path; here
    # it goes in where IPython puts it otherwise: behind the standard library, before what is installed.
    installed = (i for i, entry in enumerate(sys.path) if "-packages" in entry)
    sys.path.insert(next(installed, len(sys.path)), "")
    app = IPKernelApp.instance()
    app.initialize(["-f", connection_file, "--HistoryManager.hist_file=:memory:"])
    _cut_outputs(app.session, output_bytes)
    # exit() in a last cell would end the kernel a moment later, in the middle of some call of the judge's.
    app.shell.ask_exit = lambda: None
    app.shell.events.register("post_execute", line.end_copies)
    line.attend(IOLoop.current())
    app.start()
