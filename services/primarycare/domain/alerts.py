"""P4: every alert goes to the primary institution and to the hospital, and somebody has to answer for it."""

from datetime import datetime, timedelta
from typing import NamedTuple

from msgspec import Struct

from chassis.decide.judge import Clock
from schemas.reference import EVERYWHERE
from services.primarycare import policy
from services.primarycare.domain import facts as known
from services.primarycare.domain.aftercare import Aftercare
from services.primarycare.domain.basis import Basis, Ending, asked_at
from services.primarycare.domain.escalation import Escalation, Step
from services.primarycare.domain.facts import Acknowledgement, Facts
from services.primarycare.domain.institutions import Directory


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
        """Jurisdiction and district of the residence."""
        start = self.basis.start if self.basis else None
        return (start.jurisdiction, start.district) if start else (EVERYWHERE, "")

    @property
    def terms(self) -> policy.Alerting:
        """The numbers that hold for it."""
        return policy.alerting(self.place[0], self.basis.day_0 if self.basis else self.alert.raised_at.date())

    @property
    def within(self) -> timedelta | None:
        """How soon it has to be acknowledged; None where it asks for nothing."""
        return self.terms.acknowledge_within.get(self.alert.severity)

    @property
    def graver_since(self) -> datetime | None:
        """Since when it has been as pressing as it is; None: from its beginning."""
        within, received_at = self.terms.acknowledge_within, self.alert.received_at
        as_pressing = [at for severity, at in received_at.items() if _as_pressing(within.get(severity), self.within)]
        return min(as_pressing, default=None) if len(as_pressing) < len(received_at) else None

    @property
    def seen(self) -> Acknowledgement | None:
        """The acknowledgement that counts, the first one; what was seen while it was less pressing is not this."""
        since = self.graver_since
        return next((one for one in self.acknowledged if since is None or one.acknowledged_at >= since), None)

    @property
    def recipients(self) -> tuple[str, ...]:
        """The primary institution, as soon as it is known, and the discharging hospital."""
        both = (self.primary_id, self.basis.start.hospital_id) if self.basis else ()
        return tuple(dict.fromkeys(one for one in both if one))

    @property
    def until(self) -> datetime | None:
        """When what ended the waiting came."""
        ends = [self._received_at(self.seen)] if self.seen else []
        ends += [self.basis.ended.at] if self.basis and self.basis.ended else []
        return min(ends, default=None)

    def _received_at(self, seen: Acknowledgement) -> datetime:
        """Who acknowledges again when an alert has become graver answers that, and not before having done so."""
        since = self.graver_since
        return seen.received_at if since is None or seen.received_at > since else seen.acknowledged_at


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
    asked, late, within = one.alert.raised_at, False, one.within
    escalation = Escalation(
        one.alert.alert_id,
        one.terms.levels,
        before.steps if before else (),
        lambda level: context.commission(*one.place, level),
        clock,
    )
    if within is not None:
        asked, late = _asked(one, within, before, clock.now)
        escalation.wait(next(iter(one.recipients), None), "no_answer", asked + within, within, one.until)
    ending = _ending(one)
    if ending is None and escalation.is_exhausted:
        _look_again(one, escalation.steps[-1].at, clock)
    return Alert(
        alert_id=one.alert.alert_id,
        severity=one.alert.severity,
        recipients=one.recipients,
        asked_at=asked,
        late=late,
        respond_by=None if within is None else asked + within,
        steps=tuple(escalation.steps),
        next_at=escalation.next_at,
        ending=ending,
        acknowledged_by=one.seen.institution_id if one.seen else None,
    )


def _asked(one: Raised, within: timedelta, before: Alert | None, now: datetime) -> tuple[datetime, bool]:
    """Since when it waits; an alert that became graver waits anew."""
    at = one.graver_since or one.alert.raised_at
    stays = before is not None and before.severity == one.alert.severity and (before.late or before.asked_at == at)
    asked = before.asked_at if before is not None and stays else asked_at(at, now, within)
    return asked, asked != one.alert.raised_at


def _as_pressing(within: timedelta | None, than: timedelta | None) -> bool:
    """Whether the one time to answer is no longer than the other; None: it asks for no answer."""
    return than is None or (within is not None and within <= than)


def _ending(one: Raised) -> Ending | None:
    """Acknowledged, by whomever and however late; for information only; or the discharge was undone, or ended."""
    if one.seen is not None:
        return Ending(one.seen.acknowledged_at, "acknowledged")
    if one.basis is not None and one.basis.ended is not None:
        return one.basis.ended
    return Ending(one.alert.raised_at, "for_information") if one.within is None else None


def _look_again(one: Raised, last_at: datetime, clock: Clock) -> None:
    """Nothing more is said, but nothing waits without a time at which it is looked at again."""
    every = policy.looking(one.place[0], one.alert.raised_at.date()).again_after
    clock.passed(last_at + ((clock.now - last_at) // every + 1) * every)
