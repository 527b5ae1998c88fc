"""Whole journeys through all services: the story's reports on the bus, and five processes that make sense of them."""

import asyncio
import os
from collections.abc import Mapping
from contextlib import AsyncExitStack
from itertools import groupby
from typing import Any

from afterward.context.idle import wait_until_idle
from afterward.context.target import local
from afterward.stack.running import Running, ServiceProcess
from bench.courses import SHANGHAI
from bench.frame import Bench, median
from bench.loads import publish_at_instant
from bench.machine import Reading
from bench.progress import COLUMNS, Begun, Count, Pace, count, figures, summary
from bench.servers import Process, Servers
from chassis.clock import VirtualTime
from schemas.services import SERVICES
from story import Publication, reports

LIMIT_SECONDS = 900


async def whole_journeys(bench: Bench, servers: Servers) -> Mapping[str, Any]:
    """All reports of the story (at most as many as asked for), judged by all services side by side."""
    given = reports()[: bench.options.records]
    paces = [await _once(servers, given) for _ in range(bench.options.repeat)]
    bench.show(
        f"all services: {len(given):,} reports of {len({each.key for each in given}):,} cases",
        ["run", "reports/s", *COLUMNS],
        [(number, len(given) / pace.seconds, *figures(pace)) for number, pace in enumerate(paces, start=1)],
    )
    return {
        "reports": len(given),
        "reports_a_second": median(len(given) / pace.seconds for pace in paces),
        **summary(paces),
    }


async def _once(servers: Servers, given: list[Publication]) -> Pace:
    await servers.fresh_topics()
    clock_file = servers.folder / "clock-journeys.json"
    clock_file.unlink(missing_ok=True)
    clock = VirtualTime(clock_file)
    for _, day in groupby(given, key=lambda publication: publication.publish_at.astimezone(SHANGHAI).date()):
        publications = list(day)
        await publish_at_instant(servers, clock, publications[-1].publish_at, publications)
    dsns = {name: await servers.fresh_database(name) for name in SERVICES}
    try:
        return await _judged(servers, dsns, clock_file=clock_file)
    finally:
        for dsn in dsns.values():
            await servers.drop_database(dsn)


async def _judged(servers: Servers, dsns: Mapping[str, str], **settings: Any) -> Pace:
    """From the moment at which the first service has its partitions until none has anything left to do.

    They begin at once, so that their start is part of it: the figures are too low rather than too high.
    """
    async with AsyncExitStack() as stack:

        async def start(name: str) -> tuple[Process, Reading]:
            application = f"services.{name}.app:app"
            service = servers.service(application, dsns[name], name=name, **settings)
            return await stack.enter_async_context(service), Reading.now(servers.programs())

        started = await asyncio.gather(*map(start, dsns))
        processes = [process for process, _ in started]
        _stack_of(servers, dict(zip(dsns, processes, strict=True))).save(servers.folder)
        await wait_until_idle(local(servers.folder), LIMIT_SECONDS)
        ended = [await count(process) for process in processes]
        first = min((used for _, used in started), key=lambda used: used.at)
        return Begun(processes, [Count(first.at, 0, 0, 0, 0)] * len(processes), first).pace(ended)


def _stack_of(servers: Servers, processes: Mapping[str, Process]) -> Running:
    """These processes as a stack, to be asked whether it is quiet."""
    services = {name: ServiceProcess(process.pid, process.http) for name, process in processes.items()}
    return Running(servers.bootstrap_servers, "step", services, servers.kafka.name, os.getpid())
