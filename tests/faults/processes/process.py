"""Services as processes of their own, forked from one that has imported everything: a start costs no interpreter.

`python -m tests.faults.processes.process` reads one JSON object a line (`Start`) and forks a service for each. It
writes a line for each that began, `{"name", "pid"}`, and for each that ended, `{"name", "pid", "status"}` (a negative
status is the signal that ended it). When its input ends, it ends all of them: nothing outlives the harness.
"""

import gc
import json
import logging
import os
import select
import signal
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import anyio
import uvloop

from schemas.services import SERVICES
from tests.faults.injection.environment import break_as_asked
from tests.faults.injection.pausing import hold_as_asked

READ_BYTES = 1 << 16


class Start(NamedTuple):
    """What one service is started with. `name`: of the process; `port`: where it tells of its health."""

    name: str
    service: str
    port: int
    log: str
    environment: Mapping[str, str]


def main() -> None:
    """Forks what is asked for, reaps what has ended, until the input ends."""
    for module in ("tests.faults.injection.variants", *(f"services.{service}.routes" for service in SERVICES)):
        import_module(module)
    gc.freeze()
    woken, waker = os.pipe()
    os.set_blocking(waker, False)
    signal.set_wakeup_fd(waker)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    Nest(woken).run()


class Nest:
    """The forked services, by pid."""

    def __init__(self, woken: int) -> None:
        self._woken = woken
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
            serve(start)
        self._names[pid] = start.name
        _tell(name=start.name, pid=pid)

    def _reap(self) -> None:
        while self._names:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            _tell(name=self._names.pop(pid), pid=pid, status=os.waitstatus_to_exitcode(status))


def serve(start: Start) -> None:
    """Becomes the service: a session, an output and settings of its own. Never returns."""
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        _output_to(Path(start.log))
        os.environ.update(start.environment)
        break_as_asked(os.environ)
        hold_as_asked(start.service, os.environ)
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
    main()
