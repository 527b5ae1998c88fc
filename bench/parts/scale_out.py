"""Scale-out: one, two and four processes of a service; and how soon another goes on where one died."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any

import psutil

from afterward.stack.services import SESSION_TIMEOUT_MS
from bench import job
from bench.frame import Bench, median
from bench.open_loop import distinct, open_loop
from bench.progress import COLUMNS, Pace, figures, summary, through
from bench.servers import Process, Servers
from chassis.clock import monotonic

TITLE = "Scale-out and recovery"

SERVICE = "treatment"
APPLICATION = f"services.{SERVICE}.app:app"
PROCESSES = (1, 2, 4)
WARM_UP_SHARE = 4
FULL = 0.9
"""Of a core: what is in use for so much of the time is in use."""
RATE = 200
"""Reports a second while a process dies."""
BEFORE_SECONDS = 5
AFTER_SECONDS = 20
ANSWERED_SECONDS = 120


async def run(bench: Bench) -> Mapping[str, Any]:
    """The sections `scale_out` and `recovery`."""
    async with bench.servers() as servers:
        await _shared(servers, 1, job.make_load(bench.options.records // WARM_UP_SHARE))  # it does not count
        paces = {number: await _repeated(bench, servers, number) for number in PROCESSES}
        takes = {name: await _recovered(bench, servers, name) for name in _MEMBERSHIPS}
    rows = [(number, *figures(pace), *limit(pace, number)) for number, runs in paces.items() for pace in runs]
    bench.show(
        f"{SERVICE}: {bench.options.records:,} records on {psutil.cpu_count()} cores, by number of processes",
        ["processes", *COLUMNS, "cores in use", "limit"],
        rows,
    )
    bench.show(
        f"Seconds from kill -9 of one of two processes until its partitions go on, session {SESSION_TIMEOUT_MS} ms",
        ["membership", "median", "runs"],
        [(name, median(runs), ", ".join(f"{seconds:.1f}" for seconds in runs)) for name, runs in takes.items()],
    )
    return {
        "scale_out": {str(number): _section(runs, number) for number, runs in paces.items()},
        "recovery_seconds": {
            "session_timeout_ms": SESSION_TIMEOUT_MS,
            **{
                name: {"median": median(runs), "runs": [round(each, 2) for each in runs]}
                for name, runs in takes.items()
            },
        },
    }


def _section(runs: Sequence[Pace], number: int) -> dict[str, Any]:
    found = [limit(pace, number) for pace in runs]
    return {
        **summary(runs),
        "cores_in_use": median(cores for cores, _ in found),
        "cores_of_the_machine": psutil.cpu_count(),
        "limits": [name for _, name in found],
    }


def limit(pace: Pace, processes: int) -> tuple[float, str]:
    """How many cores were in use by all programs, and what kept these processes from being faster.

    A machine whose cores are all in use is the limit whatever the number of processes; a process has one core at most.
    """
    spent, cores = pace.spent, psutil.cpu_count() or 1
    if spent.cores + spent.elsewhere + spent.stolen >= FULL * cores:
        return spent.cores, f"the machine's {cores} cores" + ("" if spent.quiet else ", which others used too")
    if spent.used["ours"].processor >= FULL * processes * spent.seconds:
        return spent.cores, "one core a process"
    return spent.cores, "no processor: waiting for disk and each other"


async def _repeated(bench: Bench, servers: Servers, number: int) -> list[Pace]:
    load = job.make_load(bench.options.records)
    return [await _shared(servers, number, load) for _ in range(bench.options.repeat)]


async def _shared(servers: Servers, number: int, load: job.Load) -> Pace:
    """The pace of so many processes together.

    They have their partitions before the load is there, and are held still while it is put there.
    """
    await servers.fresh_topics()
    dsn = await servers.fresh_database(SERVICE)
    async with _processes(servers, dsn, number) as processes:
        with _held(processes):
            await servers.load(job.REPORTS, load.records)
        pace = await through(processes, len(load.records))
    await servers.drop_database(dsn)
    return pace


@asynccontextmanager
async def _processes(servers: Servers, dsn: str, number: int, **settings: object) -> AsyncIterator[list[Process]]:
    """So many processes of one service, each with partitions of its own."""
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(
                servers.service(APPLICATION, dsn, name=f"{SERVICE}-{place}", **_own(settings, place))
            )
            for place in range(number)
        ]


def _own(settings: Mapping[str, object], place: int) -> dict[str, Any]:
    """Settings in which `{place}` stands for the number of the process."""
    return {name: str(value).format(place=place) for name, value in settings.items()}


@contextmanager
def _held(processes: Sequence[Process]) -> Iterator[None]:
    for process in processes:
        os.kill(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process.pid, signal.SIGCONT)


_MEMBERSHIPS: Mapping[str, dict[str, str]] = {
    "dynamic, the other takes over": {},
    "static, started again at once": {"group_instance_id": f"{SERVICE}-{{place}}"},
}


async def _recovered(bench: Bench, servers: Servers, membership: str) -> list[float]:
    return [await _killed(servers, _MEMBERSHIPS[membership]) for _ in range(bench.options.repeat)]


async def _killed(servers: Servers, settings: Mapping[str, str]) -> float:
    """The longest that a report sent after the death of a process had to wait, in seconds; none is lost."""
    await servers.fresh_topics()
    dsn = await servers.fresh_database(SERVICE)
    given = {**settings, "session_timeout_ms": SESSION_TIMEOUT_MS}
    sendings = distinct(RATE * (BEFORE_SECONDS + AFTER_SECONDS))
    before, after = sendings[: RATE * BEFORE_SECONDS], sendings[RATE * BEFORE_SECONDS :]
    async with AsyncExitStack() as stack:
        processes = await stack.enter_async_context(_processes(servers, dsn, 2, **given))
        loop = await stack.enter_async_context(open_loop(servers))
        await loop.send(before, RATE)
        died_at = monotonic()
        os.kill(processes[1].pid, signal.SIGKILL)
        sending = asyncio.create_task(loop.send(after, RATE))
        if settings:
            again = servers.service(APPLICATION, dsn, name=f"{SERVICE}-again", **_own(given, 1))
            await stack.enter_async_context(again)
        await sending
        await loop.answered(ANSWERED_SECONDS)
        longest = max(loop.latencies_ms(died_at)) / 1_000
    await servers.drop_database(dsn)
    return longest
