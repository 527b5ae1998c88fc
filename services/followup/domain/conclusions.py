"""What follows from the facts of a case: its plans, and for each what was missed, asked for, found and decided."""

from datetime import date, datetime

from msgspec import Struct


class RequestedCall(Struct, frozen=True, array_like=True):
    """A call of a ladder, or (`home`) its home visit (F3).

    `opened`: the number of the day before the one in which the ladder opened. `opened_at`: when this was asked for.
    `days`: what the ladder covered then. `outcome` is empty while the call is open; `ended_at`: when it ended.
    `visit`: the return visit that was missed, where the ladder is about one (F6).
    """

    call_id: str
    opened: int
    opened_at: datetime
    attempt: int
    call_by: datetime
    days: tuple[int, ...]
    outcome: str = ""
    called_at: datetime | None = None
    ended_at: datetime | None = None
    home: bool = False
    visit: str = ""


class PositiveAgain(Struct, frozen=True, array_like=True):
    """Positive again (F5): where that leads, since when, and by what evidence."""

    branch: str
    since: datetime
    evidence: tuple[str, ...]


class Alert(Struct, frozen=True, array_like=True):
    """Something a physician should see: one for each day and reason (F4).

    `since`: when the first of its evidence was told; `came`, `closed`: when that, and primary care's word that it asks
    for nothing more, came to the bus.
    """

    alert_id: str
    why: str
    day: int
    severity: str
    evidence: tuple[str, ...]
    since: datetime
    came: datetime
    closed: datetime | None = None

    def open_at(self, at: datetime) -> bool:
        """Whether by what had come by then it was raised and not closed."""
        return self.came < at and (self.closed is None or self.closed >= at)


class ReturnVisit(Struct, frozen=True, array_like=True):
    """A return visit (F6): the civil day on which it is due, when it was missed, and when the patient came."""

    visit: str
    due_on: date
    missed_at: datetime | None = None
    attended_at: datetime | None = None


class Counts(Struct, frozen=True, array_like=True):
    """The days of a plan (F7). Those without a log that a conversation settled are the ones reached by phone."""

    logged: int = 0
    missed: int = 0
    reached_by_phone: int = 0


class Standing(Struct, frozen=True, array_like=True):
    """Where a plan stands (F8): `running`, `lost`, `held`, `completed` or `cancelled`, since when.

    `why`: what cancelled it, or `contact` when a plan that was lost runs again. `missing`, `alerts`: the days and the
    open alerts that held it at its end. `counts`: of a completed plan. `resumed`: the contact after it was last lost.
    """

    state: str
    since: datetime
    why: str = ""
    missing: tuple[int, ...] = ()
    counts: Counts | None = None
    alerts: tuple[str, ...] = ()
    resumed: datetime | None = None


class Pause(Struct, frozen=True, array_like=True):
    """When a plan stood as cancelled: after `since`, up to `until`, when that was taken back or moved (F8)."""

    since: datetime
    until: datetime

    def holds(self, at: datetime) -> bool:
        """Whether an instant lies in it."""
        return self.since < at <= self.until

    def covers(self, other: "Pause") -> bool:
        """Whether another lies wholly in it."""
        return self.since <= other.since and other.until <= self.until


class Plan(Struct, frozen=True, array_like=True):
    """A plan: which one it is, what is asked, and how it goes.

    `key` names it: episode and instant of discharge, in one spelling. `days`: its length by policy; `added`: the
    numbers of the days added since, `added_at` the midnight of the last addition. `missed`: the days that ended
    without a log, whether settled later or not. `pauses`: when it stood as cancelled and does so no more.
    """

    key: str
    episode: int
    discharged_at: datetime
    day_0: date
    days: int
    time_zone: str
    protocol: str
    jurisdiction: str
    standing: Standing
    missed: tuple[int, ...] = ()
    calls: tuple[RequestedCall, ...] = ()
    positive: PositiveAgain | None = None
    added: tuple[int, ...] = ()
    added_at: datetime | None = None
    alerts: tuple[Alert, ...] = ()
    visits: tuple[ReturnVisit, ...] = ()
    pauses: tuple[Pause, ...] = ()

    @property
    def last_number(self) -> int:
        """The number of the last day."""
        return self.added[-1] if self.added else self.days


class Conclusions(Struct, frozen=True, array_like=True):
    """All that follows for a case. `due`, `done`: the clock's (chassis.judge.Clock)."""

    plans: tuple[Plan, ...] = ()
    due: datetime | None = None
    done: dict[str, str] = {}
