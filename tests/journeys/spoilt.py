"""Reports spoilt in every way that a publisher can think of, with the one answer that each must get."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from cloudevents.core.bindings.kafka import KafkaMessage, from_structured_event, to_binary_event

from schemas.envelope import HEADERS
from tests.journeys.stack import Sent

Spoil = Callable[[Sent], Sent]


def holding(form: bytes) -> Spoil:
    """The record holds other bytes, with its key in them: the same bytes twice would be parked once."""
    return lambda sent: replace(sent, value=form.replace(b"KEY", sent.key or b""))


def with_attributes(**attributes: Any) -> Spoil:
    """The envelope says something else of itself."""
    return lambda sent: _rewritten(sent, lambda parsed: {**parsed, **attributes})


def with_data(**fields: Any) -> Spoil:
    """The data say something else."""
    return lambda sent: _rewritten(sent, lambda parsed: {**parsed, "data": {**parsed["data"], **fields}})


def without(field: str) -> Spoil:
    """The data lack a field."""
    return lambda sent: _rewritten(sent, lambda parsed: {**parsed, "data": _lacking(parsed["data"], field)})


def in_binary_mode(**spoilt: bytes | None) -> Spoil:
    """Attributes as headers, written by an independent writer of CloudEvents; some of them spoilt."""

    def rewritten(sent: Sent) -> Sent:
        theirs = to_binary_event(from_structured_event(KafkaMessage(dict(HEADERS), sent.key, sent.value or b"")))
        return Sent(sent.topic, sent.key, theirs.value, tuple({**theirs.headers, **spoilt}.items()))

    return rewritten


def _rewritten(sent: Sent, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Sent:
    return replace(sent, value=json.dumps(change(json.loads(sent.value or b""))).encode())


def _lacking(data: Mapping[str, Any], field: str) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name != field}


PARKED: tuple[tuple[str, Spoil], ...] = (
    ("not_json", holding(b'{"case_id": "KEY", "result": det')),
    ("not_an_object", holding(b'["KEY"]')),
    ("not_cloudevents", holding(b'{"case_id": "KEY"}')),
    ("empty", lambda sent: replace(sent, value=None)),
    ("unknown_type", with_attributes(type="afterward.TestResultWhispered.v1")),
    ("unknown_type", with_attributes(type="afterward.TestResultReported.v2")),
    ("no_usable_id", with_attributes(id="the first of today")),
    ("no_usable_subject", with_attributes(subject="")),
    ("bad_header", in_binary_mode(ce_type=None)),
    ("bad_header", in_binary_mode(ce_source=b"\xff\xfe")),
)
"""(why, how): it is parked with its bytes; nobody can be answered, but for a type that is unknown."""
ANSWERED_TOO = {"unknown_type": ("unknown_type", "type")}
"""Of what is parked: the answer (code, at) that its publisher gets as well."""


class Refusal(NamedTuple):
    """How a report is spoilt, and how it is answered."""

    spoil: Spoil
    code: str
    at: str | None


def refused(now: datetime) -> Mapping[str, Refusal]:
    """What is wrong → the spoilt report and its answer, when the stack's clock shows `now`."""
    soon, later = (now + timedelta(minutes=6)).isoformat(), (now + timedelta(hours=6)).isoformat()
    return {
        "a number as an instant": Refusal(with_data(resulted_at=17), "wrong_type", "resulted_at"),
        "data that are no object": Refusal(
            lambda sent: _rewritten(sent, lambda given: given | {"data": None}), "wrong_type", None
        ),
        "a field missing": Refusal(without("result_id"), "missing", "result_id"),
        "a result before its collection": Refusal(
            with_data(resulted_at="2020-01-01T00:00:00Z"), "impossible_time", "resulted_at"
        ),
        "a collection in 6 minutes": Refusal(
            with_data(collected_at=soon, resulted_at=later), "impossible_time", "collected_at"
        ),
        "2 MB": Refusal(with_data(remark="x" * 2_000_000), "too_large", None),
        "the subject of somebody else": Refusal(with_data(case_id="somebody-else"), "wrong_subject", "case_id"),
        "the topic of another service": Refusal(
            lambda sent: replace(sent, topic="intake.reports.v1"), "wrong_topic", None
        ),
    }
