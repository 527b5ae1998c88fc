"""A sequence far above all before is said aloud, once; what a producer can have come to is not."""

import json
import logging
from dataclasses import replace

import pytest

from chassis.consume.sequences import FAR, is_far
from chassis.decide.aggregate import on
from chassis.publish.sequence import EPOCH
from schemas.envelope import read
from schemas.events.intake import CaseImported
from schemas.topics import registry
from tests.chassis.conftest import MakeEngine
from tests.chassis.engine_fixture import raw
from tests.chassis.toy import WARD
from tests.schemas.examples import valid

TOPIC = registry()[CaseImported.type_name()][1].name
BY_EPISODE = replace(WARD, learns=(on(CaseImported, lambda facts, _event, _receipt: facts),), context=None)


@pytest.mark.parametrize(
    ("known", "sequence", "far"),
    [
        (0, 1_000, False),
        (0, FAR, False),
        (0, FAR + 1, True),
        (5_000, 4_000, False),
        (5_000, 5_000 + FAR, False),
        (5_000, 5_001 + FAR, True),
        (0, 10**18 - 1, True),
        (7_000_000, EPOCH + 1_000, False),
        (7_000_000, EPOCH + 7_000_000 + FAR, False),
        (7_000_000, EPOCH + 7_000_001 + FAR, True),
        (7_000_000, 3 * EPOCH, False),
        (7_000_000, 999 * EPOCH, True),
        (3 * EPOCH + 1_000, 2 * EPOCH, False),
        (0, 3 * EPOCH + 2_000, False),
    ],
)
def test_how_far_is_far(known: int, sequence: int, far: bool) -> None:
    """A store that was set back begins the next epoch, which is no jump."""
    assert is_far(sequence, known) is far


def event(sequence: int, subject: str = "sh-2020-1078") -> bytes:
    """An arrival under a sequence."""
    given = json.loads(valid("CaseImported"))
    given |= {"sequence": str(sequence), "subject": subject, "id": f"00000000-0000-4000-8000-{sequence % 10**12:012d}"}
    return json.dumps(given | {"data": given["data"] | {"case_id": subject}}).encode()


async def test_it_alarms_once_a_subject_and_is_taken_all_the_same(
    make_engine: MakeEngine, caplog: pytest.LogCaptureFixture
) -> None:
    fixture = await make_engine(BY_EPISODE)
    with caplog.at_level(logging.ERROR, "afterward.sequences"):
        await fixture.take(raw(event(1_000), topic=TOPIC), raw(event(2_000), topic=TOPIC))
        assert not caplog.records
        for _ in range(2):
            await fixture.take(raw(event(900_000_000_000), topic=TOPIC), raw(event(3_000), topic=TOPIC))
    (line,) = caplog.records
    assert line.getMessage().startswith(f"{TOPIC}[")
    assert read(event(1_000)).subject not in line.getMessage()
    assert sum(sample.value for one in fixture.engine.metrics.far_sequences.collect() for sample in one.samples) == 1
    assert await fixture.parked() == []


async def test_reports_have_no_sequence_that_anybody_goes_by(make_engine: MakeEngine) -> None:
    fixture = await make_engine(BY_EPISODE)
    await fixture.take(raw(event(1_000, "sh-2020-1").replace(b'"sequence": "1000", ', b""), topic=TOPIC))
    assert sum(sample.value for one in fixture.engine.metrics.far_sequences.collect() for sample in one.samples) == 0


async def test_an_event_of_somebody_else_is_parked_counted_and_said_aloud(
    make_engine: MakeEngine, caplog: pytest.LogCaptureFixture
) -> None:
    fixture = await make_engine(BY_EPISODE)
    foreign = json.dumps(json.loads(event(1_000)) | {"source": "/hospitals/sh-phcc"}).encode()
    with caplog.at_level(logging.ERROR, "afterward.engine"):
        await fixture.take(raw(event(2_000), topic=TOPIC), raw(foreign, topic=TOPIC))
    assert [reason for reason, _ in await fixture.parked()] == ["wrong_source"]
    (line,) = caplog.records
    assert line.getMessage().endswith("is parked: wrong_source")
    counted = {
        metric.name: metric.samples[0].value for metric in fixture.engine.metrics.registry.collect() if metric.samples
    }
    assert counted["afterward_events_of_others"] == 1
