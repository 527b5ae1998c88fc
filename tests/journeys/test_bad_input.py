"""Bad reports, each with its one answer: it never stops a service, never disappears, and good ones pass behind it."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from cloudevents.core.bindings.kafka import KafkaMessage, from_structured_event, to_binary_event

from schemas.envelope import HEADERS
from tests.journeys.patient import Patient
from tests.journeys.stack import Sent, Stack, envelope

pytestmark = pytest.mark.timeout(600)

TREATMENT = "treatment.reports.v1"
Make = Callable[[Sent], Sent]


def with_value(value: bytes) -> Make:
    """The record holds other bytes."""
    return lambda sent: replace(sent, value=value + sent.key if sent.key else value)


def with_attributes(**attributes: Any) -> Make:
    """The envelope says something else of itself."""
    return lambda sent: _changed(sent, lambda parsed: parsed.update(attributes))


def with_data(**fields: Any) -> Make:
    """The data say something else; None: nothing at all."""

    def change(parsed: dict[str, Any]) -> None:
        parsed["data"] = {k: v for k, v in {**parsed["data"], **fields}.items() if v is not None}

    return lambda sent: _changed(sent, change)


def in_binary_mode(*spoilt: tuple[str, bytes | None]) -> Make:
    """Attributes as headers, by an independent writer; some of them spoilt."""

    def make(sent: Sent) -> Sent:
        theirs = to_binary_event(from_structured_event(KafkaMessage(dict(HEADERS), sent.key, sent.value or b"")))
        headers = {**theirs.headers, **dict(spoilt)}
        return Sent(sent.topic, sent.key, theirs.value, tuple(headers.items()))

    return make


def _changed(sent: Sent, change: Callable[[dict[str, Any]], None]) -> Sent:
    parsed = json.loads(sent.value or b"")
    change(parsed)
    return replace(sent, value=json.dumps(parsed).encode())


PARKED = {
    "not_json": with_value(b"{not json "),
    "not_an_object": with_value(b'"words of '[:-1] + b'"') if False else (lambda s: replace(s, value=b'"%b"' % s.key)),
    "not_cloudevents": lambda s: replace(s, value=b'{"case": "%b"}' % s.key),
    "empty": lambda s: replace(s, value=None),
    "unknown_type": with_attributes(type="afterward.TestResultWhispered.v1"),
    "unknown_type of another major version": with_attributes(type="afterward.TestResultReported.v2"),
    "no_usable_id": with_attributes(id="the first of today"),
    "no_usable_subject": with_attributes(subject=""),
    "bad_header null": in_binary_mode(("ce_type", None)),
    "bad_header not UTF-8": in_binary_mode(("ce_source", b"\xff\xfe")),
}
"""Nobody can be answered: parked with its bytes, for this reason."""
