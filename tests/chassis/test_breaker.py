"""Rules that answer each other, or ask the clock, for ever: the case is parked, and everything else goes on."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from chassis.consume.reader import Record
from chassis.decide.aggregate import AnyAggregate, on
from chassis.decide.judge import AnyState, Clock, Emitted, Receipt, difference
from chassis.store.judging import ORDINARY_HOPS
from chassis.store.quota import UNPROMPTED_STEPS, Limits
from schemas.events.treatment import VitalSignsRecorded
from schemas.reports.treatment import VitalSignsReported
from schemas.topics import registry
from tests.chassis.conftest import MakeEngine
from tests.chassis.engine_fixture import EngineFixture, new_id, raw, record
from tests.chassis.test_engine_parking import replay
from tests.chassis.toy import PATIENT, Conclusions, Facts, Reading, hour, learn_reading, reading, recorded
from tests.outbox import AS_WRITTEN

FEW = 20
EVENTS = registry()[VitalSignsRecorded.type_name()][1].name


def learn_recorded(facts: Facts, event: VitalSignsRecorded, receipt: Receipt) -> Facts:
    """A word of the other service is one more reading: nothing says when that ends."""
    new = Reading(event.measured_at + timedelta(minutes=1), 36.6, receipt.rank)
    return Facts(event.case_id, (*facts.readings, new))


def say_each_reading(before: AnyState, after: AnyState) -> Iterator[Emitted]:
    readings = ({reading.at: reading for reading in state.facts.readings} for state in (before, after))
    for at, _, new in difference(*readings):
        if new is not None:
            yield Emitted(recorded(after.facts.case_id, at, new.temperature_c), at)


def conclude_nothing(facts: Facts, before: Conclusions, clock: Clock, context: Any) -> Conclusions:
    return before


CIRCULAR = replace(
    PATIENT,
    conclude=conclude_nothing,
    announce=say_each_reading,
    learns=(on(VitalSignsReported, learn_reading), on(VitalSignsRecorded, learn_recorded)),
)
"""A service that answers its own events with new ones, as two that misunderstand each other do."""


async def carry(fixture: EngineFixture, carried: int) -> int:
    """Everything said since then comes back over the bus; how much has been said by then."""
    emitted = [row["message"] for row in await fixture.connection.fetch(f"SELECT message FROM archive {AS_WRITTEN}")]
    await fixture.take(*(back(message) for message in emitted[carried:]))
    return len(emitted)


def back(message: bytes) -> Record:
    subject = b"c-2" if b'"subject":"c-2"' in message else b"c-1"
    return raw(message, subject, topic=EVENTS)


def from_afar(number: int, hops: int | None = ORDINARY_HOPS + 1, *, by_the_clock: bool = False) -> Record:
    """An event of another service; with `hops` it follows from an event, else from a report."""
    event, cause = recorded("c-1", hour(number), 36.6), None if by_the_clock else new_id()
    return record(event, number, sequence=1_000 * number, causationid=cause, hops=hops, source="/services/treatment")


async def until_it_rests(fixture: EngineFixture, at_most: int) -> int:
    """How many rounds it takes until nothing new is said."""
    carried = 0
    for rounds in range(at_most):
        before, carried = carried, await carry(fixture, carried)
        if before == carried and rounds:
            return rounds
    raise AssertionError(f"no rest after {at_most} rounds")


async def test_a_circular_rule_is_parked_and_everything_else_goes_on(make_engine: MakeEngine) -> None:
    fixture = await make_engine(CIRCULAR, limits=Limits(unprompted_steps=FEW))
    await fixture.take(record(reading("c-1", 0)))
    assert await until_it_rests(fixture, 3 * FEW) <= ORDINARY_HOPS + FEW + 2
    assert await fixture.parked() == [("rule_raised:AnswersItself", "c-1")]
    assert fixture.engine.metrics.circular._value.get() == 1
    await fixture.take(record(reading("c-2", 0)))
    assert (await fixture.names())[-1] == "VitalSignsRecorded c-2"


async def test_a_report_asks_anew_however_much_was_judged_before(make_engine: MakeEngine) -> None:
    fixture = await make_engine(CIRCULAR, limits=Limits(unprompted_steps=FEW))
    for number in range(5 * FEW):
        if number % (FEW - 1) == 0:
            await fixture.take(record(reading("c-1", 10_000 + number)))
        await fixture.take(from_afar(number))
    assert not await fixture.parked()
    for number in range(FEW):
        await fixture.take(from_afar(5 * FEW + number))
    assert (await fixture.parked())[0] == ("rule_raised:AnswersItself", "c-1")


async def test_what_follows_from_a_report_directly_never_counts(make_engine: MakeEngine) -> None:
    """A wearable in the ward: thousands of events of another service, and no report to this one."""
    fixture = await make_engine(CIRCULAR, limits=Limits(unprompted_steps=FEW))
    for number in range(3 * FEW):
        await fixture.take(from_afar(number, hops=None))
    assert len(await fixture.names()) == 3 * FEW
    assert not await fixture.parked()


async def test_what_follows_from_a_report_at_some_removes_never_counts(make_engine: MakeEngine) -> None:
    """A result corrected a thousand times: each time followup asks for two words that nobody here had a report of."""
    fixture = await make_engine(CIRCULAR, limits=Limits(unprompted_steps=FEW))
    for number in range(3 * FEW):
        await fixture.take(from_afar(number, hops=1 + number % ORDINARY_HOPS))
    assert len(await fixture.names()) == 3 * FEW
    assert not await fixture.parked()


async def test_what_the_clock_has_caused_elsewhere_does_not_ask_anew(make_engine: MakeEngine) -> None:
    """Two services whose clocks ask each other: each hears events that nothing has caused, and ticks."""

    def soon_after(facts: Facts, before: Conclusions, clock: Clock, context: Any) -> Conclusions:
        at = facts.readings[-1].at + timedelta(minutes=30)
        return Conclusions(None if clock.passed(at) else at, clock.done)

    fixture = await make_engine(replace(CIRCULAR, conclude=soon_after), limits=Limits(unprompted_steps=FEW))
    for number in range(2 * FEW):
        await fixture.take(from_afar(number, hops=None, by_the_clock=True))
        await fixture.until(hour(number + 0.9))
    assert (await fixture.parked())[0] == ("rule_raised:AnswersItself", "c-1")


async def test_a_rule_that_asks_the_clock_for_ever_is_parked(make_engine: MakeEngine) -> None:
    def always_soon(facts: Facts, before: Conclusions, clock: Clock, context: Any) -> Conclusions:
        return Conclusions(clock.now + timedelta(microseconds=1), clock.done)

    restless: AnyAggregate = replace(PATIENT, conclude=always_soon)
    fixture = await make_engine(restless, limits=Limits(unprompted_steps=FEW))
    await fixture.take(record(reading("c-1", 0)))
    await fixture.until(hour(1))
    assert await fixture.parked() == [("rule_raised:AnswersItself", "c-1")]


async def test_an_operator_lets_it_go_on_once_the_rule_is_mended(make_engine: MakeEngine) -> None:
    fixture = await make_engine(CIRCULAR, limits=Limits(unprompted_steps=FEW))
    await fixture.take(record(reading("c-1", 0)))
    await until_it_rests(fixture, 3 * FEW)
    await replay(fixture)
    assert not await fixture.parked()
    assert (await fixture.state("c-1"))["unprompted"] == 1


async def test_the_count_is_kept_from_one_batch_to_the_next_and_every_event_says_how_far_it_is(
    make_engine: MakeEngine,
) -> None:
    fixture = await make_engine(CIRCULAR)
    await fixture.take(record(reading("c-1", 0)))
    carried = 0
    for _ in range(ORDINARY_HOPS + 3):
        carried = await carry(fixture, carried)
    assert (await fixture.state("c-1"))["unprompted"] == 3 < UNPROMPTED_STEPS
    assert [envelope.hops for envelope in await fixture.emitted()] == list(range(ORDINARY_HOPS + 4))


async def test_the_metric_tells_how_much_a_report_causes(make_engine: MakeEngine) -> None:
    fixture = await make_engine(CIRCULAR)
    await fixture.take(record(reading("c-1", 0)), record(reading("c-2", 0)))
    carried = 0
    for _ in range(3):
        carried = await carry(fixture, carried)
    fixture.engine.metrics.look()
    assert fixture.engine.metrics.events_a_report._value.get() == len(await fixture.emitted()) / 4
