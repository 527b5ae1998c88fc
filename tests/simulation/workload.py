"""What is told in one run: a few children's stays and weeks at home, with what happens to reports in real life.

Everything is drawn from the workload's number, so that many runs with different faults can be held against one without.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from afterward.seed import institutions
from schemas.envelope import Envelope
from schemas.message import Report
from schemas.reports.discharge import DischargeCancelled
from schemas.reports.followup import CallReported
from schemas.reports.treatment import TreatmentGiven, VitalSignsReported
from tests.journeys.patient import HOME_FROM_DAY, SHANGHAI, Patient
from tests.journeys.spoilt import PARKED, refused
from tests.journeys.stack import Sent, envelope
from tests.simulation.asked import HOW_OFTEN, online_care

BEGINS = datetime(2020, 9, 14, tzinfo=SHANGHAI)
MOST_DAYS_AT_HOME = 20
_REFUSED = ("a field missing", "the subject of somebody else", "the topic of another service")


@dataclass
class Hop:
    """The clock goes on to `at`, and then this is told."""

    at: datetime
    given: list[Sent] = field(default_factory=list)


@dataclass
class Workload:
    """All hops of a run. Calls are answered a hop after they were asked for, or never."""

    number: int
    hops: list[Hop]

    @classmethod
    def drawn(cls, number: int) -> "Workload":
        """One to three children who came within three days of each other."""
        dice = Random(f"workload {number}")
        children = [
            Patient(f"w{number}-{name}", BEGINS + timedelta(days=dice.randint(0, 2)))
            for name in "abcd"[: dice.choice([1, 2, 2, 2, 3])]
        ]
        hops = list(_hops(dice))
        for child in children:
            for report in [*_stay(dice, child), *_at_home(dice, child)]:
                _tell(dice, hops, report)
            _take_back(dice, hops, child)
        _spoil(dice, hops, children[0])
        hops = [Hop(BEGINS, _institutions()), *hops]
        _ask(Random(f"online {number}"), hops, [child.case_id for child in children])
        return cls(number, hops)

    def answer(self, hop: int, asked: Iterable[Envelope]) -> None:
        """Calls asked for by the end of a hop are made, or not, before the next one."""
        if hop + 1 == len(self.hops):
            return
        following = self.hops[hop + 1]
        for call in asked:
            dice = Random(f"{self.number} {call.data['call_id']}")
            if dice.random() < 0.6:
                outcome = dice.choice(["reached", "reached", "no_answer", "refused"])
                fields = {"call_id": call.data["call_id"], "called_at": following.at - timedelta(hours=1)}
                report = {"case_id": call.subject, "outcome": outcome, **fields}
                following.given.append(envelope(CallReported.model_validate(report)))


def is_a_relapse(sent: Sent) -> bool:
    """Whether this may be what begins an episode anew: a test at home that is positive."""
    return b'"follow_up"' in (sent.value or b"") and b'"detected"' in (sent.value or b"")


def _institutions() -> list[Sent]:
    """Those of Shanghai, declared before anybody comes."""
    return [
        Sent(report.topic, report.key, report.value)
        for report in institutions()
        if report.key.lower().startswith(b"cn-sh")
    ]


def _hops(dice: Random) -> Iterator[Hop]:
    """One or two while they are in hospital, then every few days, not always at the same hour."""
    stay = sorted(dice.sample(range(3, HOME_FROM_DAY), k=dice.choice([0, 1, 1, 2])))
    home = sorted(dice.sample(range(HOME_FROM_DAY + 1, HOME_FROM_DAY + MOST_DAYS_AT_HOME), k=dice.randint(1, 4)))
    for day in [*stay, HOME_FROM_DAY, *home]:
        yield Hop(BEGINS + timedelta(days=day, hours=dice.choice([7, 13, 21, 21, 21]), minutes=dice.randint(0, 59)))


def _tell(dice: Random, hops: list[Hop], report: Report) -> None:
    """At the first hop after it happened, or some hops later; what lies beyond the last is never told."""
    happened = report.clinical_at or hops[0].at
    waiting = [hop for hop in hops if hop.at >= happened]
    late = dice.choice([1, 2, 5]) if dice.random() < 0.1 else 0
    if late < len(waiting):
        waiting[late].given.append(envelope(report))
        if dice.random() < 0.05:  # the whole of it again, much later
            dice.choice(waiting[late:]).given.append(envelope(report))


def _stay(dice: Random, child: Patient) -> Iterator[Report]:
    for report in child.stay():
        if dice.random() < (0.3 if isinstance(report, VitalSignsReported | TreatmentGiven) else 0.95):
            yield report
    if dice.random() < 0.5:  # first said to be negative, then found to be positive
        day, found = dice.randint(2, 10), dice.choice(["detected", "not_detected"])
        yield child.swabbed("r-9", child.at(day, 12), "not_detected", status="preliminary")
        corrected = {"status": "corrected", "resulted_at": child.at(day, 22)}
        yield child.swabbed("r-9", child.at(day, 12), found, **corrected)
    if dice.random() < 0.5:
        yield child.measured(child.at(8, 8), dice.choice([36.9, 37.9]))


def _take_back(dice: Random, hops: list[Hop], child: Patient) -> None:
    """A discharge is cancelled before the first deadline of its plan has passed, and perhaps there is another.

    Told later, it depends on the moment whether the deadlines until then had been found lapsed: see the documentation.
    """
    went, first_deadline = child.at(HOME_FROM_DAY, 10), child.at(HOME_FROM_DAY + 2)
    cancelled = DischargeCancelled(case_id=child.case_id, cancelled_at=went + timedelta(hours=5), reason="not fit")
    timely = [hop for hop in hops if cancelled.cancelled_at <= hop.at < first_deadline]
    if timely and dice.random() < 0.5:
        timely[0].given += [envelope(child.discharged()), envelope(cancelled)]
        if dice.random() < 0.7:
            _tell(dice, hops, child.discharged(discharged_at=went + timedelta(days=1, hours=1)))


def _at_home(dice: Random, child: Patient) -> Iterator[Report]:
    diligence = dice.choice([0.1, 0.4, 0.8])
    for day in range(1, 15):
        yield from (log for log in child.logged(day) if dice.random() < diligence)
    if dice.random() < 0.5:
        yield child.returned(child.at(HOME_FROM_DAY + 14, 10))
    for day in (7, 14):
        if dice.random() < 0.4:
            found = dice.choice(["detected", "not_detected", "not_detected"])
            yield child.swabbed(f"f-{day}", child.at(HOME_FROM_DAY + day, 9), found, setting="follow_up")


def _ask(dice: Random, hops: list[Hop], cases: list[str]) -> None:
    """Some of them, and others, ask online: a share of the runs is told of it."""
    if dice.random() < HOW_OFTEN:
        for hop, report in online_care(dice, [hop.at for hop in hops], cases):
            given = hops[hop].given
            given.insert(dice.randint(0, len(given)) if hop else len(given), envelope(report))


def _spoil(dice: Random, hops: list[Hop], child: Patient) -> None:
    """Reports that nobody can read, and some that are answered."""
    for number in range(dice.randint(0, 3)):
        hop = dice.choice(hops)
        good = envelope(child.swabbed(f"s-{number}", child.at(1, number), "not_detected"))
        spoil = dice.choice([how for _, how in PARKED] + [refused(hop.at)[name].spoil for name in _REFUSED])
        hop.given.append(spoil(good))
