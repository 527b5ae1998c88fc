"""What does not answer is told of twice: when it goes, and when it is back."""

import logging
from collections.abc import Iterator

import pytest

from chassis.process.outages import CLIENT, ClientsWords, Outage, quieten_clients

FETCHER = "aiokafka.consumer.fetcher"


@pytest.fixture
def bus() -> Outage:
    return Outage("the bus")


@pytest.fixture
def quiet(bus: Outage) -> Iterator[logging.Logger]:
    """A logger of Kafka's client whose words are held back."""
    logger = logging.getLogger(FETCHER)
    before = list(logger.filters)
    logger.filters[:] = []
    quieten_clients(bus)
    yield logger
    for name in logging.root.manager.loggerDict:
        known = logging.getLogger(name)
        known.filters[:] = [one for one in known.filters if not isinstance(one, ClientsWords)]
    logger.filters[:] = before


def test_an_outage_lasts_from_the_first_who_notices_to_the_last_who_has_an_answer(
    bus: Outage, caplog: pytest.LogCaptureFixture
) -> None:
    bus.back("relay")
    for _ in range(90):
        bus.gone("relay", "KafkaConnectionError")
        bus.gone("offsets", "KafkaTimeoutError")
    bus.back("relay")
    assert bus.lasts
    assert caplog.messages == ["the bus fails (relay: KafkaConnectionError); it is asked until it answers"]
    bus.back("offsets")
    assert not bus.lasts
    assert caplog.messages[1:] == ["the bus answers again, after 0 s"]


def test_kafkas_client_is_heard_once_over_a_broker_that_is_away(
    bus: Outage, quiet: logging.Logger, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(90):
        quiet.error("Failed fetch messages from %s: %s", 1, "KafkaConnectionError")
        quiet.error("Unable connect to node with id %s: %s", 1, "refused")
    assert caplog.messages == [
        f"the bus fails ({CLIENT}: Failed fetch messages from 1: KafkaConnectionError); it is asked until it answers"
    ]


def test_whatever_else_it_says_is_let_through(
    bus: Outage, quiet: logging.Logger, caplog: pytest.LogCaptureFixture
) -> None:
    quiet.warning("Not authorized to read from topic %s.", "a")
    quiet.error("Attempt to join group failed due to fatal error: %s", "told by the membership")
    assert caplog.messages == ["Not authorized to read from topic a."]
    assert not bus.lasts


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("aiokafka", "Unable connect to node with id 1: refused"),
        ("aiokafka.producer.sender", "Got error produce response: NodeNotReadyError"),
        ("aiokafka.producer.sender", "Got error produce response on topic-partition a, retrying. Error: NotLeader"),
    ],
)
def test_every_part_of_the_client_is_held_back(
    bus: Outage, quiet: logging.Logger, caplog: pytest.LogCaptureFixture, name: str, line: str
) -> None:
    for _ in range(90):
        logging.getLogger(name).error(line)
    assert len(caplog.messages) == 1


def test_each_reason_of_a_refusal_is_told_once_in_an_outage(bus: Outage, caplog: pytest.LogCaptureFixture) -> None:
    bus.refuses("nobody has noticed an outage")
    bus.gone("relay", "ConnectionDoesNotExistError")
    for _ in range(90):
        bus.refuses("it refuses this user's password")
    assert caplog.messages[1:] == ["the bus cannot be used: it refuses this user's password"]
    bus.back("relay")
    bus.gone("relay", "it refuses this user's password")
    bus.refuses("it refuses this user's password")
    assert len(caplog.messages) == 4
