"""Processes that sleep past their time and go on as if nothing had happened: they do no harm."""

import asyncio
import json
import re
import signal
import urllib.request
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import cycle, product
from pathlib import Path
from typing import Any

import psutil

from chassis.clock import monotonic, real_now
from schemas.services import SERVICES
from schemas.topic import PARTITIONS
from tests.faults.harness import Harness
from tests.faults.injection.pausing import ASLEEP_IN_TRANSACTION, ASLEEP_SENDING, Pauses
from tests.faults.injection.recovery import even_shares
from tests.faults.judging.snapshot import snapshot
from tests.faults.processes.stack import Member, TestStack
from tests.faults.scenario import Outcome, Row, Size
from tests.faults.servers.running_servers import COMPACTED, KAFKA, Servers
from tests.faults.workload import SMALL, Step, workload

TITLE = "processes asleep for longer than their session, in a transaction or before sending, and then awake again"
BACKENDS = (KAFKA,)
TAKEN_OVER_WITHIN_SECONDS = 30
ASLEEP_WITHIN_SECONDS = 3
"""Who has nothing to do in a piece of a step does not come to the point at which it would fall asleep."""
PIECE_RECORDS = 25
"""While one sleeps, the other does all there is to do: the next can fall asleep only over further records."""
SESSIONS = {
    "AFTERWARD_SESSION_TIMEOUT_MS": "3000",
    "AFTERWARD_SHARD_SESSION_TIMEOUT_SECONDS": "3",
    "AFTERWARD_STATEMENT_TIMEOUT_SECONDS": "10",
}
REFUSED = re.compile(r"the database fails|offsets refused|the bus fails|had been sent by another owner")
"""What a service says when something that it does too late is refused."""


def rows(size: Size) -> Iterable[Row]:
    """Small: 3 sleeps, in two services that must both have one; full: 100 in all of them, where they come to it.

    Every service that falls asleep runs twice.
    """
    if size == "small":
        two = (("treatment", ASLEEP_IN_TRANSACTION), ("bulletin", ASLEEP_SENDING))
        return [Row("seed 7", 7, {**SMALL, "sleeps": 3, "places": two, "in_each": True})]
    places = tuple(product(SERVICES, (ASLEEP_IN_TRANSACTION, ASLEEP_SENDING)))
    return [Row("seed 15", 15, {"number": 100, "days_a_step": 1, "sleeps": 100, "places": places, "in_each": False})]


async def run(harness: Harness, row: Row) -> Outcome:
    """In every step some fall asleep in the midst of their work; they are woken once another has done it."""
    given = workload(row.seed, row.options["number"], days_a_step=row.options["days_a_step"])
    await harness.undisturbed(given)
    night = Night(Pauses(harness.servers.folder / "holds"), row.options["places"])
    twice = {f"{service}-2": service for service, _ in row.options["places"]}
    members = {service: service for service in SERVICES} | twice
    settings = {**SESSIONS, **night.holds.settings}
    async with harness.stack(given, members=members, settings=settings) as stack:
        pieces = [piece for step in given.steps for piece in _pieces(step)]
        shares = iter(even_shares(row.options["sleeps"], sum(bool(piece.records) for piece, _ in pieces)))
        for piece, is_last in pieces:
            night.due += next(shares) if piece.records else 0
            await stack.step(piece, night.fall if piece.records else None, answer=is_last)
            night.listen(stack)
        wrong = night.complaints + await not_the_newest(harness.servers) + await harness.judge(given)
        shown = 0 if row.options["in_each"] and night.sleepless else night.sleeps  # a place left out: the run is void
        return Outcome(row.options["sleeps"], shown, wrong, night.notes)


def _pieces(step: Step) -> Iterator[tuple[Step, bool]]:
    """A step in pieces, in each of which somebody may fall asleep over work; and whether a piece is its last."""
    for first in range(0, max(len(step.records), 1), PIECE_RECORDS):
        yield (
            replace(step, records=step.records[first : first + PIECE_RECORDS]),
            first + PIECE_RECORDS >= len(step.records),
        )


class Night:
    """Sends processes to sleep at (service, point) after (service, point). `due`: how many, up to the present piece."""

    def __init__(self, holds: Pauses, places: Iterable[tuple[str, str]]) -> None:
        self.holds = holds
        every = list(places)
        self._places = cycle(every)
        self._slept: Counter[tuple[str, str]] = Counter(dict.fromkeys(every, 0))
        self.due = 0
        self._took_over: list[float] = []
        self._refused: Counter[str] = Counter()
        self._woken: list[tuple[Member, str, int]] = []

    @property
    def sleeps(self) -> int:
        """How many have fallen asleep so far."""
        return self._slept.total()

    @property
    def sleepless(self) -> list[str]:
        """The places at which nobody has fallen asleep."""
        return [" ".join(place) for place, times in self._slept.items() if not times]

    async def fall(self, stack: TestStack) -> None:
        """One at most; a place to which nobody comes in time is passed over, and another's sleep is due the sooner."""
        if self.due:
            self.due -= await self._sleep(stack, *next(self._places))

    async def _sleep(self, stack: TestStack, service: str, point: str) -> bool:
        pair = [member for member in stack.members.values() if member.service == service]
        self.holds.ask(service, point)
        asleep = await _sleeper(pair, ASLEEP_WITHIN_SECONDS)
        self.holds.forgo(service, point)
        asleep = asleep or await _sleeper(pair, 0)
        if asleep is None:
            return False
        self._slept[service, point] += 1
        [other] = [member for member in pair if member is not asleep]
        self._took_over.append(await _takes_over(other))
        log = stack.data_dir / f"{asleep.name}.log"
        self._woken.append((asleep, point, log.stat().st_size))
        asleep.send(signal.SIGCONT)
        await stack.ready(asleep.name)
        return True

    def listen(self, stack: TestStack) -> None:
        """What those said who were woken in this step."""
        for member, point, since in self._woken:
            emitted = _written(stack.data_dir / f"{member.name}.log", since)
            self._refused.update({f"{point}: {refused}" for refused in REFUSED.findall(emitted)})
        self._woken.clear()

    @property
    def complaints(self) -> list[str]:
        """Who was not replaced in time; and that no late write was seen, in which case nothing has been shown."""
        slow = [round(seconds, 1) for seconds in self._took_over if seconds > TAKEN_OVER_WITHIN_SECONDS]
        wrong = [f"not taken over within {TAKEN_OVER_WITHIN_SECONDS} s: {slow}"] if slow else []
        return wrong if self._refused else [*wrong, "no late write of a sleeper was seen to be refused"]

    @property
    def notes(self) -> dict[str, Any]:
        """How long taking over took, in seconds, what the woken were refused, and where nobody slept."""
        longest = max(self._took_over, default=0.0)
        return {"taken_over_s": longest, "refused": dict(self._refused), "sleepless": self.sleepless}


async def _sleeper(pair: Sequence[Member], limit_seconds: float) -> Member | None:
    """Which of them has been stopped; None when nobody is within the limit."""
    deadline = monotonic() + limit_seconds
    while True:
        for member in pair:
            if member.is_alive and psutil.Process(member.pid).status() == psutil.STATUS_STOPPED:
                return member
        if monotonic() >= deadline:
            return None
        await asyncio.sleep(0.01)


async def _takes_over(other: Member) -> float:
    """Seconds until the other process holds every partition and has done all there is to do; 60 when it does not."""
    began, since_ms = monotonic(), int(real_now().timestamp() * 1000) + 1
    while (passed := monotonic() - began) < 2 * TAKEN_OVER_WITHIN_SECONDS:
        if await asyncio.to_thread(_has_all, other.health, since_ms):
            break
        await asyncio.sleep(0.05)
    return round(passed, 1)


def _has_all(health: str, since_ms: int) -> bool:
    try:
        held = _asked(health)["partitions"]
        return len(held) == PARTITIONS and bool(_asked(health.replace("/health", f"/idle?since_ms={since_ms}"))["idle"])
    except (OSError, KeyError, ValueError):
        return False


def _asked(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - a service of our own
        return json.load(answer)


def _written(log: Path, since: int) -> str:
    with log.open("rb") as opened:
        opened.seek(since)
        return opened.read().decode(errors="replace")


async def not_the_newest(servers: Servers) -> list[str]:
    """The keys of compacted topics of which the last record on the bus is not the newest of the archive."""
    left = await snapshot(servers)
    newest = {
        (event.topic, event.key): event.message
        for held in left.services.values()
        for event in held.archive
        if event.topic in COMPACTED
    }
    last = {(record.topic, (record.key or b"").decode()): record.value for record in left.bus}
    wrong = sorted(key for (topic, key), message in newest.items() if last.get((topic, key)) != message)
    return [f"a compacted topic does not end with the newest of {wrong[:3]}"] if wrong else []
