"""Poison among good reports: each ends in exactly one place, and the good ones do not even wait for it."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import Any

import asyncpg

from chassis.store.connection import sql
from schemas.envelope import read
from tests.faults.harness import KNOWN_DIFFERENCES, Harness
from tests.faults.injection.pausing import RAISES, Pauses
from tests.faults.injection.recovery import even_shares
from tests.faults.injection.spoilt import NAME, REPORTS, poison, readable
from tests.faults.judging.digest import differences, dump
from tests.faults.judging.snapshot import OUT, on_the_bus, snapshot
from tests.faults.judging.verdict import complaints
from tests.faults.processes.stack import TestStack
from tests.faults.scenario import Outcome, Row, Size
from tests.faults.servers.running_servers import EMBEDDED, KAFKA, Servers
from tests.faults.workload import SMALL, Step, Workload, workload
from tests.journeys.stack import Sent, Stack

TITLE = "poison among good reports, and a rule that raises for one case"
BACKENDS = (KAFKA, EMBEDDED)
GOOD_WITHIN_MS = 2_000
SMALL_WITHIN_MS = 10_000
"""Of a few hundred good ones, on a machine that runs other tests beside: only who is blocked takes so long."""
NAMED = 3
RAISING = "treatment"


def rows(size: Size) -> Iterable[Row]:
    """Small: 2,000 among the reports of 6 cases; full: 200,000 among those of 100, 1,000 a second."""
    if size == "small":
        return [Row("seed 7", 7, {**SMALL, "poison": 2_000, "a_second": 4_000, "within_ms": SMALL_WITHIN_MS})]
    full = {"poison": 200_000, "a_second": 1_000, "within_ms": GOOD_WITHIN_MS}
    return [Row("seed 17", 17, {"number": 100, "days_a_step": 1, **full})]


async def run(harness: Harness, row: Row) -> Outcome:
    """The good ones end as if there were no poison; in one step a rule raises, and what was parked then is replayed."""
    reported = workload(row.seed, row.options["number"], days_a_step=row.options["days_a_step"])
    expected = await harness.undisturbed(reported)
    good = readable([sent for step in reported.steps for sent in step.records])
    bad = list(poison(row.seed, row.options["poison"], list(good.values())))
    spoilt = _among(reported, bad)
    raising = Raising(Pauses(harness.servers.folder / "holds"), reported)
    async with harness.stack(spoilt, settings=raising.holds.settings) as stack:
        stack.stack = PacedStack(stack.data_dir, harness.backend, a_second=row.options["a_second"])
        for step in spoilt.steps:
            await stack.step(step, raising.begin if step.at == raising.at else None, answer=False)
            await raising.end(stack)
            await stack.answer()
        met, astray = await _each_in_one_place(stack.servers, bad)
        wrong = [*raising.complaints, *astray]
        delays = await _delays_ms(stack.servers, raising.without(good))
        wrong += await _as_if_there_were_none(stack.servers, expected)
    p99 = delays[len(delays) * 99 // 100]
    if p99 >= row.options["within_ms"]:
        wrong.append(f"the p99 of the good ones' delay is {p99} ms")
    notes = {"replayed": raising.replayed, "good": len(delays), "p50_ms": delays[len(delays) // 2], "p99_ms": p99}
    return Outcome(len(bad), met, wrong, notes)


def _among(reported: Workload, bad: Sequence[Sent]) -> Workload:
    """The same steps, each with its share of the poison strewn in."""
    busy = [step for step in reported.steps if step.records]
    shares = dict(zip((step.at for step in busy), even_shares(len(bad), len(busy)), strict=True))
    left = iter(bad)
    steps = [
        Step(step.at, tuple(_strewn(step.records, list(islice(left, shares[step.at]))))) if step.records else step
        for step in reported.steps
    ]
    return replace(reported, steps=tuple(steps))


def _strewn(good: Sequence[Sent], bad: Sequence[Sent]) -> Iterator[Sent]:
    """As many bad ones after each good one as come to it."""
    left = iter(bad)
    for sent, share in zip(good, even_shares(len(bad), len(good)), strict=True):
        yield sent
        for _ in range(share):
            yield next(left)


class PacedStack(Stack):
    """Publishers who send at a rate, whatever becomes of it."""

    def __init__(self, *arguments: Any, a_second: int) -> None:
        super().__init__(*arguments)
        self._slice = max(1, a_second // 10)

    async def publish(self, records: Iterable[Sent]) -> None:
        """Ten slices a second."""
        left = list(records)
        for first in range(0, len(left), self._slice):
            next_slice = asyncio.create_task(asyncio.sleep(0.1))
            await super().publish(left[first : first + self._slice])
            await next_slice


class Raising:
    """A rule that raises for one case, in the step in which most is told of it; and then does not any more."""

    def __init__(self, holds: Pauses, reported: Workload) -> None:
        self.holds = holds
        topic = f"{RAISING}.reports.v1"
        counts = Counter((step.at, sent.key) for step in reported.steps for sent in step.records if sent.topic == topic)
        [((self.at, key), _)] = counts.most_common(1)
        self._case = (key or b"").decode()
        self._raises = False
        self.replayed = 0
        self.complaints: list[str] = []

    def without(self, good: Mapping[str, Sent]) -> Mapping[str, Sent]:
        """Those of the other cases: nobody waits for what is parked."""
        return {name: sent for name, sent in good.items() if sent.key != self._case.encode()}

    async def begin(self, _stack: TestStack) -> None:
        """From now on what comes of the case is parked."""
        self.holds.ask(RAISING, RAISES, self._case)

    async def end(self, stack: TestStack) -> None:
        """The cause is gone: what is parked goes back in, and is judged in the order in which it was parked."""
        if not self.holds.asked(RAISING, RAISES):
            return
        self.holds.forgo(RAISING, RAISES)
        connection = await asyncpg.connect(stack.servers.dsns[RAISING])
        try:
            waiting = await connection.fetch("SELECT id, value FROM parked WHERE key = $1 ORDER BY id", self._case)
            await connection.execute(sql("ask_replay", "chassis.questions.sql"), False, [row["id"] for row in waiting])
            await stack.quiet()
            emitted = await connection.fetch("SELECT message FROM archive WHERE key = $1 ORDER BY id", self._case)
        finally:
            await connection.close()
        ids = [read(row["value"]).id for row in waiting]
        causes = list(dict.fromkeys(read(row["message"]).causationid for row in emitted))
        self.replayed = len(ids)
        self.complaints += self._out_of_order(ids, causes)

    def _out_of_order(self, parked: Sequence[str], causes: Sequence[str | None]) -> Iterator[str]:
        judged = [cause for cause in causes if cause in parked]
        if len(judged) < 2:
            yield f"only {len(judged)} of {len(parked)} replayed reports said anything: their order shows nothing"
        if judged != [name for name in parked if name in judged]:
            yield "what was parked behind a case was not replayed in order"


_TAKE_PARKED = """
DELETE FROM parked WHERE starts_with(convert_from(record_key, 'UTF8'), $1)
RETURNING convert_from(record_key, 'UTF8') AS name
"""
_BLOCKED = "SELECT key AS name FROM state WHERE blocked AND starts_with(key, $1)"


async def _each_in_one_place(servers: Servers, bad: Sequence[Sent]) -> tuple[int, list[str]]:
    """Each is either parked once or rejected once: how many any service met, and what is wrong.

    What is parked is taken away, to compare the rest.
    """
    blocked = await _asked(servers, _BLOCKED, NAME)
    parked = await _asked(servers, _TAKE_PARKED, NAME)
    rejected = await _asked(servers, "SELECT key AS name FROM archive WHERE starts_with(key, $1)", NAME)
    ends = Counter(chain(parked, rejected))
    wrong = sorted(name for sent in bad if ends[name := (sent.key or b"").decode()] != 1)
    named = ", ".join(f"{name} ({ends[name]} times)" for name in wrong[:NAMED])
    complaints = [f"{len(wrong)} of {len(bad)} did not end in one place: {named}"] if wrong else []
    complaints += [f"{len(blocked)} cases are blocked behind poison: {', '.join(blocked[:NAMED])}"] if blocked else []
    return sum(ends[(sent.key or b"").decode()] > 0 for sent in bad), complaints


async def _asked(servers: Servers, query: str, *given: object) -> list[str]:
    """The names that all databases together answer with."""
    found: list[str] = []
    for dsn in servers.dsns.values():
        connection = await asyncpg.connect(dsn)
        try:
            found += [row["name"] for row in await connection.fetch(query, *given)]
        finally:
            await connection.close()
    return found


async def _delays_ms(servers: Servers, good: Mapping[str, Sent]) -> list[int]:
    """From a good report's coming to the bus to that of the first event it caused, by the bus's clock; ascending."""
    names = {sent.value: name for name, sent in good.items()}
    received_at: dict[str, int] = {}
    for record in await on_the_bus(servers, REPORTS):
        if record.value in names:
            received_at.setdefault(names[record.value], record.timestamp)
    answered: dict[str, int] = {}
    for record in await on_the_bus(servers, OUT):
        cause = read(record.value, record.headers).causationid
        if cause in received_at:
            answered[cause] = min(record.timestamp, answered.get(cause, record.timestamp))
    return sorted(at - received_at[name] for name, at in answered.items())


async def _as_if_there_were_none(servers: Servers, expected: Mapping[str, Any]) -> list[str]:
    """What all know and have concluded, but for the answers to poison."""
    left = await snapshot(servers)
    found = dump(left)
    found["standing"] = {about: emitted for about, emitted in found["standing"].items() if not about.startswith(NAME)}
    differing = list(differences(expected, found))
    return [*complaints(left), *(str(difference) for difference in differing[:KNOWN_DIFFERENCES])]
