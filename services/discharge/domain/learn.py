"""What each message teaches. Nothing is refused here: what contradicts is kept, concluded upon, and shown."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from msgspec.structs import replace

from chassis.decide.judge import Receipt
from chassis.decide.ordered_facts import known_as, place, replace_versions, versions
from schemas.events.intake import CaseExcluded, CaseImported, LocalCaseConfirmed
from schemas.events.treatment import (
    Admitted,
    ComorbidityRecorded,
    ImagingRecorded,
    SeverityAssessed,
    SymptomsRecorded,
    TestResultCorrected,
    TestResultRecorded,
    TestResultRetracted,
    VitalSignsRecorded,
)
from schemas.message import CaseEvent
from schemas.reports.discharge import DischargeApproved, DischargeCancelled, PatientDischarged
from schemas.reports.treatment import TestResultFields
from schemas.values import Residence as GivenResidence
from services.discharge.domain.facts import (
    Admission,
    Approval,
    Assessment,
    Cancellation,
    ClassInForce,
    Comorbidity,
    Confirmation,
    Discharge,
    Exclusion,
    Facts,
    Measurement,
    Observation,
    Residence,
    Result,
    Study,
)

_NAME = attrgetter("name")


def learn_case(facts: Facts, event: CaseImported | LocalCaseConfirmed, receipt: Receipt) -> Facts:
    """A confirmed case: the episode, where and in which zone it is judged, and whether it told of symptoms."""
    ill = bool(event.symptoms or event.symptoms_in_words)
    confirmation = Confirmation(
        at=event.confirmed_at,
        rank=receipt.rank,
        withdrawn=bool(event.withdrawn),
        episode=event.episode,
        jurisdiction=event.jurisdiction,
        time_zone=event.time_zone,
        residence=_residence(event.residence),
        symptoms_at=(event.arrived_at or event.confirmed_at) if ill else None,
        basis=event.basis,
        basis_labs=event.basis_labs,
    )
    return _with(facts, event.case_id, "confirmations", confirmation)


def learn_case_excluded(facts: Facts, event: CaseExcluded, receipt: Receipt) -> Facts:
    """An episode that never was, unless a later event confirms it again."""
    exclusion = Exclusion(event.excluded_at, receipt.rank, bool(event.withdrawn), event.episode)
    return _with(facts, event.case_id, "exclusions", exclusion)


def learn_admitted(facts: Facts, event: Admitted, receipt: Receipt) -> Facts:
    """A stay in hospital begins."""
    admission = Admission(
        event.admitted_at, receipt.rank, bool(event.withdrawn), event.institution_id, bool(event.symptoms)
    )
    return _with(facts, event.case_id, "admissions", admission)


def learn_result(
    facts: Facts, event: TestResultRecorded | TestResultCorrected | TestResultRetracted, receipt: Receipt
) -> Facts:
    """Every version of a result: the last event about it tells its whole history, in the place of what was known.

    Of versions with one `resulted_at` the last holds: the others never were in force (D0).
    """
    given = [*getattr(event, "earlier", ()), getattr(event, "old", None), event]
    in_force = {version.resulted_at: _version(version, event, receipt) for version in given if version}
    known = versions(facts.results, (event.lab, event.result_id), _NAME) or _without_lab(facts, in_force)
    if known and known[0].rank >= receipt.rank:
        return facts
    results = replace_versions(facts.results, known, in_force.values(), _NAME)
    return replace(facts, case_id=event.case_id, results=results)


def _without_lab(facts: Facts, in_force: Mapping[datetime, Result]) -> Sequence[Result]:
    """The same result as the first edition kept it, without its laboratory: it shares a version with the new history.

    Another laboratory's result of that id shares none.
    """
    result_id = next(iter(in_force.values())).result_id
    known = versions(facts.results, ("", result_id), _NAME)
    shared = any(version.at in in_force and _same_test(version, in_force[version.at]) for version in known)
    return known if shared else ()


def _same_test(one: Result, other: Result) -> bool:
    return (one.collected_at, one.outcome, one.test) == (other.collected_at, other.outcome, other.test)


def learn_vital_signs(facts: Facts, event: VitalSignsRecorded, receipt: Receipt) -> Facts:
    """A temperature. What a later version does not mention it does not take back."""
    if event.temperature_c is None and not event.withdrawn:
        return facts
    measurement = Measurement(
        at=event.measured_at,
        rank=receipt.rank,
        withdrawn=bool(event.withdrawn),
        celsius=event.temperature_c or 0.0,
        site=event.temperature_site or "unknown",
        observer=event.observer or "",
    )
    return _with(facts, event.case_id, "measurements", measurement)


def learn_symptoms(facts: Facts, event: SymptomsRecorded, receipt: Receipt) -> Facts:
    """How the respiratory symptoms went."""
    observation = Observation(
        event.observed_at, receipt.rank, bool(event.withdrawn), event.respiratory, event.observer or ""
    )
    return _with(facts, event.case_id, "observations", observation)


def learn_imaging(facts: Facts, event: ImagingRecorded, receipt: Receipt) -> Facts:
    """An imaging study."""
    gone = bool(event.withdrawn) or event.status == "retracted"
    study = Study(event.performed_at, receipt.rank, gone, event.study_id, event.pneumonia, event.change)
    return _with(facts, event.case_id, "studies", study)


def learn_severity(facts: Facts, event: SeverityAssessed, receipt: Receipt) -> Facts:
    """The last word on the severity, by rule or by report."""
    assessed_at = event.assessed_at or receipt.recorded
    assessment = Assessment(
        at=assessed_at,
        rank=receipt.rank,
        withdrawn=bool(event.withdrawn),
        by=event.by,
        severity=event.severity,
        prevails=event.prevails is not False,
        episode=event.episode or 1,
        history=tuple(ClassInForce(known.since, known.severity) for known in event.history),
    )
    return _with(facts, event.case_id, "assessments", assessment)


def learn_comorbidity(facts: Facts, event: ComorbidityRecorded, receipt: Receipt) -> Facts:
    """Another illness, as known now."""
    comorbidity = Comorbidity(
        event.condition,
        receipt.rank,
        bool(event.withdrawn),
        event.active,
        event.needs_regular_care,
        event.regular_medicines,
        event.medicines_last_until,
    )
    return _with(facts, event.case_id, "comorbidities", comorbidity)


def learn_approved(facts: Facts, report: DischargeApproved, receipt: Receipt) -> Facts:
    """The panel approved."""
    approval = Approval(report.approved_at, receipt.rank, False, report.panel, report.override is not None)
    return _with(facts, report.case_id, "approvals", approval)


def learn_discharged(facts: Facts, report: PatientDischarged, receipt: Receipt) -> Facts:
    """A hospital discharged the patient: a fact, whatever the criteria say (D7)."""
    discharge = Discharge(
        at=report.discharged_at,
        rank=receipt.rank,
        withdrawn=False,
        institution_id=report.institution_id,
        disposition=report.disposition,
        destination=report.destination or "",
        residence=_residence(report.residence) if report.residence else None,
        primary_institution_id=report.primary_institution_id,
        received_at=receipt.received_at,
        report_id=receipt.id,
        report_type=receipt.type,
        source=receipt.source,
        to_institution_id=report.to_institution_id,
        first_received_at=receipt.received_at,
    )
    before = known_as(facts.discharges, discharge)
    if before is None:
        return _with(facts, report.case_id, "discharges", discharge)
    holds = discharge if discharge.rank > before.rank else before
    first = min(before.known_at, receipt.received_at)
    if holds is before and first == before.known_at:
        return facts
    kept = replace(holds, first_received_at=first)
    return replace(facts, discharges=replace_versions(facts.discharges, (before,), (kept,)))


def learn_cancelled(facts: Facts, report: DischargeCancelled, receipt: Receipt) -> Facts:
    """The hospital takes a discharge back (D8)."""
    return _with(facts, report.case_id, "cancellations", Cancellation(report.cancelled_at, receipt.rank, False))


def _version(given: TestResultFields, event: CaseEvent, receipt: Receipt) -> Result:
    return Result(
        at=given.resulted_at,
        rank=receipt.rank,
        withdrawn=bool(event.withdrawn),
        result_id=given.result_id,
        test=given.test,
        specimen_type=given.specimen_type,
        outcome=given.result,
        status=given.status,
        collected_at=given.collected_at,
        lowest_ct=None,
        setting=given.setting,
        lab=given.lab,
        specimen_id=given.specimen_id,
        collected_precision=given.collected_precision,
        ct_values=given.ct_values or {},
    )


def _residence(given: GivenResidence) -> Residence:
    return Residence(given.jurisdiction, given.district or "")


def _with(facts: Facts, case_id: str, field: str, fact: Any) -> Facts:
    known = getattr(facts, field)
    placed = place(known, fact)
    return facts if placed is known else replace(facts, case_id=case_id, **{field: placed})
