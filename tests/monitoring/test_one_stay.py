"""One stay, through all services and the delivery worker on a bus, drawn as one trace by a collector."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from chassis.ids import trace_id
from schemas.envelope import Envelope
from schemas.message import Report
from tests.journeys.patient import HOME_FROM_DAY, SHANGHAI, Patient
from tests.journeys.stack import Stack, running_stack
from tests.monitoring.collector import Collector, Received, collecting
from tests.monitoring.drawn import tree

BEGIN: Final = datetime(2020, 9, 14, tzinfo=SHANGHAI)
GOES_HOME: Final = BEGIN + timedelta(days=HOME_FROM_DAY, hours=11)
SUBSCRIPTIONS: Final = """
[[subscriptions]]
id = "record-of-discharges"
types = ["Discharged"]
since = 2020-09-01T00:00:00+08:00
log = true
"""
ON_THE_WARD: Final = 8
WRITTEN: Final = "AFTERWARD_DRAWN_TRACE"
"""Names a file into which the tree is written: docs/operations/traces.md shows a part of it."""


@contextmanager
def traced_stack(folder: Path, collector: Collector) -> Iterator[Stack]:
    """All services and the delivery worker, sending their traces there."""
    file = folder / "subscriptions.toml"
    file.write_text(SUBSCRIPTIONS, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AFTERWARD_OTLP_ENDPOINT", collector.url)
        with running_stack(folder / "data", "embedded", GOES_HOME.isoformat(), "--subscriptions", str(file)) as stack:
            yield stack


def portions(patient: Patient) -> Iterator[list[Report]]:
    """The stay as it is reported: the arrival, so many at a time on the ward, the discharge at the end."""
    arrived, *ward, approved, discharged = patient.stay()
    yield [arrived]
    yield from (ward[number : number + ON_THE_WARD] for number in range(0, len(ward), ON_THE_WARD))
    yield [approved, discharged]


@pytest.mark.wide
@pytest.mark.timeout(600)
async def test_one_stay_is_drawn_as_one_trace(tmp_path: Path) -> None:
    patient, other = Patient("traced-1", BEGIN), Patient("traced-2", BEGIN)
    with collecting() as collector:
        with traced_stack(tmp_path, collector) as stack:
            for reports in portions(patient):
                await stack.tell(*reports)
            await stack.tell(other.arrived())
            await stack.until(patient.at(HOME_FROM_DAY + 1, 12))
            events = await stack.events(patient.case_id)
        spans = collector.spans  # with those that were sent as the processes ended
    trace = [span for span in spans if span.trace == trace_id(patient.case_id)]
    lines = list(tree(trace))
    write_where_asked(lines)
    assert len(lines) == len(trace) == len({span.id for span in trace})
    everybody = {"intake", "treatment", "discharge", "followup", "primarycare", "bulletin", "contact"}
    assert {span.service for span in trace} == everybody | {"contact-delivery-worker"}
    _is_whole(patient.case_id, trace, events)
    _is_linked(trace, spans)
    assert {span.about["cloudevents.event_subject"] for span in trace} == {patient.case_id}
    assert {span.trace for span in spans if span.about.get("cloudevents.event_subject") == other.case_id} == {
        trace_id(other.case_id)
    }


def write_where_asked(lines: list[str]) -> None:
    if file := os.environ.get(WRITTEN):
        Path(file).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _is_whole(case_id: str, trace: list[Received], events: list[Envelope]) -> None:
    """Each event of the case names a span that stated it, and whatever an event led to hangs below that span."""
    by_id, stated_by = {span.id: span for span in trace}, dict[str, Received]()
    assert len(events) > 20
    for event in events:
        _, trace_of_event, span_of_event, sampled = (event.traceparent or "").split("-")
        assert (trace_of_event, sampled) == (trace_id(case_id), "01")
        stated_by[event.id] = by_id[span_of_event]
        assert event.type in stated_by[event.id].about["afterward.states"]
        assert event.source == f"/services/{stated_by[event.id].service}"
    assert sum(span.about["afterward.events"] for span in trace if "afterward.events" in span.about) == len(events)
    for span in trace:
        cause = span.about.get("cloudevents.event_id")
        if cause in stated_by:
            assert span.parent == stated_by[cause].id, span.name
        else:
            attempt_of_report = span.about.get("cloudevents.event_type") == "afterward.ContactReported.v1"
            assert (by_id[span.parent].service if span.parent else "") == (
                "contact-delivery-worker" if attempt_of_report else ""
            ), span.name


def _is_linked(trace: list[Received], spans: list[Received]) -> None:
    """Each span of the stay is linked to that of its batch, which has the stages, and a link back to the record."""
    batches = {(span.trace, span.id): span for span in spans if span.name.endswith(" batch")}
    for span in trace:
        ((batch_trace, batch_id, _),) = span.links
        batch = batches[batch_trace, batch_id]
        assert batch.service == span.service
        assert span.parent in {"", *(linked for _, linked, _ in batch.links)}
        assert {name for name, _ in batch.marks} in (
            {"read", "load", "judge", "save", "commit"},
            {"deliver", "publish"},
        )
        assert batch.begun <= span.begun <= span.ended <= batch.ended
