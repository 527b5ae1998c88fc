"""The same message again is a repetition, however it is written; another one under its id is not."""

import base64
import json
from typing import Any

import pytest

from chassis.ids import seen_hash
from chassis.store.inbox import NO_CONTENT, content_as_sent, content_of, entries, met
from schemas.envelope import Headers, read, validate
from schemas.message import Report
from schemas.topics import registry
from tests.schemas.examples import MESSAGES, valid

ID, OTHER = "a1b2c3d4-0000-4000-8000-00000000abcd", "a1b2c3d4-0000-4000-8000-00000000abce"
EMITTED, ELSE = b"12345678", b"87654321"
RESULT: dict[str, Any] = json.loads(valid("TestResultReported"))
REPORTS = sorted(name for name, model in MESSAGES.items() if issubclass(model, Report))


def content(value: bytes, headers: Headers = ()) -> bytes:
    """What is remembered of a report."""
    envelope = read(value, headers)
    report = validate(registry()[envelope.type][0], envelope.data)
    assert isinstance(report, Report)
    return content_of(envelope, report)


def written(envelope: dict[str, Any], **data: Any) -> bytes:
    """The envelope with some of its data replaced."""
    return json.dumps(envelope | {"data": envelope["data"] | data}).encode()


def test_a_message_is_new_once() -> None:
    assert met((b"", b""), ID, EMITTED) == met((b"", b""), ID, NO_CONTENT) == "new"
    assert met((entries(OTHER, EMITTED), b""), ID, EMITTED) == "new"


@pytest.mark.parametrize("place", [0, 1])
def test_a_report_that_says_the_same_is_repeated_and_another_is_not(place: int) -> None:
    memory = [b"", b""]
    memory[place] = entries(OTHER, ELSE) + entries(ID, EMITTED)
    assert met(memory, ID, EMITTED) == "repeated"
    assert met(memory, ID, ELSE) == "reused"
    assert met(memory, ID, NO_CONTENT) == "repeated"


def test_what_was_answered_as_reused_is_remembered_beside_the_first() -> None:
    memory = entries(ID, EMITTED) + entries(ID, ELSE)
    assert met((memory,), ID, EMITTED) == met((memory,), ID, ELSE) == "repeated"
    assert met((memory,), ID, b"third---") == "reused"


def test_of_rows_that_hold_only_hashes_of_ids_nobody_knows_what_was_said() -> None:
    """As every database has them that was there before contents were remembered."""
    of_old = seen_hash(OTHER) + seen_hash(ID)
    assert met((of_old,), ID, EMITTED) == "repeated"
    assert met((of_old, entries(ID, ELSE)), ID, EMITTED) == "repeated"
    assert entries(ID, NO_CONTENT) == seen_hash(ID), "an event is remembered as it always was"


def test_a_hash_that_lies_across_two_entries_is_none() -> None:
    wanted = entries(ID, EMITTED)
    assert met((b"1234" + wanted + b"5678",), ID, EMITTED) == "new"


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_that_is_written_anew_says_the_same(name: str) -> None:
    envelope = json.loads(valid(name))
    turned = dict(reversed(envelope.items())) | {"data": dict(reversed(envelope["data"].items()))}
    again = json.dumps(turned, indent=3, ensure_ascii=False).encode()
    emitted = content(valid(name))
    assert len(emitted) == 8
    assert content(again) == emitted
    assert content(json.dumps(_in_base_64(envelope)).encode()) == emitted
    headers = [(f"ce_{key}", str(each).encode()) for key, each in envelope.items() if key != "data"]
    assert content(json.dumps(envelope["data"]).encode(), headers) == emitted


def _in_base_64(envelope: dict[str, Any]) -> dict[str, Any]:
    encoded = base64.b64encode(json.dumps(envelope["data"]).encode()).decode()
    return {key: each for key, each in envelope.items() if key != "data"} | {"data_base64": encoded}


@pytest.mark.parametrize(
    "again",
    [
        written(RESULT | {"recordedtime": "2020-10-16T00:00:00Z"}),
        written(RESULT | {"time": "2020-10-16T00:00:00Z"}),
        written(RESULT | {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}),
        written(RESULT | {"correlationid": OTHER, "partitionkey": "x", "dataschema": "urn:other"}),
        written(RESULT | {"id": RESULT["id"].upper()}),
        written(RESULT, collected_at="2020-09-15T00:10:00Z", resulted_at="2020-09-15T12:30:00.000+00:00"),
        written(RESULT, ct_values={"ORF1ab": 25.30, "N": 24.1}),
        written(RESULT, nobody_knows="this field"),
    ],
)
def test_what_a_publisher_who_tries_again_may_write_anew_changes_nothing(again: bytes) -> None:
    assert content(again) == content(written(RESULT))


@pytest.mark.parametrize(
    "another",
    [
        written(RESULT, result="not_detected"),
        written(RESULT, result_id="another"),
        written(RESULT, collected_at="2020-09-15T08:10:01+08:00"),
        written(RESULT, ct_values={"ORF1ab": 25.4, "N": 24.1}),
        written(RESULT, ct_values=None),
        written(RESULT | {"source": "/labs/another"}),
    ],
)
def test_what_says_something_else_is_something_else(another: bytes) -> None:
    assert content(another) != content(written(RESULT))


def test_what_is_said_of_an_attempt_again_later_is_the_same_word() -> None:
    """The delivery worker reports an effect that it has had twice under one id, each time when that was."""
    envelope = json.loads(valid("ContactReported"))
    assert content(written(envelope, reported_at="2021-01-01T00:00:00Z")) == content(written(envelope))
    assert content(written(envelope, outcome="gone")) != content(written(envelope))


def test_data_that_nobody_understands_are_compared_as_they_were_sent() -> None:
    once = read(written(RESULT, result="who knows"))
    again = read(json.dumps(dict(reversed(json.loads(written(RESULT, result="who knows")).items()))).encode())
    assert content_as_sent(once) == content_as_sent(again)
    assert content_as_sent(once) != content_as_sent(read(written(RESULT, result="nobody")))
    assert len(content_as_sent(once._replace(data=10**5_000))) == 8
