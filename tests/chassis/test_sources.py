"""Who says it: an event is its producer's word, and some reports are not for everybody to make."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chassis.reading import Reader, Record, Refused, Taught, Unjudgeable
from chassis.routes import on
from schemas.envelope import HEADERS, Headers
from schemas.message import Event
from schemas.topics import registry
from tests.chassis.desk import raw
from tests.chassis.toy import WARD
from tests.schemas.examples import MESSAGES, valid


@pytest.mark.parametrize("name", sorted(name for name, each in MESSAGES.items() if issubclass(each, Event)))
def test_an_event_is_believed_only_of_the_producer_of_its_topic(name: str) -> None:
    if name == "ReportRejected":
        return  # no service reads answers
    model, topic = registry()[MESSAGES[name].type_name()]
    kind = replace(WARD, learns=(on(model, lambda facts, _event, _receipt: facts),))
    reader = Reader([kind], timedelta(minutes=5))
    assert isinstance(reader.read(raw(valid(name), topic=topic.name)), Taught)
    for source in ("/services/impostor", "/hospitals/sh-phcc", f"/services/{topic.producer}/", "/SERVICES/intake"):
        told = raw(json.dumps(json.loads(valid(name)) | {"source": source}).encode(), topic=topic.name)
        for headers in (HEADERS, (("content-type", b"application/cloudevents+json"), ("x", b"y"))):
            item = reader.read(replace_headers(told, headers))
            assert isinstance(item, Unjudgeable)
            assert item.reason == "wrong_source"


def replace_headers(told: Record, headers: Headers) -> Record:
    """The record with other headers."""
    return Record(told.topic, told.partition, told.offset, told.key, told.value, headers, told.came)


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
    kind = replace(WARD, learns=(on(model, lambda facts, _report, _receipt: facts),))
    value = json.dumps(json.loads(valid(name)) | {"source": source}).encode()
    item = Reader([kind], timedelta(minutes=5)).read(
        raw(value, topic=topic.name, came=datetime(2021, 1, 1, tzinfo=UTC))
    )
    if allowed or (allowed is None and name == "SubscriptionSwitched"):
        assert isinstance(item, Taught)
    else:
        assert isinstance(item, Refused)
        assert (item.rejection.code, item.rejection.at) == ("not_allowed", None)
