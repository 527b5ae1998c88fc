"""The language in which stories of the weeks after the ward are written: who does what, and what has to be said of it.

Everybody goes home on Saturday, 17 October 2020 (day 0), at 10:00 in Shanghai; so day 14 is the 31st, and the plan ends
with the midnight after it. In the night before day 8 clocks in Europe go back by an hour.
"""

from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from schemas.envelope import Envelope
from schemas.folding import standing
from schemas.message import Report
from schemas.reports.primarycare import AlertAcknowledged, CareDelivered, LinkageAnswered
from schemas.values import CareKind, LinkageAnswer, ReturnVisitName
from tests.journeys.patient import HOME_FROM_DAY, SHANGHAI, Patient
from tests.journeys.side_by_side import Heard, Published, Story, Wish, given

DAY_0 = date(2020, 10, 17)
RETEST_DAYS = (7, 14)
ADULT = {"age": {"value": 58, "unit": "a"}}
AFTER_THE_WARD = {"/services/followup", "/services/primarycare"}

STORIES: dict[str, Story] = {}
"""Every story that has been imported, by the name of its test."""


def in_shanghai(day: int, hour: int = 0) -> datetime:
    """An instant of a day of the plan where the hospital is."""
    return datetime.combine(DAY_0 + timedelta(days=day), time(hour), SHANGHAI)


@dataclass(frozen=True)
class Person:
    """Somebody who lives through a story. `who`: what the arrival said of them beyond the child of 13 months.

    `zone`: where they live after the ward; days and hours are theirs.
    """

    patient: Patient
    heard: Heard
    zone: ZoneInfo
    who: Mapping[str, Any]

    @property
    def case_id(self) -> str:
        """What everything about them is said under."""
        return self.patient.case_id

    def on(self, day: int, hour: int = 0, minute: int = 0) -> datetime:
        """An instant of a day of the plan, by the clocks on the wall."""
        return datetime.combine(DAY_0 + timedelta(days=day), time(hour, minute), self.zone)

    def end_of(self, day: int) -> datetime:
        """The midnight that closes a day."""
        return self.on(day + 1)

    def emitted(self, name: str) -> list[Envelope]:
        """The events of one name about them, in the order in which they were said."""
        of_name = [event for event in self.heard.about(self.case_id) if named(event) == name]
        return sorted(of_name, key=lambda event: event.sequence or 0)

    def stands(self, name: str) -> list[Envelope]:
        """Those of them that are true now."""
        last = {event.id for event in standing(self.heard.about(self.case_id)).values()}
        return [event for event in self.emitted(name) if event.id in last]

    async def waits_until(self, at: datetime) -> None:
        """Nothing is told; time goes by."""
        await given(at)

    async def logs(self, first: int, last: int | None = None) -> None:
        """Both logs of each day from `first` to `last`, told in the evening of Shanghai, wherever they live.

        On days 7 and 14 a re-test is negative as well, unless the story has told of another.
        """
        for day in range(first, (last or first) + 1):
            evening = in_shanghai(day, 21)
            morning, later = self.on(day, 8), min(self.on(day, 20), evening - timedelta(hours=1))
            taken = {event.data["result_id"] for event in self.emitted("TestResultRecorded")}
            due = day in RETEST_DAYS and retest(self, day) not in taken
            swabs = [self.swabbed_again(day, "not_detected", resulted_at=evening)] if due else []
            await given(evening, self.patient.log("am", morning), self.patient.log("pm", later), *swabs)

    def swabbed_again(self, day: int, outcome: str, **changed: Any) -> Report:
        """A re-test: a swab of 9:00 of a day of the plan."""
        return self.patient.swabbed(f"re-{day}", self.on(day, 9), outcome, setting="follow_up", **changed)

    async def logs_at(self, at: datetime, **what: Any) -> None:
        """One log, of the evening, told as it is made."""
        await given(at, self.patient.log("pm", at, **what))

    async def is_asked(self, request: Envelope, at: datetime, outcome: str = "reached") -> None:
        """What comes of a call, or of a visit at their home, reported as it is made."""
        await given(at, self.patient.called(request.data["call_id"], at, outcome))

    async def returns(self, visit: ReturnVisitName, at: datetime) -> None:
        """They come to the hospital for a return visit."""
        await given(at, self.patient.returned(at, visit))


@dataclass(frozen=True)
class Institution:
    """A hospital, a community centre, a commission: by its id in the directory."""

    institution_id: str

    async def treats(self, person: Person, *besides: Report) -> None:
        """The stay is told on the morning of the discharge: ill, better, two negatives a day apart, approved."""
        patient = person.patient
        stay = (*patient.ill(**person.who), *patient.improvement(), *patient.negatives(), patient.approved())
        await given(in_shanghai(0, 9), *stay, *besides)

    async def discharges(self, person: Person, **how: Any) -> None:
        """At 10:00 in Shanghai, told an hour later."""
        await given(in_shanghai(0, 11), person.patient.discharged(**how))

    async def reports_the_death_of(self, person: Person, at: datetime) -> None:
        """After the discharge."""
        died = {"discharged_at": at, "disposition": "died", "institution_id": self.institution_id}
        await given(at, person.patient.discharged(**died))

    async def waits_in_vain_for(self, person: Person, visit: ReturnVisitName, at: datetime) -> None:
        """A no-show is reported."""
        await given(at, person.patient.returned(None, visit))

    async def acknowledges(self, alert: Envelope, at: datetime) -> None:
        """A physician has seen an alert."""
        about = {"case_id": alert.subject, "alert_id": alert.data["alert_id"]}
        await given(at, AlertAcknowledged(**about, institution_id=self.institution_id, acknowledged_at=at))

    async def declines(self, linkage: Envelope, at: datetime) -> None:
        """It cannot take the patient on."""
        await self._answers(linkage, "declined", at)

    async def accepts(self, linkage: Envelope, at: datetime) -> None:
        """It takes the patient on."""
        await self._answers(linkage, "accepted", at)

    async def cares(self, linkage: Envelope, kind: CareKind, at: datetime) -> None:
        """Care is given under a linkage."""
        about = {"case_id": linkage.subject, "linkage_id": linkage.data["linkage_id"]}
        await given(at, CareDelivered(**about, institution_id=self.institution_id, delivered_at=at, kind=kind))

    async def _answers(self, linkage: Envelope, answer: LinkageAnswer, at: datetime) -> None:
        about = {"case_id": linkage.subject, "linkage_id": linkage.data["linkage_id"]}
        published_by = {"institution_id": self.institution_id, "answer": answer, "answered_at": at}
        await given(at, LinkageAnswered.model_validate({**about, **published_by}))


class Laboratory:
    """Where swabs go."""

    async def retests(self, person: Person, day: int, outcome: str) -> None:
        """A swab of 9:00 of a day of the plan, with its result told at 15:00."""
        await given(person.on(day, 15), person.swabbed_again(day, outcome))

    async def corrects(self, person: Person, name: str, collected_at: datetime, outcome: str, at: datetime) -> None:
        """A result was wrong."""
        corrected = {"resulted_at": at, "status": "corrected"}
        await given(at, person.patient.swabbed(name, collected_at, outcome, **corrected))


def retest(person: Person, day: int) -> str:
    """The id of the result of a day's re-test."""
    return f"{person.case_id}-re-{day}"


HOSPITAL = Institution("CN-SH-SPHCC")
CENTRE, NEXT_CENTRE = Institution("cn-sh-pudong-chc-1"), Institution("cn-sh-pudong-chc-2")
DISTRICT_HOSPITAL = Institution("cn-sh-pudong-hospital")
DISTRICT, MUNICIPALITY = "cn-sh-pudong-commission", "cn-sh-commission"
LABORATORY = Laboratory()


async def goes_home(person: Person) -> None:
    """By the rules, on day 0."""
    await HOSPITAL.treats(person)
    await HOSPITAL.discharges(person)


@dataclass(frozen=True)
class People:
    """Whom a story may tell of; nobody of one story is known to another. `name`: the story's."""

    name: str
    heard: Heard

    def child(self, called: str = "child", zone: str = "Asia/Shanghai", **who: Any) -> Person:
        """The child of 13 months of Pudong, or somebody else, by what the arrival says of them."""
        case_id = f"{self.name.removeprefix('test_').replace('_', '-')[:90]}-{called}"
        return Person(Patient(case_id, in_shanghai(-HOME_FROM_DAY)), self.heard, ZoneInfo(zone), who)

    def adult(self, called: str = "adult", zone: str = "Asia/Shanghai", **who: Any) -> Person:
        """58 years old."""
        return self.child(called, zone, **ADULT, **who)


def side_by_side(tell: Callable[[People], Coroutine[Wish, None, None]]) -> Callable[[Published], None]:
    """Makes a story a test: it is told beside all others, once for each bus, and the test says how it ended."""
    assert tell.__name__ not in STORIES, f"two stories are called {tell.__name__}"
    STORIES[tell.__name__] = lambda name, heard: tell(People(name, heard))

    def test(published_side_by_side: Published) -> None:
        published_side_by_side.end_of(tell.__name__)

    test.__name__, test.__doc__, test.__module__ = tell.__name__, tell.__doc__, tell.__module__
    vars(test)["place_as"] = tell  # pytest says where the story stands, not where it was made a test
    return test


def expect(person: Person, name: str, /, *, at: datetime | None = None, **says: Any) -> Envelope:
    """The one event of this name about somebody that says this and became true then; fails unless there is just one.

    What has been withdrawn counts only when `withdrawn` is expected.
    """
    events = person.emitted(name)
    found = [event for event in events if _says(event, {"withdrawn": None, **says}) and at in (None, event.time)]
    heard = [f"{event.time.astimezone(person.zone).isoformat()} {event.data}" for event in events]
    assert len(found) == 1, f"{name} {says} at {at and at.isoformat()}: {len(found)} of\n" + "\n".join(heard)
    return found[0]


def expect_nothing(person: Person, *names: str) -> None:
    """Nothing of this has been said about somebody."""
    emitted = [named(event) for event in person.heard.about(person.case_id) if named(event) in names]
    assert not emitted, f"said of {person.case_id}: {emitted}"


def expect_in_all(person: Person, **counts: int) -> None:
    """This often, and nothing else, has been said after the ward."""
    events = person.heard.about(person.case_id)
    emitted = Counter(named(event) for event in events if event.source in AFTER_THE_WARD)
    expected = Counter(counts)
    assert emitted == expected, (
        f"{person.case_id}: {dict(emitted - expected)} too much, {dict(expected - emitted)} missing"
    )


def named(event: Envelope) -> str:
    """The name of an event's type."""
    return event.type.split(".")[1]


def _says(event: Envelope, expected: Mapping[str, Any]) -> bool:
    return all(same(event.data.get(name), value) for name, value in expected.items())


def same(emitted: Any, expected: Any) -> bool:
    """JSON against Python: instants in any spelling, dates and lists as they are written."""
    if isinstance(expected, datetime):
        return isinstance(emitted, str) and datetime.fromisoformat(emitted) == expected
    if isinstance(expected, date):
        return bool(emitted == expected.isoformat())
    return bool(emitted == expected)
