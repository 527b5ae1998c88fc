"""The real thing: what an event costs as the store fills and as a case grows, full plans, and whole journeys."""

from collections.abc import Mapping, Sequence
from typing import Any

from afterward.stack.supervisor import aggregates_of
from bench import plans, stays
from bench.courses import Course, case_id
from bench.curve import by_case_size
from bench.frame import Bench, median
from bench.journeys import whole_journeys
from bench.loads import publish_evenings
from bench.progress import COLUMNS, Pace, figures, summary, through
from bench.seeding import copied, judged_row, settle, store_copies
from bench.servers import Servers

TITLE = "Growth: the real thing"

STORED = (10_000, 100_000, 1_000_000)
ACTIVE = 10_000


async def run(bench: Bench) -> Mapping[str, Any]:
    """The section `growth`."""
    async with bench.servers() as servers:
        by_size = await by_case_size(bench, servers)
        services = {name: await _service(bench, servers, name, pattern) for name, pattern in _COURSES.items()}
        journeys = await whole_journeys(bench, servers)
        by_store = await _by_store(bench, servers)
    return {"growth": {"by_case_size": by_size, **services, "journeys": journeys, "by_store": by_store}}


_COURSES: Mapping[str, Course] = {"discharge": stays.whole_stay(), "followup": plans.whole_plan()}


async def _service(bench: Bench, servers: Servers, service: str, pattern: Course) -> Mapping[str, Any]:
    """A service alone, fed with whole courses in clinical order."""
    cases = [case_id(number) for number in range(max(1, bench.options.records // len(pattern)))]
    paces = [await _whole_courses(servers, service, pattern, cases) for _ in range(bench.options.repeat)]
    bench.show(
        f"{service}: {len(cases):,} whole courses of {len(pattern)} messages",
        ["run", *COLUMNS],
        [(number, *figures(pace)) for number, pace in enumerate(paces, start=1)],
    )
    return {"cases": len(cases), "messages_a_case": len(pattern), **summary(paces)}


async def _whole_courses(servers: Servers, service: str, pattern: Course, cases: Sequence[str]) -> Pace:
    await servers.fresh_topics()
    dsn, clock_file = await servers.fresh_database(service), servers.folder / f"clock-{service}.json"
    clock_file.unlink(missing_ok=True)
    records = await publish_evenings(servers, clock_file, pattern, cases)
    try:
        return await _paced(servers, service, dsn, clock_file=clock_file, records=records)
    finally:
        await servers.drop_database(dsn)


async def _paced(servers: Servers, service: str, dsn: str, *, records: int, **settings: Any) -> Pace:
    async with servers.service(f"services.{service}.app:app", dsn, name=service, **settings) as process:
        return await through([process], records)


async def _by_store(bench: Bench, servers: Servers) -> Mapping[str, Any]:
    """Discharge with ever more cases stored; the same 10,000 of them are told the end of their stay."""
    given = max(1, min(bench.options.records // ACTIVE, 20))
    found = {}
    for stored in STORED:
        seeded = await _seeded(bench, servers, stored, given)
        found[stored] = [await _active_cases(servers, seeded, stored, given) for _ in range(bench.options.repeat)]
        await servers.drop_database(seeded)
    rows = [(f"{stored:,} cases", *figures(pace)) for stored, paces in found.items() for pace in paces]
    bench.show(
        f"discharge: the last {given} messages of {ACTIVE:,} stays, by how many cases are stored",
        ["stored", *COLUMNS],
        rows,
    )
    costs = {str(stored): summary(paces) for stored, paces in found.items()}
    in_all = [median(sum(pace.processor_us.values()) for pace in paces) for paces in found.values()]
    return {**costs, "at_most_times_the_smallest": round(max(in_all) / in_all[0], 2)}


async def _seeded(bench: Bench, servers: Servers, stored: int, given: int) -> str:
    """The DSN of a database with so many stays, the active ones spread evenly among those that have ended."""
    bench.say(f"{stored:,} cases are stored …")
    stay, aggregates = stays.whole_stay(), aggregates_of("discharge")
    dsn = await servers.fresh_database("discharge")
    ended = await judged_row(dsn, "discharge", aggregates, stay)
    in_hospital = await judged_row(dsn, "discharge", aggregates, stay[:-given])
    every = stored // ACTIVE
    await store_copies(dsn, ((in_hospital if n % every == 0 else ended, case_id(n)) for n in range(stored)))
    await settle(dsn)
    return dsn


async def _active_cases(servers: Servers, seeded: str, stored: int, given: int) -> Pace:
    await servers.fresh_topics()
    clock_file = servers.folder / "clock-store.json"
    clock_file.unlink(missing_ok=True)
    every = stored // ACTIVE
    active = [case_id(number) for number in range(0, stored, every)]
    records = await publish_evenings(servers, clock_file, stays.whole_stay()[-given:], active)
    dsn = await copied(servers, seeded)
    try:
        return await _paced(servers, "discharge", dsn, clock_file=clock_file, records=records)
    finally:
        await servers.drop_database(dsn)
