"""Of a case that has many messages in a batch all are learnt, one conclusion is drawn, events tell the difference."""

from dataclasses import replace
from typing import Any

import pytest
from msgspec import structs

from chassis.decide.aggregate import on
from chassis.decide.judge import Clock
from chassis.decide.together import MANY, MOST_ALONE
from chassis.ids import SEEN_BYTES
from chassis.store.quota import Limits
from schemas.reports.treatment import VitalSignsReported
from tests.chassis.conftest import MakeEngine
from tests.chassis.engine_fixture import EngineFixture, new_id, record
from tests.chassis.toy import (
    CHART,
    IMPOSSIBLE_C,
    RAISING_C,
    Conclusions,
    Defect,
    Facts,
    hour,
    learn_reading,
    reading,
)

SECOND = 1 / 3600
PLENTY = 2 * MANY


def readings(case_id: str, number: int = PLENTY, first: int = 0) -> list[Any]:
    """So many readings, that came one a second."""
    return [record(reading(case_id, (first + place) * SECOND)) for place in range(number)]


async def test_many_messages_are_one_step_and_as_many_events(make_engine: MakeEngine) -> None:
    fixture = await make_engine(CHART)
    records = readings("c-1")
    await fixture.take(*records)
    emitted = await fixture.emitted()
    assert [event.data["measured_at"] for event in emitted] == sorted(event.data["measured_at"] for event in emitted)
    assert len({event.id for event in emitted}) == len({event.sequence for event in emitted}) == PLENTY
    assert len({event.causationid for event in emitted}) == 1, "the last that changed anything"
    assert (await fixture.state("c-1"))["version"] == 1
    assert len((await fixture.state("c-1"))["seen"]) == 2 * SEEN_BYTES * PLENTY


async def test_few_messages_are_a_step_each(make_engine: MakeEngine) -> None:
    fixture = await make_engine(CHART)
    await fixture.take(*readings("c-1", MANY - 1))
    assert (await fixture.state("c-1"))["version"] == MANY - 1


async def test_what_is_repeated_or_refused_among_them_is_as_it_would_be_alone(make_engine: MakeEngine) -> None:
    fixture = await make_engine(CHART)
    twice, cold = readings("c-1", PLENTY), record(reading("c-1", 900 * SECOND, IMPOSSIBLE_C))
    wrong = record(reading("c-2", 902 * SECOND), subject="c-1")
    await fixture.take(*twice, cold, *twice[:5], wrong)
    names = await fixture.names()
    assert names.count("VitalSignsRecorded c-1") == PLENTY
    rejected = [event.data for event in await fixture.emitted() if "Rejected" in event.type]
    assert sorted(event["code"] for event in rejected) == ["implausible", "wrong_subject"]
    sequences = [event.sequence for event in await fixture.emitted()]
    assert len(set(sequences)) == len(sequences)


async def test_a_rule_that_raises_among_them_parks_that_message_and_those_behind_it(make_engine: MakeEngine) -> None:
    fixture = await make_engine(Defect().aggregate())
    records = readings("c-1")
    records[30:30] = [record(reading("c-1", 29.5 * SECOND, RAISING_C))]
    await fixture.take(*records, record(reading("c-2", 0)))
    assert (await fixture.names()).count("VitalSignsRecorded c-1") == 30
    assert (await fixture.names()).count("VitalSignsRecorded c-2") == 1
    parked = await fixture.parked()
    assert parked[0] == ("rule_raised:ZeroDivisionError", "c-1")
    assert {reason for reason, _ in parked[1:]} == {"case_is_parked"}
    assert len(parked) == 1 + PLENTY - 30


async def test_where_a_deadline_lies_among_them_each_is_judged_in_turn(fixture: EngineFixture) -> None:
    """A day of silence after the first reading is over before the others come."""
    await fixture.take(record(reading("c-1", 0)))
    late = [record(reading("c-1", 30 + place * SECOND)) for place in range(PLENTY)]
    await fixture.take(*late, watermark=hour(100))
    assert (await fixture.names())[:3] == [
        "VitalSignsRecorded c-1",
        "QuarantineDayMissed c-1",
        "VitalSignsRecorded c-1",
    ]
    assert (await fixture.state("c-1"))["version"] == 2 + PLENTY


async def test_what_was_found_for_good_is_found_in_turn(fixture: EngineFixture) -> None:
    """Each has long had its day of silence when it comes, which no later one undoes."""
    await fixture.take(
        *(record(reading("c-1", place * SECOND), 48 + place * SECOND) for place in range(PLENTY)), watermark=hour(99)
    )
    assert (await fixture.state("c-1"))["version"] == PLENTY
    assert (await fixture.names()).count("QuarantineDayMissed c-1") == PLENTY


async def test_messages_that_did_not_come_in_one_moment_are_judged_in_turn(make_engine: MakeEngine) -> None:
    fixture = await make_engine(CHART)
    await fixture.take(*(record(reading("c-1", place / 60), place / 10) for place in range(PLENTY)))
    assert (await fixture.state("c-1"))["version"] == PLENTY


async def test_what_takes_something_back_is_judged_alone(make_engine: MakeEngine) -> None:
    """Here every reading does, and what stood before it has to be said. A few times: more than that means nothing."""
    taking_back = replace(CHART, learns=(on(VitalSignsReported, learn_reading, alone=True),))
    fixture = await make_engine(taking_back)
    await fixture.take(*readings("c-1"))
    assert (await fixture.state("c-1"))["version"] == MOST_ALONE + 1
    assert len(await fixture.emitted()) == PLENTY


async def test_those_that_have_to_be_judged_in_turn_go_behind_other_cases(
    make_engine: MakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[str] = []

    def conclude(facts: Facts, before: Conclusions, clock: Clock, context: Any) -> Conclusions:
        judged.append(facts.case_id)
        hot = facts.case_id == "c-1"
        return Conclusions(clock.due, {**clock.done, str(len(facts.readings)): "found"} if hot else {})

    fixture = await make_engine(replace(CHART, conclude=conclude))
    await fixture.take(*readings("c-1"), record(reading("c-2", 0)))
    assert judged[:3] == ["c-1", "c-2", "c-1"], "together in vain, then the other, then each"
    assert len(judged) == PLENTY + 2


async def test_reports_beyond_the_limit_of_an_hour_are_answered(make_engine: MakeEngine) -> None:
    limits = Limits(reports_per_hour=3)
    fixture = await make_engine(CHART, limits=limits)
    first = [record(reading("c-1", place / 60)) for place in range(3)]
    await fixture.take(*first)
    again = await make_engine(CHART, limits=limits)  # a process that has just begun
    await again.take(*first, record(reading("c-1", 0.5)), record(reading("c-2", 0.5)))
    (rejected,) = [event for event in await again.emitted() if "Rejected" in event.type]
    assert (rejected.subject, rejected.data["code"]) == ("c-1", "too_many")
    assert "more than 3 reports" in rejected.data["reason"]
    assert "2020-10-01T01:00Z" in rejected.data["reason"]
    await again.take(record(reading("c-1", 0.6), 1))
    assert (await again.names())[-1] == "VitalSignsRecorded c-1"


async def test_refused_reports_count_and_what_comes_late_counts_in_the_newest_hour(make_engine: MakeEngine) -> None:
    fixture = await make_engine(CHART, limits=Limits(reports_per_hour=3))
    await fixture.take(record(reading("c-1", 5)), record(reading("c-1", 5, IMPOSSIBLE_C)))
    await fixture.take(record(reading("c-1", 1)), record(reading("c-1", 1.1)))
    codes = [event.data.get("code") for event in await fixture.emitted()]
    assert codes.count("too_many") == 1
    assert codes.count("implausible") == 1
    assert codes.count(None) == 2


async def test_many_reports_at_once_are_refused_from_the_limit_on(make_engine: MakeEngine) -> None:
    fixture = await make_engine(CHART, limits=Limits(reports_per_hour=PLENTY - 7))
    await fixture.take(*readings("c-1"))
    names = await fixture.names()
    assert names.count("VitalSignsRecorded c-1") == PLENTY - 7
    assert names.count("ReportRejected c-1") == 7
    assert len((await fixture.state("c-1"))["seen"]) == 2 * SEEN_BYTES * PLENTY


async def test_what_an_operator_puts_back_is_not_too_much(make_engine: MakeEngine) -> None:
    fixture = await make_engine(CHART, limits=Limits(reports_per_hour=1))
    await fixture.take(record(reading("c-1", 0)))
    kept = record(reading("c-1", 0.1), id=new_id())
    await fixture.take(structs.replace(kept, parked_id=1))
    assert await fixture.names() == ["VitalSignsRecorded c-1"] * 2
