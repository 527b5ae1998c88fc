"""What was told of a patient's health that is alarming: by logs, calls, and what treatment recorded (F4, F5)."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple

from schemas.calendar import local_date
from services.followup import policy
from services.followup.domain.basis import Ground
from services.followup.domain.facts import Call, Facts, Log, Sign


class Alarming(NamedTuple):
    """Something alarming: when it was, on which civil day, its name as evidence, and when it came to the bus.

    `log`: it is one of the plan's own logs. `urgent`: a warning symptom that cannot wait is among its symptoms.
    """

    at: datetime
    on: date
    name: str
    came: datetime
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


def alarming(ground: Ground, facts: Facts) -> tuple[Alarming, ...]:
    """Everything alarming that was told up to the next plan, whoever told it."""
    return tuple(found for found in told(ground, facts) if ground.until is None or found.at < ground.until)


def told(ground: Ground, facts: Facts) -> Iterator[Alarming]:
    """Everything alarming of the case, by the terms of a plan, whether or not the next one has begun."""
    limit = policy.never_alarming_below_c()
    for log in facts.logs:
        if log.temperature_c >= limit or log.symptoms or not log.stayed_in:
            name = f"log@{log.local_date.isoformat()}/{log.slot}"
            yield from _judged(ground, log, Alarming(log.reported_at, log.local_date, name, log.came, log=True))
    for call in facts.calls:
        on = local_date(call.called_at, ground.zone)
        yield from _judged(ground, call, Alarming(call.called_at, on, call.call_id, call.came))
    for sign in facts.signs:
        found = Alarming(sign.at, local_date(sign.at, ground.zone), sign.name, sign.came or sign.at)
        yield from _judged(ground, sign, found._replace(progressed=sign.progressed))


def _judged(ground: Ground, told: Log | Call | Sign, found: Alarming) -> Iterator[Alarming]:
    """`found` with what is alarming in what was told; nothing when nothing is."""
    rules = policy.alarm(ground.start.jurisdiction, found.on)
    celsius = told.temperature_c
    named = {symptom.casefold() for symptom in told.symptoms} & rules.symptoms
    judged = found._replace(
        fever=celsius is not None and celsius >= rules.fever_from_c[told.temperature_site],
        symptoms=bool(named),
        urgent=not named.isdisjoint(rules.urgent_symptoms),
        went_out=not isinstance(told, Sign) and told.stayed_in is False,
    )
    if judged.ill or judged.went_out:
        yield judged
