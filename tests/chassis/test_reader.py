"""Whatever the bytes: a record is judged, refused with a reason, parked, or none of this service's business."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.consume.reader import Accepted, Reader, Record, Rejected, Unprocessable, receipt
from chassis.decide.aggregate import on
from schemas.envelope import HEADERS, Headers, read
from schemas.events.intake import CaseImported
from schemas.message import Report
from schemas.topics import registry
from tests.chassis.engine_fixture import raw, record
from tests.chassis.toy import COUNTED_PATIENT, PATIENT, WARD, hour, learn_reading, reading
from tests.schemas.examples import valid

LEARN: Any = learn_reading
"""Of any message: it is never called here."""
READER = Reader([COUNTED_PATIENT, WARD], timedelta(minutes=5))
ID = "a1b2c3d4-0000-4000-8000-00000000abcd"


def changed(*, data: dict[str, Any] | None = None, **attributes: Any) -> Record:
    """A good report, come when it happened, with some attributes and data replaced."""
    good = record(reading("c-1", 0), id=ID)
    envelope = json.loads(good.value or b"")
    envelope |= attributes
    envelope["data"] |= data or {}
    return raw(json.dumps(envelope).encode())


def why(item: object) -> tuple[str, str | None]:
    """The code and path of a refusal."""
    assert isinstance(item, Rejected), item
    return item.rejection.code, item.rejection.at


def test_a_good_report_is_accepted_to_the_kind_that_learns_it() -> None:
    good = record(reading("c-1", 0))
    item = READER.read(good)
    assert isinstance(item, Accepted)
    assert (item.aggregate, item.key, item.message) == (COUNTED_PATIENT, "c-1", reading("c-1", 0))
    assert item.receipt.received_at == good.received_at


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "empty"),
        (b"", "empty"),
        (b"not JSON", "not_json"),
        (b"\xff\xfe", "not_json"),
        (b'{"a": ' * 10_000, "not_json"),
        (b"[]", "not_an_object"),
        (b"{}", "not_cloudevents"),
        (changed(specversion="2.0").value, "unknown_specversion"),
        (changed(id="not-a-uuid").value, "no_usable_id"),
        (changed(subject="a subject with blanks").value, "no_usable_subject"),
        (changed(time="yesterday").value, "no_usable_time"),
        (changed(type="afterward.VitalSignsGuessed.v1", source="not a source").value, "unknown_type"),
    ],
)
def test_what_nobody_can_be_answered_about_is_parked(value: bytes | None, reason: str) -> None:
    item = READER.read(raw(value))
    assert isinstance(item, Unprocessable)
    assert item.reason == reason


@pytest.mark.parametrize("name", ["VitalSignsGuessed.v1", "VitalSignsReported.v2", "ReportRejected.v1"])
def test_a_type_that_nobody_knows_is_answered_and_kept_with_its_bytes(name: str) -> None:
    item = READER.read(changed(type=f"afterward.{name}"))

    assert why(item) == ("unknown_type", "type")
    assert isinstance(item, Rejected)
    assert item.parked == "unknown_type"


def test_a_type_that_nobody_knows_on_a_topic_of_events_is_parked_and_not_answered() -> None:
    item = READER.read(raw(changed(type="afterward.VitalSignsGuessed.v1").value, topic="intake.events.v1"))

    assert isinstance(item, Unprocessable)


def test_two_megabytes_that_are_no_envelope_are_parked() -> None:
    item = READER.read(raw(b"x" * 2_000_000))
    assert isinstance(item, Unprocessable)


def test_a_readable_report_of_two_megabytes_is_refused_by_name() -> None:
    assert why(READER.read(changed(data={"note": "x" * 2_000_000}))) == ("too_large", None)


def test_a_report_whose_subject_is_not_its_case_is_refused() -> None:
    assert why(READER.read(changed(subject="c-2"))) == ("wrong_subject", "case_id")


def test_a_report_on_another_services_topic_is_refused() -> None:
    misplaced = raw(changed().value, topic="intake.reports.v1")
    assert why(READER.read(misplaced)) == ("wrong_topic", None)


def test_a_report_on_an_events_topic_is_parked_since_each_reader_of_it_would_answer() -> None:
    item = READER.read(raw(changed().value, topic="intake.events.v1"))
    assert isinstance(item, Unprocessable)
    assert item.reason == "wrong_topic"


def test_an_event_on_a_topic_that_is_not_its_own_is_parked() -> None:
    item = READER.read(raw(valid("Discharged")))
    assert isinstance(item, Unprocessable)
    assert item.reason == "wrong_topic"


@pytest.mark.parametrize(
    ("data", "code", "at"),
    [
        ({"measured_at": None}, "wrong_type", "measured_at"),
        ({"temperature_c": "36.6"}, "wrong_type", "temperature_c"),
        ({"temperature_c": 97.9}, "out_of_range", "temperature_c"),
        ({"temperature_site": "elbow"}, "unknown_value", "temperature_site"),
        ({"temperature_site": None}, "missing", "temperature_site"),
    ],
)
def test_bad_data_are_refused_with_the_field_at_fault(data: dict[str, Any], code: str, at: str) -> None:
    assert why(READER.read(changed(data=data))) == (code, at)


def test_data_that_are_no_object_are_refused() -> None:
    good = json.loads(changed().value or b"")
    item = READER.read(raw(json.dumps({**good, "data": [1]}).encode()))
    assert why(item) == ("wrong_type", None), "an empty path is no path: an answer with one could not be said"


def test_a_report_may_lie_five_minutes_in_the_future_and_no_longer() -> None:
    soon, later = hour(0) + timedelta(minutes=5), hour(0) + timedelta(minutes=5, seconds=1)
    assert isinstance(READER.read(changed(data={"measured_at": soon.isoformat()})), Accepted)
    assert why(READER.read(changed(data={"measured_at": later.isoformat()}))) == ("impossible_time", "measured_at")


@pytest.mark.parametrize(
    "headers",
    [
        (),
        HEADERS,
        (*HEADERS, ("trace", None)),
        (*HEADERS, ("trace", b"\xff\xfe\x00")),
        (*HEADERS, ("reply_to", b"intake.events.v1")),
        (("content-type", None),),
        (("content-type", b"\xff"),),
    ],
)
def test_headers_that_are_null_or_no_text_or_ask_for_a_reply_change_nothing(headers: Headers) -> None:
    good = record(reading("c-1", 0))
    item = READER.read(raw(good.value, headers=headers))
    assert isinstance(item, Accepted)


def binary(**replaced: bytes | None) -> Record:
    """A good report in binary mode, with some headers replaced."""
    good = json.loads(changed().value or b"")
    data = good.pop("data")
    headers = {f"ce_{name}": text.encode() for name, text in good.items()}
    return raw(json.dumps(data).encode(), headers=list({**headers, **replaced}.items()))


def test_binary_mode_is_accepted() -> None:
    item, structured = READER.read(binary()), READER.read(changed())
    assert isinstance(item, Accepted)
    assert isinstance(structured, Accepted)
    assert (item.message, item.receipt) == (structured.message, structured.receipt)


@pytest.mark.parametrize("spoilt", [None, b"", b"\xff\xfe"])
def test_binary_mode_with_a_spoilt_header_that_is_needed_is_parked(spoilt: bytes | None) -> None:
    item = READER.read(binary(ce_id=spoilt))
    assert isinstance(item, Unprocessable)
    assert item.reason == "bad_header"


def test_a_message_that_no_kind_learns_is_none_of_our_business() -> None:
    event = valid("DischargeCriteriaMet")
    assert READER.read(raw(event, topic="discharge.events.v1")) is None


def test_an_event_with_bad_data_is_parked_since_nobody_could_be_answered() -> None:
    aggregate = replace(PATIENT, learns=(on(CaseImported, LEARN),))
    bad = json.loads(valid("CaseImported"))
    bad["data"].pop("episode")
    item = Reader([aggregate], timedelta(minutes=5)).read(raw(json.dumps(bad).encode(), topic="intake.events.v1"))
    assert isinstance(item, Unprocessable)
    assert item.reason == "invalid_event"


def rank(is_report: bool, **attributes: Any) -> str:
    """The rank of a message with these attributes."""
    some = changed(**attributes)
    return receipt(read(some.value, some.headers), some, is_report).rank


def test_of_two_reports_the_one_recorded_later_ranks_higher_to_the_microsecond() -> None:
    moment = datetime(2020, 10, 17, 8, 30, 12, 999_999, tzinfo=UTC)
    instants = [datetime(1969, 12, 31, tzinfo=UTC), moment, moment + timedelta(microseconds=1)]
    ranks = [rank(is_report=True, recordedtime=instant.isoformat()) for instant in instants]
    assert ranks == sorted(set(ranks))


def test_of_two_reports_recorded_together_the_greater_id_ranks_higher() -> None:
    assert rank(is_report=True, id=ID.replace("a", "b")) > rank(is_report=True, id=ID)


def test_a_report_cannot_raise_its_rank_by_a_sequence_of_its_own() -> None:
    assert rank(is_report=True, sequence="999999999999999999") == rank(is_report=True)


def test_of_two_events_the_one_of_higher_sequence_ranks_higher() -> None:
    ranks = [rank(is_report=False, sequence=sequence) for sequence in ("9", "10", "1000")]
    assert ranks == sorted(set(ranks))


NAMES = ["ce_id", "ce_type", "ce_source", "ce_specversion", "ce_time", "ce_subject", "content-type"]
HEADER = st.tuples(st.sampled_from(NAMES) | st.text(max_size=12), st.none() | st.binary(max_size=12))


@given(st.binary(max_size=200), st.lists(HEADER, max_size=9))
def test_no_bytes_and_no_headers_make_the_reader_raise(value: bytes, headers: list[tuple[str, bytes | None]]) -> None:
    assert not isinstance(READER.read(raw(value, headers=headers)), Accepted)


@given(st.sampled_from(NAMES), st.none() | st.binary(max_size=12) | st.just(b"application/cloudevents+json"))
def test_no_header_in_place_of_a_good_one_makes_the_reader_raise(name: str, spoilt: bytes | None) -> None:
    READER.read(binary(**{name: spoilt}))


def json_with(floats: st.SearchStrategy[float]) -> st.SearchStrategy[Any]:
    """Whatever `data` or an attribute may hold."""
    return st.recursive(
        st.none() | st.booleans() | st.integers() | floats | st.text(max_size=8) | st.datetimes().map(str),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=8,
    )


JSON, ODD = json_with(st.floats(allow_nan=False, allow_infinity=False)), json_with(st.floats())
"""ODD: NaN and infinity as well, which Python writes, and which are no JSON."""
REPORTS = [model for model, _ in registry().values() if issubclass(model, Report)]
OF_ALL = Reader([replace(PATIENT, learns=tuple(on(model, LEARN) for model in REPORTS))], timedelta(minutes=5))
"""A reader that learns every report: what is valid goes the whole way."""
ATTRIBUTES = ["id", "source", "specversion", "type", "subject", "time", "recordedtime", "datacontenttype"]
ATTRIBUTES += ["dataschema", "sequence", "causationid", "correlationid", "traceparent", "partitionkey", "data"]
AFTERWARDS = datetime(2100, 1, 1, tzinfo=UTC)


def put(model: type[Report], **replaced: Any) -> Record:
    """The valid example of a report on its own topic, some attributes of it replaced."""
    value = json.dumps(json.loads(valid(model.__name__)) | replaced).encode()
    return raw(value, topic=registry()[model.type_name()][1].name, received_at=AFTERWARDS)


@pytest.mark.parametrize("model", REPORTS, ids=lambda model: model.__name__)
def test_what_the_generators_spoil_is_accepted_as_it_is(model: type[Report]) -> None:
    assert isinstance(OF_ALL.read(put(model)), Accepted)


@given(st.sampled_from(REPORTS), st.sampled_from(ATTRIBUTES), ODD)
def test_no_attribute_makes_the_reader_raise(model: type[Report], name: str, odd: Any) -> None:
    OF_ALL.read(put(model, **{name: odd}))


@given(st.data(), st.sampled_from(REPORTS), JSON)
def test_no_field_of_a_report_makes_the_reader_raise(data: st.DataObject, model: type[Report], odd: Any) -> None:
    good = json.loads(valid(model.__name__))["data"]
    field = data.draw(st.sampled_from(sorted(model.model_fields)))
    assert isinstance(OF_ALL.read(put(model, data={**good, field: odd})), Accepted | Rejected)


def test_what_nobody_may_be_answered_about_in_base_64_is_refused_with_words() -> None:
    good = json.loads(changed().value or b"")
    del good["data"]
    assert why(READER.read(raw(json.dumps(good | {"data_base64": "?"}).encode()))) == ("invalid", "data_base64")
