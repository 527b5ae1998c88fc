"""D6 by brute force: what is computed backwards is what judging every instant, one after the other, finds."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.message import Message
from services.discharge.domain.criteria import judge_as_of
from services.discharge.domain.criteria_status import criteria_status, next_changes
from services.discharge.domain.episodes import episodes
from services.discharge.domain.facts import Facts
from services.discharge.domain.timeline import INSTANT
from tests.domain.discharge.journeys import (
    admitted,
    approved,
    assessed,
    at,
    confirmed,
    corrected,
    imaged,
    measured,
    observed,
    retracted,
    swabbed,
)
from tests.domain.discharge.judging import learnt

DAYS = 9
ENDS = at(DAYS + 1, 12)
SHIFTS = [timedelta(), timedelta(days=730), at(93 + 730) - at(1)]
"""From October 2020 into the time of version 9, and to where version 10 comes into force during the stay."""

hours = st.integers(24, DAYS * 24)


def reported(maker: Callable[..., Message], *values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Message]]:
    """A few messages of one kind at whole hours."""
    one = st.tuples(hours, *values).map(lambda drawn: maker(at(1, 0) + timedelta(hours=drawn[0]), *drawn[1:]))
    return st.lists(one, max_size=4)


@st.composite
def stays(draw: st.DrawFn, shift: timedelta) -> list[Message]:
    """A stay of nine days, mostly on the way to recovery, in which anything may go wrong."""
    messages: list[Message] = [confirmed(), admitted(at(1, 10), symptoms=draw(st.sampled_from([(), ("386661006",)])))]
    left_out = draw(st.sets(st.integers(2, DAYS), max_size=2))
    messages += [measured(at(day, 8)) for day in range(2, DAYS + 1) if day not in left_out]
    messages += draw(reported(measured, st.sampled_from([36.5, 36.6, 36.8, 36.9, 38.1])))
    messages += draw(reported(observed, st.sampled_from(["none", "improved", "improved", "improved", "same"])))
    messages += draw(reported(assessed, st.sampled_from(["mild", "common"]), st.sampled_from(["rule", "report"])))[:2]
    for number, (hour, change, ill) in enumerate(draw(st.lists(st.tuples(hours, _changes, st.booleans()), max_size=2))):
        messages.append(imaged(f"s-{number}", at(1, 0) + timedelta(hours=hour), change, pneumonia=ill))
    messages += _tests(draw)
    if draw(st.booleans()):
        messages.append(approved(at(draw(st.integers(2, DAYS)), 9), override="culture negative"))
    return [moved(message, shift) for message in messages]


_changes = st.sampled_from(["improved", "improved", "improved", "first"])
_outcomes = st.sampled_from([*["not_detected"] * 5, "detected", "inconclusive"])


def _tests(draw: st.DrawFn) -> list[Message]:
    messages: list[Message] = []
    drawn = draw(st.lists(st.tuples(hours, _outcomes, st.sampled_from([None, 36.0])), min_size=2, max_size=5))
    for number, (hour, outcome, ct) in enumerate(drawn):
        when = at(1, 0) + timedelta(hours=hour)
        result = swabbed(f"r-{number}", when, outcome, ct_values={"N": ct} if ct else None)
        messages.append(result)
        later = result.resulted_at + timedelta(hours=draw(st.integers(1, 60)))
        match draw(st.sampled_from(["", "", "", "retracted", "corrected"])):
            case "retracted":
                messages.append(retracted(result, later))
            case "corrected":
                messages.append(corrected(result, later, result=draw(_outcomes)))
    return messages


def moved(message: Message, shift: timedelta) -> Message:
    """The same message, with every instant in it so much later."""

    def later(value: Any) -> Any:
        if isinstance(value, datetime):
            return value + shift
        if isinstance(value, Message):
            return moved(value, shift)
        return value

    return message.model_copy(update={name: later(getattr(message, name)) for name in type(message).model_fields})


def every_instant(start: datetime, end: datetime) -> list[datetime]:
    """Each hour of the stay, the microsecond before it, and the second after: all at which anything may turn."""
    whole = [start + timedelta(hours=hour) for hour in range(DAYS * 24 + 27)]
    return [
        moment
        for hour in whole
        for moment in (hour - INSTANT, hour, hour + timedelta(seconds=1))
        if start <= moment <= end
    ]


def by_brute_force(facts: Facts, end: datetime) -> tuple[bool, datetime] | None:
    """(met, since when) by judging every instant of the stay; None: never met."""
    (episode,) = episodes(facts, None)
    found: tuple[bool, datetime] | None = None
    for moment in every_instant(facts.admissions[0].at, end):
        met = judge_as_of(facts, episode, moment).met
        if (met and found is None) or (found is not None and met is not found[0]):
            found = met, moment
    return found


@settings(deadline=None, max_examples=25)
@given(st.data(), st.sampled_from(SHIFTS), st.integers(4, DAYS + 1))
def test_since_when_they_are_met_or_lost_is_found_backwards(data: st.DataObject, shift: timedelta, day: int) -> None:
    facts, end = learnt(data.draw(stays(shift))), at(day, 12) + shift
    (episode,) = episodes(facts, None)
    stands = criteria_status(judge_as_of(facts, episode, end))
    assert ((stands.met, stands.at) if stands else None) == by_brute_force(facts, end)
    if stands:
        assert stands.met is all(criterion.met for criterion in stands.criteria)


@settings(deadline=None, max_examples=25)
@given(st.data(), st.integers(3, DAYS))
def test_between_two_facts_nothing_turns_but_when_the_clock_was_set(data: st.DataObject, day: int) -> None:
    """`next_changes` names every instant at which the clock alone changes whether the criteria are met."""
    messages = data.draw(stays(timedelta()))
    facts, now = learnt(messages), at(day, 12)
    (episode,) = episodes(facts, None)
    judged = judge_as_of(facts, episode, now)
    due = min(next_changes(judged.as_of, judged), default=ENDS)
    for moment in every_instant(facts.admissions[0].at, ENDS):
        if now < moment < due:
            assert judge_as_of(facts, episode, moment).met is judged.met
