"""Each criterion by brute force: since when it is met or not, and when the clock turns it, is what judging finds.

Judged are all instants of a stay at which anything may turn, one after the other.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from schemas.message import Message
from services.discharge.domain.as_of import AsOf, EpisodeFacts
from services.discharge.domain.conclusions import Criterion
from services.discharge.domain.criteria import CRITERIA, Judgement, Rule, judge
from services.discharge.domain.criteria.pcr_tests import ConsecutiveNegatives, PersistentlyPositive
from services.discharge.domain.criteria.temperature import Temperature
from services.discharge.domain.criteria_status import next_changes
from services.discharge.domain.episodes import episodes
from services.discharge.domain.facts import Facts
from tests.domain.discharge.journeys import admitted, approved, at, confirmed, imaged, measured, observed, swabbed
from tests.domain.discharge.judging import learnt
from tests.domain.discharge.test_criteria_status import DAYS, SHIFTS, every_instant, moved, stays

ENDS = at(DAYS + 2)
ONE_OF_TWO = {ConsecutiveNegatives.name, PersistentlyPositive.name}
"""D5 takes the place of D4: since when neither is met is one question."""
EARLY = swabbed("r-early", at(-22, 7), "detected")
"""28 days before the stay is half over."""


class Stay:
    """A stay judged as of every instant."""

    def __init__(self, facts: Facts, shift: timedelta) -> None:
        self.facts = EpisodeFacts(facts, episodes(facts, None)[0])
        instants = every_instant(facts.admissions[0].at, ENDS + shift)
        self.judged = [(moment, judge(AsOf(self.facts, moment))) for moment in instants]

    def contradictions(self, now: datetime) -> Iterator[str]:
        """What a criterion answers as of `now`, and the course of the stay denies."""
        judged = judge(AsOf(self.facts, now))
        for rule, criterion in zip(judged.rules, judged.criteria, strict=True):
            for denied in (*self._before(judged, rule, criterion), *self._after(judged, rule, criterion)):
                yield f"{criterion.name} as of {now}: {denied}"

    def _before(self, judged: Judgement, rule: Rule, criterion: Criterion) -> Iterator[str]:
        """While this protocol has been in force: exactly since when it is met; at least since when it is unmet."""
        now, names = judged.as_of.instant, {rule.name} if criterion.met else _asked_together(rule)
        course = [(at, _met(then, names)) for at, then in self.judged if at <= now and then.protocol == judged.protocol]
        if not criterion.met:
            unmet_from = rule.unmet_from()
            if any(met and (unmet_from is None or at >= unmet_from) for at, met in course):
                yield f"it was met after {unmet_from}"
        elif course:
            unmet = [place for place, (_, met) in enumerate(course) if not met]
            since = course[unmet[-1] + 1][0] if unmet else None
            answered = max(criterion.since, course[0][0]) if criterion.since else course[0][0]
            if answered != (since or course[0][0]):
                yield f"met since {since}, not {criterion.since}"

    def _after(self, judged: Judgement, rule: Rule, criterion: Criterion) -> Iterator[str]:
        """Until a fact or the next protocol counts, it turns at the instant it names first and at no other."""
        names, now = _asked_together(rule), judged.as_of.instant
        known_until = min(next_changes(judged.as_of, None), default=ENDS.replace(year=9999))
        change = min((at for at in rule.next_changes() or () if at > now), default=known_until)
        for moment, then in self.judged:
            if now < moment < min(change, known_until) and _met(then, names) is not _met(judged, names):
                yield f"it turned at {moment}, before {change}"
            if moment == change < known_until and _met(then, names) is _met(judged, names):
                yield f"it did not turn at {change}"


def _asked_together(rule: Rule) -> set[str]:
    return ONE_OF_TWO if rule.name in ONE_OF_TWO else {rule.name}


def _met(judged: Judgement, names: set[str]) -> bool:
    return any(criterion.met for criterion in judged.criteria if criterion.name in names)


@settings(deadline=None, max_examples=25)
@given(st.data(), st.sampled_from(SHIFTS), st.booleans())
def test_what_each_criterion_answers_is_what_every_instant_finds(
    data: st.DataObject, shift: timedelta, early: bool
) -> None:
    reported = data.draw(stays(shift)) + ([moved(EARLY, shift)] if early else [])
    stay = Stay(learnt(reported), shift)
    for day in range(3, DAYS + 2):
        assert list(stay.contradictions(at(day, 12) + shift)) == []


def up_and_down() -> list[Message]:
    """A stay in which each criterion is met, lost and met again, D4 through D5."""
    return [
        confirmed(),
        admitted(at(1, 10), symptoms=("386661006",)),
        *(measured(at(day, 8)) for day in range(1, DAYS + 1)),
        measured(at(5, 20), 38.1),
        *(observed(at(day), change) for day, change in ((3, "improved"), (6, "worse"), (8, "improved"))),
        *(imaged(f"s-{day}", at(day), change) for day, change in ((3, "improved"), (6, "first"), (8, "improved"))),
        EARLY,
        *(swabbed(f"r-{day}", at(day, 8), found) for day, found in ((2, "not_detected"), (3, "not_detected"))),
        *(swabbed(f"r-{day}", at(day, 8), found) for day, found in ((5, "detected"), (8, "not_detected"))),
        approved(at(4), override="culture negative"),
    ]


def contradicted(rule: type[Rule]) -> bool:
    stay = Stay(learnt(up_and_down()), timedelta())
    moments = (at(day, hour) for day in range(2, DAYS + 2) for hour in (0, 12))
    return any(denied.startswith(rule.name) for moment in moments for denied in stay.contradictions(moment))


@pytest.mark.parametrize("rule", CRITERIA)
def test_in_that_stay_each_criterion_turns_and_none_is_contradicted(rule: type[Rule]) -> None:
    stay = Stay(learnt(up_and_down()), timedelta())
    found = {_met(judged, {rule.name}) for _, judged in stay.judged}
    assert found == {True, False}
    assert not contradicted(rule)


def _an_hour_late(criterion: Criterion | None) -> Criterion | None:
    since = criterion and criterion.since and criterion.since + timedelta(hours=1)
    return replace(criterion, since=since) if criterion else None


WRONG: dict[str, tuple[str, Callable[[Any, Any], Any]]] = {
    "met since an hour later": ("judge", lambda right, _rule: _an_hour_late(right)),
    "unmet ever since": ("unmet_from", lambda _right, _rule: None),
    "turning when it does not": ("next_changes", lambda _right, rule: (rule.as_of.instant + timedelta(hours=1),)),
}


def plant(monkeypatch: pytest.MonkeyPatch, rule: Any, answer: str, wrong: Callable[[Any, Any], Any]) -> None:
    right = getattr(rule, answer)
    monkeypatch.setattr(rule, answer, lambda asked: wrong(right(asked), asked))


@pytest.mark.parametrize("rule", CRITERIA)
@pytest.mark.parametrize("planted", WRONG)
def test_a_wrong_answer_of_any_criterion_is_seen(
    monkeypatch: pytest.MonkeyPatch, rule: type[Rule], planted: str
) -> None:
    plant(monkeypatch, rule, *WRONG[planted])
    assert contradicted(rule)


@pytest.mark.parametrize("rule", [Temperature, PersistentlyPositive])
def test_a_turn_that_a_criterion_does_not_name_is_seen(monkeypatch: pytest.MonkeyPatch, rule: type[Rule]) -> None:
    plant(monkeypatch, rule, "next_changes", lambda _right, _rule: ())
    assert contradicted(rule)
