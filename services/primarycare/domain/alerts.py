"""P4: every alert goes to the primary institution and to the hospital, and somebody has to answer for it."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from msgspec import Struct

from chassis.decide.judge import Clock
from schemas.reference import EVERYWHERE
from services.primarycare import policy
from services.primarycare.domain import facts as known
from services.primarycare.domain.aftercare import Aftercare
from services.primarycare.domain.basis import Basis, Ending, Home, asked_at, same_ground
from services.primarycare.domain.escalation import Escalation, Place, Stage, Step
from services.primarycare.domain.facts import Acknowledgement, Facts
from services.primarycare.domain.institutions import Directory
from services.primarycare.domain.versions import Acknowledged, Named, Severity, held


class Alert(Struct, frozen=True, array_like=True):
    """An alert on its way (P4). `recipients`: whom it went to. `respond_by`: None where it asks for nothing.

    `late`: its time counts from when it came, since no time was left to answer, or since when it became graver.
    """

    alert_id: str
    severity: str
    recipients: tuple[str, ...]
    asked_at: datetime
    late: bool
    respond_by: datetime | None
    steps: tuple[Step, ...] = ()
    next_at: datetime | None = None
    ending: Ending | None = None
    acknowledged_by: str | None = None


class Graveness(NamedTuple):
    """How grave an alert is by the versions that had come by an instant, and what that asks for.

    `within`: how soon it has to be acknowledged; None where it asks for nothing. `graver_since`: since when it has been
    as pressing as it is; None: from its beginning. `asked_at`: since when an answer is awaited.
    """

    within: timedelta | None
    graver_since: datetime | None
    asked_at: datetime

    def is_seen(self, seen: Acknowledged) -> bool:
        """What was seen while it was less pressing is not this."""
        return self.graver_since is None or seen.acknowledged_at >= self.graver_since


def graveness(alert: known.Alert, terms: policy.Alerting, at: datetime) -> Graveness | None:
    """None: it had not come by then, or had been taken back."""
    versions = [one for one in alert.history if one.received_at <= at]
    holds = held(versions, at)
    if holds is None or not holds.stands:
        return None
    within = terms.acknowledge_within.get(holds.severity)
    received = _first_received(alert, versions, at)
    as_pressing = [
        at for severity, at in received.items() if _as_pressing(terms.acknowledge_within.get(severity), within)
    ]
    graver_since = min(as_pressing, default=None) if len(as_pressing) < len(received) else None
    asked = graver_since or holds.raised_at
    if within is not None and graver_since is None:
        asked = asked_at(holds.raised_at, min(received.values(), default=holds.received_at), within)
    return Graveness(within, graver_since, asked)


def _first_received(alert: known.Alert, versions: Iterable[Severity], at: datetime) -> Mapping[str, datetime]:
    """Severity → when it first came, in any version, of those that had."""
    received = {severity: first for severity, first in alert.received_at.items() if first <= at}
    for one in versions:
        if one.stands:
            received[one.severity] = min(one.received_at, received.get(one.severity, one.received_at))
    return received


def _as_pressing(within: timedelta | None, than: timedelta | None) -> bool:
    """Whether the one time to answer is no longer than the other; None: it asks for no answer."""
    return than is None or (within is not None and within <= than)


class Raised(NamedTuple):
    """An alert that stands, the discharge it follows from and who near home knows of that; None: not known yet.

    `acknowledged`: the answers to it, the first first.
    """

    alert: known.Alert
    acknowledged: tuple[Acknowledgement, ...]
    basis: Basis | None = None
    primary_id: str | None = None

    @property
    def place(self) -> tuple[str, str]:
        """Jurisdiction and district of the residence; what followup says of it while no discharge is known."""
        return _place(self.basis.home if self.basis else self.alert)

    @property
    def terms(self) -> policy.Alerting:
        """The numbers that hold for it."""
        return policy.alerting(self.place[0], self.basis.day_0 if self.basis else self.alert.raised_at.date())

    @property
    def recipients(self) -> tuple[str, ...]:
        """The primary institution, as soon as it is known, and the discharging hospital."""
        both = (self.primary_id, self.basis.start.hospital_id) if self.basis else ()
        return tuple(dict.fromkeys(one for one in both if one))

    @property
    def ended(self) -> Ending | None:
        """What ended the aftercare, or undid the discharge."""
        return self.basis.alerts_ended if self.basis else None

    def seen(self, now: Graveness) -> Acknowledgement | None:
        """The acknowledgement that counts, the first one by when it was given."""
        return next((one for one in self.acknowledged if now.is_seen(one.last)), None)

    def stages(self, context: Directory) -> list[Stage]:
        """What was waited for when, by what had come: the first acknowledgement that came ends the waiting (P4)."""
        instants = {one.received_at for one in self.alert.history}
        instants |= {one.received_at for seen in self.acknowledged for one in seen.history}
        instants |= {self.ended.first_received_at} if self.ended else set()
        instants |= self.basis.named_since if self.basis else set()
        return [self._stage(at, context) for at in sorted(instants)]

    def _stage(self, at: datetime, context: Directory) -> Stage:
        now = graveness(self.alert, self.terms, at)
        answered = now is not None and any(
            one.received_at <= at and now.is_seen(one) for seen in self.acknowledged for one in seen.history
        )
        over = self.ended is not None and self.ended.first_received_at <= at
        if now is None or now.within is None or answered or over:
            return Stage(at)
        named = self.basis.named_at(at) if self.basis else None
        asked_of = self._near_home(named, context) or named.hospital_id if named else None
        place = (named.jurisdiction or EVERYWHERE, named.district) if named else _place(self.alert)
        return Stage(at, asked_of, "no_answer", now.asked_at + now.within, now.within, place=place)

    def _near_home(self, named: Named, context: Directory) -> str | None:
        """Who near home was asked while this was what was known: where it still is, whoever is asked now."""
        if self.basis and same_ground(named.ground, self.basis.choosing):
            return self.primary_id
        return named.primary_institution_id or context.primary(named.jurisdiction, named.district)


def _place(home: Home | known.Alert) -> Place:
    return home.jurisdiction or EVERYWHERE, home.district


def raised(facts: Facts, aftercare: dict[str, Aftercare], bases: dict[str, Basis]) -> list[Raised]:
    """Every alert that stands, with the discharge of its episode."""
    answers: dict[str, list[Acknowledgement]] = {}
    for one in facts.acknowledgements:
        answers.setdefault(one.alert_id, []).append(one)
    found = []
    for alert in facts.alerts:
        if alert.stands:
            key = next((key for key, basis in bases.items() if basis.start.episode == alert.episode), None)
            primary_id = aftercare[key].primary_id if key else None
            seen = tuple(answers.get(alert.alert_id, ()))
            found.append(Raised(alert, seen, bases[key] if key else None, primary_id))
    return found


def dispatched(one: Raised, before: Alert | None, clock: Clock, context: Directory) -> Alert:
    """An alert on its way: whom it went to, how far it was escalated, and what closed it.

    One of which the discharge is not known yet has nobody to go to; it is escalated all the same.
    """
    taken = before.steps if before else ()
    escalation = Escalation(one.alert.alert_id, one.terms.levels, taken, context, clock)
    escalation.climb(one.stages(context))
    now = _now(one)
    seen = one.seen(now)
    ending = _ending(one, now, seen)
    if ending is None and escalation.is_exhausted:
        _look_again(one, escalation.steps[-1].at, clock)
    return Alert(
        alert_id=one.alert.alert_id,
        severity=one.alert.severity,
        recipients=one.recipients,
        asked_at=now.asked_at,
        late=now.asked_at != one.alert.raised_at,
        respond_by=None if now.within is None else now.asked_at + now.within,
        steps=tuple(escalation.steps),
        next_at=escalation.next_at,
        ending=ending,
        acknowledged_by=seen.institution_id if seen else None,
    )


def _now(one: Raised) -> Graveness:
    """By all that has come of the alert."""
    last = max(version.received_at for version in one.alert.history)
    now = graveness(one.alert, one.terms, last)
    return now or Graveness(one.terms.acknowledge_within.get(one.alert.severity), None, one.alert.raised_at)


def _ending(one: Raised, now: Graveness, seen: Acknowledgement | None) -> Ending | None:
    """Acknowledged, by whomever and however late; for information only; or the discharge was undone, or ended."""
    if seen is not None:
        return Ending(seen.acknowledged_at, "acknowledged", seen.received_at)
    if one.ended is not None:
        return one.ended
    return Ending(one.alert.raised_at, "for_information") if now.within is None else None


def _look_again(one: Raised, last_at: datetime, clock: Clock) -> None:
    """Nothing more is said, but nothing waits without a time at which it is looked at again."""
    every = policy.looking(one.place[0], one.alert.raised_at.date()).again_after
    clock.passed(last_at + ((clock.now - last_at) // every + 1) * every)
