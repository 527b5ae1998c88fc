"""How each message becomes a fact: one function for each line of the table in routes.py.

Nothing is refused here: what is wrong with a report on itself alone the schemas have said, and whether it fits a plan
is a question for the rules, since the plan may be learnt later.
"""

from collections.abc import Iterator
from typing import Any, Final

from msgspec.structs import replace

from chassis.decide.judge import Receipt
from chassis.decide.ordered_facts import known_as, place, replace_versions, take
from schemas.episodes import is_retest
from schemas.events.consultation import PatientConsulted
from schemas.events.discharge import Discharged, DischargeRevoked, OtherStayEnded
from schemas.events.intake import CaseExcluded, CaseImported, LocalCaseConfirmed
from schemas.events.primarycare import AlertClosed
from schemas.events.treatment import (
    Admitted,
    ImagingRecorded,
    SymptomsRecorded,
    TestResultCorrected,
    TestResultRecorded,
    TestResultRetracted,
    VitalSignsRecorded,
)
from schemas.plans import STARTS_A_PLAN
from schemas.reference import EVERYWHERE, NUCLEIC_ACID_TESTS, RESPIRATORY_SPECIMENS
from schemas.reports.followup import CallReported, DayReported, FollowUpEnded, ResidenceChanged, ReturnVisitReported
from services.followup import policy
from services.followup.domain.changes import Admission, Ending, Exclusion, Residence, StayEnd
from services.followup.domain.facts import (
    Believed,
    Call,
    Closing,
    Consultation,
    Discharge,
    Facts,
    Log,
    Retest,
    Sign,
    Visit,
)
from services.followup.domain.versions import as_it_arrived, consulted, either, known_since, merged, sign_named

TestResultEvent = TestResultRecorded | TestResultCorrected | TestResultRetracted
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
    holds = as_it_arrived(call, known)
    calls = facts.calls if holds == known else replace_versions(facts.calls, (known,), (holds,))
    return with_(facts, message, calls=calls)


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
        (message.known_at if message.disposition in STARTS_A_PLAN else None) or receipt.received_at,
        message.primary_institution_id or "",
    )
    return with_(facts, message, discharges=known_since(facts.discharges, discharge))


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


def learn_result(facts: Facts, message: TestResultEvent, receipt: Receipt) -> Facts:
    """A test, in whatever setting it was taken; one that is no re-test `stands` for nothing, and is remembered, since a
    correction may make it one, or have unmade it (F5)."""
    stands = not message.withdrawn and message.status != "retracted" and not isinstance(message, TestResultRetracted)
    speaks = stands and is_retest(message.test, message.specimen_type, message.status)
    result = Retest(
        message.result_id,
        message.collected_at,
        message.resulted_at,
        receipt.rank,
        receipt.received_at,
        message.result == "detected",
        message.lab,
        speaks and message.result in {"detected", "not_detected"},
        dict(message.ct_values or {}) if message.result == "detected" else {},
        stands=stands and message.test in NUCLEIC_ACID_TESTS and message.specimen_type in RESPIRATORY_SPECIMENS,
        believed=tuple(_believed(message)),
    )
    known = known_as(facts.retests, result) or known_as(facts.retests, replace(result, lab=""))
    holds = merged(known, result) if known else result
    if holds == known:
        return facts
    return with_(facts, message, retests=replace_versions(facts.retests, (known,) if known else (), (holds,)))


def _believed(message: TestResultEvent) -> Iterator[Believed]:
    """The positive re-tests that a result had been before: whoever reads only its last event knows them too."""
    if not isinstance(message, TestResultRecorded):
        for version in (*message.earlier, *((message.old,) if message.old else ())):
            if version.result == "detected" and is_retest(version.test, version.specimen_type, version.status):
                yield Believed(version.collected_at, version.resulted_at, dict(version.ct_values or {}))


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
    return with_(facts, message, **either(facts, sign, sign_named("v", message.measured_at, sign.observer), counts))


def learn_symptoms(facts: Facts, message: SymptomsRecorded, receipt: Receipt) -> Facts:
    """Symptoms; only warnings count, and words that nobody may have understood (F4, F5)."""
    observer = message.observer or ""
    kept = tuple(filter(policy.may_alarm, message.symptoms))
    sign = Sign(
        "symptoms",
        "",
        message.observed_at,
        receipt.rank,
        symptoms=kept,
        received_at=receipt.received_at,
        observer=observer,
    )
    counts = bool(kept) and not message.withdrawn
    return with_(facts, message, **either(facts, sign, sign_named("s", message.observed_at, observer), counts))


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
    return with_(facts, message, **either(facts, sign, f"i{message.study_id}", counts))


def learn_consulted(facts: Facts, message: PatientConsulted, receipt: Receipt) -> Facts:
    """A consultation: what it says of the patient's health, by the last word of it (F4)."""
    symptoms = () if message.withdrawn else tuple(filter(policy.may_alarm, message.symptoms))
    refers = message.refers and message.state == "held" and not message.withdrawn
    new = Consultation(
        message.consultation_id,
        message.requested_at,
        receipt.rank,
        symptoms,
        receipt.received_at if symptoms else None,
        message.held_at or message.requested_at if refers else None,
        receipt.received_at if refers else None,
    )
    return with_(facts, message, consultations=consulted(facts.consultations, new))


def learn_alert_closed(facts: Facts, message: AlertClosed, receipt: Receipt) -> Facts:
    """An alert that asks for nothing more, or does so after all (F7)."""
    closing = Closing(
        message.alert_id, receipt.rank, receipt.received_at, not message.withdrawn, message.acknowledged_at
    )
    return with_(facts, message, closings=take(facts.closings, closing, replace))


def learn_admitted(facts: Facts, message: Admitted, receipt: Receipt) -> Facts:
    """An admission, or that it was cancelled (F8)."""
    gone_at = receipt.received_at if message.withdrawn else None
    new = Admission(message.institution_id, message.admitted_at, receipt.rank, receipt.received_at, gone_at)
    known = known_as(facts.admissions, new)
    if known is None:
        return with_(facts, message, admissions=place(facts.admissions, new))
    holds = replace(max(known, new, key=lambda one: one.rank), received_at=min(known.received_at, new.received_at))
    if holds == known:
        return facts
    return with_(facts, message, admissions=replace_versions(facts.admissions, (known,), (holds,)))


def learn_other_stay_ended(facts: Facts, message: OtherStayEnded, receipt: Receipt) -> Facts:
    """Another stay is over (F8)."""
    end = StayEnd(
        message.admitted_at,
        message.ended_at,
        receipt.rank,
        receipt.received_at,
        message.disposition,
        not message.withdrawn,
    )
    return with_(facts, message, stay_ends=take(facts.stay_ends, end, replace))


def learn_excluded(facts: Facts, message: CaseExcluded, receipt: Receipt) -> Facts:
    """An episode that never was (I2), or was after all."""
    excluded = Exclusion(
        message.episode, receipt.rank, None if message.withdrawn else message.excluded_at, receipt.received_at
    )
    return with_(facts, message, exclusions=place(facts.exclusions, excluded))


def learn_confirmed(facts: Facts, message: CaseImported | LocalCaseConfirmed, receipt: Receipt) -> Facts:
    """An episode is confirmed: what was said of its exclusion before holds no more (I2)."""
    confirmed = Exclusion(message.episode, receipt.rank, None, receipt.received_at)
    return with_(facts, message, exclusions=place(facts.exclusions, confirmed))


def learn_ended(facts: Facts, message: FollowUpEnded, receipt: Receipt) -> Facts:
    """The follow-up is over before its time (F8)."""
    ending = Ending(message.ended_at, receipt.rank, message.why, message.by, receipt.received_at)
    return with_(facts, message, endings=place(facts.endings, ending))


def learn_residence(facts: Facts, message: ResidenceChanged, receipt: Receipt) -> Facts:
    """The patient lives elsewhere (F9)."""
    residence = Residence(
        message.from_,
        receipt.rank,
        receipt.received_at,
        message.residence.jurisdiction,
        message.residence.district or "",
        message.time_zone or "",
        message.primary_institution_id or "",
    )
    return with_(facts, message, residences=take(facts.residences, residence, replace))


def with_(facts: Facts, message: Any, **changes: Any) -> Facts:
    """`facts` with the changes; the very same object when there are none."""
    if all(getattr(facts, field) is value for field, value in changes.items()):
        return facts
    return replace(facts, case_id=message.case_id, **changes)
