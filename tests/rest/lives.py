"""What is told of one or two cases, round after round: valid reports of every type, as weird as they come.

Most of a life turns on what makes and unmakes episodes: results that are corrected, discharges, fevers at home.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from schemas.envelope import Envelope
from schemas.message import Report
from schemas.services import EVERY_SERVICE
from tests.rest import afterwards, online, ward
from tests.rest.pen import BEGINS, CENTRES, DAYS, HOSPITALS, OBSERVERS, Pen

REPORTS = 40
"""Of a life, and some more in its last round."""
HOURS = (0, 0, 1, 6, 24, 24, 72, 144)
"""Between two rounds."""
SLEEPS = 0.05
"""How likely a service reads nothing in a round."""
COMMISSIONS = ("pd-commission", "sh-commission")

Asked = Callable[..., Sequence[Envelope]]
"""Names of events → those that stand."""


class Published(NamedTuple):
    """One report, when its publisher says to have written it down, and who that is."""

    report: Report
    recorded: datetime
    source: str = "/tests"

    def __str__(self) -> str:
        data = self.report.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
        return f"{type(self.report).__name__} {data} recorded {self.recorded.isoformat()} by {self.source}"


@dataclass(frozen=True)
class Round:
    """The clock goes on to `at`, and these are told. `asleep`: who reads nothing until the next round."""

    at: datetime
    given: tuple[Published, ...] = ()
    asleep: frozenset[str] = frozenset()


class Line(NamedTuple):
    """How often a kind of report is told, how it is invented, and which events it answers, if any."""

    weight: int
    invent: Callable[..., Report]
    answers: tuple[str, ...] = ()


LINES = (
    Line(1, ward.listed),
    Line(3, ward.person),
    Line(1, ward.withdrawn),
    Line(5, ward.admitted),
    Line(2, ward.admission_cancelled),
    Line(28, ward.result),
    Line(5, ward.vital_signs),
    Line(3, ward.symptoms),
    Line(3, ward.imaging),
    Line(2, ward.severity),
    Line(1, ward.treatment),
    Line(3, ward.comorbidity),
    Line(2, ward.approved),
    Line(14, ward.discharged),
    Line(3, ward.cancelled),
    Line(10, afterwards.log),
    Line(2, afterwards.visit),
    Line(1, afterwards.moved),
    Line(1, afterwards.ended),
    Line(6, afterwards.call, ("CallRequested", "HomeVisitRequested")),
    Line(3, afterwards.answered, ("LinkageRequested",)),
    Line(1, afterwards.cared, ("LinkageAccepted",)),
    Line(5, afterwards.acknowledged, ("AlertForwarded", "AlertEscalated")),
    Line(2, afterwards.delivered, ("ContactRequested",)),
    Line(1, afterwards.switched),
    Line(1, online.opened),
    Line(1, online.closed),
    Line(2, online.rostered),
    Line(1, online.unrostered),
    Line(4, online.requested),
    Line(1, online.cancelled),
    Line(2, online.completed),
    Line(1, online.reviewed),
    Line(2, online.carried),
)


@dataclass
class Author:
    """Invents the rounds of a life. The same dice and the same answers give the same life."""

    dice: Random
    cases: tuple[str, ...] = field(init=False)
    _pen: Pen = field(init=False)

    def __post_init__(self) -> None:
        self.cases = ("c-1", "c-2")[: self.dice.choice([1, 1, 1, 2])]
        self._pen = Pen(self.dice, days=self.dice.choice(DAYS))

    def first(self) -> Round:
        """Who there is: institutions, and most of the cases; who the others are stays unknown for a while."""
        self._pen.now = BEGINS + timedelta(days=1)
        houses = [ward.declared(self._pen, name) for name in (*HOSPITALS[:2], *CENTRES, *COMMISSIONS)]
        people = [ward.person(self._pen, case) for case in self.cases if self.dice.random() < 0.8]
        return Round(self._pen.now, self._recorded([*houses, *people]))

    def next(self, asked: Asked) -> Round:
        """Some hours later, or at once, some reports; calls and alerts are answered under the ids they were given."""
        self._pen.now += timedelta(hours=self.dice.choice(HOURS))
        given = [self._report(asked) for _ in range(self.dice.choice([1, 1, 2, 3, 6, 10]))]
        asleep = frozenset(name for name in EVERY_SERVICE if self.dice.random() < SLEEPS)
        return Round(self._pen.now, self._recorded(given), asleep)

    def _report(self, asked: Asked) -> Report:
        case = self.dice.choice(self.cases)
        (line,) = self.dice.choices(LINES, [line.weight for line in LINES])
        if not line.answers:
            return line.invent(self._pen, case)
        of_case = [one for one in asked(*line.answers) if one.subject == case]
        about: Any = self.dice.choice(of_case).data if of_case and self.dice.random() < 0.95 else {}
        return line.invent(self._pen, case, about)

    def _recorded(self, reports: Iterable[Report]) -> tuple[Published, ...]:
        """Written down when it happened, when it came, or at an instant that many others share."""
        pen, dice = self._pen, self.dice
        return tuple(
            Published(
                report,
                dice.choice([report.clinical_at or pen.now, pen.now, BEGINS, pen.instant()]),
                dice.choice(report.sources or OBSERVERS),
            )
            for report in reports
        )
