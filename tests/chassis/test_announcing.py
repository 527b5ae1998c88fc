"""The table of what a service states: what is new, changed or gone is said, and nothing else is looked at."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any

import pytest
from pydantic import ValidationError

from chassis.decide.announcing import Announcer, Statement, Things
from chassis.decide.judge import AnyState, State
from schemas.events.treatment import SymptomsRecorded, TreatmentRecorded

AT = datetime(2020, 10, 15, 9, tzinfo=UTC)
Given = Mapping[str, tuple[datetime, str]]


def of(conclusions: Any) -> AnyState:
    """A case of which this is concluded."""
    return State("case", conclusions)


def given(state: Any, dose: str, thing: tuple[datetime, str]) -> Statement:
    at, category = thing
    data = {"case_id": state.facts, "given_at": AT, "category": category, "dose": dose}
    return Statement(TreatmentRecorded, at, data)


def things(**changed: Any) -> Things[Any, Any]:
    row: Things[Any, Any] = Things(**{"source": attrgetter("conclusions"), "things": dict, "word": given, **changed})
    return row


def emitted(before: Given, after: Given, row: Things[Any, Any] | None = None) -> list[tuple[Any, ...]]:
    announce = Announcer({"given": row or things()})
    events = [(one.event, one.time) for one in announce(of(before), of(after))]
    return [(event.dose, event.category, event.withdrawn, time) for event, time in events]


def test_what_is_gone_is_withdrawn_first_and_then_what_is_new_or_changed_is_said() -> None:
    before = {"gone": (AT, "supportive"), "same": (AT, "supportive"), "changed": (AT, "supportive")}
    after = {"new": (AT, "nutrition"), "same": (AT, "supportive"), "changed": (AT, "nutrition")}
    assert emitted(before, after) == [
        ("gone", "supportive", True, AT),
        ("new", "nutrition", None, AT),
        ("changed", "nutrition", None, AT),
    ]


def test_another_instant_is_news_unless_the_thing_is_about_none() -> None:
    later = AT + timedelta(hours=1)
    before, after = {"a": (AT, "supportive")}, {"a": (later, "supportive")}
    assert emitted(before, after) == [("a", "supportive", None, later)]
    assert emitted(before, after, things(is_about_an_instant=False)) == []


def test_what_differs_beyond_the_limits_of_an_event_is_no_news() -> None:
    def word(state: Any, key: str, seen: Mapping[str, Any]) -> Statement:
        return Statement(SymptomsRecorded, AT, {"case_id": "case", "observed_at": AT, "respiratory": "none", **seen})

    announce = Announcer({"seen": things(word=word)})
    codes = [f"{number}00" for number in range(1_000, 1_200)]
    before, after, longer = ({"a": {"symptoms": (*codes, last)}} for last in ("49727002", "267036007", codes[0]))
    longer["a"]["symptoms"] += ("49727002",)
    assert list(announce(of(before), of(after))) == []
    (one,) = announce(of(before), of(longer))
    assert one.event.omitted == {"symptoms": 102}, "how much is left out is said"


def test_nothing_is_worded_while_the_source_is_the_same() -> None:
    def never(*_: Any) -> Any:
        raise AssertionError("worded")

    known = {"a": (AT, "supportive")}
    assert emitted(known, dict(known), things(word=never, things=never)) == []


def test_only_what_may_differ_is_made_things_of() -> None:
    handed: list[Any] = []

    def seen(source: Given) -> Given:
        handed.append(source)
        return source

    def differing(was: Given, now: Given) -> tuple[Given, Given]:
        return {}, {key: thing for key, thing in now.items() if key not in was}

    before = {"old": (AT, "supportive")}
    assert emitted(before, {**before, "new": (AT, "nutrition")}, things(things=seen, differing=differing)) == [
        ("new", "nutrition", None, AT)
    ]
    assert handed == [{}, {"new": (AT, "nutrition")}]


def test_a_change_may_be_said_in_other_words() -> None:
    def twice(_state: Any, _key: str, was: Statement, now: Statement | None) -> Iterator[Statement]:
        yield was
        if now is not None:
            yield now

    before = {"gone": (AT, "supportive"), "changed": (AT, "supportive")}
    assert emitted(before, {"changed": (AT, "nutrition")}, things(change=twice)) == [
        ("gone", "supportive", None, AT),
        ("changed", "supportive", None, AT),
        ("changed", "nutrition", None, AT),
    ]


def test_a_row_that_words_a_field_the_event_does_not_have_raises() -> None:
    def misspelt(state: Any, key: str, thing: Any) -> Statement:
        statement = given(state, key, thing)
        return statement._replace(data={**statement.data, "dosis": "2"})

    with pytest.raises(ValidationError, match="dosis"):
        emitted({}, {"a": (AT, "supportive")}, things(word=misspelt))


def test_a_table_without_rows_says_nothing() -> None:
    assert list(Announcer({})(of({}), of({"a": (AT, "supportive")}))) == []
