"""Whatever a rule has found: its event is built, within the limits of its schema, and says what it leaves out."""

import json
from datetime import UTC, datetime
from functools import cache
from typing import Any, cast
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from pydantic import ValidationError

from chassis.publish.archive import encoded
from chassis.publish.encoding import Attributes
from schemas.envelope import MAX_ENVELOPE_BYTES, read, validate
from schemas.events.discharge import Discharged
from schemas.events.followup import HealthAlertRaised, QuarantineExtended
from schemas.events.treatment import ComorbidityRecorded, TestResultCorrected, VitalSignsRecorded
from schemas.limits import fitted, within_limits
from schemas.message import Event
from schemas.publishing.json_schema import schema_of
from schemas.topics import TOPICS
from tests.schemas.overfull import AN_INSTANT, TOO_MANY, overfull

EVENTS = sorted(
    {model for topic in TOPICS for model in topic.messages if issubclass(model, Event)},
    key=lambda model: model.__name__,
)
every_event = pytest.mark.parametrize("model", EVENTS, ids=lambda model: model.__name__)
WIDE = "漢"
"""Three bytes in UTF-8: what fits by its letters may weigh too much."""


@cache
def filled(model: type[Event]) -> Event:
    """An event beyond all its limits, built once: the largest take a second."""
    return within_limits(model)(**overfull(model))


def stated(event: Event) -> dict[str, Any]:
    """The event's data as it comes from the bus; fails unless it is one that every reader understands."""
    recorded = datetime(2020, 10, 15, tzinfo=UTC)
    attributes = Attributes(str(UUID(int=1)), "/services/test", "case", AN_INSTANT, recorded, 1)
    message = encoded(event, attributes)
    assert len(message) <= min(event.most_bytes, MAX_ENVELOPE_BYTES)
    data = read(message).data
    Draft202012Validator(schema_of(type(event)), format_checker=FormatChecker()).validate(data)
    validate(type(event), data)
    return cast("dict[str, Any]", data)


@every_event
@pytest.mark.parametrize(
    ("low", "letter"),
    [
        (False, "x"),
        (True, WIDE),
        pytest.param(True, "x", marks=pytest.mark.thorough),
        pytest.param(False, WIDE, marks=pytest.mark.thorough),
    ],
)
def test_an_event_beyond_all_its_limits_is_said_within_them(model: type[Event], low: bool, letter: str) -> None:
    fields = overfull(model, low=low, letter=letter)
    data = stated(within_limits(model)(**fields))
    for name, value in fields.items():
        if isinstance(value, list | tuple) and len(value) > len(data.get(name, ())):
            assert data["omitted"][name] == len(value) - len(data.get(name, ())), name


@every_event
def test_the_filling_is_beyond_the_limits_indeed(model: type[Event]) -> None:
    """A guard that cannot fail guards nothing: without the cutting none of them could be built."""
    if any(limited in json.dumps(schema_of(model)["properties"]) for limited in ("maxLength", "maxItems", "maximum")):
        with pytest.raises(ValidationError):
            model(**overfull(model))


@every_event
def test_what_lies_within_the_limits_is_left_as_it_is(model: type[Event]) -> None:
    event = filled(model)
    plain = event.model_copy(update={"omitted": None})
    again = within_limits(model)(**{name: getattr(plain, name) for name in model.model_fields})
    assert again == plain
    assert again.omitted is None


def test_what_no_limit_explains_is_a_defect_and_raises() -> None:
    with pytest.raises(ValidationError):
        within_limits(QuarantineExtended)(case_id="case", episode=1, days=9_999, last_day="soon")
    with pytest.raises(ValidationError):
        within_limits(QuarantineExtended)(case_id="case", days=9_999, last_day=AN_INSTANT.date())  # type: ignore[call-arg]


@every_event
def test_a_misspelt_field_of_an_event_that_we_state_raises(model: type[Event]) -> None:
    fields = filled(model).model_dump(exclude={"omitted"})
    with pytest.raises(ValidationError, match="extra_forbidden"):
        within_limits(model)(**fields, misspelt=1)


@every_event
def test_readers_go_on_ignoring_a_field_that_they_do_not_know(model: type[Event]) -> None:
    data = json.loads(filled(model).model_dump_json(exclude_none=True))
    assert validate(model, {**data, "unknown": 1}) == validate(model, data)


def test_a_misspelt_field_deep_in_an_event_raises_and_so_does_one_beside_a_field_that_is_cut() -> None:
    fields = overfull(TestResultCorrected)
    fields["old"]["misspelt"] = 1
    with pytest.raises(ValidationError, match="extra_forbidden"):
        within_limits(TestResultCorrected)(**fields)


@pytest.mark.parametrize(("days", "emitted", "omitted"), [(3_660, 3_660, None), (3_661, 3_660, 1), (-3, 0, -3)])
def test_a_number_is_cut_to_its_limit_and_the_rest_is_counted(days: int, emitted: int, omitted: int | None) -> None:
    event = within_limits(QuarantineExtended)(case_id="case", episode=1, days=days, last_day=AN_INSTANT.date())
    assert event.days == emitted
    assert event.omitted == (None if omitted is None else {"days": omitted})


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e6, max_value=1e6))
def test_a_measure_is_cut_to_its_limit_too(weight_kg: float) -> None:
    event = within_limits(VitalSignsRecorded)(case_id="case", measured_at=AN_INSTANT, weight_kg=weight_kg)
    assert stated(event)
    assert (event.omitted is None) == (0 < weight_kg <= 700)


def test_the_first_of_a_list_are_kept_and_the_others_counted() -> None:
    evidence = tuple(f"r-{number}" for number in range(1_001))
    event = within_limits(HealthAlertRaised)(
        case_id="case", episode=1, alert_id="a", why="fever", day=3, severity="high", evidence=evidence
    )
    assert (event.evidence, event.omitted) == (evidence[:1_000], {"evidence": 1})


def comorbidity(condition: str, medicines: int) -> dict[str, Any]:
    return {
        "condition": condition,
        "active": True,
        "needs_regular_care": True,
        "regular_medicines": (WIDE * 500,) * medicines,
    }


def discharged(*comorbidities: dict[str, Any]) -> Discharged:
    fields = overfull(Discharged) | {"episode": 1, "length_of_stay_days": 3, "comorbidities": comorbidities}
    return within_limits(Discharged)(**{name: "a" if value == "x" * 135 else value for name, value in fields.items()})


def test_two_comorbidities_of_200_kb_are_said_both_with_fewer_medicines() -> None:
    data = stated(discharged(comorbidity("A10.9", 100), comorbidity("B20", 100)))
    conditions = [reported["condition"] for reported in data["comorbidities"]]
    reported = [len(reported["regular_medicines"]) for reported in data["comorbidities"]]
    assert conditions == ["A10.9", "B20"]
    assert reported[0] == reported[1] > 70
    omitted = {f"comorbidities[{index}].regular_medicines": 100 - reported[index] for index in (0, 1)}
    assert omitted.items() <= data["omitted"].items()


def test_a_short_list_beside_a_long_one_stays_whole() -> None:
    data = stated(discharged(comorbidity("A10.9", 100), comorbidity("B20", 3), comorbidity("C30", 100)))
    assert [len(reported["regular_medicines"]) for reported in data["comorbidities"]][1] == 3


def test_of_many_comorbidities_what_was_left_out_of_one_that_is_left_out_is_not_said() -> None:
    event = discharged(*(comorbidity("A10.9", 100 + TOO_MANY) for _ in range(104)))
    assert event.omitted is not None
    assert event.omitted["comorbidities"] == 4
    assert not any("[100]" in path or "[103]" in path for path in event.omitted)
    assert stated(event)["omitted"]["comorbidities"] == 4


def test_what_fits_is_not_made_lighter() -> None:
    event = within_limits(ComorbidityRecorded)(case_id="case", **comorbidity("A10.9", 100))
    assert fitted(event, MAX_ENVELOPE_BYTES) is event


def test_a_history_too_heavy_for_one_event_keeps_its_beginning() -> None:
    data = stated(within_limits(TestResultCorrected)(**overfull(TestResultCorrected, letter=WIDE)))
    assert data["omitted"]["earlier"] == 100 + TOO_MANY - len(data["earlier"])
    assert {"old", "new"} <= set(data)


def test_more_places_than_an_event_can_name_are_cut_and_counted() -> None:
    texts = tuple("x" * 501 for _ in range(100))
    event = discharged(*({**comorbidity("A10.9", 0), "regular_medicines": texts} for _ in range(5)))
    assert event.omitted is not None
    assert len(event.omitted) == 200
    assert event.omitted["…"] >= 300
