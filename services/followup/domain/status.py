"""Where a plan stands (F8), and the count of its days (F7)."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from services.followup.domain.calendar import Day
from services.followup.domain.days import ContactLog, Loss, Missed
from services.followup.domain.stays import Stay


class Counts(Struct, frozen=True, array_like=True):
    """The days of a plan (F7). Those without a log were spent in hospital, are unknown, or were settled by a
    conversation: reached by phone."""

    logged: int = 0
    missed: int = 0
    reached_by_phone: int = 0
    in_hospital: int = 0
    unknown: int = 0


class Status(Struct, frozen=True, array_like=True):
    """Where a plan stands (F8): `running`, `paused`, `lost`, `held`, `completed` or `cancelled`, since when.

    `why`: what cancelled it, or `contact` or `in_hospital` when a plan that was lost or paused runs again. `missing`,
    `alerts`, `tests`: the days, the open alerts and the days of the re-tests that held it at its end. `counts`: of a
    completed plan. `resumed`: the contact after it was last lost. `by`: who ended the follow-up. `institution_id`:
    where the patient lies; `left`: when the last stay in hospital was over.
    """

    state: str
    since: datetime
    why: str = ""
    missing: tuple[int, ...] = ()
    counts: Counts | None = None
    alerts: tuple[str, ...] = ()
    resumed: datetime | None = None
    tests: tuple[int, ...] = ()
    by: str = ""
    institution_id: str = ""
    left: datetime | None = None


class Cancellation(NamedTuple):
    """What ends a plan before its time, and when; `by`: who said so."""

    at: datetime
    why: str
    by: str = ""


def status_of(
    cancelled: Cancellation | None, stays: Sequence[Stay], now: datetime, so_far: Status, losses: Sequence[Loss]
) -> Status:
    """Cancelled, paused, lost, completed or held, running: the first that holds (F7, F8)."""
    if cancelled is not None:
        return Status("cancelled", cancelled.at, cancelled.why, by=cancelled.by)
    for stay in stays:
        if stay.lasts_at(now):
            return Status("paused", stay.admitted_at, institution_id=stay.institution_id)
    left = max((stay.ended_at for stay in stays if stay.stands and stay.ended_at is not None), default=None)
    found = _found(so_far, losses)
    if left is not None and found.state == "running" and (found.resumed is None or found.resumed <= left):
        found = Status("running", left, "in_hospital", resumed=found.resumed)
    return found if left is None else replace(found, left=left)


def _found(so_far: Status, losses: Sequence[Loss]) -> Status:
    """Lost or found again, unless the plan is completed."""
    if not losses or so_far.state == "completed":
        return replace(so_far, resumed=losses[-1].until) if losses else so_far
    resumed = losses[-1].until
    if resumed is None:
        return Status("lost", losses[-1].since)
    if so_far.state == "running":
        return Status("running", resumed, "contact", resumed=resumed)
    return replace(so_far, resumed=resumed)


def counts_of(asked: Sequence[Day], missed: Sequence[Missed], contact_log: ContactLog) -> Counts:
    """The count of a plan's days."""
    silent = [day for day in asked if not contact_log.has(day)]
    in_hospital = {day.number for day in silent if contact_log.in_hospital_since(day)}
    left = [one for one in missed if one.day.number not in in_hospital and not contact_log.has(one.day)]
    by_phone = sum(1 for one in left if not one.unknown and one.settled is not None)
    unknown = sum(1 for one in left if one.unknown)
    by_midnight = sum(1 for one in missed if not one.unknown)
    return Counts(len(asked) - len(silent), by_midnight, by_phone, len(in_hospital), unknown)
