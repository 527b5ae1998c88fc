"""How each message becomes a fact: one function for each line of the table in routes.py.

Nothing is refused here: what is wrong with a report on itself alone the schemas have said, and whether it fits a plan
is a question for the rules, since the plan may be learnt later.
"""

from datetime import datetime
from typing import Any, Final

from msgspec.structs import replace

from chassis.decide.judge import Receipt
from chassis.decide.ordered_facts import known_as, place, replace_versions, take
from schemas.events.discharge import Discharged, DischargeRevoked
from schemas.events.primarycare import AlertClosed
from schemas.events.treatment import ImagingRecorded, SymptomsRecorded, VitalSignsRecorded
from schemas.plans import STARTS_A_PLAN
from schemas.reference import EVERYWHERE
from schemas.reports.followup import CallReported, DayReported, ReturnVisitReported
from services.followup import policy
from services.followup.domain.facts import Call, Closing, Discharge, Facts, Log, Sign, Visit

REVOKED: Final = {"cancelled": "revoked", "corrected": "recalled", "excluded": "excluded"}
"""Why a discharge was taken back → the kind of fact that this is."""


def learn_day(facts: Facts, message: DayReported, receipt: Receipt) -> Facts:
    """A log of a slot; all of them are kept (F2)."""
    log = Log(
        message.local_date,
        message.slot,
        message.reported_at,
        receipt.rank,
        receipt.received_at,
        message.temperature_c,
        message.temperature_site,
        message.symptoms,
        message.stayed_in,
        message.channel,
        message.reporter,
    )
    return with_(facts, message, logs=take(facts.logs, log, replace))


def learn_call(facts: Facts, message: CallReported, receipt: Receipt) -> Facts:
    """What came of a call or a home visit (F3)."""
    call = Call(
        message.call_id,
        message.called_at,
        receipt.rank,
        receipt.received_at,
        message.outcome,
        message.temperature_c,
        message.temperature_site or "axillary",
        message.symptoms,
        message.stayed_in,
    )
    known = known_as(facts.calls, call)
    if known is None:
        return with_(facts, message, calls=place(facts.calls, call))
    holds = _as_it_came(call, known)
    calls = facts.calls if holds == known else replace_versions(facts.calls, (known,), (holds,))
    return with_(facts, message, calls=calls)


def _as_it_came(new: Call, known: Call) -> Call:
    """Whichever version holds, with the outcome that came first, and since when its own is known (F10)."""
    holds, other = (new, known) if new.rank > known.rank else (known, new)
    first = min(holds, other, key=lambda call: call.received_at)
    received_at, since = first.received_at, holds.since or holds.received_at
    if holds.outcome == other.outcome:
        since = min(since, other.since or other.received_at)
    came_as = first.first_outcome if first.first_outcome != holds.outcome else ""
    return replace(holds, received_at=received_at, since=since if since != received_at else None, came_as=came_as)


def learn_return_visit(facts: Facts, message: ReturnVisitReported, receipt: Receipt) -> Facts:
    """A return visit, or that the patient did not come (F6)."""
    visit = Visit(message.visit, message.attended_at, receipt.rank, receipt.received_at, message.findings)
    return with_(facts, message, visits=take(facts.visits, visit, replace))


def learn_discharged(facts: Facts, message: Discharged, receipt: Receipt) -> Facts:
    """How an episode left the ward (F1), or that it ended there after all (F8)."""
    residence = message.residence
    discharge = Discharge(
        message.episode,
        message.disposition in STARTS_A_PLAN,
        receipt.rank,
        "withdrawn" if message.withdrawn else message.disposition,
        message.discharged_at,
        message.discharged_at,
        message.time_zone,
        message.protocol,
        message.jurisdiction or (residence.jurisdiction if residence else EVERYWHERE),
        message.district or (residence.district if residence else None) or "",
        message.known_at or receipt.received_at,
        message.primary_institution_id or "",
    )
    return with_(facts, message, discharges=_known_since(facts.discharges, discharge))


def _known_since(discharges: tuple[Discharge, ...], new: Discharge) -> tuple[Discharge, ...]:
    """`discharges` with a new version in its place, known since the first of the same discharge was (F3)."""
    known = known_as(discharges, new)
    if known is None or known.discharged_at != new.discharged_at or known.kind == "revoked":
        return place(discharges, new)
    instants = [at for at in (known.known_at, new.known_at) if at is not None]
    holds = replace(new if new.rank > known.rank else known, known_at=min(instants) if known.known_at else None)
    return discharges if holds == known else replace_versions(discharges, (known,), (holds,))


def learn_revoked(facts: Facts, message: DischargeRevoked, receipt: Receipt) -> Facts:
    """A discharge that is taken back (F8): cancelled, undone by a correction (a recall), or of no case at all."""
    kind = "withdrawn" if message.withdrawn else REVOKED[message.why]
    revoked = Discharge(
        message.episode,
        False,
        receipt.rank,
        kind,
        message.discharged_at,
        message.revoked_at,
        known_at=receipt.received_at,
    )
    return with_(facts, message, discharges=place(facts.discharges, revoked))


def learn_vital_signs(facts: Facts, message: VitalSignsRecorded, receipt: Receipt) -> Facts:
    """Vital signs; only a temperature that some policy calls a fever counts (F4, F5)."""
    sign = Sign(
        "vital_signs",
        "",
        message.measured_at,
        receipt.rank,
        message.temperature_c,
        message.temperature_site or "axillary",
        received_at=receipt.received_at,
        observer=message.observer or "",
    )
    counts = (message.temperature_c or 0) >= policy.never_alarming_below_c() and not message.withdrawn
    return with_(facts, message, **_either(facts, sign, _named("v", message.measured_at, sign.observer), counts))


def learn_symptoms(facts: Facts, message: SymptomsRecorded, receipt: Receipt) -> Facts:
    """Symptoms; only warnings count, and words that nobody may have understood (F4, F5)."""
    observer = message.observer or ""
    told = tuple(filter(policy.may_alarm, message.symptoms))
    sign = Sign(
        "symptoms",
        "",
        message.observed_at,
        receipt.rank,
        symptoms=told,
        received_at=receipt.received_at,
        observer=observer,
    )
    counts = bool(told) and not message.withdrawn
    return with_(facts, message, **_either(facts, sign, _named("s", message.observed_at, observer), counts))


def learn_imaging(facts: Facts, message: ImagingRecorded, receipt: Receipt) -> Facts:
    """An imaging study; only a progressed one counts (F5)."""
    sign = Sign(
        "imaging",
        message.study_id,
        message.performed_at,
        receipt.rank,
        progressed=True,
        received_at=receipt.received_at,
    )
    counts = message.change == "progressed" and not message.withdrawn
    return with_(facts, message, **_either(facts, sign, f"i{message.study_id}", counts))


def learn_alert_closed(facts: Facts, message: AlertClosed, receipt: Receipt) -> Facts:
    """An alert that asks for nothing more, or does so after all (F7)."""
    closing = Closing(
        message.alert_id, receipt.rank, receipt.received_at, not message.withdrawn, message.acknowledged_at
    )
    return with_(facts, message, closings=take(facts.closings, closing, replace))


def _named(letter: str, at: datetime, observer: str) -> str:
    """The name of a sign among the quiet ones."""
    return f"{letter}{at.timestamp()}{f' {observer}' if observer else ''}"


def _either(facts: Facts, fact: Sign, name: str, counts: bool) -> dict[str, Any]:
    """The changes that put a sign among the facts, or among the quiet ones, wherever it was before.

    What counted already keeps the time at which it first came. One of the first edition, which knew no observer, is
    the same as any at its instant.
    """
    before = known_as(facts.signs, fact)
    if before is None and fact.observer:
        before = known_as(facts.signs, replace(fact, observer=""))
    if counts and before is not None and before.received_at is not None and before.key == fact.key:
        return {"signs": take(facts.signs, fact, replace)}
    if fact.rank <= max(facts.quiet.get(name, ""), before.rank if before else ""):
        return {}
    gone = (before,) if before else ()
    if not counts:
        return {"signs": replace_versions(facts.signs, gone, ()), "quiet": facts.quiet | {name: fact.rank}}
    quiet = facts.quiet
    if name in quiet:
        quiet = {other: rank for other, rank in quiet.items() if other != name}
    return {"signs": replace_versions(facts.signs, gone, (fact,)), "quiet": quiet}


def with_(facts: Facts, message: Any, **changes: Any) -> Facts:
    """`facts` with the changes; the very same object when there are none."""
    if all(getattr(facts, field) is value for field, value in changes.items()):
        return facts
    return replace(facts, case_id=message.case_id, **changes)
