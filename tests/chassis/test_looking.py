"""Who only looks at the bus, for the record read last or for our own words, meets what cannot be unpacked as well."""

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition

from chassis.clock import RealTime
from chassis.consume import landmarks
from chassis.store import heard
from chassis.store.heard import Heard, own_word
from schemas.envelope import HEADERS, encode
from schemas.topics import topic_named
from tests.chassis.engine_fixture import SERVICE, new_id
from tests.chassis.own_words import EVENTS
from tests.chassis.spoiling import SPOILT, Spoil, batch
from tests.chassis.test_unpacking import HERE, Bus
from tests.chassis.toy import hour, recorded

TOPIC = topic_named(EVENTS)


class Consumer:
    """As aiokafka's, over a bus that has one partition with anything in it."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        bus.records = {}  # type: ignore[assignment]
        subscriptions = SimpleNamespace(subscription=SimpleNamespace(assignment=bus.assignment))
        self._fetcher = SimpleNamespace(_records=bus.records, _subscriptions=subscriptions)

    async def start(self) -> None:
        """Nothing is opened."""

    async def stop(self) -> None:
        """Nothing was opened."""

    def assign(self, partitions: Sequence[TopicPartition]) -> None:
        """It has its one partition."""

    def pause(self, partition: TopicPartition) -> None:
        """It is asked for nothing more."""

    def seek(self, _partition: TopicPartition, offset: int) -> None:
        self._bus.state.position = offset

    async def position(self, _partition: TopicPartition) -> int:
        return int(self._bus.state.position)

    def highwater(self, _partition: TopicPartition) -> int | None:
        highwater: int | None = self._bus.state.highwater
        return highwater

    async def beginning_offsets(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
        return dict.fromkeys(partitions, 0)

    async def getmany(self, partition: TopicPartition, **_: Any) -> Mapping[TopicPartition, Sequence[Any]]:
        self._bus.records = self._fetcher._records
        return {partition: self._bus.fetch()}


def looked_at(monkeypatch: pytest.MonkeyPatch, *batches: bytes, highwater: int) -> None:
    """Whoever looks finds a bus with these batches."""
    bus = Bus(*batches, highwater=highwater)
    for module in (heard, landmarks):
        monkeypatch.setattr(module, "AIOKafkaConsumer", lambda **_: Consumer(bus))


def word(number: int, **attributes: Any) -> bytes:
    given: dict[str, Any] = {
        "id": new_id(),
        "source": f"/services/{SERVICE}",
        "subject": "c-1",
        "sequence": 1_000 * number,
    }
    return encode(recorded("c-1", hour(number), 38.5), time=hour(0), recordedtime=hour(0), **given | attributes)


@pytest.mark.parametrize("how", SPOILT.values(), ids=SPOILT)
async def test_a_landmark_that_cannot_be_unpacked_is_there(how: Spoil, monkeypatch: pytest.MonkeyPatch) -> None:
    """However it is spoilt: what aiokafka raises of it would end the process each time it begins."""
    looked_at(monkeypatch, batch(b"before"), how(batch(b"spoilt", offset=1)), highwater=2)
    assert (await landmarks.stamps_at("", {HERE: 1})).keys() == {HERE}


async def test_a_landmark_that_can_be_has_its_stamp(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at(monkeypatch, batch(b"before"), batch(b"last", offset=1, timestamp=1_602_892_800_123), highwater=2)
    assert await landmarks.stamps_at("", {HERE: 1}) == {HERE: 1_602_892_800_123}


@pytest.mark.parametrize("how", SPOILT.values(), ids=SPOILT)
async def test_our_own_words_are_found_before_and_behind_what_cannot_be_unpacked(
    how: Spoil, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind it may lie the only sign that the store has gone back."""
    there = TopicPartition(EVENTS, 3)
    spoilt = how(batch(b"spoilt", offset=1))
    looked_at(monkeypatch, batch(word(1)), spoilt, batch(word(2), offset=2), highwater=3)
    monkeypatch.setattr("tests.chassis.test_unpacking.HERE", there)
    monkeypatch.setattr(heard, "is_structured", lambda _: True)  # these batches have a header of their own
    async with Heard(SERVICE, "", RealTime()) as listening:
        spans = await listening.before({there: 3})
    assert [one.sequence for one in spans[there].words] == [1_000, 2_000]


def test_what_we_cannot_have_said_is_no_word_of_ours() -> None:
    """It would be kept to be settled, and nobody could."""
    emitted = word(1)
    assert own_word(SERVICE, TOPIC, emitted, HEADERS) is not None
    without_measurement = emitted.replace(b'"measured_at"', b'"measured_when"')
    wrong_instant = emitted.replace(b'"measured_at":"2020', b'"measured_at":"20200')
    assert emitted not in (without_measurement, wrong_instant)
    for forged in (
        without_measurement,
        wrong_instant,
        emitted.replace(b"VitalSignsRecorded", b"Admitted"),
        b"{}",
        None,
    ):
        assert own_word(SERVICE, TOPIC, forged, HEADERS) is None
    attributes = {
        "specversion": "1.0", "id": new_id(), "source": f"/services/{SERVICE}", "subject": "c-1",
        "type": recorded("c-1", hour(1), 38.5).type_name(), "time": "2020-10-15T09:00:00Z", "sequence": "1000",
    }  # fmt: skip
    binary = [(f"ce_{name}", value.encode()) for name, value in attributes.items()]
    data = recorded("c-1", hour(1), 38.5).model_dump_json(exclude_none=True).encode()
    assert own_word(SERVICE, TOPIC, data, binary) is None, "its bytes alone are kept, and are no envelope"
