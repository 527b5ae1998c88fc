"""The quick reader says of a record what `read` and `validate` say, or nothing: whatever the bytes.

What structs decode is so a subset of what the models take, and means the same.
"""

import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.consume.drawing import drawn
from chassis.consume.quick import QuickReader
from chassis.consume.structs import Undrawable
from schemas.envelope import Envelope, Unreadable, read
from schemas.message import Message
from schemas.validation import Invalid, validate
from tests.chassis.odd_values import VALUES
from tests.schemas.anything import anything
from tests.schemas.examples import MESSAGES, NAMES, refused, valid

ALL = QuickReader(MESSAGES.values(), ())
PASSING_OVER = QuickReader((), MESSAGES.values())


def slowly(value: bytes) -> tuple[Envelope, Message | None] | None:
    """What the two careful functions say, in the quick reader's form; None where they find something wrong."""
    try:
        envelope = read(value)
        message = validate(next(m for m in MESSAGES.values() if m.type_name() == envelope.type), envelope.data)
    except (Unreadable, Invalid, StopIteration):
        return None
    return envelope._replace(data=None), message


def as_written(understood: tuple[Envelope, Message | None]) -> str:
    """Equal only when every instant has its offset as well: equal datetimes may have been written differently."""
    envelope, message = understood
    times = [value.isoformat() for value in envelope if isinstance(value, datetime)]
    return f"{times} {message.model_dump_json() if message else None}"


def agree(value: bytes) -> bool:
    """Whether the quick reader understood the bytes; if so, as the careful ones did."""
    quickly = ALL.read(value)
    if quickly is not None:
        carefully = slowly(value)
        assert quickly == carefully
        assert as_written(quickly) == as_written(carefully or quickly)
    return quickly is not None


CLOSER = {"BulletinPublished", "BulletinRestated", "ConsultationCompleted", "ContactRequested"}
"""Messages that no struct is drawn of: editions are a union of objects, an item is a text or an object, and what is
delivered may be anything."""


@pytest.mark.parametrize("name", sorted(set(NAMES) - CLOSER))
def test_every_valid_example_is_understood_at_once(name: str) -> None:
    assert agree(valid(name))


@pytest.mark.parametrize("name", sorted(CLOSER))
def test_messages_without_a_struct_are_for_a_closer_look(name: str) -> None:
    assert ALL.read(valid(name)) is None
    with pytest.raises(Undrawable):
        drawn(MESSAGES[name])


@pytest.mark.parametrize("example", refused(), ids=lambda example: f"{example.name}-{example.what}")
def test_no_invalid_example_is_understood(example: Any) -> None:
    assert ALL.read(json.dumps(example.envelope).encode()) is None


@pytest.mark.parametrize("name", NAMES)
def test_what_is_passed_over_has_its_envelope_read_and_its_data_left_alone(name: str) -> None:
    spoilt = json.loads(valid(name)) | {"data": {"anything": ["at", "all"]}}

    envelope, message = PASSING_OVER.read(json.dumps(spoilt).encode()) or (None, None)

    assert envelope == read(valid(name))._replace(data=None)
    assert message is None


ODD_BYTES = [
    b'{"x": NaN, ',
    b'{"x": -Infinity, ',
    b'{"x": 1e999, ',
    b'{"x": "\\ud800", ',
    b'{"x": "\xff", ',
    b'{"x": "\\u0000", ',
    b'{"specversion": "0.3", ',
    b'{"id": "not one", ',
    b'{"x": ' + b"[" * 500 + b"]" * 500 + b", ",
    b'{"x": 123456789012345678901234567890, ',
    b'{"data": {}, ',
    b'{"data_base64": "e30=", ',
    b'{"data_base64": null, ',
    b'{"data_base64": 7, ',
    b"{" * 3,
    b"\xef\xbb\xbf{",
]


@pytest.mark.parametrize("start", ODD_BYTES)
@pytest.mark.parametrize("name", ["DayReported", "TestResultRecorded"])
def test_odd_bytes_before_a_valid_rest_are_seen_alike(start: bytes, name: str) -> None:
    agree(start + valid(name)[1:])


@pytest.mark.parametrize(
    "field", ["id", "source", "type", "subject", "time", "recordedtime", "sequence", "traceparent", "hops"]
)
@pytest.mark.parametrize("given", [None, "", 7, True, [], {}, "ä", "x\n", "A" * 600, "2020-10-15T09:00:00Z\n", "00"])
def test_odd_attributes_are_seen_alike(field: str, given: object) -> None:
    agree(json.dumps(json.loads(valid("TestResultRecorded")) | {field: given}).encode())


TRACE = f"00-{'a' * 32}-{'b' * 16}-01"
FORMS = {
    "source": [
        "/",
        "/a",
        "/hospitals/" + "x" * 89,
        "/hospitals/" + "x" * 90,
        "a/b",
        "//a",
        "/a b",
        "/a@b",
        "/ä",
        "/a%20",
    ],
    "traceparent": [TRACE, TRACE.upper(), f"01{TRACE[2:]}", f"{TRACE}\n", f"{TRACE}-00", "13812345678"],
    "correlationid": ["0a1b2c3d-0000-4000-8000-00000000000a", "0A1B2C3D-0000-4000-8000-00000000000A", "13812345678"],
    "causationid": ["urn:uuid:0a1b2c3d-0000-4000-8000-00000000000a", "0a1b2c3d00004000800000000000000a", "zhang@x.cn"],
}


@pytest.mark.parametrize(("field", "given"), [(field, given) for field, each in FORMS.items() for given in each])
def test_what_travels_along_is_seen_alike(field: str, given: str) -> None:
    agree(json.dumps(json.loads(valid("TestResultReported")) | {field: given}).encode())


INSTANTS = [
    "2020-10-15T09:00:00Z",
    "2020-10-15T09:00:00.123456789+08:00",
    "2020-10-15t09:00:00z",
    "2020-10-15T09:00:00-00:00",
    "2020-10-15T09:00:00.5-23:59",
    "2020-10-15T23:59:60Z",
    "2017-01-01T07:59:60+08:00",
    "2016-12-31T23:59:60.999999Z",
    "2020-10-15T12:30:60Z",
    "2020-02-30T00:00:00Z",
    "2020-10-15 09:00:00Z",
    "2020-10-15T09:00:00",
    "1899-12-31T23:59:59Z",
    "1900-01-01T00:00:00+14:00",
    "2099-12-31T23:59:59-12:00",
    "2200-12-31T23:59:59Z",
    "2201-01-01T00:00:00Z",
    "1602752400",
    "٢٠٢٠-10-15T09:00:00Z",
]


@pytest.mark.parametrize("written", INSTANTS)
def test_instants_are_seen_alike_with_their_offset(written: str) -> None:
    envelope = json.loads(valid("TestResultReported"))
    envelope["time"] = envelope["recordedtime"] = written
    envelope["data"]["collected_at"] = envelope["data"]["resulted_at"] = written
    agree(json.dumps(envelope).encode())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(INSTANTS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=600, deadline=None)
@given(st.sampled_from(NAMES), st.data())
def test_a_valid_message_with_one_part_changed_is_seen_alike(name: str, chosen: st.DataObject) -> None:
    envelope = json.loads(valid(name))
    part = chosen.draw(st.sampled_from([envelope, envelope["data"]]))
    field = chosen.draw(st.sampled_from(sorted(part)))
    part[field] = chosen.draw(JSON)
    agree(json.dumps(envelope).encode())


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(NAMES), st.integers(min_value=0), st.binary(max_size=3))
def test_a_valid_message_with_bytes_put_in_is_seen_alike(name: str, at: int, put_in: bytes) -> None:
    value = valid(name)
    agree(value[: at % len(value)] + put_in + value[at % len(value) :])


@pytest.mark.parametrize("name", sorted(set(NAMES) - CLOSER))
@settings(max_examples=6, deadline=None)
@given(st.data())
def test_any_data_are_seen_alike_and_hardly_ever_passed_on(name: str, chosen: st.DataObject) -> None:
    data = chosen.draw(anything(MESSAGES[name]))
    envelope = json.loads(valid(name)) | {"data": without_none(data)}
    understood = agree(json.dumps(envelope, ensure_ascii=False).encode())
    escaped = agree(json.dumps(envelope, indent=1).encode())
    assert understood == escaped, "however it is written, it is the same"
    agree(json.dumps(envelope | {"data": data}).encode())


def without_none(data: Any) -> Any:
    return {name: value for name, value in data.items() if value is not None}


@pytest.mark.parametrize("written", VALUES, ids=lambda written: written[:40])
@pytest.mark.parametrize("name", ["TravellerArrived", "VitalSignsReported", "DayReported", "TestResultCorrected"])
def test_odd_values_are_seen_alike_in_every_field(name: str, written: str) -> None:
    envelope = json.loads(valid(name))
    data = envelope.pop("data")
    for field in [*MESSAGES[name].model_fields, "from", "nobody_knows"]:
        others = json.dumps({other: value for other, value in data.items() if other != field})
        agree(spoilt(envelope, f'{others[:-1]}, "{field}": {written}}}'))
        agree(spoilt(envelope, f'{{"{field}": {written}, {json.dumps(data)[1:]}'))
    for attribute in [*envelope, "data", "hops", "sequence", "partitionkey", "comexample"]:
        agree(spoilt(envelope, json.dumps(data), f'"{attribute}": {written}, '))
        agree(spoilt(envelope, json.dumps(data))[:-1] + f', "{attribute}": {written}}}'.encode())


def spoilt(envelope: dict[str, Any], data: str, first: str = "") -> bytes:
    """A record with an attribute said before all others, perhaps twice, and data as somebody wrote them."""
    return f'{{{first}{json.dumps(envelope)[1:-1]}, "data": {data}}}'.encode()


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(NAMES), st.data())
def test_any_part_however_deep_is_seen_alike_when_it_is_spoilt(name: str, chosen: st.DataObject) -> None:
    """Another value in its place, without it, under its name twice, or beside what nobody knows."""
    envelope = json.loads(valid(name))
    part: Any = envelope
    while True:
        at = chosen.draw(st.sampled_from(sorted(part) if isinstance(part, dict) else range(len(part))))
        if not isinstance(part[at], dict | list) or not part[at] or chosen.draw(st.booleans()):
            break
        part = part[at]
    written = chosen.draw(st.sampled_from(VALUES))
    part[at if isinstance(part, list) else chosen.draw(st.sampled_from([at, "more"]))] = MARK
    agree(json.dumps(envelope, ensure_ascii=False).replace(f'"{MARK}"', written).encode())


MARK = "here"


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(NAMES), st.sampled_from(VALUES))
def test_what_is_passed_over_is_json_for_the_careful_reader_too(name: str, written: str) -> None:
    envelope = json.loads(valid(name))
    del envelope["data"]
    value = spoilt(envelope, f'{{"anything": {written}}}')
    quickly = PASSING_OVER.read(value)
    if quickly is not None:
        assert quickly[0] == read(value)._replace(data=None)
