"""Where a plan is: the residence that the discharge names, and each one that the patient moved to after it (F9)."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from msgspec import Struct

from schemas.calendar import local_date
from schemas.reference import time_zone_of
from services.followup.domain.calendar import Zones, zones_of
from services.followup.domain.changes import Residence
from services.followup.domain.facts import Discharge


class Place(Struct, frozen=True, array_like=True):
    """Where a plan is: whoever acts on it finds it there. Each is empty while nobody knows it."""

    jurisdiction: str
    district: str
    time_zone: str
    primary_institution_id: str = ""


def moves_of(start: Discharge, residences: Iterable[Residence]) -> Zones:
    """The zones of a plan's days. A move that is told late changes no day that had begun before (F10)."""
    moves: list[tuple[date, str]] = []
    for residence in residences:
        zone, at = _zone(residence, start.time_zone), max(residence.since, residence.received_at)
        if residence.since > start.discharged_at and zone != (moves[-1][1] if moves else start.time_zone):
            moves.append((local_date(at, zone), zone))
    return zones_of(start.time_zone, tuple(moves))


def place_at(start: Discharge, residences: Sequence[Residence], at: datetime) -> Place:
    """Where the patient lives at an instant, as known now."""
    place = Place(start.jurisdiction, start.district, start.time_zone, start.primary_institution_id)
    for residence in residences:
        if start.discharged_at < residence.since <= at:
            zone = _zone(residence, place.time_zone)
            place = Place(residence.jurisdiction, residence.district, zone, residence.primary_institution_id)
    return place


def next_move(start: Discharge, residences: Iterable[Residence], at: datetime) -> datetime | None:
    """The next instant after one from which on the patient lives elsewhere."""
    ahead = (one.since for one in residences if one.since > max(at, start.discharged_at))
    return min(ahead, default=None)


def _zone(residence: Residence, otherwise: str) -> str:
    return residence.time_zone or time_zone_of(residence.jurisdiction) or otherwise
