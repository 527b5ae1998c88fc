"""Processor time is counted whole: also of what came and went between two looks."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
import psutil
import pytest

from afterward.stack.postgres import Postgres
from bench.usage import children, usage_of
from chassis.clock import monotonic

A_TICK = 0.02
"""The kernel tells of processor time in hundredths of a second, each process rounded by itself."""
LIMIT_SECONDS = 60

BURN = "import time\nwhile time.process_time() < 0.3: pass\n"
BEGINS_AND_REAPS = f"""
import subprocess, sys
subprocess.run([sys.executable, "-c", {BURN!r}], check=True)
print("reaped", flush=True)
sys.stdin.read()
"""
TWO_ON_ONE_CORE = f"""
import os, sys, threading
os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
if os.fork() == 0:
    exec({BURN!r})
    print("burnt", flush=True)
    sys.stdin.read()
else:
    exec({BURN!r})
    print("burnt", flush=True)
    os.wait()
"""


@contextmanager
def program(text: str) -> Iterator["subprocess.Popen[str]"]:
    """A Python that runs this, and ends when its input does."""
    with subprocess.Popen(
        [sys.executable, "-c", text], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as running:
        try:
            yield running
        finally:
            if running.stdin:
                running.stdin.close()


def test_what_a_process_has_reaped_is_counted_with_it() -> None:
    with program(BEGINS_AND_REAPS) as running:
        assert running.stdout
        assert running.stdout.readline() == "reaped\n"
        assert children(running.pid) == []
        assert usage_of(running.pid).processor >= 0.3 - A_TICK


def test_who_had_to_wait_for_a_core_is_said() -> None:
    with program(TWO_ON_ONE_CORE) as running:
        assert running.stdout
        assert [running.stdout.readline() for _ in range(2)] == ["burnt\n"] * 2
        found = usage_of(running.pid)
        assert len(children(running.pid)) == 1
    assert found.processor >= 0.6 - 2 * A_TICK
    assert found.waited >= 0.2, "each had to wait while the other one had the core"


def test_what_does_not_run_has_no_figure() -> None:
    with program("") as ended:
        pass
    with pytest.raises(ProcessLookupError, match=str(ended.pid)):
        usage_of(ended.pid)


async def test_a_backend_that_came_and_went_is_counted(postgres: Postgres) -> None:
    assert postgres.pid is not None
    connection = await asyncpg.connect(postgres.dsn())
    backend = psutil.Process(await connection.fetchval("SELECT pg_backend_pid()"))
    before = usage_of(postgres.pid).processor
    own_before = sum(backend.cpu_times()[:2])
    await connection.execute("SET max_parallel_workers_per_gather = 0")
    assert json.loads(await connection.fetchval("SELECT count(*)::text FROM generate_series(1, 2000000)")) == 2_000_000
    worked = sum(backend.cpu_times()[:2]) - own_before
    await connection.close()
    deadline = monotonic() + LIMIT_SECONDS
    while backend.pid in children(postgres.pid):
        assert monotonic() < deadline, "the backend did not end"
    assert worked > 5 * A_TICK, "too little to be told from nothing"
    assert usage_of(postgres.pid).processor - before >= worked - A_TICK
