"""Rows of the work lists as so many open follow-ups leave them, made by SQL: everybody is on every list."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import NamedTuple

import asyncpg
from msgspec import Struct
from msgspec.json import encode

from services.consultation.domain.channel.read_model import GapItem
from services.consultation.domain.consultation.read_model import ConsultationItem
from services.consultation.domain.prescription.read_model import Item
from services.followup.domain.worklist import AskedItem, ExpectedItem, WordItem
from services.intake.domain.worklist import DuplicateItem, TransferItem
from services.intake.domain.worklist import UnplacedItem as PositiveItem
from services.primarycare.domain.worklist import AlertItem, LinkageItem, UnplacedItem
from services.treatment.domain.worklist import NotUnderstood

JURISDICTION = "CN-SH"
"""Where four of five live; the fifth lives in `OTHER`."""
OTHER = "CN-BJ"
DISTRICTS = 16
"""`district-0` and so on."""
FIRST_DUE = datetime(2020, 10, 17, tzinfo=UTC)
MINUTES = 4 * 7 * 24 * 60
"""From `FIRST_DUE` on, everything is due at some minute of these."""

_AT = datetime(2020, 10, 20, tzinfo=UTC)
_ID = "8b5ff3a6-6a6d-5a0e-9a53-5f0f7a1c62d4"
_ZONE = "Asia/Shanghai"


class Rows(NamedTuple):
    """The table of a service that work lists are read from; of each of its lists the columns of the instant and of the
    item, and an item.
    """

    table: str
    items: Mapping[tuple[str, str], Struct]


def _prescription(kind: str, waits_for: str) -> Item:
    return Item(
        kind=kind,
        waits_for=waits_for,
        since=_AT,
        attempt=1,
        consultation_id="c-1",
        channel_id="zj-green",
        case_id=None,
        expert_ref="e-5d20",
        reason=None,
        time_zone=_ZONE,
    )


ROWS: Mapping[str, tuple[Rows, ...]] = {
    "followup": (
        Rows(
            "followup_case",
            {
                ("call_by", "call"): AskedItem(
                    kind="call",
                    visit=None,
                    time_zone=_ZONE,
                    more=0,
                    call_id=_ID,
                    attempt=2,
                    calls=3,
                    days=(5, 6),
                    since=_AT,
                    why="day_missed",
                ),
                ("visit_by", "visit"): ExpectedItem(
                    kind="return_visit",
                    visit="week_2",
                    time_zone=_ZONE,
                    more=1,
                    due_on=date(2020, 10, 31),
                    missed_at=_AT,
                ),
                ("word_at", "word"): WordItem(
                    kind="not_understood", visit=None, time_zone=_ZONE, more=0, words=("tight chest",), evidence=_ID
                ),
            },
        ),
    ),
    "primarycare": (
        Rows(
            "primarycare_case",
            {
                ("linkage_by", "linkage"): LinkageItem(
                    since=_AT,
                    level=1,
                    escalated_to="pd-04-commission",
                    next_level_at=_AT,
                    time_zone=_ZONE,
                    linkage_id=_ID,
                    conditions=("N18.6", "E11.9"),
                    medicines_last_until=date(2020, 10, 25),
                    institution_id="pd-02-centre",
                    declined=("pd-01-centre",),
                ),
                ("alert_by", "alert"): AlertItem(
                    since=_AT,
                    level=0,
                    escalated_to=None,
                    next_level_at=_AT,
                    time_zone=_ZONE,
                    alert_id=_ID,
                    severity="high",
                    why="fever",
                    day=5,
                    recipients=("pd-01-centre", "CN-SH-SPHCC"),
                    more=0,
                ),
                ("unplaced_by", "unplaced"): UnplacedItem(since=_AT, time_zone=_ZONE, why="no_centre", notified=None),
            },
        ),
    ),
    "intake": (
        Rows(
            "intake_transfer",
            {
                ("transfer_by", "transfer"): TransferItem(
                    1, "CN-SH-SPHCC", ("paediatric",), ("confirmed", "child"), "party-4", _AT, 1, _ZONE
                ),
                ("unplaced_since", "unplaced"): PositiveItem(
                    ({"result_id": "r-1", "lab": "lab-1", "reason": "nobody_reported"},), _AT, _ZONE
                ),
                ("duplicate_since", "duplicate"): DuplicateItem(("case-1", "case-2"), _AT, _ZONE),
            },
        ),
    ),
    "treatment": (
        Rows(
            "treatment_case",
            {("not_understood_at", "not_understood"): NotUnderstood(("12345-6",), ("lab-1",), _AT, _ZONE)},
        ),
    ),
    "consultation": (
        Rows(
            "consultation_request",
            {
                ("answer_by", "item"): ConsultationItem(
                    "assigned", "priority", "zj-green", "e-5d20", _AT, 1, "zj-hospital", _ZONE
                )
            },
        ),
        Rows(
            "consultation_prescription",
            {
                ("review_by", "review"): _prescription("prescription", "review"),
                ("deliver_by", "delivery"): _prescription("delivery", "dispatch"),
            },
        ),
        Rows(
            "consultation_channel",
            {
                ("gap_from", "gap"): GapItem(
                    from_at=_AT, until=_AT, institution_id="zj-1", name="Green channel", time_zone=_ZONE, more=0
                )
            },
        ),
    ),
}
"""Service → the rows of each of its tables."""


async def store(dsn: str, service: str, number: int) -> None:
    """Puts so many cases into each table of a service, `case-000001` and so on; each is due at a minute of its own."""
    connection = await asyncpg.connect(dsn, command_timeout=600)
    try:
        for rows in ROWS[service]:
            items = [encode(item).decode() for item in rows.items.values()]
            await connection.execute(_insert(rows), number, FIRST_DUE, MINUTES, JURISDICTION, OTHER, DISTRICTS, *items)
            await connection.execute(f"VACUUM (ANALYZE) {rows.table}")
    finally:
        await connection.close()


def _insert(rows: Rows) -> str:
    """7919 shares no divisor with the minutes: every minute comes, and cases next to each other are due far apart."""
    columns = ", ".join(name for names in rows.items for name in names)
    values = ", ".join(
        f"$2::timestamptz + ((n::bigint * 7919 + {place}) % $3::int) * interval '1 minute', ${7 + place}::json"
        for place in range(len(rows.items))
    )
    return (
        f"INSERT INTO {rows.table} (key, jurisdiction, district, plain_district, {columns}) "  # noqa: S608 - names from the code
        "SELECT 'case-' || lpad(n::text, 6, '0'), CASE WHEN n % 5 = 0 THEN $5 ELSE $4 END::text, "
        f"'district-' || n % $6::int, 'district' || n % $6::int, {values} FROM generate_series(1, $1::int) AS n"
    )
