"""Whoever folds events by thing and sequence holds what stands, in whatever order they were read."""

import json
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from schemas.envelope import Envelope, read
from schemas.folding import fold, standing, thing, things
from schemas.topics import TOPICS
from tests.schemas.examples import MESSAGES, NAMES, valid

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "folding"


def emitted(name: str, sequence: int, **fields: object) -> Envelope:
    """The example of an event, said at a place in its source's sequence, with some fields changed."""
    envelope = read(valid(name))
    return envelope._replace(sequence=sequence, data=envelope.data | fields)


def test_every_event_has_a_thing() -> None:
    assert set(things()) == {event.type_name() for topic in TOPICS for event in topic.things}


@pytest.mark.parametrize("name", [name for name in NAMES if MESSAGES[name].type_name() in things()])
def test_an_event_as_read_and_as_dumped_is_about_the_same_thing(name: str) -> None:
    envelope = read(valid(name))
    dumped = MESSAGES[name].model_validate(envelope.data).model_dump()

    assert thing(envelope.type, envelope.subject, dumped) == thing(envelope.type, envelope.subject, envelope.data)


def test_the_last_word_holds_in_whatever_order_the_events_are_read() -> None:
    events = [emitted("TestResultRecorded", 9), emitted("TestResultCorrected", 10), emitted("TestResultRetracted", 11)]

    folds = [fold(order) for order in permutations(events)]

    assert all(list(folded.values()) == [events[-1]] for folded in folds)


def test_what_is_withdrawn_no_longer_stands_and_is_still_the_last_word() -> None:
    events = [emitted("QuarantineDayLogged", 1), emitted("QuarantineDayLogged", 2, withdrawn=True)]

    assert standing(events) == {}
    assert list(fold(events).values()) == [events[1]]


def test_of_the_standings_of_one_plan_one_holds() -> None:
    events = [emitted("QuarantineHeld", 1), emitted("LostToFollowUp", 2), emitted("FollowUpResumed", 3)]

    assert list(standing(events).values()) == [events[-1]]


def test_the_plan_itself_and_its_standing_are_two_things() -> None:
    assert len(standing([emitted("QuarantineStarted", 1), emitted("QuarantineCancelled", 2)])) == 2


def test_two_spellings_of_one_discharge_name_one_plan() -> None:
    here, there = "2020-10-17T10:00:00+08:00", "2020-10-17T02:00:00Z"
    events = [emitted("QuarantineHeld", 1, discharged_at=here), emitted("QuarantineCompleted", 2, discharged_at=there)]

    assert list(fold(events).values()) == [events[1]]


def test_two_plans_of_one_episode_are_two_things() -> None:
    first, second = (emitted("QuarantineStarted", 1, discharged_at=f"2020-10-{day}T10:00:00+08:00") for day in (17, 20))

    assert len(fold([first, second])) == 2


def test_the_same_thing_said_by_two_sources_is_two_statements() -> None:
    ours = emitted("ReportRejected", 1)

    assert len(fold([ours, ours._replace(source="/services/intake")])) == 2


def test_two_admissions_of_one_day_are_two_stays() -> None:
    events = [emitted("Admitted", 1), emitted("Admitted", 2, admitted_at="2020-09-16T02:20:00+08:00")]

    assert list(fold(events).values()) == events


def test_a_transfer_said_before_transfers_had_a_kind_is_the_first_of_its_episode() -> None:
    before = emitted("TransferRequested", 1)
    before.data.pop("kind")
    onward = {"kind": "onward", "leaves_at": "2020-09-20T09:00:00+08:00"}
    events = [before, emitted("TransferCompleted", 2, kind="confirmed"), emitted("TransferRequested", 3, **onward)]

    assert list(fold(events).values()) == events[1:]


@pytest.mark.parametrize("order", [1, -1])
def test_the_example_for_integrators_folds_to_what_it_says(order: int) -> None:
    events = [read(line) for line in (EXAMPLE / "events.jsonl").read_bytes().splitlines()]
    expected = [json.loads(line) for line in (EXAMPLE / "folded.jsonl").read_text(encoding="utf-8").splitlines()]

    folded = [last_word(source, about, event) for (source, about), event in fold(events[::order]).items()]

    assert len(events) > len({event.id for event in events}) > len(expected), "it repeats, and it says things anew"
    assert sorted(folded, key=str) == sorted(expected, key=str)


def last_word(source: str, about: tuple[str | int | None, ...], event: Envelope) -> dict[str, Any]:
    return {
        "source": source,
        "thing": list(about),
        "type": event.type,
        "sequence": str(event.sequence),
        "withdrawn": event.data.get("withdrawn") is True,
    }
