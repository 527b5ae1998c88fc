"""Which spans there are, and what events say of them: derived, so that whoever does the work again states the same."""

import json
import re
import subprocess
import sys
from itertools import pairwise
from typing import Any

import pytest
from msgspec.structs import replace
from opentelemetry.sdk.trace.sampling import Decision, TraceIdRatioBased

from chassis.consume.reader import Record
from chassis.ids import partition_of, span_id, trace_id
from chassis.process.metrics import Metrics
from chassis.publish.traces import Place, Span, Tracing
from chassis.store.engine import Batch
from chassis.store.locked_row import LockedRow
from chassis.store.quota import LIMITS
from chassis.store.unit_of_work import UnitOfWork
from schemas.topic import PARTITIONS
from tests.chassis.conftest import MakeEngine
from tests.chassis.engine_fixture import SERVICE, EngineFixture, new_id, raw, record
from tests.chassis.toy import PATIENT, RAISING_C, Defect, hour, reading

TRACE, PARENT = "4b" * 16, "7a" * 8
GIVEN = f"00-{TRACE}-{PARENT}-01"
NOT_SAMPLED = f"00-{TRACE}-{PARENT}-00"


class Sent(list[Span]):
    """The spans that were sent."""

    @property
    def steps(self) -> list[Span]:
        return [span for span in self if span.reads]

    @property
    def batches(self) -> list[Span]:
        return [span for span in self if not span.reads]


def traced(fixture: EngineFixture, ratio: float = 1.0) -> Sent:
    """What it sends from now on."""
    sent = Sent()
    fixture.engine.tracing = Tracing(SERVICE, ratio, sent.append)
    return sent


def emitted(records: list[Record], tracing: Tracing | None) -> list[bytes]:
    """The events that records lead to, without a store."""
    trail = None if tracing is None else tracing.trail(Metrics(SERVICE), 0)
    unit, cases = UnitOfWork(SERVICE, hour(0), PARTITIONS, LIMITS, 0, trail), dict[str, LockedRow]()
    for one in records:
        item: Any = EngineFixture(None, PATIENT).reader.read(one)
        case = cases.setdefault(item.key, LockedRow.holding(PATIENT, item.key))
        unit.judge_ordinary(case, item, hour(9), None) or unit.judge(case, item, hour(9), None)
    return [event.message for event in unit.emitted]


def stay() -> list[Record]:
    """Two patients: of one a report that brings a trace, of the other one that is refused."""
    readings = [reading("c-1", 1), reading("c-2", 1, 30.0), reading("c-2", 3)]
    return [*(record(one) for one in readings), record(reading("c-1", 2), traceparent=NOT_SAMPLED)]


def test_without_traces_an_event_has_the_bytes_that_it_ever_had() -> None:
    records = stay()
    plain = emitted(records, None)
    assert len(plain) == 4
    assert [json.loads(message).get("traceparent") for message in plain] == [None, None, None, NOT_SAMPLED]
    assert emitted(records, Tracing(SERVICE, 0.0, print)) == plain, "nor of a case that is not among those taken"
    assert emitted(records, Tracing(SERVICE, 1.0, print)) != plain


def test_whoever_does_the_work_again_states_the_same_bytes() -> None:
    records = stay()
    once, again = (emitted(records, Tracing(SERVICE, 1.0, print)) for _ in range(2))
    assert once == again
    trace = json.loads(once[0])["traceparent"]
    assert trace == f"00-{trace_id('c-1')}-{span_id(SERVICE, json.loads(once[0])['causationid'])}-01"
    assert json.loads(once[0]) | {"traceparent": None} == json.loads(emitted(records, None)[0]) | {"traceparent": None}


def test_the_steps_of_all_services_hang_below_each_other() -> None:
    """Each names its own span in what it states, and the next begins below it."""
    services = [Tracing(name, 1.0, print) for name in ("treatment", "discharge", "followup")]
    given, places = None, list[Place]()
    for number, service in enumerate(services):
        place = service.place("c-1", given, f"message {number}")
        assert place is not None
        places.append(place)
        given = place.traceparent
    assert places[0].parent is None
    assert all(below.parent == above.id for above, below in pairwise(places))
    assert {place.trace for place in places} == {trace_id("c-1")}
    assert len({place.id for place in places}) == 3


def test_two_services_that_read_one_message_have_a_span_each() -> None:
    spans = {Tracing(name, 1.0, print).place("c-1", GIVEN, "one message") for name in ("intake", "bulletin")}
    assert {place and (place.trace, place.parent) for place in spans} == {(TRACE, PARENT)}
    assert len(spans) == 2


@pytest.mark.parametrize(("ratio", "given", "trace"), [(0.0, GIVEN, TRACE), (1.0, NOT_SAMPLED, None)])
def test_a_publishers_own_trace_is_taken_or_not_as_it_says(ratio: float, given: str, trace: str | None) -> None:
    place = Tracing(SERVICE, ratio, print).place("c-1", given, "message")
    assert (place.trace if place else None) == trace


@pytest.mark.parametrize("void", [f"00-{'0' * 32}-{PARENT}-01", f"00-{TRACE}-{'0' * 16}-01"])
def test_a_trace_of_nothing_is_none(void: str) -> None:
    """W3C: an id of zeros is invalid."""
    assert Tracing(SERVICE, 1.0, print).place("c-1", void, "message") == (
        trace_id("c-1"),
        span_id(SERVICE, "message"),
        None,
    )


def test_of_the_other_cases_a_share_is_taken_the_same_in_every_service() -> None:
    keys = [f"c-{number}" for number in range(5_000)]
    shares = {ratio: _taken(ratio, keys) for ratio in (0.0, 0.1, 0.5, 1.0)}
    assert (shares[0.0], shares[1.0]) == (set(), set(keys))
    assert shares[0.1] < shares[0.5]
    assert 400 < len(shares[0.1]) < 600
    sampler = TraceIdRatioBased(0.1)
    theirs = {key for key in keys if sampler.should_sample(None, int(trace_id(key), 16), "").decision != Decision.DROP}
    assert shares[0.1] == theirs, "as OpenTelemetry's own sampler takes them"


def _taken(ratio: float, keys: list[str]) -> set[str]:
    return {key for key in keys if Tracing(SERVICE, ratio, print).place(key, None, "message")}


async def test_a_batch_is_a_span_with_its_stages_and_a_link_to_each_record_that_led_to_a_step(
    fixture: EngineFixture,
) -> None:
    sent, records = traced(fixture), stay()
    await fixture.take(*records)
    (batch,) = sent.batches
    assert [stage for stage, _ in batch.marks] == ["read", "load", "judge", "save", "commit"]
    instants = [batch.begun, *(at for _, at in batch.marks)]
    assert (sorted(instants), batch.ended) == (instants, instants[-1])
    assert batch.about == {"afterward.records": 4, "afterward.wakes": 0, "afterward.parked": 0}
    linked = [
        (link.about["messaging.destination.partition.id"], link.about["messaging.kafka.offset"]) for link in batch.links
    ]
    assert linked == [(str(one.partition), one.offset) for one in records[:3]]
    assert [(link.trace, link.id) for link in batch.links] == [(step.place.trace, step.place.id) for step in sent.steps]
    assert all([(link.trace, link.id) for link in step.links] == [batch.place[:2]] for step in sent.steps)


async def test_a_link_leads_to_the_span_that_a_record_names(fixture: EngineFixture) -> None:
    sent = traced(fixture)
    await fixture.take(record(reading("c-1", 1), traceparent=GIVEN))
    assert [link[:2] for link in sent.batches[0].links] == [(TRACE, PARENT)]
    (step,) = sent.steps
    (event,) = await fixture.emitted()
    assert (step.place.trace, step.place.parent, event.traceparent) == (TRACE, PARENT, step.place.traceparent)


async def test_a_step_says_which_and_where_and_how_long_its_record_had_waited(fixture: EngineFixture) -> None:
    sent, identity = traced(fixture), new_id()
    sound = record(reading("c-1", 1), id=identity)
    await fixture.take(replace(sound, stamp=1), record(reading("c-1", 2, 30.0)))
    accepted, refused = sent.steps
    assert accepted.name == "treatment VitalSignsReported"
    waited = accepted.about["afterward.waited_seconds"]
    assert isinstance(waited, float)
    assert waited > 1e9
    assert {name: value for name, value in accepted.about.items() if name != "afterward.waited_seconds"} == {
        "messaging.system": "kafka",
        "messaging.destination.name": "treatment.reports.v1",
        "messaging.destination.partition.id": str(partition_of("c-1", PARTITIONS)),
        "messaging.kafka.offset": sound.offset,
        "cloudevents.event_id": identity,
        "cloudevents.event_subject": "c-1",
        "cloudevents.event_type": "afterward.VitalSignsReported.v1",
        "afterward.events": 1,
        "afterward.states": ["afterward.VitalSignsRecorded.v1"],
    }
    assert refused.about["afterward.rejected"] == "implausible"


async def test_what_a_stranger_may_choose_is_not_repeated(fixture: EngineFixture) -> None:
    """The subject of a report that is refused, and the name of a type that nobody knows."""
    sent, sound = traced(fixture), json.loads(record(reading("c-1", 1)).value or b"")
    wrong = [{"subject": "E12345609"}, {"type": "afterward.ZhangWeiMing.v1", "id": new_id()}]
    await fixture.take(*(raw(json.dumps(sound | each).encode()) for each in wrong))
    assert [step.about["afterward.rejected"] for step in sent.steps] == ["wrong_subject", "unknown_type"]
    assert [step.name for step in sent.steps] == ["treatment VitalSignsReported", "treatment Unknown"]
    assert not {"E12345609", "ZhangWeiMing"} & {word for span in sent for word in re.findall(r"\w+", repr(span))}


async def test_what_the_clock_leads_to_is_in_the_trace_of_its_case(fixture: EngineFixture) -> None:
    await fixture.take(record(reading("c-1", 0)))
    sent = traced(fixture)
    await fixture.until(hour(25))
    (step,) = sent.steps
    assert (step.name, step.place.trace, step.place.parent) == ("treatment wake", trace_id("c-1"), None)
    assert step.about["afterward.states"] == ["afterward.QuarantineDayMissed.v1"]
    assert (await fixture.emitted())[-1].traceparent == step.place.traceparent


async def test_a_repetition_has_no_span(fixture: EngineFixture) -> None:
    sent, records = traced(fixture), stay()
    await fixture.take(*records)
    first = len(sent)
    await fixture.take(*records)
    assert len(sent) == first > 0


async def test_what_a_rule_had_done_before_it_raised_is_not_shown(make_engine: MakeEngine) -> None:
    """Its clock had gone on before it, in vain: the case is where it was."""
    fixture = await make_engine(Defect().aggregate())
    await fixture.take(record(reading("c-1", 0)))
    sent = traced(fixture)
    await fixture.take(record(reading("c-1", 30, RAISING_C)), record(reading("c-2", 30)), watermark=hour(30))
    assert [step.place.trace for step in sent.steps] == [trace_id("c-2")]
    assert sent.batches[0].about["afterward.parked"] == 1


async def test_a_batch_that_was_not_committed_is_not_shown(
    fixture: EngineFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = traced(fixture)

    async def fails(*_: object) -> None:
        raise ConnectionResetError

    monkeypatch.setattr("chassis.store.engine.save", fails)
    with pytest.raises(ConnectionResetError):
        await fixture.engine.process(fixture.connection, Batch(stay()))
    assert sent == []


@pytest.mark.parametrize(("endpoint", "loaded"), [("", "False"), ("http://localhost:4318", "True")])
def test_nobody_loads_the_sdk_where_no_collector_is_named(endpoint: str, loaded: str) -> None:
    asks = "import sys; import services.treatment.app; print('opentelemetry.sdk' in sys.modules)"
    environment = {"AFTERWARD_OTLP_ENDPOINT": endpoint}
    done = subprocess.run([sys.executable, "-c", asks], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == loaded
