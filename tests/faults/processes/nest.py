"""Forks services from a process that has imported them all. It imports nothing else of this tree, nor of the tests.

It reads one JSON object a line (`Start`) and forks a service for each. It writes a line for each that began,
`{"name", "pid"}`, and for each that ended, `{"name", "pid", "status"}` (a negative status is the signal that ended it).
When its input ends, it ends all of them: nothing outlives the harness.

`python -P nest.py` serves whichever release its interpreter has installed.
"""

import gc
import json
import logging
import os
import select
import signal
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import anyio
import uvloop

from schemas.services import SERVICES

READ_BYTES = 1 << 16


class Start(NamedTuple):
    """What one service is started with. `name`: of the process; `port`: where it tells of its health."""

    name: str
    service: str
    port: int
    log: str
    environment: Mapping[str, str]


def run(before: Callable[[Start], None]) -> None:
    """Forks what is asked for, reaps what has ended, until the input ends. `before`: called in each, before its app."""
    for service in SERVICES:
        import_module(f"services.{service}.routes")
    gc.freeze()
    woken, waker = os.pipe()
    os.set_blocking(waker, False)
    signal.set_wakeup_fd(waker)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    Nest(woken, before).run()


class Nest:
    """The forked services, by pid."""

    def __init__(self, woken: int, before: Callable[[Start], None]) -> None:
        self._woken, self._before = woken, before
        self._names: dict[int, str] = {}
        self._rest = b""

    def run(self) -> None:
        """Until the input ends."""
        while True:
            ready, _, _ = select.select([0, self._woken], [], [])
            if self._woken in ready:
                os.read(self._woken, READ_BYTES)
                self._reap()
            if 0 in ready and not self._read():
                break
        for pid in self._names:
            os.kill(pid, signal.SIGKILL)

    def _read(self) -> bool:
        given = os.read(0, READ_BYTES)
        *lines, self._rest = (self._rest + given).split(b"\n")
        for line in lines:
            self._fork(Start(**json.loads(line)))
        return bool(given)

    def _fork(self, start: Start) -> None:
        pid = os.fork()
        if pid == 0:
            serve(start, self._before)
        self._names[pid] = start.name
        _tell(name=start.name, pid=pid)

    def _reap(self) -> None:
        while self._names:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            _tell(name=self._names.pop(pid), pid=pid, status=os.waitstatus_to_exitcode(status))


def serve(start: Start, before: Callable[[Start], None]) -> None:
    """Becomes the service: a session, an output and settings of its own. Never returns."""
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        _output_to(Path(start.log))
        os.environ.update(start.environment)
        before(start)
        app = import_module(f"services.{start.service}.app").app
        options = {"host": "127.0.0.1", "port": start.port}
        anyio.run(app.run, logging.INFO, options, backend_options={"loop_factory": uvloop.new_event_loop})
        status = 0
    except BaseException:
        logging.getLogger("afterward.faults").critical("the service has ended", exc_info=True)
    finally:
        os._exit(status)


def _output_to(log: Path) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for target, source in ((0, nothing), (1, written), (2, written)):
        os.dup2(source, target)


def _tell(**emitted: Any) -> None:
    sys.stdout.write(json.dumps(emitted) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    run(lambda _start: None)
