"""The language in which stories of online care are written: each at a place of its own, in one night.

The night begins with the midnight after the day that the stack's clock shows. All stories are told side by side.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from schemas.envelope import Envelope
from schemas.folding import standing
from schemas.message import Report
from schemas.reports.consultation import (
    ChannelClosed,
    ChannelOpened,
    ConsultationCompleted,
    ConsultationRequested,
    DeliveryReported,
    ExpertRostered,
    ExpertUnrostered,
    PrescriptionReviewed,
)
from schemas.reports.directory import InstitutionDeclared
from tests.domain.consultation import journeys
from tests.journeys.afterwards import named, same
from tests.journeys.patient import SHANGHAI
from tests.journeys.side_by_side import Heard, Published, Wish, given
from tests.journeys.stack import A_DAY, Stack, envelope

Tell = Callable[["Place"], Coroutine[Wish, None, None]]
STORIES: dict[str, tuple[str, Tell]] = {}
"""Every story by the name of its test: where it is told, and how."""


@dataclass(frozen=True)
class Place:
    """Where a story is told. `midnight`: with which its night begins. Ids begin with the jurisdiction."""

    jurisdiction: str
    midnight: datetime
    heard: Heard

    def at(self, hour: int, minute: int = 0, day: int = 0) -> datetime:
        """An instant of the night, or of a day after it."""
        return self.midnight + timedelta(days=day, hours=hour, minutes=minute)

    def id(self, name: str) -> str:
        """What something of this place is called on the bus."""
        return f"{self.jurisdiction.lower()}-{name}"

    async def prepare(self, *reports: Report) -> None:
        """At midnight the hospital and what else there is become known."""
        await given(self.at(0), self.institution("hospital", capabilities=["paediatric"]), *reports)

    def institution(self, name: str, **other: Any) -> InstitutionDeclared:
        """A hospital that is open around the clock."""
        fields = {
            "institution_id": self.id(name),
            "name": name,
            "kind": "hospital",
            "jurisdiction": self.jurisdiction,
            "district": "Xihu",
            "designated": False,
            "online": True,
            "open_24h": True,
            "children": True,
            "effective_from": self.at(0, day=-30),
        }
        return InstitutionDeclared.model_validate(fields | other)

    def channel(self, name: str, **other: Any) -> ChannelOpened:
        """A channel of the hospital's department of infectious diseases, open since ten days, not around the clock."""
        of = {"channel_id": self.id(name), "institution_id": self.id("hospital"), "name": name}
        return journeys.opened(**{**of, "open_24h": False, "opened_at": self.at(0, day=-10), **other})

    def shift(
        self, channel: str, expert: str, since: datetime, until: datetime, *, prescriber: bool = True
    ) -> ExpertRostered:
        """An expert is on duty."""
        who = {"channel_id": self.id(channel), "expert_ref": self.id(expert), "department": "infection"}
        return ExpertRostered.model_validate(who | {"prescriber": prescriber, "from": since, "until": until})

    def all_night(self, channel: str, expert: str, *, prescriber: bool = True) -> ExpertRostered:
        """On duty from midnight to the next midnight."""
        return self.shift(channel, expert, self.at(0), self.at(0, day=1), prescriber=prescriber)

    def taken_off(self, shift: ExpertRostered) -> ExpertUnrostered:
        """A shift is taken back."""
        which = {"channel_id": shift.channel_id, "expert_ref": shift.expert_ref, "from": shift.from_}
        return ExpertUnrostered.model_validate(which)

    def closed(self, channel: str, at: datetime) -> ChannelClosed:
        """A channel is no more."""
        return ChannelClosed(channel_id=self.id(channel), closed_at=at)

    def request(self, name: str, **other: Any) -> ConsultationRequested:
        """An adult with a fever at three in the morning, or somebody else."""
        who = {"consultation_id": self.id(name), "person_ref": self.id(f"p-{name}"), "jurisdiction": self.jurisdiction}
        return journeys.requested(**{**who, "requested_at": self.at(3), **other})

    def completed(self, name: str, expert: str, at: datetime, **other: Any) -> ConsultationCompleted:
        """It was held."""
        who = {"consultation_id": self.id(name), "expert_ref": self.id(expert)}
        return journeys.completed(**{**who, "completed_at": at, **other})

    def prescribed(self, name: str, expert: str, at: datetime) -> ConsultationCompleted:
        """It was held, and a medicine prescribed."""
        return self.completed(name, expert, at, prescription=journeys.prescription(self.id(f"rx-{name}")))

    def reviewed(self, name: str, decision: str, at: datetime) -> PrescriptionReviewed:
        """A pharmacist's word on what was prescribed."""
        about = {"prescription_id": self.id(f"rx-{name}"), "consultation_id": self.id(name), "reviewed_at": at}
        return journeys.reviewed(decision).model_copy(update=about)

    def medicine(self, name: str, status: str, at: datetime) -> DeliveryReported:
        """A step on the way of what was prescribed."""
        about = {"prescription_id": self.id(f"rx-{name}"), "consultation_id": self.id(name), "reported_at": at}
        return journeys.delivery(status, "25T04:00").model_copy(update=about)

    def emitted(self, name: str, event: str) -> list[Envelope]:
        """The events of one name about something of this place, in the order in which they were said."""
        found = [one for one in self.heard.about(self.id(name)) if named(one) == event]
        return sorted(found, key=lambda one: one.sequence or 0)

    def stands(self, name: str) -> dict[str, int]:
        """What is true now of something of this place: how many events of which name."""
        counts: dict[str, int] = {}
        for one in standing(self.heard.about(self.id(name))).values():
            counts[named(one)] = counts.get(named(one), 0) + 1
        return counts

    def one(self, name: str, event: str) -> dict[str, Any]:
        """What the only standing event of this name says; fails unless there is just one."""
        about = standing(self.heard.about(self.id(name))).values()
        found = [dict(one.data) for one in about if named(one) == event]
        assert len(found) == 1, f"{event} of {self.id(name)}: {found} of {self.stands(name)}"
        return found[0]

    def says(self, name: str, event: str, **says: Any) -> None:
        """The only standing event of this name says this; names of things here without the place."""
        data = self.one(name, event)
        differ = {key: data.get(key) for key, value in says.items() if not same(data.get(key), value)}
        assert not differ, f"{event} of {self.id(name)} says {differ}, not {says}"


class Night:
    """A stack on which a report is written down when it is told, as the roster of a night is."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    def now(self) -> datetime:
        """What its clock shows."""
        return self._stack.now()

    async def until(self, instant: datetime) -> None:
        """The clock goes on."""
        await self._stack.until(instant)

    async def tell(self, *reports: Report) -> None:
        """Publishes reports, and returns once all that follows from them has been said."""
        await self._stack.publish(envelope(report, self.now()) for report in reports)
        await self._stack.quiet()


def midnight_after(now: datetime) -> datetime:
    """In Shanghai."""
    return now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0) + A_DAY


def in_one_night(jurisdiction: str) -> Callable[[Tell], Callable[..., None]]:
    """Makes a story a test: it is told beside all others, once for each bus, and the test says how it ended."""

    def make(tell: Tell) -> Callable[..., None]:
        assert jurisdiction not in {where for where, _ in STORIES.values()}, f"two stories at {jurisdiction}"
        STORIES[tell.__name__] = (jurisdiction, tell)

        def test(one_night: Published) -> None:
            one_night.end_of(tell.__name__)

        test.__name__, test.__doc__, test.__module__ = tell.__name__, tell.__doc__, tell.__module__
        vars(test)["place_as"] = tell  # pytest says where the story stands, not where it was made a test
        return test

    return make
