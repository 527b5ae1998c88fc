"""Fifty-five ways to find a person, planted wherever a publisher may write: found nowhere but where they were sent."""

import asyncio
import json
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import asyncpg
import pytest

from afterward.stack.running import databases
from schemas.message import Report
from schemas.reports.discharge import DischargeCancelled
from schemas.reports.followup import CallReported, DayReported, ReturnVisitReported
from schemas.reports.primarycare import LinkageAnswered
from schemas.reports.treatment import ImagingReported, TreatmentGiven
from tests.journeys.conftest import on_the_embedded_bus
from tests.journeys.patient import Patient
from tests.journeys.spoilt import Spoil, in_binary_mode, with_attributes, with_data
from tests.journeys.stack import Sent, Stack, afterward, envelope
from tests.planted import PLANTED

pytestmark = [pytest.mark.timeout(600), pytest.mark.wide, on_the_embedded_bus]

PLACES = (
    "correlationid",
    "causationid",
    "traceparent",
    "source",
    "dataschema",
    "datacontenttype",
    "nameofpatient",
    "header",
    "binary",
    "unknown field",
    "lab",
    "type",
)
AS_CASE_IDS = {"13812345678", "8613812345673", "11010519491231002X"} & set(PLANTED)


def spoilt(planted: str, place: str) -> Spoil:
    """Plants a text at one place of a report of a result, and does nothing else to it."""
    if place == "header":
        return lambda sent: replace(sent, headers=(*sent.headers, ("remark", planted.encode())))
    if place == "binary":
        return in_binary_mode(ce_source=planted.encode(), ce_correlationid=planted.encode())
    if place == "unknown field":
        return with_data(remark=planted, residence={"street": planted})
    if place == "lab":
        return with_data(lab=planted)
    if place == "type":
        return with_attributes(type=f"afterward.{planted}.v1")
    return with_attributes(**{place: planted})


def reports(patient: Patient, planted: str) -> Iterator[Report]:
    """A report of each service with the text in a field that may hold words."""
    case, at = {"case_id": patient.case_id}, patient.at(11, 9)
    yield patient.arrived(purpose=planted)
    yield patient.arrived(symptoms=("386661006", planted))
    yield ImagingReported(
        **case, study_id="s-1", modality="CT", performed_at=at, finding=planted, pneumonia=False, change="first"
    )
    yield TreatmentGiven(**case, given_at=at, category="other", medication=planted, dose=planted)
    yield DischargeCancelled(**case, cancelled_at=at, reason=planted)
    log = {"temperature_c": 36.5, "temperature_site": "axillary", "stayed_in": True, "channel": "app"}
    yield DayReported.model_validate(
        {**case, **log, "reported_at": at, "local_date": at.date(), "slot": "am", "reporter": "patient"}
        | {"symptoms": (planted,)}
    )
    yield CallReported(**case, call_id="c-1", called_at=at, outcome="reached", symptoms=(planted,))
    yield ReturnVisitReported(**case, visit="week_2", attended_at=at, findings=planted)
    yield LinkageAnswered(
        **case, linkage_id="l-1", institution_id="i-1", answer="declined", answered_at=at, reason=planted
    )


def given(like: Patient) -> Iterator[Sent]:
    """All that is planted, each about a case of its own."""
    for number, planted in enumerate(PLANTED):
        patient = replace(like, case_id=f"{like.case_id}-{number}")
        yield envelope(patient.arrived())
        for place in PLACES:
            result = patient.swabbed(f"{PLACES.index(place)}", patient.at(1, 8), "detected")
            yield spoilt(planted, place)(envelope(result))
        for report in reports(patient, planted):
            yield envelope(report)
        if planted in AS_CASE_IDS:
            yield envelope(replace(patient, case_id=planted).swabbed("s", patient.at(1, 8), "detected"))


async def test_what_is_planted_is_found_nowhere_but_where_it_was_sent(stack: Stack, home_today: Patient) -> None:
    records = list(given(home_today))
    await stack.publish(records)
    await stack.quiet()

    emitted = [event for event in await stack.events() if event.subject.startswith(home_today.case_id)]
    codes = [event.data["code"] for event in emitted if event.type == "afterward.ReportRejected.v1"]
    assert codes.count("identifying_text") >= 10 * len(PLANTED)
    everywhere = {name: text async for name, text in looked_at(stack, home_today)}
    found = {
        (planted, name)
        for planted in PLANTED
        for name, text in everywhere.items()
        if any(form in text for form in {planted, json.dumps(planted)[1:-1]})
    }
    assert found == set()
    assert any(PLANTED[0] in (sent.value or b"").decode() for sent in records), "it was planted"


async def looked_at(stack: Stack, like: Patient) -> Any:
    """Everything that anybody could read of the stack, but the reports themselves and the bytes of what is parked."""
    events = await stack.records()
    yield (
        "events and rejections",
        "\n".join(str((event.key or b"") + (event.value or b""), "utf-8") for event in events),
    )
    dsns = databases(stack.data_dir)
    for name, process in stack.running.processes.items():
        yield f"database of {name}", "\n".join(await stored(dsns[name]))
        for page in ("health", "metrics"):
            yield f"{page} of {name}", await asyncio.to_thread(shown, process.health.replace("health", page))
    for log in (*stack.data_dir.rglob("*.log"), *stack.data_dir.parent.glob("*.log")):
        yield f"log {log.name}", log.read_text(errors="replace")
    for arguments in (("status",), ("parked", "list"), ("case", f"{like.case_id}-0"), ("worklist", "quarantine")):
        done = afterward(stack.data_dir, *arguments)
        yield f"afterward {' '.join(arguments)}", done.stdout + done.stderr


def shown(url: str) -> str:
    """What a page of a service says."""
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - of our own stack
        text: str = answer.read().decode()
    return text


async def stored(dsn: str) -> list[str]:
    """Every row of every table, without what a parked record held."""
    connection = await asyncpg.connect(dsn)
    try:
        tables = await connection.fetch(
            "SELECT relname AS tablename FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind IN ('r', 'p') AND NOT relispartition"
        )
        rows: list[str] = []
        for (table,) in tables:
            left = "- 'value' - 'headers' - 'record_key'" if table == "parked" else ""
            rows += [
                row[0] for row in await connection.fetch(f'SELECT (to_jsonb(each) {left})::text FROM "{table}" each')
            ]
        archived = await connection.fetch("SELECT convert_from(message, 'UTF8') FROM archive")
        return rows + [row[0] for row in archived]
    finally:
        await connection.close()
