"""Grading on a Dask cluster: each notebook goes to a worker as a parcel, and what was found comes back.

`Cluster.grade` takes the place of `grade` behind the cache, and blocks until its notebook is graded. Dask is handed
nothing but Python's own `eval` and bytes: the text of `slot.py`, this package as a zip file, and parcels. So neither
its scheduler nor its workers need this package, and the suites that grade are those of this machine.

A worker that dies costs nothing: Dask gives its notebook to another one. When the scheduler goes away what it had is
asked for again once it is back.
"""

from __future__ import annotations

import hashlib
import inspect
import logging
import os
import subprocess
import sys
import time
import uuid
from typing import Any

from traitlets import Integer
from traitlets.config import Configurable

from grader.batch import parcel, slot
from grader.batch.grade import Graded, Task, grade
from grader.course import questions
from grader.jail import Jail, JailError

_CALL = "exec(source) or work(*arguments)"
_CONNECT = 10.0
_LOOK = 5.0
_PAUSE = 2.0
# How often a notebook is sent again after the process that graded it ended.
_TRIES = 3
# How often a notebook is asked for again because the scheduler went away.
_CONNECTIONS = 10
_AGAIN = "Then run the same command again: what was finished is kept."


class ClusterError(JailError):
    """The cluster cannot grade; the message says why and what to do."""


class ClusterGone(ClusterError):
    """There is no scheduler, none with workers, or one with workers that are not fit: no notebook can be graded."""


class Cluster(Configurable):
    """Settings of grading on a Dask cluster, as `c.Cluster.<name>` in nbgrader_config.py.

    A process that is forked from one that has used it makes a connection of its own; `close` ends it.
    """

    patience = Integer(
        600, min=1, help="Seconds to wait for a first worker, or for a scheduler that went away, before giving up"
    ).tag(config=True)

    def __init__(self, scheduler: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        try:
            import distributed
        except ImportError as error:
            command = "pip install -c constraints.txt 'dsia-deep-learning-pset[cluster]'"
            raise ClusterError(f"Grading on a cluster needs Dask ({error}). Install it: {command}") from error
        self._dask = distributed
        self.scheduler = scheduler
        self._package = parcel.package()
        self._arguments = (inspect.getsource(slot), hashlib.sha256(self._package).hexdigest())
        self._client: Any = None
        self._owner = 0
        self.gone: ClusterGone | None = None
        """Why no further notebook can be graded, once that is so."""
        self._said: set[str] = set()

    def slots(self) -> int:
        """How many notebooks the cluster grades at once; 0 while it has no workers, ClusterGone without a scheduler.

        Asked in a process of its own: a process that is to be forked must have no threads, and a connection has.
        """
        command = [sys.executable, "-m", "grader.batch.cluster", self.scheduler]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise self._unreachable(done.stderr.strip().rpartition("\n")[2])
        return int(done.stdout)

    def grade(self, task: Task, jail: Jail, log: logging.Logger) -> Graded:
        """`grade` on a worker; the same result as here, but for the times in it.

        Raises ClusterError when this notebook cannot be graded there, ClusterGone when none can.
        """
        if task.unreadable or (task.suite is None and not questions(task.cells)):
            return grade(task, jail, log)  # nothing of it is run
        packed = parcel.pack(task, jail)
        wanted: set[str] = set()
        ended = 0
        while True:
            package = self._package if "package" in wanted else b""
            reply = self._ask(task.name, (package, packed.request(everything="files" in wanted)), log)
            for level, said in reply.get("log", ()):
                log.log(level, "%s", said)
            if "graded" in reply:
                self._tell_differences(reply, log)
                return parcel.from_plain(reply["graded"])
            if "need" in reply:
                # It may be another worker next time, that lacks something else.
                wanted.add(reply["need"])
                continue
            if "error" in reply:
                raise ClusterError(f"{task.name}, on the worker {reply['host']}: {reply['error']}")
            if "unfit" in reply:
                # Another notebook would meet it as well, and half a class graded is no use to anybody.
                raise self._no_more(reply["unfit"])
            ended += 1
            self._ended(task.name, reply, log, last=ended >= _TRIES)

    def close(self) -> None:
        """End this process's connection; what it still waits for is dropped by the cluster."""
        client, self._client = self._client, None
        if client is not None and self._owner == os.getpid():
            client.close()

    def _ended(self, name: str, reply: dict[str, Any], log: logging.Logger, *, last: bool) -> None:
        """A process that was to grade a notebook has ended, or did not even start: tell, and give up at last."""
        host = reply["host"]
        if "unstarted" in reply:
            message = f"Grading could not start on the worker {host} ({reply['unstarted']})"
            if last:
                raise self._no_more(f"{message}. {parcel.SAME}")
        else:
            message = f"{name}: the process that graded it on {host} ended ({reply['ended']})"
            if last:
                raise ClusterError(f"{message}, and so {_TRIES} times. Have the workers enough memory and disk?")
        log.warning("%s; it is tried again", message)

    def _no_more(self, why: str) -> ClusterGone:
        """Note that no further notebook can be graded."""
        self.gone = ClusterGone(why)
        return self.gone

    def _tell_differences(self, reply: dict[str, Any], log: logging.Logger) -> None:
        names = reply["differences"]
        if names and "differences" not in self._said:
            self._said.add("differences")
            log.warning(
                "These libraries are not the same here and on %s; a notebook that imports one of them may be marked "
                "otherwise there: %s%s",
                reply["host"],
                ", ".join(names[:10]),
                f" and {len(names) - 10} more" if len(names) > 10 else "",
            )

    def _connected(self) -> Any:
        """This process's client, made when it is needed: none survives a fork."""
        if self._client is None or self._owner != os.getpid():
            self._client = _client(self.scheduler)
            self._owner = os.getpid()
        return self._client

    def _ask(self, name: str, arguments: tuple[bytes, bytes], log: logging.Logger) -> dict[str, Any]:
        """One request's reply, whatever becomes of workers, and of the scheduler for a while."""
        if self.gone is not None:
            raise self.gone
        met = self._client is not None and self._owner == os.getpid()
        lost, connections = 0.0, 0
        while True:
            try:
                client = self._connected()
                met, lost, connections = True, 0.0, connections + 1
                return self._run(client, name, arguments, log)
            except ClusterError:
                raise
            except self._dask.KilledWorker as error:
                raise ClusterError(
                    f"{name}: {error.allowed_failures + 1} workers died while they had it, so it is left out. Have the "
                    "workers enough memory? If others died with it, grade again; else look at the notebook."
                ) from error
            except (self._dask.CancelledError, OSError, self._dask.TimeoutError) as error:
                self.close()
                lost = lost or time.monotonic()
                if not met or connections > _CONNECTIONS or time.monotonic() - lost > self.patience:
                    raise self._unreachable(str(error)) from error
                self._say(f"The connection to the scheduler {self.scheduler} is lost; trying to get it back.", log)
                time.sleep(_PAUSE)
            except Exception as error:
                raise ClusterError(f"{name}: Dask could not have it graded: {error}") from error

    def _run(self, client: Any, name: str, arguments: tuple[bytes, bytes], log: logging.Logger) -> dict[str, Any]:
        source, digest = self._arguments
        names = {"source": source, "arguments": (digest, *arguments), "__name__": "pset_slot"}
        key = f"pset-{name}-{uuid.uuid4().hex}"
        import dask

        # Larger than Dask likes a graph to be: the package, a file of digits. They go once to each worker.
        with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 GiB"}):
            future = client.submit(eval, _CALL, names, key=key, pure=False)
        asked = time.monotonic()
        try:
            while True:
                try:
                    reply, _ = parcel.unframe(future.result(timeout=_LOOK))
                    return reply
                except self._dask.TimeoutError:
                    if client.nthreads():
                        asked = time.monotonic()
                    elif time.monotonic() - asked > self.patience:
                        raise self._no_more(
                            f"No worker has joined the scheduler {self.scheduler} for {self.patience} s "
                            f"(c.Cluster.patience). Start some: dask worker {self.scheduler}. {_AGAIN}"
                        ) from None
                    else:
                        self._say(f"The scheduler {self.scheduler} has no worker; waiting for one.", log)
        finally:
            # Done, or given up: then it is taken from the queue, or its result dropped.
            future.cancel()

    def _say(self, text: str, log: logging.Logger) -> None:
        if text not in self._said:
            self._said.add(text)
            log.warning("%s", text)

    def _unreachable(self, reason: str) -> ClusterGone:
        return self._no_more(
            f"The scheduler {self.scheduler} cannot be reached: {reason}. Is it running, and is the address right "
            f"(c.Batch.scheduler)? {_AGAIN}"
        )


def _client(scheduler: str) -> Any:
    from distributed import Client

    return Client(scheduler, timeout=_CONNECT, set_as_default=False)


if __name__ == "__main__":
    with _client(sys.argv[1]) as asking:
        print(sum(asking.nthreads().values()))
