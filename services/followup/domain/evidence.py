"""What is alarming in reports of a patient's health: in logs, calls, visits, and what treatment recorded (F4, F5)."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Final, NamedTuple

from services.followup import policy
from services.followup.domain.basis import Basis
from services.followup.domain.facts import Call, Facts, Log, Sign

_SEPARATORS: Final = re.compile(r"[,;，；、。/\n]")
"""What stands between the words of a finding."""


class Alarming(NamedTuple):
    """Something alarming: when it was, on which civil day, its name as evidence, and when it came to the bus.

    `high`: a fever that is graver than another. `urgent`: a warning symptom that cannot wait is among its symptoms.
    """

    at: datetime
    on: date
    name: str
    received_at: datetime
    fever: bool = False
    high: bool = False
    symptoms: bool = False
    urgent: bool = False
    went_out: bool = False
    progressed: bool = False

    @property
    def ill(self) -> bool:
        """Whether it speaks of illness: fever, a warning symptom or progressed imaging (F5)."""
        return self.fever or self.symptoms or self.progressed


class Words(NamedTuple):
    """Words for symptoms that are neither codes nor on the list: when they were told, and in which report (F4)."""

    at: datetime
    name: str
    words: tuple[str, ...]


class Told(NamedTuple):
    """What a report says of a patient's health."""

    found: Alarming
    symptoms: tuple[str, ...]
    temperature_c: float | None = None
    temperature_site: str = "axillary"
    stayed_in: bool | None = None


def alarming(basis: Basis, facts: Facts) -> tuple[Alarming, ...]:
    """Everything alarming of the case, by the terms of a plan, whoever reported it."""
    return tuple(_judged(basis.start.jurisdiction, _told(basis, facts)))


def not_understood(basis: Basis, facts: Facts) -> tuple[Words, ...]:
    """The words for symptoms, told from the discharge to the end of aftercare, that no policy knows (F4)."""
    last = basis.day(basis.aftercare_days).end
    told = (one for one in _reported(basis, facts) if basis.holds(one.found.at) and one.found.at < last)
    return tuple(Words(one.found.at, one.found.name, words) for one in told if (words := _unknown(basis, one)))


def _unknown(basis: Basis, told: Told) -> tuple[str, ...]:
    rules = policy.alarm(basis.start.jurisdiction, told.found.on)
    return tuple(dict.fromkeys(word for word in told.symptoms if not rules.is_understood(word)))


def _told(basis: Basis, facts: Facts) -> Iterator[Told]:
    yield from _reported(basis, facts)
    for visit in facts.visits:  # its findings are free text: only a warning among them is looked for
        if visit.attended_at is not None and visit.findings:
            found = Alarming(visit.attended_at, basis.date_of(visit.attended_at), visit.visit, visit.received_at)
            yield Told(found, tuple(_SEPARATORS.split(visit.findings)))


def _reported(basis: Basis, facts: Facts) -> Iterator[Told]:
    for log in facts.logs:
        name = f"log@{log.local_date.isoformat()}/{log.slot}"
        yield _of(log, Alarming(log.reported_at, log.local_date, name, log.received_at), log.stayed_in)
    for call in facts.calls:
        found = Alarming(call.called_at, basis.date_of(call.called_at), call.call_id, call.received_at)
        yield _of(call, found, call.stayed_in)
    for sign in facts.signs:
        found = Alarming(sign.at, basis.date_of(sign.at), sign.name, sign.received_at or sign.at)
        yield _of(sign, found._replace(progressed=sign.progressed))


def _of(report: Log | Call | Sign, found: Alarming, stayed_in: bool | None = None) -> Told:
    return Told(found, report.symptoms, report.temperature_c, report.temperature_site, stayed_in)


def _judged(jurisdiction: str, reports: Iterable[Told]) -> Iterator[Alarming]:
    """What is alarming in each report; reports in which nothing is are left out."""
    for told in reports:
        rules = policy.alarm(jurisdiction, told.found.on)
        celsius = told.temperature_c
        named = {code for symptom in told.symptoms if (code := rules.warning(symptom)) is not None}
        fever = celsius is not None and celsius >= rules.fever_from_c[told.temperature_site]
        judged = told.found._replace(
            fever=fever,
            high=fever and celsius is not None and celsius >= rules.high_fever_from_c,
            symptoms=bool(named),
            urgent=not named.isdisjoint(rules.urgent_symptoms),
            went_out=told.stayed_in is False,
        )
        if judged.ill or judged.went_out:
            yield judged
