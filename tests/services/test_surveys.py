"""What a health authority asks, counted on the work lists: right figures, soon enough with 100,000 on each."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from msgspec.json import encode
from msgspec.structs import replace

from bench.open_followups import FIRST_DUE, ROWS, store
from chassis.clock import monotonic
from chassis.process.metric_list import SURVEYED
from chassis.process.metrics import Metrics
from chassis.process.survey import SURVEYING, Survey
from chassis.store.connection import Connection, connect, sql
from chassis.store.migrate import migrate
from tests.chassis.engine_fixture import Now

NOW = datetime(2020, 10, 20, 12, tzinfo=UTC)
LATE, SOON = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
ASKED_OF = ("followup", "primarycare", "intake", "consultation")
OPEN = 100_000
SURVEY_SECONDS = 5.0
"""So long one count may take here, beside everything else that runs on this machine."""


async def surveyed(dsn: str, service: str) -> dict[str, float]:
    """The series of one look, each named as Prometheus names it but for the service."""
    metrics = Metrics(service)

    async def connecting() -> Connection:
        return await connect(dsn, 60, **SURVEYING)

    survey = Survey(connecting, Now(NOW), sql("survey", f"services.{service}.sql"), metrics, 30)
    survey._show(await survey._count())
    return dict(series_of(metrics))


def series_of(metrics: Metrics) -> list[tuple[str, float]]:
    found = []
    for family in metrics.registry.collect():
        for sample in family.samples:
            labels = ",".join(value for name, value in sample.labels.items() if name != "service")
            if sample.name.removeprefix("afterward_") in SURVEYED:
                found.append((f"{sample.name.removeprefix('afterward_')} {labels}", sample.value))
    return found


async def put(dsn: str, service: str, table: str, columns: Sequence[str], *rows: Sequence[Any]) -> None:
    """Rows of a service's table; its key is their number. What is a Struct is stored as its work list has it."""
    await migrate(dsn, service, import_module(f"services.{service}.routes").AGGREGATES)
    connection = await connect(dsn, 60)
    try:
        places = ", ".join(f"${number + 2}" for number in range(len(columns)))
        text = f"INSERT INTO {table} (key, {', '.join(columns)}) VALUES ($1, {places})"
        for number, row in enumerate(rows):
            values = (encode(value).decode() if hasattr(value, "__struct_fields__") else value for value in row)
            await connection.execute(text, f"case-{number}", *values)
    finally:
        await connection.close()


def item_of(service: str, column: str) -> Any:
    """An item of a work list, as the bench has it."""
    return next(item for rows in ROWS[service] for (_, name), item in rows.items.items() if name == column)


async def test_followup_counts_what_is_late_and_who_is_silent(dsn: str) -> None:
    call = replace(item_of("followup", "call"), attempt=1)
    home = replace(call, kind="home_visit", attempt=4)
    expected = item_of("followup", "visit")
    await put(
        dsn,
        "followup",
        "followup_case",
        ("jurisdiction", "call_by", "call", "visit_by", "visit"),
        ("CN-SH", SOON, call, SOON, expected),  # silent, in time
        ("CN-SH", SOON, replace(call, attempt=2), None, None),  # silent, and the first call was in vain
        ("CN-SH", LATE, replace(call, visit="week_2"), None, None),  # about a visit: not silent
        ("CN-BJ", None, None, SOON, home),  # silent: nobody was reached
        ("CN-BJ", None, None, LATE, expected),  # the visit's day is over
        ("XX-9", SOON, call, None, None),
        ("unknown", SOON, call, None, None),
    )
    assert await surveyed(dsn, "followup") == {
        "followups_overdue CN-SH,call": 2,
        "followups_overdue CN-BJ,home_visit": 1,
        "followups_overdue CN-BJ,return_visit": 1,
        "patients_silent CN-SH": 2,
        "patients_silent CN-BJ": 1,
        "patients_silent other": 2,
    }


async def test_primarycare_counts_alerts_by_severity_and_age_and_linkages(dsn: str) -> None:
    alert, linkage = item_of("primarycare", "alert"), item_of("primarycare", "linkage")
    high, urgent = replace(alert, severity="high"), replace(alert, severity="urgent")
    await put(
        dsn,
        "primarycare",
        "primarycare_case",
        ("jurisdiction", "alert_by", "alert", "linkage_by", "linkage"),
        ("CN-SH", SOON, replace(high, since=NOW - timedelta(minutes=20)), SOON, linkage),
        ("CN-SH", LATE, replace(high, since=NOW - timedelta(hours=5)), LATE, linkage),
        ("CN-SH", LATE, replace(urgent, since=NOW - timedelta(days=2)), None, None),
    )
    assert await surveyed(dsn, "primarycare") == {
        "alerts_unacknowledged CN-SH,high,up_to_1_h": 1,
        "alerts_unacknowledged CN-SH,high,up_to_1_d": 1,
        "alerts_unacknowledged CN-SH,urgent,older": 1,
        "oldest_unacknowledged_alert_seconds CN-SH,high": 5 * 3600,
        "oldest_unacknowledged_alert_seconds CN-SH,urgent": 2 * 24 * 3600,
        "linkages_unanswered CN-SH,no": 1,
        "linkages_unanswered CN-SH,yes": 1,
    }


async def test_intake_counts_transfers_and_consultation_who_waits(dsn: str) -> None:
    transfer = item_of("intake", "transfer")
    awaited = (("CN-SH", SOON, transfer), ("CN-SH", LATE, transfer), ("CN-GD", LATE, transfer))
    await put(dsn, "intake", "intake_transfer", ("jurisdiction", "transfer_by", "transfer"), *awaited)
    assert await surveyed(dsn, "intake") == {
        "transfers_awaited CN-SH,no": 1,
        "transfers_awaited CN-SH,yes": 1,
        "transfers_awaited CN-GD,yes": 1,
    }


async def test_consultation_counts_who_waits_by_class_and_for_how_long(dsn: str) -> None:
    asked = [NOW - timedelta(minutes=minutes) for minutes in (2, 30, 40, 90)]
    await put(
        dsn,
        "consultation",
        "consultation_request",
        ("jurisdiction", "class_rank", "requested_at", "waiting"),
        ("CN-SH", 0, asked[0], True),
        ("CN-SH", 2, asked[1], True),
        ("CN-SH", 2, asked[2], True),
        ("CN-SH", 1, asked[3], False),
    )
    assert await surveyed(dsn, "consultation") == {
        "consultations_waiting CN-SH,red_flag": 1,
        "consultations_waiting CN-SH,other": 2,
        "oldest_waiting_consultation_seconds CN-SH,red_flag": 120,
        "oldest_waiting_consultation_seconds CN-SH,other": 2400,
    }


async def test_figures_of_a_database_that_is_away_are_shown_no_more(dsn: str) -> None:
    metrics = Metrics("intake")

    async def refused() -> Connection:
        raise ConnectionRefusedError

    survey = Survey(refused, Now(NOW), "", metrics, 30)
    survey._show([{"metric": "transfers_awaited", "labels": ["CN-SH", "no"], "number": 3.0}])
    assert series_of(metrics) == [("transfers_awaited CN-SH,no", 3.0)]
    survey._forget()
    assert series_of(metrics) == []


@pytest.mark.parametrize("service", ASKED_OF)
@pytest.mark.timeout(300)
@pytest.mark.wide
async def test_100_000_on_every_list_are_counted_in_time(dsn: str, service: str) -> None:
    await migrate(dsn, service, import_module(f"services.{service}.routes").AGGREGATES)
    await store(dsn, service, OPEN)
    if service == "consultation":
        connection = await connect(dsn, 60)
        asked = "UPDATE consultation_request SET waiting = true, class_rank = 2, requested_at = $1"
        await connection.execute(asked, FIRST_DUE)
        await connection.close()
    begun = monotonic()
    found = await surveyed(dsn, service)
    took = monotonic() - begun
    print(f"{service}: {OPEN:,} on every list counted in {took:.2f} s")  # noqa: T201 - shown with -s
    assert took < SURVEY_SECONDS
    assert max(found.values()) >= OPEN / 5
