"""What is alarming in reports of a patient's health: in logs, calls, visits, consultations, and what treatment
recorded (F4, F5)."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Final, NamedTuple

from services.followup import policy
from services.followup.domain.basis import Basis
from services.followup.domain.facts import Call, Consultation, Facts, Log, Sign

_SEPARATORS: Final = re.compile(r"[,;，；、。/\n]")
"""What stands between the words of a finding."""


class Alarming(NamedTuple):
    """Something alarming: when it was, on which civil day, its name as evidence, and when it came to the bus.

    `high`: a fever that is graver than another. `urgent`: a warning symptom that cannot wait is among its symptoms.
    `consulted`: it was said in a consultation; `refers`: a physician says there that the patient has to be seen.
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
    consulted: bool = False
    refers: bool = False

    @property
    def ill(self) -> bool:
        """Whether it speaks of illness: fever, a warning symptom or progressed imaging (F5)."""
        return self.fever or self.symptoms or self.progressed


class Words(NamedTuple):
    """Words for symptoms that are neither codes nor on the list: when they were reported, and in which report (F4)."""

    at: datetime
    name: str
    words: tuple[str, ...]


class Reported(NamedTuple):
    """What a report says of a patient's health."""

    found: Alarming
    symptoms: tuple[str, ...]
    temperature_c: float | None = None
    temperature_site: str = "axillary"
    stayed_in: bool | None = None


def alarming(basis: Basis, facts: Facts) -> tuple[Alarming, ...]:
    """Everything alarming of the case, by the terms of a plan, whoever reported it."""
    return tuple(_judged(basis.start.jurisdiction, _every_report(basis, facts)))


def not_understood(basis: Basis, facts: Facts) -> tuple[Words, ...]:
    """The words for symptoms, reported from the discharge to the end of aftercare, that no policy knows (F4)."""
    last = basis.day(basis.aftercare_days).end
    reported = (one for one in _reported(basis, facts) if basis.holds(one.found.at) and one.found.at < last)
    return tuple(Words(one.found.at, one.found.name, words) for one in reported if (words := _unknown(basis, one)))


def _unknown(basis: Basis, reported: Reported) -> tuple[str, ...]:
    rules = policy.alarm(basis.start.jurisdiction, reported.found.on)
    return tuple(dict.fromkeys(word for word in reported.symptoms if not rules.is_understood(word)))


def _every_report(basis: Basis, facts: Facts) -> Iterator[Reported]:
    yield from _reported(basis, facts)
    for visit in facts.visits:  # its findings are free text: only a warning among them is looked for
        if visit.attended_at is not None and visit.findings:
            found = Alarming(visit.attended_at, basis.date_of(visit.attended_at), visit.visit, visit.received_at)
            yield Reported(found, tuple(_SEPARATORS.split(visit.findings)))
    for one in facts.consultations:
        yield from _consulted(basis, one)


def _consulted(basis: Basis, one: Consultation) -> Iterator[Reported]:
    """What the patient said when asking, and a physician when answering: each at its own time."""
    if one.symptoms and one.symptoms_known_at is not None:
        on = basis.date_of(one.requested_at)
        found = Alarming(one.requested_at, on, one.consultation_id, one.symptoms_known_at, consulted=True)
        yield Reported(found, one.symptoms)
    if one.referred_at is not None and one.referral_known_at is not None:
        on = basis.date_of(one.referred_at)
        name = f"referral@{one.consultation_id}"
        found = Alarming(one.referred_at, on, name, one.referral_known_at, consulted=True, refers=True)
        yield Reported(found, ())


def _reported(basis: Basis, facts: Facts) -> Iterator[Reported]:
    limit = policy.never_alarming_below_c()
    for log in facts.logs:
        if log.temperature_c < limit and not log.symptoms and log.stayed_in:
            continue
        name = f"log@{log.local_date.isoformat()}/{log.slot}"
        yield _of(log, Alarming(log.reported_at, log.local_date, name, log.received_at), log.stayed_in)
    for call in facts.calls:
        found = Alarming(call.called_at, basis.date_of(call.called_at), call.call_id, call.received_at)
        yield _of(call, found, call.stayed_in)
    for sign in facts.signs:
        found = Alarming(sign.at, basis.date_of(sign.at), sign.name, sign.received_at or sign.at)
        yield _of(sign, found._replace(progressed=sign.progressed))


def _of(report: Log | Call | Sign, found: Alarming, stayed_in: bool | None = None) -> Reported:
    return Reported(found, report.symptoms, report.temperature_c, report.temperature_site, stayed_in)


def _judged(jurisdiction: str, reports: Iterable[Reported]) -> Iterator[Alarming]:
    """What is alarming in each report; reports in which nothing is are left out."""
    for reported in reports:
        rules = policy.alarm(jurisdiction, reported.found.on)
        celsius = reported.temperature_c
        named = {code for symptom in reported.symptoms if (code := rules.warning(symptom)) is not None}
        fever = celsius is not None and celsius >= rules.fever_from_c[reported.temperature_site]
        judged = reported.found._replace(
            fever=fever,
            high=fever and celsius is not None and celsius >= rules.high_fever_from_c,
            symptoms=bool(named),
            urgent=not named.isdisjoint(rules.urgent_symptoms),
            went_out=reported.stayed_in is False,
        )
        if judged.ill or judged.went_out or judged.refers:
            yield judged
