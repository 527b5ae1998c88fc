"""What is alarming in reports of a patient's health: in logs, calls, and what treatment recorded (F4, F5)."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple

from schemas.calendar import local_date
from services.followup import policy
from services.followup.domain.facts import Call, Facts, Log, Sign


class Alarming(NamedTuple):
    """Something alarming: when it was, on which civil day, its name as evidence, and when it came to the bus.

    `log`: it is one of the plan's own logs. `urgent`: a warning symptom that cannot wait is among its symptoms.
    """

    at: datetime
    on: date
    name: str
    received_at: datetime
    log: bool = False
    fever: bool = False
    symptoms: bool = False
    urgent: bool = False
    went_out: bool = False
    progressed: bool = False

    @property
    def ill(self) -> bool:
        """Whether it speaks of illness: fever, a warning symptom or progressed imaging (F5)."""
        return self.fever or self.symptoms or self.progressed


def alarming(facts: Facts, zone: str, jurisdiction: str) -> Iterator[Alarming]:
    """Everything alarming of the case, by the terms of a plan (`zone`, `jurisdiction`), whoever reported it."""
    limit = policy.never_alarming_below_c()
    for log in facts.logs:
        if log.temperature_c >= limit or log.symptoms or not log.stayed_in:
            name = f"log@{log.local_date.isoformat()}/{log.slot}"
            found = Alarming(log.reported_at, log.local_date, name, log.received_at, log=True)
            yield from _judged(jurisdiction, log, found)
    for call in facts.calls:
        on = local_date(call.called_at, zone)
        yield from _judged(jurisdiction, call, Alarming(call.called_at, on, call.call_id, call.received_at))
    for sign in facts.signs:
        found = Alarming(sign.at, local_date(sign.at, zone), sign.name, sign.received_at or sign.at)
        yield from _judged(jurisdiction, sign, found._replace(progressed=sign.progressed))


def _judged(jurisdiction: str, report: Log | Call | Sign, found: Alarming) -> Iterator[Alarming]:
    """`found` with what is alarming in a report; nothing when nothing is."""
    rules = policy.alarm(jurisdiction, found.on)
    celsius = report.temperature_c
    named = {symptom.casefold() for symptom in report.symptoms} & rules.symptoms
    judged = found._replace(
        fever=celsius is not None and celsius >= rules.fever_from_c[report.temperature_site],
        symptoms=bool(named),
        urgent=not named.isdisjoint(rules.urgent_symptoms),
        went_out=not isinstance(report, Sign) and report.stayed_in is False,
    )
    if judged.ill or judged.went_out:
        yield judged
