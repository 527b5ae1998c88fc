"""What one more event costs a case of 1, 10, 100 and 1,000 facts, and in which part of the engine."""

from collections.abc import Mapping
from typing import Any

from afterward.stack.supervisor import aggregates_of
from bench import stays
from bench.courses import case_id, renamed
from bench.frame import Bench, median
from bench.seeding import StoppedClock, connected, judge_all, judged_row, make_engine, record, settle, store_copies
from bench.servers import Servers
from bench.stopwatch import Stopwatch, TimedConnection, timed_aggregate, watched
from bench.usage import usage_of

SERVICE = "discharge"
SIZES = (1, 10, 100, 1_000)
BATCH = 1_000
PARTS = ("read", "learn", "conclude", "announce", "encode", "document", "engine", "store", "postgresql")
_WIDTH = 60

Costs = Mapping[str, float]
"""Part of the engine, or PostgreSQL → microseconds of processor time an event."""


async def by_case_size(bench: Bench, servers: Servers) -> Mapping[str, Any]:
    """The engine in this process, without a bus: batches of 1,000 cases, one more temperature each."""
    batches = max(1, bench.options.records // 25_000)
    found = {size: [await _costs(servers, size, batches) for _ in range(bench.options.repeat)] for size in SIZES}
    curve = {size: {part: median(run[part] for run in runs) for part in PARTS} for size, runs in found.items()}
    totals = {size: sum(costs.values()) for size, costs in curve.items()}
    rows = [(f"{size:,}", *(curve[size][part] for part in PARTS), totals[size]) for size in SIZES]
    bench.show(
        "discharge: microseconds of processor time an event, by facts of the case", ["facts", *PARTS, "all"], rows
    )
    for line in drawn(curve):
        bench.say(line)
    sizes = {str(size): {**curve[size], "all": round(totals[size])} for size in SIZES}
    return {**sizes, "cold_at_100_times_one": round(totals[100] / totals[1], 2)}


def drawn(curve: Mapping[int, Costs]) -> list[str]:
    """A bar for each size, all of one length: the share of each part by its letter, and what an event costs in all."""
    letters = dict(zip(PARTS, "rlcaedgsp", strict=True))
    totals = {size: sum(costs.values()) for size, costs in curve.items()}
    bars = {
        size: "".join(letters[part] * round(_WIDTH * micros / totals[size]) for part, micros in costs.items())
        for size, costs in curve.items()
    }
    key = ", ".join(f"{letter} {part}" for part, letter in letters.items())
    return [*(f"{size:>6,} {bar:<{_WIDTH + 4}} {totals[size]:>8,.0f} µs" for size, bar in bars.items()), f"({key})"]


async def _costs(servers: Servers, size: int, batches: int) -> Costs:
    pattern = stays.one_more_temperature(stays.facts_of_a_stay(size))
    aggregates = aggregates_of(SERVICE)
    dsn = await servers.fresh_database(SERVICE)
    row = await judged_row(dsn, SERVICE, aggregates, pattern[:-1])
    cases = [case_id(number) for number in range(BATCH * (batches + 1))]
    await store_copies(dsn, ((row, case) for case in cases))
    await settle(dsn)
    received_at = pattern[-1].publish_at
    records = [record(renamed(pattern[-1], case), offset, received_at) for offset, case in enumerate(cases)]
    watch = Stopwatch()
    engine = make_engine(
        SERVICE, [timed_aggregate(aggregate, watch) for aggregate in aggregates], StoppedClock(received_at)
    )
    async with connected(dsn) as connection:
        await judge_all(engine, connection, records[:BATCH])  # the first prepares statements, and is not counted
        watch.seconds.clear()
        begun = _used_by_postgresql(servers)
        with watched(watch):
            for first in range(BATCH, len(records), BATCH):
                with watch.on("engine"):
                    await judge_all(engine, TimedConnection(connection, watch), records[first : first + BATCH])
        watch.seconds["postgresql"] = _used_by_postgresql(servers) - begun
    await servers.drop_database(dsn)
    return {part: 1e6 * watch.seconds[part] / (BATCH * batches) for part in PARTS}


def _used_by_postgresql(servers: Servers) -> float:
    return sum(usage_of(pid).processor for pid in servers.programs()["postgresql"])
