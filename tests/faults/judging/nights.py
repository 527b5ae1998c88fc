"""Nights on which many patients' days end, zone by zone, the odd ones among them; written by hand, not computed.

The calendar of follow-up is not asked: it is what is being tested.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from schemas.envelope import encode
from schemas.events.discharge import Discharged
from schemas.reports.followup import DayReported
from schemas.topics import events_topic
from tests.journeys.stack import Sent, envelope

A_MINUTE = timedelta(minutes=1)
TIMELY, AT_MIDNIGHT, LATE, SILENT = "timely", "at midnight", "late", "silent"
HABITS: Mapping[str, timedelta | None] = {TIMELY: -A_MINUTE, AT_MIDNIGHT: timedelta(0), LATE: A_MINUTE, SILENT: None}
"""When the day's log comes to the bus, counted from the end of the day. Only what comes before it is in time (F2)."""


@dataclass(frozen=True, slots=True)
class Night:
    """The end of the civil day `on`, as each zone has it. `why`: what is odd about it."""

    on: date
    why: str
    ends: Mapping[str, str]
    skipping: str | None = None
    """The zone that never had the date: there the day after it ends."""

    def end(self, zone: str) -> datetime:
        """The midnight that closes the first day of a plan that began on the day before."""
        return datetime.fromisoformat(self.ends[zone])

    def closes(self, zone: str) -> date:
        """The civil date that ends then."""
        return self.on + timedelta(days=zone == self.skipping)


# Nowhere does the day after that end before the night is over: else it would be missed as well.
NIGHTS: Sequence[Night] = (
    Night(
        date(2011, 12, 30),
        "Apia goes from the 29th to the 31st",
        {
            "Pacific/Auckland": "2011-12-30T11:00Z",
            "Australia/Lord_Howe": "2011-12-30T13:00Z",
            "Asia/Shanghai": "2011-12-30T16:00Z",
            "Asia/Kathmandu": "2011-12-30T18:15Z",
            "Europe/London": "2011-12-31T00:00Z",
            "America/St_Johns": "2011-12-31T03:30Z",
            "Pacific/Apia": "2011-12-31T10:00Z",
        },
        skipping="Pacific/Apia",
    ),
    Night(
        date(2012, 3, 25),
        "23 hours in London",
        {
            "Pacific/Apia": "2012-03-25T10:00Z",
            "Pacific/Auckland": "2012-03-25T11:00Z",
            "Australia/Lord_Howe": "2012-03-25T13:00Z",
            "Asia/Shanghai": "2012-03-25T16:00Z",
            "Asia/Kathmandu": "2012-03-25T18:15Z",
            "Europe/London": "2012-03-25T23:00Z",
            "America/St_Johns": "2012-03-26T02:30Z",
        },
    ),
    Night(
        date(2012, 4, 1),
        "25 hours in Auckland and Apia, 24 and a half on Lord Howe",
        {
            "Pacific/Apia": "2012-04-01T11:00Z",
            "Pacific/Auckland": "2012-04-01T12:00Z",
            "Australia/Lord_Howe": "2012-04-01T13:30Z",
            "Asia/Shanghai": "2012-04-01T16:00Z",
            "Asia/Kathmandu": "2012-04-01T18:15Z",
            "Europe/London": "2012-04-01T23:00Z",
            "America/St_Johns": "2012-04-02T02:30Z",
        },
    ),
)


@dataclass(frozen=True, slots=True)
class Guest:
    """A patient who went home at noon of the day before the night. `habit`: when the log of the day comes."""

    case_id: str
    night: Night
    zone: str
    habit: str

    @property
    def end(self) -> datetime:
        """When the first day of the plan is over."""
        return self.night.end(self.zone)

    @property
    def is_missed(self) -> bool:
        """Whether no log of that day comes in time."""
        return self.habit != TIMELY

    @property
    def logs(self) -> bool:
        """Whether a log of that day comes at all."""
        return self.habit != SILENT

    def discharged(self) -> Sent:
        """What the service discharge would have said, as it stands on its topic."""
        at = datetime.combine(self.night.on - timedelta(days=1), time(12), ZoneInfo(self.zone))
        event = Discharged(
            case_id=self.case_id,
            episode=1,
            institution_id="H-1",
            discharged_at=datetime.fromisoformat(at.isoformat()),
            disposition="recovered",
            destination="home",
            time_zone=self.zone,
            protocol="v8",
            criteria_met=True,
        )
        identity = str(uuid5(NAMESPACE_URL, f"discharged {self.case_id}"))
        when = event.discharged_at
        value = encode(
            event,
            id=identity,
            source="/services/discharge",
            subject=self.case_id,
            time=when,
            recordedtime=when,
            sequence=1_000,
        )
        return Sent(events_topic("discharge").name, self.case_id.encode(), value)

    def log(self) -> Sent:
        """The log of the day that ends, written two minutes before its end."""
        written = (self.end - 2 * A_MINUTE).astimezone(ZoneInfo(self.zone))
        report = DayReported.model_validate(
            {
                "case_id": self.case_id,
                "reported_at": datetime.fromisoformat(written.isoformat()),
                "local_date": self.night.closes(self.zone),
                "slot": "pm",
                "stayed_in": True,
                "temperature_c": 36.6,
                "temperature_site": "axillary",
                "channel": "app",
                "reporter": "patient",
            }
        )
        return envelope(report)


def guests(night: Night, number: int) -> Sequence[Guest]:
    """As many cases, dealt to the zones in turn, and in each zone to the habits."""
    zones, habits = list(night.ends), list(HABITS)
    return [
        Guest(f"night-{night.on}-{place}", night, zones[place % len(zones)], habits[place // len(zones) % len(habits)])
        for place in range(number)
    ]


def comings(those: Sequence[Guest]) -> Iterator[tuple[datetime, list[Guest]]]:
    """When logs come, and whose, in the order of time."""
    when: dict[datetime, list[Guest]] = {}
    for guest in those:
        after = HABITS[guest.habit]
        if after is not None:
            when.setdefault(guest.end + after, []).append(guest)
    yield from sorted(when.items())
