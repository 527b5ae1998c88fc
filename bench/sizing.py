"""How large a machine has to be for so many reports a day: arithmetic on what `make bench` has measured, no more."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from bench.targets import Results, at, peak_of_all

REPORTS_A_DAY: Final = (1_000, 10_000, 100_000, 1_000_000, 5_000_000)
BUSIEST_HOUR: Final = 0.15
"""Of a day's reports, in its busiest hour (*default*: whoever has counted a day of theirs puts that here)."""
BUSY_AT_MOST: Final = 0.5
"""Of a core, in the busiest hour: the rest is for midnight, catching up, and what runs beside it (*default*)."""
LEAST: Final = 0.001
"""Less than that, of whatever is counted, is not told apart."""
HEAD: Final = (
    "| reports a day | in the busiest hour, a second | cores: services | PostgreSQL | bus | disk a year, GB |\n"
    "|---|---|---|---|---|---|\n"
)
_JOURNEYS: Final = "growth", "journeys"


class Cost(NamedTuple):
    """What one report costs, all that follows from it in all services included.

    Processor time in microseconds; `bytes_kept`: in the databases, with indexes.
    """

    services: float
    postgresql: float
    bus: float
    bytes_kept: float


def cost(results: Results) -> Cost | None:
    """Of the newest figures; None where one of them was not measured."""
    found: Mapping[str, Any] = at(*_JOURNEYS)(results) or {}
    disk: Mapping[str, float] | None = at("disk_mb_a_million_events")(results)
    used = found.get("processor_us")
    if used is None or disk is None:
        return None
    reports = found["reports_a_second"]
    messages, events = found["messages_a_second"] / reports, found["events_a_second"] / reports
    ours, postgresql, bus = (used[name] * messages for name in ("ours", "postgresql", "broker"))
    return Cost(ours, postgresql, bus, events * sum(disk.values()))


def sizes(results: Results) -> str:
    """The table, with what it was made from; a sentence where nothing was measured that it could be made from."""
    each = cost(results)
    if each is None:
        return (
            "The parts `growth` and `memory` have not been measured in this way yet: "
            "`make bench ONLY=growth,memory`, then `python -m bench.page`.\n"
        )
    rows = "".join(f"| {' | '.join(_row(reports, each))} |\n" for reports in REPORTS_A_DAY)
    return f"{''.join(_made_from(results, each))}\n\n{HEAD}{rows}"


def _made_from(results: Results, each: Cost) -> Iterator[str]:
    measured = results["measured"]
    for part in ("growth", "memory"):
        yield f"`{measured[part]['command']}` {measured[part]['commit']}, {measured[part]['date']}; "
    yield f"{results['cores']} cores. "
    yield f"A report costs {each.services:,.0f} µs of the services' processor time, {each.postgresql:,.0f} of "
    yield f"PostgreSQL's and {each.bus:,.0f} of the bus's, and leaves {each.bytes_kept:,.0f} bytes. "
    yield f"A process had {peak_of_all(results):g} MiB at most."


def _row(reports: int, each: Cost) -> Iterator[str]:
    rate = reports * BUSIEST_HOUR / 3_600
    yield f"{reports:,}"
    yield _figure(rate)
    for micros in (each.services, each.postgresql, each.bus):
        yield _figure(_cores(rate, micros))
    yield _figure(reports * 365 * each.bytes_kept / 1e9)


def _figure(value: float) -> str:
    """Two digits or all before the point, whichever is more; what is next to nothing as such."""
    if value < LEAST:
        return f"under {LEAST:g}"
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def _cores(rate: float, micros: float) -> float:
    return rate * micros / 1e6 / BUSY_AT_MOST
