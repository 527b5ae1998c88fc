"""Online care: what serving the next one costs, by how many wait in one channel, and in a thousand channels.

Rounds take turns, so that whatever else the machine does slows all alike. Processor time, not the clock's.
"""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any

from afterward.stack.postgres import Postgres
from bench.frame import Bench, median
from bench.machine import Reading, Spent
from bench.queues import Cost, Layout, Queues

TITLE = "Online care: the queue of a channel"

LAYOUTS = {
    "nobody waits": Layout(1, 100, 0),
    "1,000 wait in one channel": Layout(1, 100, 1_000),
    "10,000 wait in one channel": Layout(1, 100, 10_000),
    "10,000 wait in 1,000 channels": Layout(1_000, 1, 10_000),
}
SHORT, LONG = "1,000 wait in one channel", "10,000 wait in one channel"
WAYS = {"a batch": (500, 250), "one by one": (50, 1)}
"""Consultations that end in a round, and at once; as many are asked for."""

Costs = Mapping[tuple[str, str], list[Cost]]


async def run(bench: Bench) -> Mapping[str, Any]:
    """The section `queue`."""
    postgres = Postgres(bench.folder, durable=True)
    try:
        await postgres.start()
        async with AsyncExitStack() as until:
            queues = {}
            for name, layout in LAYOUTS.items():
                bench.say(f"{name} …")
                queues[name] = await Queues.filled(postgres, layout, until)
            begun = _reading(postgres)
            costs = await _rounds(queues, bench.options.repeat)
            spent = Spent.between(begun, _reading(postgres))
    finally:
        await postgres.stop()
        postgres.remove()
    _show(bench, costs)
    found = {way: {name: _summary(costs[way, name]) for name in LAYOUTS} for way in WAYS}
    machine = {
        "elsewhere_cores": round(spent.elsewhere, 2),
        "stolen_cores": round(spent.stolen, 2),
        "quiet": spent.quiet,
    }
    return {"queue": {**found, **machine, "times_the_short_queue": _longer(costs)}}


def _reading(postgres: Postgres) -> Reading:
    return Reading.now({"postgresql": [postgres.pid] if postgres.pid else []})


async def _rounds(queues: Mapping[str, Queues], repeat: int) -> Costs:
    """A round warms up."""
    costs: dict[tuple[str, str], list[Cost]] = {(way, name): [] for way in WAYS for name in queues}
    for turn in range(repeat + 1):
        for way, (number, at_once) in WAYS.items():
            for name, queue in queues.items():
                cost = await queue.serve(number, at_once)
                if turn:
                    costs[way, name].append(cost)
    return costs


def _show(bench: Bench, costs: Costs) -> None:
    for way, (_, at_once) in WAYS.items():
        bench.show(
            f"{at_once} end and {at_once} are asked for at once; processor time an assignment",
            ["queue", "µs ours", "µs PostgreSQL", "woken", "assigned/s", "× 1,000 waiting"],
            [
                (name, *cost.microseconds, cost.woken / cost.assigned, cost.a_second, _times(cost, short))
                for name in LAYOUTS
                for cost, short in zip(costs[way, name], costs[way, SHORT], strict=True)
            ],
        )


def _times(cost: Cost, short: Cost) -> float:
    return sum(cost.microseconds) / sum(short.microseconds)


def _summary(costs: Sequence[Cost]) -> Mapping[str, Any]:
    ours, postgres = zip(*(cost.microseconds for cost in costs), strict=True)
    return {
        "microseconds_ours": median(ours),
        "microseconds_postgres": median(postgres),
        "woken_an_assignment": median(cost.woken / cost.assigned for cost in costs),
        "assigned_a_second": median(cost.a_second for cost in costs),
        "assigned_a_second_runs": [round(cost.a_second) for cost in costs],
    }


def _longer(costs: Costs) -> Mapping[str, float]:
    """What an assignment costs in the long queue, times what it costs in the short one of the same round."""
    return {
        way: median(_times(long, short) for long, short in zip(costs[way, LONG], costs[way, SHORT], strict=True))
        for way in WAYS
    }
