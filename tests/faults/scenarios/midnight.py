"""Ten thousand days end in one night, in seven time zones, and the service is down: each is missed once, or not at all.

Some logs come in the last minute, some at the midnight itself, some after it, some never. They lie unread on the bus
when the service comes up; only then may anybody be found silent.
"""

import signal
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time, timedelta

import asyncpg

from chassis.clock import monotonic
from schemas.envelope import Envelope, read
from schemas.events.followup import QuarantineDayLogged, QuarantineDayMissed
from tests.faults.arena import Arena
from tests.faults.flight import Flight
from tests.faults.ground import EMBEDDED, KAFKA
from tests.faults.harness import Harness
from tests.faults.nights import NIGHTS, Guest, comings, guests
from tests.faults.scenario import Outcome, Row, Size
from tests.faults.snapshot import on_the_bus
from tests.faults.workload import Workload

TITLE = "a midnight in seven time zones, with the service down across it"
LANES = (KAFKA, EMBEDDED)
UP_TO_DATE_WITHIN_SECONDS = 60
NAMED = 3
FOLLOWUP = "followup"


def rows(size: Size) -> Iterable[Row]:
    """Small: 700 cases; full: 10,000. One row for each night."""
    number = 700 if size == "small" else 10_000
    return [Row(night.on.isoformat(), place, {"cases": number}) for place, night in enumerate(NIGHTS)]


async def run(harness: Harness, row: Row) -> Outcome:
    """Down before the first of the midnights, up before the last; the last is lived through awake."""
    night = NIGHTS[row.seed]
    those = guests(night, row.options["cases"])
    begins = datetime.combine(night.on, time(), UTC)
    last = max(map(night.end, night.ends))
    told = Workload(row.seed, len(those), begins, ())
    async with harness.arena(told, members={FOLLOWUP: FOLLOWUP}) as arena:
        await arena.stack.publish(guest.discharged() for guest in those)
        await arena.quiet()
        await arena.down(signal.SIGKILL)
        before = [guest for guest in those if guest.end < last]
        await _logs_come(arena, before)
        await arena.show(last - timedelta(hours=1))
        async with Flight(harness.ground) as flight:
            unread = await flight.holds(FOLLOWUP)
        seconds = await _up(arena)
        wrong = await _complaints(arena, before, [guest for guest in those if guest.end == last])
        await _logs_come(arena, [guest for guest in those if guest.end == last])
        await arena.quiet()
        wrong += await _complaints(arena, those, [])
    if seconds > UP_TO_DATE_WITHIN_SECONDS:
        wrong.append(f"up to date after {seconds:.1f} s only")
    return Outcome(1, int(unread), wrong, {"night": night.why, "up_to_date_s": round(seconds, 1)})


async def _logs_come(arena: Arena, those: Sequence[Guest]) -> None:
    """Each at its time; the clock stands at each of these instants."""
    for at, whose in comings(those):
        await arena.show(at)
        await arena.stack.publish(guest.log() for guest in whose)


async def _up(arena: Arena) -> float:
    began = monotonic()
    await arena.up()
    await arena.quiet()
    return monotonic() - began


async def _complaints(arena: Arena, over: Sequence[Guest], not_yet: Sequence[Guest]) -> list[str]:
    """What is wrong about those whose day is over, and those whose day is not."""
    said: dict[str, list[Envelope]] = defaultdict(list)
    for record in await on_the_bus(arena.ground, ["followup.events.v1"]):
        event = read(record.value, record.headers)
        said[event.subject].append(event)
    wrong = [*_some("found silent too early", [guest for guest in not_yet if _missed(said[guest.case_id])])]
    wrong += _some("not judged as it was", [guest for guest in over if not is_right(guest, said[guest.case_id])])
    parked = await _parked(arena)
    return wrong if not parked else [*wrong, f"{parked} are parked"]


def is_right(guest: Guest, said: Sequence[Envelope]) -> bool:
    """The day is missed once, at its end, or not at all; and its log is late, or in time, or not there."""
    missed = [(event.time, event.data["local_date"]) for event in _missed(said)]
    expected = [(guest.end, guest.night.closes(guest.zone).isoformat())] if guest.is_missed else []
    late = [event.data["late"] for event in said if event.type == QuarantineDayLogged.type_name()]
    return missed == expected and late == ([guest.is_missed] if guest.logs else [])


def _missed(said: Sequence[Envelope]) -> list[Envelope]:
    return [event for event in said if event.type == QuarantineDayMissed.type_name()]


def _some(sentence: str, those: Sequence[Guest]) -> list[str]:
    named = ", ".join(f"{guest.case_id} ({guest.zone}, {guest.habit})" for guest in those[:NAMED])
    return [f"{len(those)} {sentence}: {named}"] if those else []


async def _parked(arena: Arena) -> int:
    connection = await asyncpg.connect(arena.ground.dsns[FOLLOWUP])
    try:
        count: int = await connection.fetchval("SELECT count(*) FROM parked")
        return count
    finally:
        await connection.close()
