"""Who says it: an event is its producer's word, and some reports are not for everybody to make."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chassis.consume.reader import Accepted, Reader, Record, Rejected, Unprocessable
from chassis.decide.aggregate import on
from schemas.envelope import HEADERS, Headers
from schemas.message import Event
from schemas.topics import registry
from tests.chassis.engine_fixture import raw
from tests.chassis.toy import WARD
from tests.schemas.examples import MESSAGES, valid


@pytest.mark.parametrize("name", sorted(name for name, each in MESSAGES.items() if issubclass(each, Event)))
def test_an_event_is_believed_only_of_the_producer_of_its_topic(name: str) -> None:
    if name == "ReportRejected":
        return  # no service reads answers
    model, topic = registry()[MESSAGES[name].type_name()]
    aggregate = replace(WARD, learns=(on(model, lambda facts, _event, _receipt: facts),))
    reader = Reader([aggregate], timedelta(minutes=5))
    assert isinstance(reader.read(raw(valid(name), topic=topic.name)), Accepted)
    for source in ("/services/impostor", "/hospitals/sh-phcc", f"/services/{topic.producer}/", "/SERVICES/intake"):
        given = raw(json.dumps(json.loads(valid(name)) | {"source": source}).encode(), topic=topic.name)
        for headers in (HEADERS, (("content-type", b"application/cloudevents+json"), ("x", b"y"))):
            item = reader.read(replace_headers(given, headers))
            assert isinstance(item, Unprocessable)
            assert item.reason == "wrong_source"


def replace_headers(given: Record, headers: Headers) -> Record:
    """The record with other headers."""
    return Record(given.topic, given.partition, given.offset, given.key, given.value, headers, given.received_at)


@pytest.mark.parametrize("name", ["ContactReported", "SubscriptionSwitched"])
@pytest.mark.parametrize(
    ("source", "allowed"),
    [
        ("/services/contact/courier", True),
        ("/services/contact/courier/2", True),
        ("/services/contact", False),
        ("/services/contact/couriers", False),
        ("/clinics/sh-mh-xinzhuang-chc", False),
        ("/operators/duty", None),
        ("/operators", None),
    ],
)
def test_only_who_may_say_it_is_believed_of_deliveries_and_subscriptions(
    name: str, source: str, allowed: bool | None
) -> None:
    """`allowed` None: operators switch subscriptions, and have no word on what was delivered."""
    model, topic = registry()[MESSAGES[name].type_name()]
    aggregate = replace(WARD, learns=(on(model, lambda facts, _report, _receipt: facts),))
    value = json.dumps(json.loads(valid(name)) | {"source": source}).encode()
    item = Reader([aggregate], timedelta(minutes=5)).read(
        raw(value, topic=topic.name, received_at=datetime(2021, 1, 1, tzinfo=UTC))
    )
    if allowed or (allowed is None and name == "SubscriptionSwitched"):
        assert isinstance(item, Accepted)
    else:
        assert isinstance(item, Rejected)
        assert (item.rejection.code, item.rejection.at) == ("not_allowed", None)
