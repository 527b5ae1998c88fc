"""What each message teaches. Nothing is refused here: what contradicts is kept, concluded upon, and shown."""

from operator import attrgetter
from typing import Any

from msgspec.structs import replace

from chassis.decide.judge import Receipt
from chassis.decide.ordered_facts import place, replace_versions, versions
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

_RESULT_ID = attrgetter("result_id")


def learn_case(facts: Facts, event: CaseImported | LocalCaseConfirmed, receipt: Receipt) -> Facts:
    """A confirmed case: the episode, where and in which zone it is judged, and whether it told of symptoms."""
    reported_at = event.arrived_at if isinstance(event, CaseImported) else event.confirmed_at
    confirmation = Confirmation(
        at=event.confirmed_at,
        rank=receipt.rank,
        withdrawn=bool(event.withdrawn),
        episode=event.episode,
        jurisdiction=event.jurisdiction,
        time_zone=event.time_zone,
        residence=_residence(event.residence),
        symptoms_at=reported_at if event.symptoms else None,
        basis=event.basis,
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
    known = versions(facts.results, event.result_id, _RESULT_ID)
    if known and known[0].rank >= receipt.rank:
        return facts
    given = [*getattr(event, "earlier", ()), getattr(event, "old", None), event]
    in_force = {version.resulted_at: _version(version, event, receipt) for version in given if version}
    results = replace_versions(facts.results, known, in_force.values(), _RESULT_ID)
    return replace(facts, case_id=event.case_id, results=results)


def learn_vital_signs(facts: Facts, event: VitalSignsRecorded, receipt: Receipt) -> Facts:
    """A temperature. Vital signs without one take the place of an earlier version that had one."""
    gone = event.withdrawn or event.temperature_c is None
    measurement = Measurement(
        event.measured_at, receipt.rank, bool(gone), event.temperature_c or 0.0, event.temperature_site or "axillary"
    )
    return _with(facts, event.case_id, "measurements", measurement)


def learn_symptoms(facts: Facts, event: SymptomsRecorded, receipt: Receipt) -> Facts:
    """How the respiratory symptoms went."""
    observation = Observation(event.observed_at, receipt.rank, bool(event.withdrawn), event.respiratory)
    return _with(facts, event.case_id, "observations", observation)


def learn_imaging(facts: Facts, event: ImagingRecorded, receipt: Receipt) -> Facts:
    """An imaging study."""
    study = Study(
        event.performed_at, receipt.rank, bool(event.withdrawn), event.study_id, event.pneumonia, event.change
    )
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
        destination=report.destination,
        residence=_residence(report.residence) if report.residence else None,
        primary_institution_id=report.primary_institution_id,
        received_at=receipt.received_at,
        report_id=receipt.id,
        report_type=receipt.type,
        source=receipt.source,
    )
    return _with(facts, report.case_id, "discharges", discharge)


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
        lowest_ct=min(given.ct_values.values()) if given.ct_values else None,
        setting=given.setting,
    )


def _residence(given: GivenResidence) -> Residence:
    return Residence(given.jurisdiction, given.district)


def _with(facts: Facts, case_id: str, field: str, fact: Any) -> Facts:
    known = getattr(facts, field)
    placed = place(known, fact)
    return facts if placed is known else replace(facts, case_id=case_id, **{field: placed})
