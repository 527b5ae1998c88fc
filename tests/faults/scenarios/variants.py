"""The harness sees faults: engine, relay and domains broken on purpose, each in a run in which that matters.

A row passes when the run is found to be bad in the way in which this break is bad, and its processes have ended at
their points only: one that a bad patch ends again and again shows nothing. Beside them run the same faults with nothing
broken, which must be good: otherwise it would be the fault that is caught, not the break.
"""

import re
import signal
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from afterward.context.idle import NotIdle
from schemas.services import SERVICES
from tests.faults.harness import Harness
from tests.faults.injection.environment import BROKEN, DAWDLE, dying_at
from tests.faults.injection.failpoints import DIED
from tests.faults.injection.impostors import abandon, with_impostors
from tests.faults.injection.strangers import eat, in_the_empty_group
from tests.faults.injection.torn import torn
from tests.faults.processes.stack import TestStack
from tests.faults.scenario import Outcome, Row, Size
from tests.faults.servers.backup import Backup
from tests.faults.servers.running_servers import KAFKA
from tests.faults.workload import SMALL, TINY, Step, Workload, workload
from tests.mutants import caught_by

TITLE = "the harness sees faults: broken variants are caught"
BACKENDS = (KAFKA,)
LIVES_THAT_DIE = 2
ATTEMPTS = 3
LONGEST_DAWDLE_MS = "150"
NOT_QUIET_SECONDS = 30.0
"""Some variants leave work behind that nobody does: for so long it is waited for."""
EVERY_DIFFERENCE = 10_000
PUBLISHED = 6
"""How much of what was found is noted."""

_QUIET: Mapping[str, Any] = {}
_DIES_BEFORE_COMMIT = {"dies": "before_commit"}
_DIES_AFTER_COMMIT = {"dies": "after_commit"}
_DIES_AFTER_REFUSAL = {"dies": "after_refusal"}
_COMES_AGAIN = {"repeated": True}
"""What comes again is told from what came once only by a report that was refused: facts are a set."""
_DIES_AND_COMES_AGAIN = {**_DIES_AFTER_REFUSAL, **_COMES_AGAIN}
"""A database knows how far it has read, so what is lost of what was seen shows only when a publisher repeats itself."""
_DAWDLES = {"dawdles": True}
_FEW_STEPS = {"steps": "200"}
"""The breaker acts soon: else the run is over before the case has been judged often enough to be parked."""
_TORN = {"torn": True, "dawdles": True}
_LATE = {"late": True}
_ABANDONS = {"abandons": True}
_IMPOSTORS = {"impostors": True}
_EATEN = {"late": True, "eaten": True}
_RESTORED = {"restored": True}

BREAKS_IN: Mapping[str, Mapping[str, Any]] = {
    "Kafka's offsets are trusted": _EATEN,
    "how far was read is noted in another transaction": _DIES_BEFORE_COMMIT,
    "Kafka's offsets are trusted, and committed for what was fetched": _DIES_BEFORE_COMMIT,
    "Kafka's offsets are trusted, and committed before the transaction": _DIES_BEFORE_COMMIT,
    "nothing is left out": _COMES_AGAIN,
    "what was seen is saved in another transaction": _DIES_AND_COMES_AGAIN,
    "no row is made before the lock": _TORN,
    "rows are not locked": _TORN,
    "numbers are given without a lock": _TORN,
    "events are published past the outbox": _DIES_AFTER_COMMIT,
    "a day of a plan is a day in UTC": _QUIET,
    "of two versions the one that came last holds": _QUIET,
    "a tick is judged twice": _QUIET,
    "two services answer each other for ever": _FEW_STEPS,
    "a record with headers that cannot be decoded is passed over": _QUIET,
    "a group begins at the latest record": _LATE,
    "what a transaction aborted is read": _ABANDONS,
    "an event is believed whoever states it": _IMPOSTORS,
    "a store that has gone back begins no epoch": _RESTORED,
}
"""Variant → the run in which it matters. `dawdles`: workers take their time; `torn`: and a publisher has another
partitioner, so one case is judged in two places at once; `late`: the first records are older than the services;
`steps`: so often a case may be judged without a report; `abandons`: publishers abort transactions; `impostors`:
somebody states events in a service's place; `eaten`: a stranger has committed the ends in the groups' names;
`restored`: the databases go back to what they were before a step; `repeated`: publishers say all of a step again."""
_LOST = r" / facts / .*, found (\[\]|null)$"
_OTHER_FACTS = " / facts / "
_UNSENT = "archived, but not on the bus"
_TWICE = "stated twice under one id"
SEEN_AS: Mapping[str, str] = {
    "Kafka's offsets are trusted": _LOST,
    "how far was read is noted in another transaction": _LOST,
    "Kafka's offsets are trusted, and committed for what was fetched": _LOST,
    "Kafka's offsets are trusted, and committed before the transaction": _LOST,
    "nothing is left out": _TWICE,
    "what was seen is saved in another transaction": _TWICE,
    "no row is made before the lock": _OTHER_FACTS,
    "rows are not locked": f"{_OTHER_FACTS}|{_TWICE}",
    "numbers are given without a lock": _UNSENT,
    "events are published past the outbox": _UNSENT,
    "a day of a plan is a day in UTC": r'^followup / .*: expected "[^"]*\+08:00", found "[^"]*\+00:00"$',
    "of two versions the one that came last holds": r", found 41\.1$",
    "a tick is judged twice": "said twice",
    "two services answer each other for ever": r" / blocked\b.*case/",
    "a record with headers that cannot be decoded is passed over": _OTHER_FACTS,
    "a group begins at the latest record": _LOST,
    "what a transaction aborted is read": _OTHER_FACTS,
    "an event is believed whoever states it": _OTHER_FACTS,
    "a store that has gone back begins no epoch": "on the bus, but not archived|one id with two contents|^standing / ",
}
"""Variant → what some complaint must say of it, as a regular expression. Whatever else is found shows nothing of it;
nor does a run that does not come to rest, which is tried again."""
CONTROLS: Mapping[str, Mapping[str, Any]] = {
    "nothing broken, processes die before they commit": _DIES_BEFORE_COMMIT,
    "nothing broken, processes die after they have committed": _DIES_AFTER_COMMIT,
    "nothing broken, processes die after they have refused": _DIES_AFTER_REFUSAL,
    "nothing broken, publishers repeat themselves": _COMES_AGAIN,
    "nothing broken, cases torn over two partitions": _TORN,
    "nothing broken, workers dawdle": _DAWDLES,
    "nothing broken, records older than the services": _LATE,
    "nothing broken, publishers abort transactions": _ABANDONS,
    "nothing broken, somebody states events": _IMPOSTORS,
    "nothing broken, records committed by a stranger": _EATEN,
    "nothing broken, databases restored": _RESTORED,
}
IN_SMALL = (
    "nothing broken, cases torn over two partitions",
    "nothing broken, publishers abort transactions",
    "nothing broken, somebody states events",
)
"""The other controls are other scenarios' daily work."""


def rows(size: Size) -> Iterable[Row]:
    """Small: each variant once, over three cases; full: over a few more, with two seeds."""
    if size == "small":
        some = {name: CONTROLS[name] for name in IN_SMALL}
        return [_row(name, 7, TINY, run_of) for name, run_of in {**some, **_breaks()}.items()]
    every = {**CONTROLS, **_breaks()}
    return [_row(name, seed, SMALL, run_of) for seed in (7, 8) for name, run_of in every.items()]


def _breaks() -> Mapping[str, Mapping[str, Any]]:
    """The run of each mutant that is to be caught here."""
    return {mutant: BREAKS_IN[mutant] for mutant in caught_by("faults")}


def _row(name: str, seed: int, cases: Mapping[str, int], run_of: Mapping[str, Any]) -> Row:
    return Row(f"{name}, seed {seed}", seed, {"variant": name, "cases": cases, **run_of})


async def run(harness: Harness, row: Row) -> Outcome:
    """Runs with the variant in every service until one is found out: a lock that is missing does not matter each time.

    What is not broken runs once.
    """
    variant = row.options["variant"]
    reported = workload(row.seed, **row.options["cases"])
    if row.options.get("impostors"):
        reported = with_impostors(reported)
    await harness.undisturbed(reported)
    if variant in CONTROLS:
        ran = await _attempt(harness, row, reported)
        return Outcome(ran.deaths, ran.deaths, ran.unasked + ran.found)
    others: list[str] = []
    for attempt in range(1, ATTEMPTS + 1):
        ran = await _attempt(harness, row, reported)
        if ran.unasked or ran.shown_by(variant):
            notes = {"caught by": ran.shown_by(variant), "attempts": attempt}
            return Outcome(ran.deaths, ran.deaths, ran.unasked, notes)
        others += ran.found[:PUBLISHED]
    complaint = f"not caught: no complaint says {SEEN_AS[variant]!r}"
    return Outcome(ran.deaths, ran.deaths, [complaint, *others], {"attempts": ATTEMPTS})


@dataclass(frozen=True)
class Ran:
    """One run. `deaths`: how many processes died at their points; `found`: what is wrong with what it left behind;
    `unasked`: that nobody died where somebody should have, and who ended otherwise."""

    deaths: int
    found: list[str]
    unasked: list[str]

    def shown_by(self, variant: str) -> list[str]:
        """In which complaints it is bad in the way in which this variant is."""
        return [complaint for complaint in self.found if re.search(SEEN_AS[variant], complaint)][:PUBLISHED]


async def _attempt(harness: Harness, row: Row, reported: Workload) -> Ran:
    late, restored = bool(row.options.get("late")), bool(row.options.get("restored"))
    stack = harness.stack(
        torn(reported) if row.options.get("torn") else reported,
        of_life=dict.fromkeys(SERVICES, _Life(harness, row.options)),
        fresh_bus=late,
        settings={"AFTERWARD_SESSION_TIMEOUT_MS": "2000"} if row.options.get("eaten") else None,
    )
    if row.options["variant"] in SEEN_AS:
        stack.limit_seconds = NOT_QUIET_SECONDS
    async with stack:
        found = await _judged(harness, stack, reported, row.options)
        statuses = {name: list(member.statuses) for name, member in stack.members.items()}
    deaths = sum(ended.count(DIED) for ended in statuses.values())
    unasked = ["nobody died"] if row.options.get("dies") and not deaths else []
    asked = (DIED, -signal.SIGKILL) if late else (DIED, 0, -signal.SIGTERM) if restored else (DIED,)
    return Ran(deaths, found, unasked + _ended_otherwise(statuses, asked))


def _ended_otherwise(statuses: Mapping[str, Sequence[int]], asked: Sequence[int]) -> list[str]:
    """A complaint about each service of which some life ended neither at its point nor by the harness."""
    others = {name: [status for status in ended if status not in asked] for name, ended in statuses.items()}
    return [f"{name} ended by itself, with {ended}" for name, ended in others.items() if ended]


async def _judged(harness: Harness, stack: TestStack, reported: Workload, options: Mapping[str, Any]) -> list[str]:
    """What is found wrong with the run; that it does not come to rest is one of the ways to be wrong."""
    try:
        first, *steps = stack.workload.steps
        if options.get("late"):
            await stack.down(signal.SIGKILL)
            await stack.show(first.at)
            await stack.stack.publish(first.records)
            if options.get("eaten"):
                await _eat(stack)
            await stack.up()
            await stack.quiet()
        else:
            await stack.step(first)
        middle = len(steps) // 2
        for number, step in enumerate(steps):
            if options.get("restored") and number == middle:
                await _go_back(harness, stack, step)
            else:
                await stack.step(step, partial(_abandon, step) if options.get("abandons") else None)
            if options.get("repeated"):
                await stack.stack.publish(step.records)
                await stack.quiet()
    except NotIdle as restless:
        harness.servers.spoilt()
        return [str(restless)]
    return await harness.judge(reported, known_differences=EVERY_DIFFERENCE)


async def _eat(stack: TestStack) -> None:
    """A stranger is in each group once that has forgotten its members, and reads all there is."""
    servers = stack.servers.bus.bootstrap_servers
    for service in SERVICES:
        async with in_the_empty_group(servers, service) as stranger:
            await eat(stranger)


async def _abandon(step: Step, stack: TestStack) -> None:
    """Beside what a step publishes, a publisher begins to say something, and thinks better of it."""
    await abandon(stack.servers.bus.bootstrap_servers, step.records, "variants")


async def _go_back(harness: Harness, stack: TestStack, step: Step) -> None:
    """A step after which all databases are what they were before it, and whatever follows from that."""
    backup = Backup(harness.servers, SERVICES)
    await stack.down(signal.SIGTERM)
    await backup.take()
    await stack.up()
    await stack.step(step)
    await stack.down(signal.SIGTERM)
    await backup.put_back()
    await backup.remove()
    await stack.up()
    await stack.quiet()


class _Life:
    """The environment of a life: what is broken, and (in the first two lives) where it dies."""

    def __init__(self, harness: Harness, options: Mapping[str, Any]) -> None:
        self._options, self._nowhere = options, harness.servers.folder / "never made"

    def __call__(self, life: int) -> Mapping[str, str]:
        given: dict[str, str] = {}
        if self._options["variant"] in BREAKS_IN:
            given[BROKEN] = self._options["variant"]
        if steps := self._options.get("steps"):
            given["AFTERWARD_UNPROMPTED_STEPS_MAX"] = steps
        if self._options.get("dawdles"):
            given[DAWDLE] = LONGEST_DAWDLE_MS
        if (point := self._options.get("dies")) and life <= LIVES_THAT_DIE:
            given |= dying_at(point, life, self._nowhere)
        return given
