"""What catching up says too much: all topics hold whole courses before the service starts, or it reads as they come.

Read in the order of their records' time, they lead to as few events as they did the first time. Whoever reads one
topic far ahead of another concludes from half of what was known, and takes it back.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import asyncpg

from bench import plans, stays
from bench.courses import BEGIN, Course, case_id, evenings, renamed
from bench.frame import Bench
from bench.loads import publish_at_instant, publish_evenings
from bench.progress import Pace, summary, through, until
from bench.servers import Servers
from chassis.clock import VirtualTime

TITLE = "Read in step: events of catching up, beside those of a reading in order"

RECORDS_A_CASE = 100
"""About: as many cases as a hundredth of the records asked for."""
LIMIT_SECONDS = 600

Emitted = Mapping[str, int]
"""Type of event → how often it was said."""
_COURSES: Mapping[str, Course] = {"discharge": stays.whole_stay(), "followup": plans.whole_plan()}


async def run(bench: Bench) -> Mapping[str, Any]:
    """The section `in_step`."""
    async with bench.servers() as servers:
        return {"in_step": {name: await _service(bench, servers, name, pattern) for name, pattern in _COURSES.items()}}


async def _service(bench: Bench, servers: Servers, service: str, pattern: Course) -> Mapping[str, Any]:
    cases = [case_id(number) for number in range(max(1, bench.options.records // RECORDS_A_CASE))]
    in_order = await _as_they_come(servers, service, pattern, cases)
    runs = [await _catching_up(servers, service, pattern, cases) for _ in range(bench.options.repeat)]
    perfect = in_order.total()
    rows: list[tuple[object, ...]] = [("in order", perfect, 1.0, "", _more(in_order, in_order))]
    for number, (emitted, went) in enumerate(runs, start=1):
        more = _more(emitted, in_order)
        rows.append((f"catching up {number}", emitted.total(), emitted.total() / perfect, went.messages_a_second, more))
    columns = ("", "events", "× in order", "messages/s", "said besides")
    bench.show(f"{service}: {len(cases):,} whole courses of {len(pattern)} messages", columns, rows)
    times = [emitted.total() / perfect for emitted, _ in runs]
    return {
        "cases": len(cases),
        "messages_a_case": len(pattern),
        "events_in_order": perfect,
        "events_runs": [emitted.total() for emitted, _ in runs],
        "times_in_order": round(max(times), 3),
        **summary([went for _, went in runs]),
    }


async def _as_they_come(servers: Servers, service: str, pattern: Course, cases: Sequence[str]) -> Counter[str]:
    """The service runs, and each topic's share of an evening is told when it has read all that was told before."""
    await servers.fresh_topics()
    clock_file = servers.folder / f"in-order-{service}.json"
    dsn, clock, published = await servers.fresh_database(service), VirtualTime(clock_file), 0
    clock.step_to(BEGIN, 0)
    async with servers.service(f"services.{service}.app:app", dsn, name=service, clock_file=clock_file) as process:
        for evening, given in evenings(pattern):
            by_topic = sorted(given, key=lambda publication: publication.topic)
            for _, share in groupby(by_topic, key=lambda publication: publication.topic):
                publications = [renamed(publication, case) for publication in share for case in cases]
                await publish_at_instant(servers, clock, evening, publications)
                published += len(publications)
                await until(process, lambda now, published=published: now.records >= published, LIMIT_SECONDS)  # type: ignore[misc]
    return await _emitted(servers, dsn)


async def _catching_up(
    servers: Servers, service: str, pattern: Course, cases: Sequence[str]
) -> tuple[Counter[str], Pace]:
    """The service starts when everything has been told."""
    await servers.fresh_topics()
    clock_file = servers.folder / f"catching-up-{service}.json"
    clock_file.unlink(missing_ok=True)
    dsn, records = await servers.fresh_database(service), await publish_evenings(servers, clock_file, pattern, cases)
    async with servers.service(f"services.{service}.app:app", dsn, name=service, clock_file=clock_file) as process:
        went = await through([process], records, LIMIT_SECONDS)
    return await _emitted(servers, dsn), went


async def _emitted(servers: Servers, dsn: str) -> Counter[str]:
    """What the service's archive holds; the database is gone afterwards."""
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch(
            "SELECT convert_from(message, 'UTF8')::json->>'type' AS type, count(*) AS times FROM archive GROUP BY 1"
        )
    finally:
        await connection.close()
    await servers.drop_database(dsn)
    return Counter({row["type"].split(".")[1]: row["times"] for row in rows})


def _more(emitted: Emitted, in_order: Emitted) -> str:
    """How often each type was said more, or less, than in order."""
    differences = {name: emitted.get(name, 0) - in_order.get(name, 0) for name in sorted({*emitted, *in_order})}
    return ", ".join(f"{name} {times:+,}" for name, times in differences.items() if times)
