"""Two days of online care, told to a house that notes what its consultation service has read and stated, in order.

Reports come late, in any order, and again; the clock goes on by minutes and by hours.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from schemas.envelope import HEADERS, Envelope, read
from schemas.message import Report
from schemas.reports.consultation import ExpertRostered
from schemas.topics import topic_named
from tests.rest import online, ward
from tests.rest.house import House, Service
from tests.rest.pen import BEGINS, CENTRES, HOSPITALS, SHANGHAI, Pen

MOST_EVENTS = 20_000
ENDS_AFTER = timedelta(days=2)
"""So long after the last report everything that waits has passed its time, and the bulletin has said the day."""
LATE, REPEATED = 0.15, 0.1
"""How likely a report comes some rounds later, and a second time."""
MINUTES = (0, 0, 1, 1, 1, 4, 5, 10, 16, 30, 61, 240)
"""Between two rounds."""

Inventor = Callable[..., Report]


class Seen(NamedTuple):
    """A report that the service read, or an event that was stated, at an instant of the clock; None: all is at rest."""

    at: datetime
    message: Envelope | None = None


class NotingHouse(House):
    """`seen`: what consultation has read and stated, and when all was at rest."""

    def __init__(self, now: datetime, dice: Random) -> None:
        super().__init__(now, dice)
        self.seen: list[Seen] = []
        self._records: list[tuple[str, str, bytes]] = []

    def again(self) -> None:
        """A report comes to its topic that has come before, byte for byte."""
        if self._records:
            super()._append(*self.dice.choice(self._records))

    def come_to_rest(self) -> None:
        """Everybody goes on until nobody has anything to do."""
        self.rest(MOST_EVENTS)
        self.seen.append(Seen(self.now))

    def _append(self, topic_name: str, key: str, value: bytes) -> None:
        if topic_named(topic_name).direction == "in":
            self._records.append((topic_name, key, value))
        else:
            self.seen.append(Seen(self.now, read(value, HEADERS)))
        super()._append(topic_name, key, value)

    def _read(self, service: Service, line: tuple[str, str]) -> None:
        record = service.waiting[line][0]
        if service.name == "consultation":
            self.seen.append(Seen(self.now, read(record.value, HEADERS)))
        super()._read(service, line)


@dataclass
class FinePen(Pen):
    """Instants of the last half hour, by the minute; each request is another one, now and then a version of one."""

    def instant(self) -> datetime:
        minutes = self.dice.choice([0, 0, 1, 2, 3, 5, 8, 30])
        return (self.now - timedelta(minutes=minutes)).astimezone(self.dice.choice([SHANGHAI, UTC]))

    def next_consultation(self) -> str:
        if self.dice.random() < 0.1:
            return self.consultation()
        self.consultations += 1
        return f"q-{self.consultations}"


class Line(NamedTuple):
    """How often a kind of report is told, how it is invented, and which events it answers, if any."""

    weight: int
    invent: Inventor
    answers: tuple[str, ...] = ()


LINES = (
    Line(1, ward.listed),
    Line(1, online.opened),
    Line(1, online.closed),
    Line(4, online.rostered),
    Line(1, online.unrostered),
    Line(24, online.requested),
    Line(2, online.cancelled),
    Line(1, online.completed),
    Line(10, online.completed, ("ConsultationAssigned",)),
    Line(6, online.reviewed, ("PrescriptionIssued",)),
    Line(6, online.carried, ("PrescriptionApproved",)),
    Line(6, online.carried, ("MedicineDispensed", "DeliveryFailed")),
    Line(6, online.carried, ("MedicineDispatched",)),
    Line(1, online.carried),
)


@dataclass
class OnlineLife:
    """All that is told under a seed, and the house to which it is. `reports`: how many."""

    seed: int
    reports: int = 0
    house: NotingHouse = field(init=False)

    def __post_init__(self) -> None:
        self._dice = Random(f"online {self.seed}")
        self.house = NotingHouse(BEGINS, Random(f"order {self.seed}"))
        self._pen = FinePen(self._dice, BEGINS + timedelta(hours=self._dice.randint(0, 23)), consultations=1)
        self._late: list[Report] = []

    def play(self) -> NotingHouse:
        """Tells all of it, and goes on until nothing has any time left."""
        self._tell(list(self._first()))
        for _ in range(self._dice.randint(8, 18)):
            self._pen.now += timedelta(minutes=self._dice.choice(MINUTES))
            self._tell([self._invented() for _ in range(self._dice.choice([1, 4, 10, 14]))])
        late, self._late = self._late, []
        self._tell(late, late=0)
        self._pen.now += ENDS_AFTER
        self._tell([])
        return self.house

    def _first(self) -> Iterator[Report]:
        """Whose channels there are; one or two of them, and who is on duty."""
        yield from (
            ward.declared(self._pen, name) for name in (*HOSPITALS[:2], CENTRES[0]) if self._dice.random() < 0.9
        )
        yield from (online.opened(self._pen, "") for _ in range(2))
        yield from (self._on_duty() for _ in range(self._dice.randint(1, 6)))

    def _on_duty(self) -> Report:
        """Somebody is on duty for some hours."""
        fields = {
            "channel_id": self._dice.choice(online.CHANNELS),
            "expert_ref": self._dice.choice(online.EXPERTS),
            "department": "infection",
            "prescriber": True,
            "from": self._pen.now - timedelta(hours=1),
            "until": self._pen.now + timedelta(hours=self._dice.choice([1, 4, 8, 12])),
        }
        return ExpertRostered.model_validate(fields)

    def _invented(self) -> Report:
        (line,) = self._dice.choices(LINES, [line.weight for line in LINES])
        asked = self.house.asked(*line.answers) if line.answers else []
        if line.answers:
            about: Any = self._dice.choice(asked).data if asked else {}
            return line.invent(self._pen, "c-1", about)
        return line.invent(self._pen, "c-1")

    def _tell(self, reports: list[Report], late: float = LATE) -> None:
        self.house.step_to(self._pen.now)
        given = [*reports, *(self._late.pop() for _ in range(len(self._late) // 2))]
        self._dice.shuffle(given)
        for report in given:
            if self._dice.random() < late:
                self._late.append(report)
                continue
            self.reports += 1
            # each is written down at an instant of its own, so which version holds is plain
            recorded = self._pen.now - timedelta(minutes=self._dice.choice([0, 0, 7]), microseconds=self.reports)
            self.house.report(report, recorded)
            if self._dice.random() < REPEATED:
                self.house.again()
        self.house.come_to_rest()
