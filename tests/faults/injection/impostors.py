"""What is nobody's word: events that somebody else states in a service's place, and transactions that are aborted."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from aiokafka import AIOKafkaProducer

from schemas.events.treatment import TestResultRecorded
from schemas.reports.treatment import TestResultReported
from schemas.topics import events_topic
from tests.faults.workload import Workload
from tests.journeys.stack import Sent

IMPOSTOR = "/hospitals/impostor"
REPORT, EVENT = TestResultReported.type_name(), TestResultRecorded.type_name()


def with_impostors(given: Workload) -> Workload:
    """The same, and beside each result that is reported another one, which somebody states in treatment's place."""
    steps = (replace(step, records=(*step.records, *_pretended(step.records))) for step in given.steps)
    return replace(given, steps=tuple(steps))


def is_an_impostors(value: bytes | None) -> bool:
    """Whether a record is one of these."""
    return IMPOSTOR.encode() in (value or b"")


def _pretended(records: Iterable[Sent]) -> Iterator[Sent]:
    topic = events_topic("treatment").name
    for envelope in _results(records):
        stated = envelope | {"type": EVENT, "source": IMPOSTOR, "sequence": "900000"}
        yield Sent(topic, stated["subject"].encode(), json.dumps(_another(stated)).encode())


async def abandon(bootstrap_servers: str, records: Iterable[Sent], name: str) -> None:
    """Writes another result beside each that is reported, in a transaction that is aborted."""
    made = [(sent.topic, _another(envelope)) for sent in records for envelope in _results([sent])]
    async with AIOKafkaProducer(bootstrap_servers=bootstrap_servers, transactional_id=name) as producer:
        await producer.begin_transaction()
        for topic, envelope in made:
            await producer.send_and_wait(topic, json.dumps(envelope).encode(), envelope["subject"].encode())
        await producer.abort_transaction()


def _results(records: Iterable[Sent]) -> Iterator[dict[str, Any]]:
    """The envelopes of results among records, of which some are nothing that can be read."""
    for sent in records:
        if REPORT.encode() in (sent.value or b""):
            envelope: dict[str, Any] = json.loads(sent.value or b"")
            if envelope["data"].get("case_id") == envelope["subject"]:
                yield envelope


def _another(envelope: dict[str, Any]) -> dict[str, Any]:
    """A result of another specimen, which has found something, under an id of its own."""
    named = {name: f"{envelope['data'][name]}-x" for name in ("result_id", "specimen_id")}
    identity = str(uuid5(NAMESPACE_URL, f"another {envelope['type']} {envelope['id']}"))
    return envelope | {"id": identity, "data": envelope["data"] | named | {"result": "detected", "status": "final"}}
