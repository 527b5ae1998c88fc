"""Rules that answer each other, or ask the clock, for ever: the case is parked, and everything else goes on."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from chassis.docket import ORDINARY_HOPS
from chassis.judge import Clock, Receipt, Said, State, difference
from chassis.quota import UNPROMPTED_STEPS, Limits
from chassis.reading import Record
from chassis.routes import Kind, on
from schemas.events.treatment import VitalSignsRecorded
from schemas.reports.treatment import VitalSignsReported
from schemas.topics import registry
from tests.chassis.conftest import MakeDesk
from tests.chassis.desk import Desk, new_id, raw, record
from tests.chassis.test_engine_parking import replay
from tests.chassis.toy import PATIENT, Conclusions, Facts, Reading, hour, learn_reading, reading, recorded

FEW = 20
EVENTS = registry()[VitalSignsRecorded.type_name()][1].name


def learn_recorded(facts: Facts, event: VitalSignsRecorded, receipt: Receipt) -> Facts:
    """A word of the other service is one more reading: nothing says when that ends."""
    new = Reading(event.measured_at + timedelta(minutes=1), 36.6, receipt.rank)
    return Facts(event.case_id, (*facts.readings, new))


def say_each_reading(before: State, after: State) -> Iterator[Said]:
    readings = ({reading.at: reading for reading in state.facts.readings} for state in (before, after))
    for at, _, new in difference(*readings):
        if new is not None:
            yield Said(recorded(after.facts.case_id, at, new.temperature_c), at)


def conclude_nothing(facts: Facts, before: Conclusions, clock: Clock, world: Any) -> Conclusions:
    return before


CIRCULAR = replace(
    PATIENT,
    conclude=conclude_nothing,
    announce=say_each_reading,
    learns=(on(VitalSignsReported, learn_reading), on(VitalSignsRecorded, learn_recorded)),
)
"""A service that answers its own events with new ones, as two that misunderstand each other do."""


async def carry(desk: Desk, carried: int) -> int:
    """Everything said since then comes back over the bus; how much has been said by then."""
    said = [row["message"] for row in await desk.connection.fetch("SELECT message FROM archive ORDER BY id")]
    await desk.take(*(back(message) for message in said[carried:]))
    return len(said)


def back(message: bytes) -> Record:
    subject = b"c-2" if b'"subject":"c-2"' in message else b"c-1"
    return raw(message, subject, topic=EVENTS)


def from_afar(number: int, hops: int | None = ORDINARY_HOPS + 1, *, by_the_clock: bool = False) -> Record:
    """An event of another service; with `hops` it follows from an event, else from a report."""
    event, cause = recorded("c-1", hour(number), 36.6), None if by_the_clock else new_id()
    return record(event, number, sequence=1_000 * number, causationid=cause, hops=hops, source="/services/treatment")


async def until_it_rests(desk: Desk, at_most: int) -> int:
    """How many rounds it takes until nothing new is said."""
    carried = 0
    for rounds in range(at_most):
        before, carried = carried, await carry(desk, carried)
        if before == carried and rounds:
            return rounds
    raise AssertionError(f"no rest after {at_most} rounds")


async def test_a_circular_rule_is_parked_and_everything_else_goes_on(make_desk: MakeDesk) -> None:
    desk = await make_desk(CIRCULAR, limits=Limits(unprompted_steps=FEW))
    await desk.take(record(reading("c-1", 0)))
    assert await until_it_rests(desk, 3 * FEW) <= ORDINARY_HOPS + FEW + 2
    assert await desk.parked() == [("rule_raised:AnswersItself", "c-1")]
    assert desk.engine.told.circular._value.get() == 1
    await desk.take(record(reading("c-2", 0)))
    assert (await desk.names())[-1] == "VitalSignsRecorded c-2"


async def test_a_report_asks_anew_however_much_was_judged_before(make_desk: MakeDesk) -> None:
    desk = await make_desk(CIRCULAR, limits=Limits(unprompted_steps=FEW))
    for number in range(5 * FEW):
        if number % (FEW - 1) == 0:
            await desk.take(record(reading("c-1", 10_000 + number)))
        await desk.take(from_afar(number))
    assert not await desk.parked()
    for number in range(FEW):
        await desk.take(from_afar(5 * FEW + number))
    assert (await desk.parked())[0] == ("rule_raised:AnswersItself", "c-1")


async def test_what_follows_from_a_report_directly_never_counts(make_desk: MakeDesk) -> None:
    """A wearable in the ward: thousands of events of another service, and no report to this one."""
    desk = await make_desk(CIRCULAR, limits=Limits(unprompted_steps=FEW))
    for number in range(3 * FEW):
        await desk.take(from_afar(number, hops=None))
    assert len(await desk.names()) == 3 * FEW
    assert not await desk.parked()


async def test_what_follows_from_a_report_at_some_removes_never_counts(make_desk: MakeDesk) -> None:
    """A result corrected a thousand times: each time followup asks for two words that nobody here had a report of."""
    desk = await make_desk(CIRCULAR, limits=Limits(unprompted_steps=FEW))
    for number in range(3 * FEW):
        await desk.take(from_afar(number, hops=1 + number % ORDINARY_HOPS))
    assert len(await desk.names()) == 3 * FEW
    assert not await desk.parked()


async def test_what_the_clock_has_caused_elsewhere_does_not_ask_anew(make_desk: MakeDesk) -> None:
    """Two services whose clocks ask each other: each hears events that nothing has caused, and ticks."""

    def soon_after(facts: Facts, before: Conclusions, clock: Clock, world: Any) -> Conclusions:
        at = facts.readings[-1].at + timedelta(minutes=30)
        return Conclusions(None if clock.passed(at) else at, clock.done)

    desk = await make_desk(replace(CIRCULAR, conclude=soon_after), limits=Limits(unprompted_steps=FEW))
    for number in range(2 * FEW):
        await desk.take(from_afar(number, hops=None, by_the_clock=True))
        await desk.until(hour(number + 0.9))
    assert (await desk.parked())[0] == ("rule_raised:AnswersItself", "c-1")


async def test_a_rule_that_asks_the_clock_for_ever_is_parked(make_desk: MakeDesk) -> None:
    def always_soon(facts: Facts, before: Conclusions, clock: Clock, world: Any) -> Conclusions:
        return Conclusions(clock.now + timedelta(microseconds=1), clock.done)

    restless: Kind = replace(PATIENT, conclude=always_soon)
    desk = await make_desk(restless, limits=Limits(unprompted_steps=FEW))
    await desk.take(record(reading("c-1", 0)))
    await desk.until(hour(1))
    assert await desk.parked() == [("rule_raised:AnswersItself", "c-1")]


async def test_an_operator_lets_it_go_on_once_the_rule_is_mended(make_desk: MakeDesk) -> None:
    desk = await make_desk(CIRCULAR, limits=Limits(unprompted_steps=FEW))
    await desk.take(record(reading("c-1", 0)))
    await until_it_rests(desk, 3 * FEW)
    await replay(desk)
    assert not await desk.parked()
    assert (await desk.state("c-1"))["unprompted"] == 1


async def test_the_count_is_kept_from_one_batch_to_the_next_and_every_event_says_how_far_it_is(
    make_desk: MakeDesk,
) -> None:
    desk = await make_desk(CIRCULAR)
    await desk.take(record(reading("c-1", 0)))
    carried = 0
    for _ in range(ORDINARY_HOPS + 3):
        carried = await carry(desk, carried)
    assert (await desk.state("c-1"))["unprompted"] == 3 < UNPROMPTED_STEPS
    assert [envelope.hops for envelope in await desk.said()] == list(range(ORDINARY_HOPS + 4))


async def test_the_metric_tells_how_much_a_report_causes(make_desk: MakeDesk) -> None:
    desk = await make_desk(CIRCULAR)
    await desk.take(record(reading("c-1", 0)), record(reading("c-2", 0)))
    carried = 0
    for _ in range(3):
        carried = await carry(desk, carried)
    desk.engine.told.look()
    assert desk.engine.told.events_a_report._value.get() == len(await desk.said()) / 4
