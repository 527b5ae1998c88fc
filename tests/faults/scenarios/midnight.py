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
from tests.faults.harness import Harness
from tests.faults.judging.nights import NIGHTS, Guest, Night, comings, guests
from tests.faults.judging.snapshot import on_the_bus
from tests.faults.processes.in_flight import InFlight
from tests.faults.processes.stack import TestStack
from tests.faults.scenario import Outcome, Row, Size
from tests.faults.servers.running_servers import EMBEDDED, KAFKA
from tests.faults.workload import Workload

TITLE = "a midnight in seven time zones, with the service down across it"
BACKENDS = (KAFKA, EMBEDDED)
UP_TO_DATE_WITHIN_SECONDS = 60
NAMED = 3
SETTINGS = {"AFTERWARD_STATEMENT_TIMEOUT_SECONDS": "3", "AFTERWARD_EARLIEST_DAY": "2011-01-01"}
"""From one night to the next the clock goes on by months. What is due then at once takes longer to judge than 3 s."""
FOLLOWUP = "followup"


def rows(size: Size) -> Iterable[Row]:
    """Small: about 700 cases in three nights, one after the other; full: 10,000 a night, one row for each."""
    if size == "small":
        return [Row("three nights", 0, {"nights": NIGHTS, "cases": 238})]
    return [Row(night.on.isoformat(), 0, {"nights": [night], "cases": 10_000}) for night in NIGHTS]


async def run(harness: Harness, row: Row) -> Outcome:
    """Each night is another fault: the service is down across it, with logs unread."""
    nights: Sequence[Night] = row.options["nights"]
    given = Workload(row.seed, row.options["cases"], _evening(nights[0]), ())
    lived = Lived()
    async with harness.stack(given, members={FOLLOWUP: FOLLOWUP}, settings=SETTINGS) as stack:
        for night in nights:
            await lived.through(stack, night, guests(night, row.options["cases"]))
    slow = [seconds for seconds in lived.seconds if seconds > UP_TO_DATE_WITHIN_SECONDS]
    wrong = [*lived.complaints, *(f"up to date after {seconds} s only" for seconds in slow)]
    notes = {"nights": [night.why for night in nights], "up_to_date_s": lived.seconds}
    return Outcome(len(nights), lived.unread, wrong, notes)


def _evening(night: Night) -> datetime:
    """When all have gone home, and nobody's first day is over."""
    return datetime.combine(night.on, time(), UTC)


class Lived:
    """What came of the nights. `unread`: in how many logs lay unread on the bus; `seconds`: from up to up to date."""

    def __init__(self) -> None:
        self.unread = 0
        self.seconds: list[float] = []
        self.complaints: list[str] = []

    async def through(self, stack: TestStack, night: Night, those: Sequence[Guest]) -> None:
        """Down before the first of the midnights, up before the last; the last is lived through awake."""
        last = max(map(night.end, night.ends))
        before = [guest for guest in those if guest.end < last]
        awake = [guest for guest in those if guest.end == last]
        await stack.show(_evening(night))
        await stack.stack.publish(guest.discharged() for guest in those)
        await stack.quiet()
        await stack.down(signal.SIGKILL)
        await _logs_come(stack, before)
        await stack.show(last - timedelta(hours=1))
        async with InFlight(stack.servers) as pending:
            self.unread += await pending.holds(FOLLOWUP)
        self.seconds.append(round(await _up(stack), 1))
        self.complaints += await _complaints(stack, before, awake)
        await _logs_come(stack, awake)
        await stack.quiet()
        self.complaints += await _complaints(stack, those, [])


async def _logs_come(stack: TestStack, those: Sequence[Guest]) -> None:
    """Each at its time; the clock stands at each of these instants."""
    for at, whose in comings(those):
        await stack.show(at)
        await stack.stack.publish(guest.log() for guest in whose)


async def _up(stack: TestStack) -> float:
    began = monotonic()
    await stack.up()
    await stack.quiet()
    return monotonic() - began


async def _complaints(stack: TestStack, over: Sequence[Guest], not_yet: Sequence[Guest]) -> list[str]:
    """What is wrong about those whose day is over, and those whose day is not."""
    emitted: dict[str, list[Envelope]] = defaultdict(list)
    for record in await on_the_bus(stack.servers, ["followup.events.v1"]):
        event = read(record.value, record.headers)
        emitted[event.subject].append(event)
    wrong = [*_some("found silent too early", [guest for guest in not_yet if _missed(emitted[guest.case_id])])]
    wrong += _some("not judged as it was", [guest for guest in over if not is_right(guest, emitted[guest.case_id])])
    parked = await _parked(stack)
    return wrong if not parked else [*wrong, f"{parked} are parked"]


def is_right(guest: Guest, emitted: Sequence[Envelope]) -> bool:
    """The day is missed once, at its end, or not at all; and its log is late, or in time, or not there."""
    missed = [(event.time, event.data["local_date"]) for event in _missed(emitted)]
    expected = [(guest.end, guest.night.closes(guest.zone).isoformat())] if guest.is_missed else []
    late = [event.data["late"] for event in emitted if event.type == QuarantineDayLogged.type_name()]
    return missed == expected and late == ([guest.is_missed] if guest.logs else [])


def _missed(emitted: Sequence[Envelope]) -> list[Envelope]:
    return [event for event in emitted if event.type == QuarantineDayMissed.type_name()]


def _some(sentence: str, those: Sequence[Guest]) -> list[str]:
    named = ", ".join(f"{guest.case_id} ({guest.zone}, {guest.habit})" for guest in those[:NAMED])
    return [f"{len(those)} {sentence}: {named}"] if those else []


async def _parked(stack: TestStack) -> int:
    connection = await asyncpg.connect(stack.servers.dsns[FOLLOWUP])
    try:
        count: int = await connection.fetchval("SELECT count(*) FROM parked")
        return count
    finally:
        await connection.close()
