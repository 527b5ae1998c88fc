"""What an event costs as the store fills: the same cases among ten thousand, a hundred thousand and a million."""

from collections.abc import Mapping
from typing import Any

from afterward.stack.supervisor import aggregates_of
from bench import stays
from bench.courses import case_id
from bench.frame import Bench, median
from bench.loads import publish_evenings
from bench.parts.growth import paced
from bench.progress import COLUMNS, Pace, figures, summary
from bench.seeding import copied, judged_row, settle, store_copies
from bench.servers import Servers

TITLE = "A store that fills"

STORED = (10_000, 100_000, 1_000_000)
ACTIVE = 10_000


async def run(bench: Bench) -> Mapping[str, Any]:
    """The section `stored`."""
    async with bench.servers() as servers:
        return {"stored": await _by_store(bench, servers)}


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
        return await paced(servers, "discharge", dsn, clock_file=clock_file, records=records)
    finally:
        await servers.drop_database(dsn)
