"""Records ⇄ envelopes in both modes; whatever a record holds, reading it raises Unreadable and nothing else."""

import base64
import json
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_structured_event, to_binary_event
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.envelope import HEADERS, Headers, Invalid, Message, Unreadable, encode, read, validate
from schemas.reports.treatment import TestResultReported
from tests.schemas.examples import MESSAGES, NAMES, valid

RESULT = valid("TestResultReported")
JSON_HEADERS: Headers = (("content-type", b"application/json"),)


def changed(**attributes: object) -> bytes:
    """The example of a result with some attributes changed, or left out where they are `...`."""
    envelope = json.loads(RESULT) | attributes
    return json.dumps({name: each for name, each in envelope.items() if each is not ...}).encode()


def binary(envelope: dict[str, Any]) -> Headers:
    """The headers of an envelope in binary mode, spelt as some publishers do."""
    attributes = {name: str(each) for name, each in envelope.items() if name not in {"data", "datacontenttype"}}
    return [*JSON_HEADERS, *((f"Ce_{name}", each.encode()) for name, each in attributes.items())]


def reason(value: bytes | None, headers: Headers = ()) -> str:
    with pytest.raises(Unreadable) as refusal:
        read(value, headers)
    return refusal.value.reason


def test_binary_mode_says_the_same_as_structured_mode() -> None:
    envelope = json.loads(RESULT)

    assert read(json.dumps(envelope["data"]).encode(), binary(envelope)) == read(RESULT, HEADERS)


def test_structured_mode_is_known_by_its_body_when_no_header_names_it() -> None:
    assert read(RESULT) == read(RESULT, JSON_HEADERS) == read(RESULT, HEADERS)


def test_the_offset_of_an_instant_is_kept_and_universal_time_is_written_as_z() -> None:
    result = validate(TestResultReported, read(RESULT).data)
    moved = result.model_copy(update={"resulted_at": result.resulted_at.astimezone(UTC)})

    data = json.loads(_encoded(moved))["data"]

    assert data["collected_at"] == "2020-09-15T08:10:00+08:00"
    assert data["resulted_at"] == "2020-09-15T12:30:00Z"


def test_what_is_not_known_is_left_out_and_never_written_as_null() -> None:
    result = validate(TestResultReported, read(RESULT).data | {"ct_values": None})

    assert b"null" not in _encoded(result)


def test_a_report_without_recordedtime_was_recorded_when_it_happened() -> None:
    envelope = read(changed(recordedtime=...))

    assert envelope.recordedtime == envelope.time


def test_one_id_in_another_spelling_is_the_same_id() -> None:
    written = json.loads(RESULT)["id"]
    spellings = [written.upper(), f"urn:uuid:{written}", written.replace("-", "")]

    assert {read(changed(id=spelling)).id for spelling in spellings} == {written}


def test_data_that_are_no_object_are_readable_so_that_they_can_be_answered() -> None:
    not_objects: list[object] = [..., None, [], "text", 1]
    for data in not_objects:
        with pytest.raises(Invalid) as refusal:
            validate(TestResultReported, read(changed(data=data)).data)
        assert (refusal.value.code, refusal.value.at) == ("wrong_type", "")


def test_an_optional_attribute_that_cannot_be_read_is_as_if_absent() -> None:
    envelope = read(changed(sequence="first", causationid=7, traceparent="\u0000", correlationid=[]))

    assert (envelope.sequence, envelope.causationid, envelope.traceparent, envelope.correlationid) == (None,) * 4


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "empty"),
        (b"", "empty"),
        (b"temperature 38.5", "not_json"),
        (b'{"specversion": "1.0", "x": NaN}', "not_json"),
        (b'"\\ud800"', "not_json"),
        (b"\xff\xfe", "not_json"),
        (b"[" * 100_000, "not_json"),
        (b"9" * 100_000, "not_json"),
        (b"[]", "not_an_object"),
        (b"{}", "not_cloudevents"),
        (changed(specversion="0.3"), "unknown_specversion"),
        (changed(specversion=1.0), "unknown_specversion"),
        (changed(id="result-17"), "no_usable_id"),
        (changed(id=...), "no_usable_id"),
        (changed(id=17), "no_usable_id"),
        (changed(subject=...), "no_usable_subject"),
        (changed(subject=""), "no_usable_subject"),
        (changed(subject="张三"), "no_usable_subject"),
        (changed(subject="x" * 129), "no_usable_subject"),
        (changed(type=...), "not_cloudevents"),
        (changed(source="a\u0000b"), "not_cloudevents"),
        (changed(time=...), "not_cloudevents"),
        (changed(time="yesterday"), "no_usable_time"),
        (changed(time="2020-10-15T09:00:00"), "no_usable_time"),
        (changed(time=1602723600), "no_usable_time"),
    ],
)
def test_a_record_that_is_no_envelope_is_unreadable_for_a_reason(value: bytes | None, expected: str) -> None:
    assert reason(value, HEADERS) == expected


@pytest.mark.parametrize("spoilt", [None, b"\xff\xfe", b""])
@pytest.mark.parametrize("attribute", ["id", "subject", "time", "type", "source", "specversion"])
def test_a_spoilt_header_that_is_needed_makes_the_record_unreadable(attribute: str, spoilt: bytes | None) -> None:
    headers = [*binary(json.loads(RESULT)), (f"ce_{attribute}", spoilt)]

    assert reason(b"{}", headers) == "bad_header"


@pytest.mark.parametrize("name", ["reply_to", "trace", "ce_causationid", "content-type"])
@pytest.mark.parametrize("spoilt", [None, b"\xff\xfe"])
def test_a_spoilt_header_that_is_not_needed_is_ignored(name: str, spoilt: bytes | None) -> None:
    assert read(RESULT, [(name, spoilt), *HEADERS]) == read(RESULT, HEADERS)


HEADER_NAMES = (
    st.sampled_from(["ce_id", "CE_TYPE", "ce_time", "content-type", "ce_specversion", "reply_to"]) | st.text()
)
HEADER_VALUES = st.none() | st.binary() | st.sampled_from([b"application/cloudevents+json", b"1.0"])
ANY_HEADERS = st.lists(st.tuples(HEADER_NAMES, HEADER_VALUES), max_size=8)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(value=st.none() | st.binary() | ANY_JSON.map(lambda node: json.dumps(node).encode()), headers=ANY_HEADERS)
def test_any_bytes_under_any_headers_are_an_envelope_or_unreadable(value: bytes | None, headers: Headers) -> None:
    _understood(value, headers)


@given(name=st.sampled_from(NAMES), at=st.integers(0, 3000), spoilt=st.binary(max_size=4), headers=ANY_HEADERS)
def test_an_example_with_some_bytes_spoilt_is_an_envelope_or_unreadable(
    name: str, at: int, spoilt: bytes, headers: Headers
) -> None:
    example = valid(name)
    _understood(example[:at] + spoilt + example[at + len(spoilt) :], headers)


@settings(deadline=None)  # the lists of codes are read when the first code is looked up
@given(name=st.sampled_from(NAMES), field=st.integers(0, 40), node=ANY_JSON)
def test_an_example_with_any_field_replaced_is_a_message_or_invalid(name: str, field: int, node: object) -> None:
    data = json.loads(valid(name))["data"]
    data[list(data)[field % len(data)]] = node
    found = refusal_of(MESSAGES[name], data)

    assert found is None or found.code in CODES
    assert found is None or not UNFILLED.search(found.reason), "the words in braces are filled in"


@pytest.mark.parametrize("name", NAMES)
def test_an_independent_reader_of_cloudevents_reads_what_we_write(name: str) -> None:
    ours = read(valid(name))
    message = validate(MESSAGES[name], ours.data)
    written = encode(message, id=ours.id, source=ours.source, subject=ours.subject, time=ours.time, recordedtime=NOON)

    theirs = from_structured_event(KafkaMessage(dict(HEADERS), ours.subject.encode(), written))

    assert (theirs.get_id(), theirs.get_source(), theirs.get_type()) == (ours.id, ours.source, ours.type)
    assert (theirs.get_subject(), theirs.get_time()) == (ours.subject, ours.time)
    assert theirs.get_extension("recordedtime") == "2020-10-17T12:00:00+08:00"
    assert validate(MESSAGES[name], theirs.get_data()) == message


@pytest.mark.parametrize("name", NAMES)
def test_what_an_independent_writer_of_cloudevents_writes_in_binary_mode_is_read(name: str) -> None:
    structured = KafkaMessage(dict(HEADERS), None, valid(name))
    theirs = to_binary_event(from_structured_event(structured))

    assert read(theirs.value, list(theirs.headers.items())) == read(valid(name))


NOON = datetime(2020, 10, 17, 12, tzinfo=timezone(timedelta(hours=8)))


def _understood(value: bytes | None, headers: Headers) -> None:
    reason = unreadable_reason(value, headers)

    assert reason is None or reason in VOCABULARY


def unreadable_reason(value: bytes | None, headers: Headers) -> str | None:
    """Why a record cannot be read; None when it can."""
    try:
        read(value, headers)
    except Unreadable as refusal:
        return refusal.reason
    return None


def refusal_of(model: type[Message], data: object) -> Invalid | None:
    """What is wrong with data; None when nothing is."""
    try:
        validate(model, data)
    except Invalid as refusal:
        return refusal
    return None


CODES = {"missing", "wrong_type", "out_of_range", "impossible_time", "unknown_value", "invalid"}
UNFILLED = re.compile(r"\{[a-z_]+\}")
VOCABULARY = {
    "empty",
    "not_json",
    "not_an_object",
    "not_cloudevents",
    "unknown_specversion",
    "bad_header",
    "no_usable_id",
    "no_usable_subject",
    "no_usable_time",
}


def _encoded(message: TestResultReported) -> bytes:
    return encode(message, id="0", source="/labs/1", subject=message.case_id, time=NOON, recordedtime=NOON)


MARK = b"\xef\xbb\xbf"


@pytest.mark.parametrize("headers", [(), HEADERS, JSON_HEADERS])
def test_a_byte_order_mark_says_nothing(headers: Headers) -> None:
    assert read(MARK + RESULT, headers) == read(RESULT)
    assert reason(MARK, headers) == "empty"
    assert reason(MARK + MARK + RESULT, headers) == "not_json"


def test_a_byte_order_mark_in_binary_mode_says_nothing_either() -> None:
    envelope = json.loads(RESULT)
    assert read(MARK + json.dumps(envelope["data"]).encode(), binary(envelope)) == read(RESULT)


def encoded(data: bytes, **attributes: object) -> bytes:
    """The example with its data in base 64."""
    return changed(data=..., data_base64=base64.b64encode(data).decode(), **attributes)


@pytest.mark.parametrize("mark", [b"", MARK])
def test_data_in_base_64_are_decoded(mark: bytes) -> None:
    data = json.loads(RESULT)["data"]
    written = mark + json.dumps(data).encode()
    assert read(encoded(written)) == read(RESULT)
    assert read(encoded(written, datacontenttype=...)) == read(RESULT)
    assert read(encoded(written, datacontenttype="application/json")).data == data
    assert read(changed(data_base64=None)) == read(RESULT)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (changed(data_base64="e30="), "data_base64 must not come beside data: send one of the two"),
        (changed(data=..., data_base64="not base 64!"), "data_base64 must be text in base 64 (RFC 4648, section 4)"),
        (changed(data=..., data_base64="e30"), "data_base64 must be text in base 64 (RFC 4648, section 4)"),
        (changed(data=..., data_base64="ä30="), "data_base64 must be text in base 64 (RFC 4648, section 4)"),
        (changed(data=..., data_base64=7), "data_base64 must be text in base 64 (RFC 4648, section 4)"),
        (changed(data=..., data_base64=["e30="]), "data_base64 must be text in base 64 (RFC 4648, section 4)"),
        (changed(data=..., data_base64=""), "data_base64 must hold JSON"),
        (encoded(b"no JSON"), "data_base64 must hold JSON"),
    ],
)
def test_data_in_base_64_that_cannot_be_read_are_refused_with_words(value: bytes, words: str) -> None:
    envelope = read(value)
    with pytest.raises(Invalid) as refusal:
        validate(TestResultReported, envelope.data)
    assert (refusal.value.code, refusal.value.at, refusal.value.reason) == ("invalid", "data_base64", words)


def test_json_in_base_64_that_is_no_object_is_refused_as_if_it_stood_there() -> None:
    with pytest.raises(Invalid, match="data must be a JSON object"):
        validate(TestResultReported, read(encoded(b"[]")).data)
