"""Whatever a record holds, no log, no metric and no answer has it: twenty identities, planted wherever one can be."""

import io
import json
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace as with_field
from typing import Any
from urllib.parse import quote

import asyncpg
import httpx
import pytest
from msgspec.structs import replace
from prometheus_client import generate_latest

from afterward.stack.postgres import Postgres
from chassis.consume.reader import Record
from chassis.decide.aggregate import on
from chassis.process import logs
from chassis.process.metrics import Metrics
from chassis.process.service import Service
from chassis.process.settings import Settings
from chassis.process.span_export import Collector
from chassis.publish.traces import Link, Place, Span, Tracing
from chassis.store.connection import connect
from chassis.store.migrate import migrate
from schemas.reports.treatment import VitalSignsReported
from tests.chassis.engine_fixture import MIGRATIONS, SERVICE, EngineFixture, record
from tests.chassis.toy import PATIENT, learn_reading, reading
from tests.monitoring.collector import Collector as Received
from tests.monitoring.collector import collecting
from tests.monitoring.identities import IDENTITIES, forms, found


def learn_and_repeat(facts: Any, report: VitalSignsReported, receipt: Any) -> Any:
    """A rule that fails for every other case, and says in its error all that it was given."""
    if report.case_id[-1] in "02468":
        return learn_reading(facts, report, receipt)
    raise ValueError(f"cannot learn {report.measured_at} of {report.source if hasattr(report, 'source') else report!r}")


def planted_in(planted: str, number: int) -> Iterator[Record]:
    """A record for each place in which a text may stand: fields, attributes, headers, key, type, bytes of no text."""
    sound = record(reading(f"c-{number}", 0))
    value = json.loads(sound.value or b"{}")
    for field in ("source", "subject", "type", "correlationid", "dataschema", "remark"):
        yield replace(sound, value=json.dumps({**value, field: planted}).encode(), offset=sound.offset + 1_000_000)
    data = {**value["data"], "remark": planted, "measured_at": planted}
    yield replace(sound, value=json.dumps({**value, "data": data}, ensure_ascii=False).encode())
    yield replace(sound, headers=(*sound.headers, ("remark", planted.encode()), (planted, b"\xff\xfe")))
    yield replace(
        sound, headers=(("ce_source", planted.encode()), ("ce_" + planted, None)), value=b"\xff" + planted.encode()
    )
    yield replace(sound, key=planted.encode())
    yield replace(sound, value=b'{"id": "' + planted.encode() + b'", ')
    yield replace(sound, value=planted.encode("utf-16"))
    yield record(reading(f"sound-{number}", 0), source=f"/{planted}")


@pytest.fixture
def log_lines() -> Iterator[io.StringIO]:
    """Everything that is logged from here on, as a process in a cluster writes it."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    lines = io.StringIO()
    logs.take_over("treatment", "DEBUG", "json", lines)
    yield lines
    logging.captureWarnings(capture=False)
    root.handlers = before
    root.setLevel(level)


@pytest.fixture
def collected() -> Iterator[Received]:
    """A collector of traces."""
    with collecting() as collector:
        yield collector


def spoken(collector: Received) -> dict[str, str]:
    """All that came to a collector: each span in words, and every byte as a text may be read from it."""
    spans = {f"{span.name} {number}": repr(span) for number, span in enumerate(collector.spans)}
    bodies = enumerate(collector.bodies)
    return spans | {f"body {number}": body.decode("utf-8", "replace") for number, body in bodies}


@pytest.fixture
async def dsn(postgres: Postgres) -> AsyncIterator[str]:
    """The toy's empty database."""
    admin = await asyncpg.connect(postgres.dsn())
    await admin.execute("DROP DATABASE IF EXISTS identities")
    await admin.execute("CREATE DATABASE identities")
    await migrate(postgres.dsn("identities"), SERVICE, [PATIENT], MIGRATIONS)
    yield postgres.dsn("identities")
    await admin.execute("DROP DATABASE identities WITH (FORCE)")
    await admin.close()


def test_the_scanner_finds_each_identity_in_whatever_form() -> None:
    for planted in IDENTITIES:
        for form in forms(planted):
            assert found([planted], {"a log": f"… {form} …"}) == {(planted, "a log")}, form
    assert found(IDENTITIES, {"a log": "a rule raised ValueError at learn.py:3; a patient is parked"}) == set()


async def test_the_scanner_finds_each_identity_in_whatever_place_of_a_span(collected: Received) -> None:
    """So that none would pass unseen: as a name, a value, in a list, in a link."""
    collector = Collector(collected.url, SERVICE, Metrics(SERVICE))
    collector.start()
    place = Place("4b" * 16, "7a" * 8)
    for planted in IDENTITIES:
        collector.take(Span(planted, place, 1, 2, {}))
        collector.take(Span("a", place, 1, 2, {"cloudevents.event_subject": planted, "afterward.states": [planted]}))
        collector.take(Span("a", place, 1, 2, {}, [Link("4b" * 16, "7a" * 8, {"b": planted})], [(planted, 1)]))
    await collector.close()
    for planted in IDENTITIES:
        assert len(found([planted], spoken(collected))) >= 3, planted


async def test_no_log_no_metric_and_no_span_has_what_a_record_holds(
    dsn: str, log_lines: io.StringIO, collected: Received
) -> None:
    connection = await connect(dsn, 30)
    failing = with_field(PATIENT, learns=(on(VitalSignsReported, learn_and_repeat),))
    fixture = EngineFixture(connection, failing)
    collector = Collector(collected.url, SERVICE, fixture.engine.metrics)
    collector.start()
    fixture.engine.tracing = Tracing(SERVICE, 1.0, collector.take)
    records = [each for number, planted in enumerate(IDENTITIES) for each in planted_in(planted, number)]
    sent = "\n".join(f"{one.key!r} {one.headers!r} {(one.value or b'').decode(errors='replace')}" for one in records)
    utf_16 = "\n".join(
        (one.value or b"").decode("utf-16", errors="replace") for one in records if len(one.value or b"") % 2 == 0
    )
    assert {each for each, _ in found(IDENTITIES, {"sent": sent + utf_16})} == set(IDENTITIES), "each was planted"
    await fixture.take(*records, *(record(reading(f"fails-{number}", 0)) for number in range(5)))
    parked = await connection.fetchval("SELECT string_agg(encode(coalesce(value, ''), 'escape'), ' ') FROM parked")
    assert found(IDENTITIES, {"parked": parked}), "what is parked is kept with its bytes, for whoever may read it"
    logged = log_lines.getvalue()
    metrics = generate_latest(fixture.engine.metrics.registry).decode()
    reasons = await connection.fetchval("SELECT string_agg(reason, ' ') FROM parked")
    assert "a rule raised ValueError" in logged
    assert 'afterward_parked_records_total{code="not_json"' in metrics
    await collector.close()
    spans = spoken(collected)
    for what, at_least in (("afterward.rejected", len(IDENTITIES)), ("VitalSignsRecorded", 5)):
        assert sum(what in span for span in spans.values()) >= at_least, what
    assert found(IDENTITIES, {"log": logged, "metrics": metrics, "reasons": reasons or "", **spans}) == set()
    await connection.close()


async def test_a_library_that_repeats_what_it_was_given_says_only_where_it_failed(log_lines: io.StringIO) -> None:
    nobody: dict[str, str] = {}
    repeated: set[tuple[str, str]] = set()
    for planted in IDENTITIES:
        try:
            nobody[planted]
        except KeyError as error:
            repeated |= found([planted], {"error": str(error)})
            logging.getLogger("some.library").exception("it failed", exc_info=error)
            logging.getLogger("afterward.service").critical("a job failed", exc_info=error)
    assert len(repeated) == len(IDENTITIES), "Python repeats what it does not find"
    assert log_lines.getvalue().count("KeyError") == len(IDENTITIES) + 1, "the library is heard once"
    assert found(IDENTITIES, {"log": log_lines.getvalue()}) == set()


async def test_answers_of_error_kind_do_not_repeat_what_was_asked(dsn: str, log_lines: io.StringIO) -> None:
    service = Service(SERVICE, [PATIENT], Settings.model_validate({"database_dsn": dsn}))
    transport = httpx.ASGITransport(app=service.questions, raise_app_exceptions=False)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # of this test's client, not of the service
    answers = {}
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        for planted in IDENTITIES:
            name = quote(planted, safe="")
            for path in (
                f"/v1/{name}",
                f"/v1/worklists/{name}?jurisdiction={name}",
                f"/v1/parked/{name}",
                f"/v1/{name}/{name}",
            ):
                answer = await client.get(
                    path, headers={"Purpose-Of-Use": "treatment", "X-Remark": planted.encode().hex()}
                )
                assert answer.status_code >= 400, path
                answers[f"GET {path}"] = answer.text
            answer = await client.post("/v1/parked/1/discard", content=f'{{"why": "{planted}"'.encode())
            answers[f"POST {planted}"] = answer.text
    await service.close()
    assert len(answers) == 5 * len(IDENTITIES)
    assert found(IDENTITIES, {"answers": "\n".join(answers.values())}) == set()
    assert found(IDENTITIES, {"log": log_lines.getvalue()}) == set()
