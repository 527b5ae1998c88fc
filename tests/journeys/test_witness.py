"""An independent reader of CloudEvents reads everything that was published, and reads the same in it."""

from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka_event

from schemas.envelope import read
from tests.journeys.patient import Patient
from tests.journeys.stack import Stack


async def test_the_cloudevents_package_reads_every_published_envelope_as_we_do(
    stack: Stack, home_today: Patient
) -> None:
    await stack.tell(*home_today.stay())

    records = await stack.records()

    assert len(records) > len(list(home_today.stay()))
    for record in records:
        assert record.value is not None
        theirs = from_kafka_event(KafkaMessage(dict(record.headers), record.key, record.value))
        ours = read(record.value, record.headers)
        assert (theirs.get_id(), theirs.get_source(), theirs.get_type()) == (ours.id, ours.source, ours.type)
        assert (theirs.get_subject(), theirs.get_time(), theirs.get_data()) == (ours.subject, ours.time, ours.data)
        assert record.key == ours.subject.encode()
