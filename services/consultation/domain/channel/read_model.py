"""The channel's row in `consultation_channel`: what a router needs of it, who is on duty, and the gap to be filled."""

from datetime import datetime
from typing import Any, NamedTuple

from msgspec import Struct
from msgspec.json import encode

from schemas.places import plain_district
from schemas.reference import time_zone_of
from services.consultation.domain.channel.conclude import ChannelState, Conclusions
from services.consultation.domain.channel.facts import Declaration, Facts, Shift
from services.consultation.policy import SHIFTS_KEPT

UNKNOWN = "unknown"
"""The jurisdiction of a channel whose institution the directory does not list."""


class Row(NamedTuple):
    """`entry`: an `Entry`. `shifts`: arrays of expert, prescriber, from and until. `gap`: the first that is not over,
    a `GapItem`."""

    jurisdiction: str
    district: str
    institution_id: str
    is_open: bool
    entry: str
    shifts: str
    gap_from: datetime | None
    gap: str | None
    plain_district: str


class Entry(Struct, frozen=True):
    """The declaration that holds, and where its institution is; None while the directory does not list that.

    `closed_at`: the closing that ended it, which came at `closing_received_at`.
    """

    channel_id: str
    institution_id: str
    name: str
    jurisdiction: str | None
    district: str | None
    departments: tuple[str, ...]
    priority_groups: tuple[str, ...]
    open_24h: bool
    opened_at: datetime
    is_open: bool
    closed_at: datetime | None
    closing_received_at: datetime | None


class GapItem(Struct, frozen=True, kw_only=True, rename={"from_at": "from"}):
    """A gap of the roster, for the work list `rosters`. `more`: how many others of the channel are known."""

    kind: str = "roster"
    from_at: datetime
    until: datetime
    institution_id: str
    name: str
    time_zone: str
    more: int


def row(state: ChannelState) -> tuple[Any, ...] | None:
    """The values in the order of the table's columns; None while the channel was never declared."""
    conclusions: Conclusions = state.conclusions
    holds = declaration(state.facts, conclusions)
    if holds is None:
        return None
    item = _gap(conclusions, holds)
    return Row(
        jurisdiction=conclusions.jurisdiction or UNKNOWN,
        district=conclusions.district or "",
        institution_id=holds.institution_id,
        is_open=conclusions.is_open,
        entry=as_json(_entry(state.facts, conclusions, holds)),
        shifts=as_json([[one.expert_ref, one.prescriber, one.from_at, one.until] for one in kept(state.facts)]),
        gap_from=item.from_at if item else None,
        gap=as_json(item) if item else None,
        plain_district=plain_district(conclusions.district),
    )


def declaration(facts: Facts, conclusions: Conclusions) -> Declaration | None:
    """The declaration that holds; None while there is none."""
    return next((one for one in facts.declarations if one.opened_at == conclusions.opened_at), None)


def kept(facts: Facts) -> list[Shift]:
    """The shifts that stand, but for those that ended long before the last one, and before the roster was last written.

    By facts alone: a shift that ends in a year far ahead, by a slip, does not push the others out.
    """
    standing = [shift for shift in facts.shifts if shift.stands]
    if not standing:
        return []
    written = max(shift.recorded or shift.from_at for shift in facts.shifts)
    since = min(written, max(shift.until for shift in standing)) - SHIFTS_KEPT
    return [shift for shift in standing if shift.until > since]


def _entry(facts: Facts, conclusions: Conclusions, holds: Declaration) -> Entry:
    return Entry(
        facts.channel_id,
        holds.institution_id,
        holds.name,
        conclusions.jurisdiction,
        conclusions.district,
        holds.departments,
        holds.priority_groups,
        holds.open_24h,
        holds.opened_at,
        conclusions.is_open,
        conclusions.closed_at,
        next((one.received_at for one in facts.closings if one.closed_at == conclusions.closed_at), None),
    )


def _gap(conclusions: Conclusions, holds: Declaration) -> GapItem | None:
    if not conclusions.open_gaps:
        return None
    gap = conclusions.gaps[-conclusions.open_gaps]
    return GapItem(
        from_at=gap.from_at,
        until=gap.until,
        institution_id=gap.institution_id,
        name=holds.name,
        time_zone=time_zone_of(conclusions.jurisdiction or "") or "UTC",
        more=conclusions.open_gaps - 1,
    )


def as_json(value: Any) -> str:
    """A value as the table keeps it."""
    return encode(value).decode()
