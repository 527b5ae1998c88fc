"""Many patients on one stack: their lives told day by day, calls answered as they are asked for, and figures kept."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from schemas.envelope import Envelope
from schemas.message import Report
from schemas.reports.discharge import PatientDischarged
from tests.journeys.lives import ANSWERING, ANSWERING_RETESTS, DAYS, EVENING, HOME_AT, REPORTED_HOME_AT, Life
from tests.journeys.patient import HOSPITAL, SHANGHAI, Patient
from tests.journeys.side_by_side import Listen, Stage

Figures = Mapping[str, Counter[str]]
"""By patient: how often each thing happened."""
COUNTS = ("logged", "missed", "reached by phone")
ASKS = {"CallRequested", "HomeVisitRequested"}
FIGURES = {
    "QuarantineStarted": "plans",
    "QuarantineDayLogged": "logged",
    "QuarantineDayMissed": "missed",
    "HomeVisitRequested": "home visit",
    "LostToFollowUp": "lost",
    "FollowUpResumed": "resumed",
    "QuarantineHeld": "held",
    "QuarantineCompleted": "completed",
}
HOME = {"disposition": "recovered", "destination": "home", "residence": {"jurisdiction": "CN-SH", "district": "Pudong"}}


class Population:
    """Patients of whom nothing is known but that they went home on day 0.

    `figures`: by patient, of what was said. `events`: all that was said of them, each event once.
    """

    def __init__(self, lives: Sequence[Life], day_0: datetime) -> None:
        self.figures: dict[str, Counter[str]] = {life.name: Counter() for life in lives}
        self._lives = {life.name: (life, Patient(life.name, day_0)) for life in lives}
        self._day_0 = day_0
        self.events: dict[str, Envelope] = {}
        self._open: dict[str, Envelope] = {}

    async def live(self, stage: Stage, listen: Listen) -> None:
        """From the discharge to the midnight that ends the last day."""
        await stage.until(self._at(REPORTED_HOME_AT))
        await stage.tell(*self._discharges())
        for day in DAYS:
            for hour in sorted((*ANSWERING, *ANSWERING_RETESTS, EVENING)):
                await stage.until(self._at(24 * day + hour))
                await listen(self)
                await stage.tell(
                    *((*self._logs(day), *self._swabs(day)) if hour == EVENING else self._answers(24 * day + hour))
                )
        await stage.until(self._at(24 * (DAYS[-1] + 1)))
        await listen(self)

    def hear(self, event: Envelope) -> None:
        """Keeps the figures, and what is asked for and not answered yet."""
        if event.subject not in self._lives or event.id in self.events:
            return
        self.events[event.id] = event
        name = event.type.split(".")[1]
        self.figures[event.subject].update(dict(_figures(name, event)))
        if name in ASKS:
            self._open[event.data["call_id"]] = event
        elif name == "CallCompleted":
            self._open.pop(event.data["call_id"], None)

    def _at(self, hour: int) -> datetime:
        return self._day_0 + timedelta(hours=hour)

    def _discharges(self) -> Iterator[Report]:
        for name in self._lives:
            left = {"case_id": name, "institution_id": HOSPITAL, "discharged_at": self._at(HOME_AT)}
            yield PatientDischarged.model_validate({**left, **HOME})

    def _logs(self, day: int) -> Iterator[Report]:
        for life, patient in self._lives.values():
            for of_day, slot in life.comes_at(day):
                evening = self._at(24 * of_day + EVENING - 1).astimezone(SHANGHAI)
                yield patient.log(slot, evening, reported_at=self._at(24 * day + EVENING - 1))

    def _swabs(self, day: int) -> Iterator[Report]:
        evening = self._at(24 * day + EVENING - 1)
        for life, patient in self._lives.values():
            if day in life.swabs:
                how = {"setting": "follow_up", "resulted_at": evening}
                yield patient.swabbed(f"re-{day}", evening, "not_detected", **how)

    def _answers(self, now: int) -> Iterable[Report]:
        for asked in list(self._open.values()):
            life, patient = self._lives[asked.subject]
            asked_at = round((asked.time - self._day_0) / timedelta(hours=1))
            answer = life.answer(asked_at, asked.data["attempt"], asked.data.get("why") == "retest_missed")
            if answer is not None and answer[0] == now:
                yield patient.called(asked.data["call_id"], self._at(now), answer[1])


def _figures(name: str, event: Envelope) -> Iterator[tuple[str, int]]:
    """What an event adds to the figures; whatever should not have been said at all is counted under its own name."""
    data = event.data
    if name == "QuarantineDayLogged":
        yield "late", int(data["late"])
    if name == "QuarantineCompleted":
        yield from ((f"days {what}", data[f"days_{what.replace(' ', '_')}"]) for what in COUNTS)
    if name == "CallRequested":
        yield f"call {data['attempt']}", 1
    elif name == "CallCompleted":
        yield data["outcome"], 1
    else:
        yield FIGURES.get(name, name), 1


def total(figures: Iterable[Counter[str]]) -> Counter[str]:
    """The sum over all patients; only what is not nought."""
    added: Counter[str] = Counter()
    for one in figures:
        added.update(one)
    return +added


def differing(emitted: Figures, reckoned: Figures) -> dict[str, tuple[Counter[str], Counter[str]]]:
    """Patient → what was said beyond what was reckoned, and what is missing of it; those of whom the same was said
    are left out."""
    both = {name: (emitted[name] - figures, figures - emitted[name]) for name, figures in reckoned.items()}
    return {name: difference for name, difference in both.items() if any(difference)}
