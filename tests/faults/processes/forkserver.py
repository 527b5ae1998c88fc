"""The harness's end of `tests.faults.processes.process`: which services run, and what happens when one ends."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.processes.nest import Start

LIMIT_SECONDS = 30
ROOT = Path(__file__).parents[3]
TODAYS = (sys.executable, "-m", "tests.faults.processes.process")


@dataclass(eq=False)
class Child:
    """One process of a service. `status`: None while it lives, then its exit status (negative: the signal)."""

    pid: int = 0
    status: int | None = None
    began: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)


class Forkserver:
    """Forks services. Bound to no event loop, so that it serves one run after the other.

    `command`: what serves, `tests.faults.processes.process` or another that runs a nest, in the folder `cwd`.
    """

    def __init__(self, command: Sequence[str] = TODAYS, cwd: Path = ROOT) -> None:
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=cwd)
        self._children: dict[int, Child] = {}
        self._waiting: list[Child] = []
        self._on_end: dict[int, Callable[[Child], None]] = {}
        self._lock = threading.Lock()
        threading.Thread(target=self._listen, daemon=True).start()

    def start(self, start: Start, on_end: Callable[[Child], None]) -> Child:
        """Forks a service; `on_end` is called once it has ended, in a thread of the forkserver."""
        child = Child()
        assert self._process.stdin is not None
        with self._lock:
            self._waiting.append(child)
            self._on_end[id(child)] = on_end
            self._process.stdin.write(json.dumps(start._asdict()).encode() + b"\n")
            self._process.stdin.flush()
        return child

    def close(self) -> None:
        """Ends all that still run."""
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.close()
        self._process.wait(LIMIT_SECONDS)

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._note(json.loads(line))

    def _note(self, emitted: dict[str, Any]) -> None:
        pid = emitted["pid"]
        if "status" not in emitted:
            with self._lock:
                child = self._children[pid] = self._waiting.pop(0)
            child.pid = pid
            child.began.set()
            return
        child = self._children.pop(pid)
        child.status = emitted["status"]
        child.ended.set()
        self._on_end.pop(id(child))(child)
