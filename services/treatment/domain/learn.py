"""What treatment learns from each message."""

from collections.abc import Callable
from typing import Any, TypeVar

from msgspec.structs import replace

from chassis.decide.judge import Receipt, Rejection
from chassis.decide.ordered_facts import known_as, place, replace_versions
from schemas.events.intake import CaseExcluded, CaseImported, LocalCaseConfirmed
from schemas.message import CaseReport
from schemas.reports.treatment import ComorbidityReported, TestResultReported
from services.treatment.domain.facts import (
    Admission,
    AdmissionCancellation,
    Comorbidity,
    Correction,
    Episode,
    Fact,
    Facts,
    Imaging,
    ReportedSeverity,
    ResultVersion,
    Symptoms,
    Treatment,
    VitalSigns,
)
from services.treatment.domain.measurements import merged
from services.treatment.domain.results import CORRECTS
from services.treatment.policy import FUTURE_TOLERANCE

F = TypeVar("F", bound=Fact)
LearnReport = Callable[[Facts, CaseReport, Receipt], Facts]


def _taken(kind: type[F], report: CaseReport, **more: Any) -> F:
    fields = type(report).model_fields
    return kind(**{name: getattr(report, name) for name in kind.__struct_fields__ if name in fields}, **more)


def _with(facts: Facts, case_id: str, shelf: str, fact: Any) -> Facts:
    known = getattr(facts, shelf)
    placed = place(known, fact)
    return facts if placed is known else replace(facts, case_id=case_id, **{shelf: placed})


def _learns(kind: type[Fact], shelf: str) -> LearnReport:
    def learn(facts: Facts, report: CaseReport, receipt: Receipt) -> Facts:
        return _with(facts, report.case_id, shelf, _taken(kind, report, rank=receipt.rank))

    return learn


def _observes(kind: type[F], shelf: str, merged: Callable[[F, F], F] | None = None) -> LearnReport:
    """What its observer and its instant name. A fact whose observer is not known gives way to a later report."""

    def learn(facts: Facts, report: CaseReport, receipt: Receipt) -> Facts:
        new: Any = _taken(kind, report, rank=receipt.rank, observer=receipt.source)
        shelved: tuple[Any, ...] = getattr(facts, shelf)
        nameless = known_as(shelved, replace(new, observer=""))
        if nameless is not None and nameless.rank < new.rank:
            facts = replace(facts, **{shelf: replace_versions(shelved, (nameless,), ())})
        known = known_as(getattr(facts, shelf), new)
        if known is None or merged is None:
            return _with(facts, report.case_id, shelf, new)
        both = merged(known, new)
        return facts if both == known else replace(facts, **{shelf: replace_versions(shelved, (known,), (both,))})

    return learn


learn_patient_admitted = _learns(Admission, "admissions")
learn_admission_cancelled = _learns(AdmissionCancellation, "admission_cancellations")
learn_vital_signs_reported = _observes(VitalSigns, "vital_signs", merged)
learn_symptoms_reported = _observes(Symptoms, "symptoms")
learn_imaging_reported = _learns(Imaging, "imaging")
learn_severity_reported = _observes(ReportedSeverity, "severities")
learn_treatment_given = _learns(Treatment, "treatments")


def learn_test_result_reported(facts: Facts, report: TestResultReported, receipt: Receipt) -> Facts | Rejection:
    """Refuses a result from the future: it would hold against every correction until then."""
    if report.resulted_at > receipt.received_at + FUTURE_TOLERANCE:
        return Rejection("impossible_time", "lies more than 5 minutes after it came; correct it", "resulted_at")
    learnt = _with(facts, report.case_id, "results", _taken(ResultVersion, report, rank=receipt.rank))
    if report.status not in CORRECTS:
        return learnt
    names = receipt.received_at, report.lab, report.result_id, receipt.id, receipt.type, receipt.source
    return _with(learnt, report.case_id, "corrections", Correction(*names, rank=receipt.rank))


def learn_comorbidity_reported(facts: Facts, report: ComorbidityReported, receipt: Receipt) -> Facts:
    """As now known: of two reports about one condition the one written down later holds."""
    fact = _taken(Comorbidity, report, recorded_at=receipt.recorded, rank=receipt.rank)
    return _with(facts, report.case_id, "comorbidities", fact)


def learn_case_confirmed(facts: Facts, event: CaseImported | LocalCaseConfirmed, receipt: Receipt) -> Facts:
    """An episode stands (or, withdrawn, does not), and how old the patient is and where."""
    episode = Episode(
        number=event.episode,
        stands=not event.withdrawn,
        rank=receipt.rank,
        confirmed_at=event.confirmed_at,
        basis=event.basis,
        age_months=event.age.months if event.age else 0,
        jurisdiction=event.jurisdiction,
        time_zone=event.time_zone,
        symptoms_at=event.arrived_at or event.confirmed_at,
        symptoms=event.symptoms,
        age_is_known=event.age is not None,
        labs=event.basis_labs,
        district=event.residence.district or "",
    )
    return _with(facts, event.case_id, "episodes", episode)


def learn_case_excluded(facts: Facts, event: CaseExcluded, receipt: Receipt) -> Facts:
    """The episode never was."""
    return _with(facts, event.case_id, "episodes", Episode(event.episode, stands=False, rank=receipt.rank))
