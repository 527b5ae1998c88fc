"""A fetch is carried whole: what is still awaited, once; what became of it is on the bus before anything goes on."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError

from chassis.process.metrics import Metrics
from chassis.publish.traces import Span, Tracing
from schemas.envelope import HEADERS, Envelope, Message, encode, read
from schemas.events.contact import ContactRequested, ContactSettled
from services.contact import deliveries
from services.contact.adapters.port import DELIVERED, GONE, Letter, Result
from services.contact.deliveries import Deliveries, requests
from services.contact.delivery import Delivery
from tests.chassis.engine_fixture import Now
from tests.domain.contact.journeys import CASE_ID, RECEIVED_AT, event_id

TO = "centre-webhook"
GIVEN = f"00-{'4b' * 16}-{'7a' * 8}-01"
NOT_SAMPLED = f"{GIVEN[:-2]}00"


def request(number: int = 1, attempt: int = 1) -> ContactRequested:
    return ContactRequested(
        **_about(number), attempt=attempt, recorded_at=RECEIVED_AT, sequence=1, message={"a": number}
    )


def settled() -> ContactSettled:
    return ContactSettled(**_about(1), outcome="delivered", attempts=1)


def _about(number: int) -> dict[str, Any]:
    kind = "afterward.AlertForwarded.v1"
    named = {"delivery_id": f"delivery-{number}", "event_id": event_id(number)}
    return {"about": CASE_ID, "subscription_id": TO, "event_type": kind, **named}


def record(message: Message | bytes, source: str = "/services/contact", traceparent: str | None = None) -> Any:
    """As the consumer hands it out."""
    value = message
    if isinstance(message, Message):
        given: dict[str, Any] = {"id": event_id(9), "source": source, "subject": CASE_ID}
        given |= {"time": RECEIVED_AT, "recordedtime": RECEIVED_AT, "traceparent": traceparent}
        value = encode(message, sequence=1, **given)
    return SimpleNamespace(topic="contact.events.v1", partition=0, offset=0, value=value, headers=HEADERS, stamp=1)


class Receiver:
    """Answers every letter alike."""

    def __init__(self, result: Result) -> None:
        self.result, self.got = result, list[str]()

    async def deliver(self, letter: Letter) -> Result:
        self.got.append(letter.delivery_id)
        return self.result


class Outside:
    """The bus and the store of a delivery worker: each may fail for a while."""

    def __init__(self) -> None:
        self.awaited = {"delivery-1": 1, "delivery-2": 1}
        self.off: list[str] = []
        self.bus_fails = self.store_fails = 0
        self.emitted: list[bytes] = []
        self.producers = 0

    async def connect(self) -> Any:
        if self.store_fails:
            self.store_fails -= 1
            raise ConnectionRefusedError
        return self

    def is_closed(self) -> bool:
        return False

    async def fetch(self, statement: str, *values: Any) -> list[dict[str, Any]]:
        if "contact_case" in statement:
            return [{"key": CASE_ID, "awaited": json.dumps(self.awaited)}]
        return [{"key": name} for name in self.off]

    def make_producer(self) -> Any:
        self.producers += 1
        return self

    async def start(self) -> None:
        """At once."""

    flush = stop = start

    async def send_and_wait(self, topic: str, value: bytes, key: bytes, headers: Any) -> None:
        if self.bus_fails:
            self.bus_fails -= 1
            raise KafkaConnectionError
        self.emitted.append(value)

    @property
    def published(self) -> Iterator[Envelope]:
        return (read(value) for value in self.emitted)


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Outside:
    monkeypatch.setattr(deliveries, "BACK_OFF_SECONDS", 0)
    return Outside()


async def carry(outside: Outside, receiver: Receiver, *records: Any, tracing: Tracing | None = None) -> Deliveries:
    carrying = Deliveries(
        Delivery({TO: receiver}),
        outside.connect,
        outside.make_producer,
        Now(_now()),
        5,
        Metrics("contact-delivery-worker"),
        tracing,
    )
    await carrying.carry(records)
    return carrying


def _now() -> datetime:
    return RECEIVED_AT


def outcomes(published: Iterable[Envelope]) -> list[tuple[str, str]]:
    return [(one.data["delivery_id"], one.data["outcome"]) for one in published if "outcome" in one.data]


async def test_what_is_awaited_is_carried_and_reported(outside: Outside) -> None:
    receiver = Receiver(DELIVERED)
    await carry(outside, receiver, record(request(1)), record(request(2)))
    assert sorted(receiver.got) == ["delivery-1", "delivery-2"]
    assert sorted(outcomes(outside.published)) == [("delivery-1", "delivered"), ("delivery-2", "delivered")]


@pytest.mark.parametrize("awaited", [{}, {"delivery-1": 2}, {"delivery-2": 1}])
async def test_what_is_awaited_no_more_is_not_carried(outside: Outside, awaited: dict[str, int]) -> None:
    outside.awaited, receiver = awaited, Receiver(DELIVERED)
    await carry(outside, receiver, record(request(1)))
    assert (receiver.got, outside.emitted) == ([], [])


async def test_an_attempt_that_lies_twice_in_a_fetch_is_made_once(outside: Outside) -> None:
    receiver = Receiver(DELIVERED)
    await carry(outside, receiver, record(request(1)), record(request(1)))
    assert receiver.got == ["delivery-1"]


async def test_what_is_no_request_is_left_alone(outside: Outside) -> None:
    receiver = Receiver(DELIVERED)
    await carry(outside, receiver, record(settled()), record(b"junk"), record(b""), record(request(1)))
    assert receiver.got == ["delivery-1"]


async def test_a_subscription_that_is_off_is_not_tried_and_that_is_reported(outside: Outside) -> None:
    outside.off, receiver = [TO], Receiver(DELIVERED)
    await carry(outside, receiver, record(request(1)))
    assert receiver.got == []
    assert [one.data["reason"] for one in outside.published] == ["unsubscribed"]


async def test_whoever_is_gone_is_switched_off(outside: Outside) -> None:
    await carry(outside, Receiver(GONE), record(request(1)))
    switched, reported = outside.published
    assert (switched.subject, switched.data["on"]) == (TO, False)
    assert (reported.subject, reported.data["outcome"]) == (CASE_ID, "gone")


async def test_a_bus_that_is_away_is_told_again_and_nothing_is_delivered_twice(outside: Outside) -> None:
    outside.bus_fails, receiver = 3, Receiver(DELIVERED)
    await carry(outside, receiver, record(request(1)))
    assert receiver.got == ["delivery-1"]
    assert outcomes(outside.published) == [("delivery-1", "delivered")]
    assert outside.producers == 4


async def test_a_store_that_is_away_is_asked_again_before_anything_is_delivered(outside: Outside) -> None:
    outside.store_fails, receiver = 2, Receiver(DELIVERED)
    await carry(outside, receiver, record(request(1)))
    assert receiver.got == ["delivery-1"]


async def test_an_effect_that_is_had_twice_is_reported_under_one_id(outside: Outside) -> None:
    for _ in range(2):
        await carry(outside, Receiver(DELIVERED), record(request(1)))
    first, second = outside.published
    assert first.id == second.id
    await carry(outside, Receiver(GONE), record(request(1)))
    assert len({one.id for one in outside.published}) == 3


async def test_an_attempt_hangs_below_what_asked_for_it_and_its_report_below_the_attempt(outside: Outside) -> None:
    sent = list[Span]()
    tracing = Tracing("contact-delivery-worker", 0.0, sent.append)
    asked = [record(request(1), traceparent=GIVEN), record(request(2), traceparent=NOT_SAMPLED)]
    await carry(outside, Receiver(GONE), *asked, tracing=tracing)
    attempt, batch = sent
    assert (attempt.place.trace, attempt.place.parent) == (GIVEN[3:35], GIVEN[36:52])
    assert attempt.name == "contact-delivery-worker ContactRequested"
    assert (attempt.about["afterward.outcome"], attempt.about["cloudevents.event_subject"]) == ("gone", CASE_ID)
    assert [link[:2] for link in batch.links] == [(GIVEN[3:35], GIVEN[36:52])]
    assert [stage for stage, _ in batch.marks] == ["deliver", "publish"]
    given = [one.traceparent for one in outside.published if one.subject == CASE_ID]
    assert given == [attempt.place.traceparent, NOT_SAMPLED]


async def test_a_delivery_worker_without_traces_reports_the_bytes_that_it_ever_did(outside: Outside) -> None:
    await carry(outside, Receiver(DELIVERED), record(request(1), traceparent=GIVEN))
    (value,) = outside.emitted
    assert b"traceparent" not in value


def test_a_request_of_somebody_else_is_not_carried() -> None:
    """Whoever can write to the topic could have letters sent in our name."""
    ours, theirs = record(request(1)), record(request(2), source="/hospitals/impostor")
    assert [one.request.delivery_id for one in requests([ours, theirs])] == ["delivery-1"]
