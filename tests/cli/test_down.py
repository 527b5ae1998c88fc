"""down ends although its `up` stays in the process table: a container's first process may never ask how it ended."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from afterward.stack.lock import holder
from afterward.stack.process import runs
from afterward.stack.running import NotRunning, Running
from tests.architecture.sample_repo import ROOT

SUPERVISOR = """
import pathlib, signal, sys
from afterward.stack.lock import held
with held(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    signal.pause()
"""
ENDS_WITHIN_SECONDS = 30


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the data directory as `up` does, and whose parent does not ask for it when it ends."""
    command = [sys.executable, "-c", SUPERVISOR, str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_down_ends_when_its_up_has_ended_and_nobody_asks_for_it(
    supervisor: subprocess.Popen[str], tmp_path: Path
) -> None:
    down = [sys.executable, "-m", "afterward.cli", "down", "--data-dir", str(tmp_path)]
    done = subprocess.run(down, capture_output=True, text=True, check=False, timeout=ENDS_WITHIN_SECONDS)
    assert done.returncode == 0, done.stderr
    assert f"(process {supervisor.pid})" in done.stdout
    assert psutil.Process(supervisor.pid).status() == psutil.STATUS_ZOMBIE
    assert holder(tmp_path) is None


def test_a_supervisor_that_waits_to_be_asked_for_runs_no_stack(
    supervisor: subprocess.Popen[str], tmp_path: Path
) -> None:
    Running("localhost:1", None, {}, "embedded", supervisor.pid).save(tmp_path)
    assert runs(supervisor.pid)
    assert Running.load(tmp_path).supervisor == supervisor.pid
    supervisor.terminate()
    os.waitid(os.P_PID, supervisor.pid, os.WEXITED | os.WNOWAIT)
    assert not runs(supervisor.pid)
    with pytest.raises(NotRunning, match="has ended without"):
        Running.load(tmp_path)
