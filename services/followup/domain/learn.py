"""How each message becomes a fact: one function for each line of the table in routes.py.

Nothing is refused here: what is wrong with a report on itself alone the schemas have said, and whether it fits a plan
is a question for the rules, since the plan may be learnt later.
"""

from typing import Any, TypeVar

from msgspec.structs import replace

from chassis.decide.judge import Receipt
from chassis.decide.ordered_facts import Fact, known_as, place, replace_versions, take
from schemas.episodes import is_retest
from schemas.events.discharge import Discharged, DischargeRevoked
from schemas.events.primarycare import AlertClosed
from schemas.events.treatment import (
    ImagingRecorded,
    SymptomsRecorded,
    TestResultCorrected,
    TestResultRecorded,
    TestResultRetracted,
    VitalSignsRecorded,
)
from schemas.plans import STARTS_A_PLAN
from schemas.reference import EVERYWHERE
from schemas.reports.followup import CallReported, DayReported, ReturnVisitReported
from services.followup import policy
from services.followup.domain.facts import Call, Closing, Discharge, Facts, Log, Retest, Sign, Visit

F = TypeVar("F", bound=Fact)
TestResultEvent = TestResultRecorded | TestResultCorrected | TestResultRetracted


def learn_day(facts: Facts, message: DayReported, receipt: Receipt) -> Facts:
    """The log of a slot (F2)."""
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
    return _with(facts, message, logs=take(facts.logs, log, replace))


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
    return _with(facts, message, calls=take(facts.calls, call, replace))


def learn_return_visit(facts: Facts, message: ReturnVisitReported, receipt: Receipt) -> Facts:
    """A return visit, or that the patient did not come (F6)."""
    visit = Visit(message.visit, message.attended_at, receipt.rank, receipt.received_at, message.findings)
    return _with(facts, message, visits=take(facts.visits, visit, replace))


def learn_discharged(facts: Facts, message: Discharged, receipt: Receipt) -> Facts:
    """How an episode left the ward (F1), or that it ended there after all (F8)."""
    discharge = Discharge(
        message.episode,
        message.disposition in STARTS_A_PLAN,
        receipt.rank,
        "withdrawn" if message.withdrawn else message.disposition,
        message.discharged_at,
        message.discharged_at,
        message.time_zone,
        message.protocol,
        message.residence.jurisdiction if message.residence else EVERYWHERE,
        message.residence.district if message.residence else "",
    )
    return _with(facts, message, discharges=place(facts.discharges, discharge))


def learn_revoked(facts: Facts, message: DischargeRevoked, receipt: Receipt) -> Facts:
    """A discharge that is taken back (F8)."""
    kind = "withdrawn" if message.withdrawn else "revoked"
    revoked = Discharge(message.episode, False, receipt.rank, kind, message.discharged_at, message.revoked_at)
    return _with(facts, message, discharges=place(facts.discharges, revoked))


def learn_result(facts: Facts, message: TestResultEvent, receipt: Receipt) -> Facts:
    """A test; only final results of re-tests count (F5)."""
    result = Retest(
        message.result_id,
        message.collected_at,
        message.resulted_at,
        receipt.rank,
        receipt.received_at,
        message.result == "detected",
    )
    return _with(facts, message, **_either(facts, "retests", result, f"r{message.result_id}", _counts(message)))


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
    )
    counts = (message.temperature_c or 0) >= policy.never_alarming_below_c() and not message.withdrawn
    return _with(facts, message, **_either(facts, "signs", sign, f"v{message.measured_at.timestamp()}", counts))


def learn_symptoms(facts: Facts, message: SymptomsRecorded, receipt: Receipt) -> Facts:
    """Symptoms; only those on some policy's list of warnings count (F4, F5)."""
    warnings = tuple(filter(policy.ever_alarming_symptoms().__contains__, map(str.casefold, message.symptoms)))
    sign = Sign("symptoms", "", message.observed_at, receipt.rank, symptoms=warnings, received_at=receipt.received_at)
    counts = bool(warnings) and not message.withdrawn
    return _with(facts, message, **_either(facts, "signs", sign, f"s{message.observed_at.timestamp()}", counts))


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
    return _with(facts, message, **_either(facts, "signs", sign, f"i{message.study_id}", counts))


def learn_alert_closed(facts: Facts, message: AlertClosed, receipt: Receipt) -> Facts:
    """An alert that asks for nothing more, or does so after all (F7)."""
    closing = Closing(message.alert_id, receipt.rank, receipt.received_at, not message.withdrawn)
    return _with(facts, message, closings=take(facts.closings, closing, replace))


def _counts(message: TestResultEvent) -> bool:
    """Whether a result is a re-test that speaks: neither preliminary nor retracted, inconclusive nor invalid."""
    speaks = message.result in {"detected", "not_detected"} and not message.withdrawn
    return speaks and is_retest(message.test, message.specimen_type, message.status, message.setting)


def _either(facts: Facts, field: str, fact: Retest | Sign, name: str, counts: bool) -> dict[str, Any]:
    """The changes that put a thing among the facts of `field`, or among the quiet ones, wherever it was before.

    What counted already and says the same after a correction keeps the time at which it first came.
    """
    counted: tuple[Any, ...] = getattr(facts, field)
    before = known_as(counted, fact)
    if counts and before is not None and before.received_at is not None and _agree(before, fact):
        return {field: take(counted, fact, replace)}
    if fact.rank <= max(facts.quiet.get(name, ""), before.rank if before else ""):
        return {}
    gone = (before,) if before else ()
    if not counts:
        return {field: replace_versions(counted, gone, ()), "quiet": facts.quiet | {name: fact.rank}}
    quiet = facts.quiet
    if name in quiet:
        quiet = {other: rank for other, rank in quiet.items() if other != name}
    return {field: replace_versions(counted, gone, (fact,)), "quiet": quiet}


def _agree(one: Retest | Sign, other: Retest | Sign) -> bool:
    """Whether two versions of a thing speak for the same: a result that turns positive is news, whenever it came."""
    return isinstance(one, Sign) or isinstance(other, Sign) or one.positive == other.positive


def _with(facts: Facts, message: Any, **changes: Any) -> Facts:
    """`facts` with the changes; the very same object when there are none."""
    if all(getattr(facts, field) is value for field, value in changes.items()):
        return facts
    return replace(facts, case_id=message.case_id, **changes)
