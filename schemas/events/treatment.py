"""Events of treatment: what was found and done, each thing as it now stands."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.message import CaseEvent, Message
from schemas.reports.treatment import (
    AdmissionFields,
    ComorbidityFields,
    ImagingFields,
    SymptomsFields,
    TestResultFields,
    TreatmentFields,
    VitalSignsFields,
)
from schemas.values import Episode, Flag, Instant, Observer, Severity, Texts, Value, Word


class Admitted(AdmissionFields, CaseEvent):
    """A hospital admitted the patient."""


class TestResult(TestResultFields):
    """A result as it stood, inside the event that changes it."""


class TestResultRecorded(TestResultFields, CaseEvent):
    """A result, said for the first time."""


EarlierVersions = Annotated[tuple[TestResult, ...], Field(max_length=100, description="Before `old`, oldest first.")]


class TestResultCorrected(TestResultFields, CaseEvent):
    """A result as it now stands, with what it said before (`old`) and what it says now (`new`).

    With `earlier` it is the whole history, so that what a result said at any instant is known from this event alone.
    """

    old: TestResult
    new: TestResult
    earlier: EarlierVersions = ()


class TestResultRetracted(TestResultFields, CaseEvent):
    """A result that never was; its fields as last reported, `old` as it stood before."""

    old: TestResult | None = None
    earlier: EarlierVersions = ()


class Observed(Message):
    """What somebody saw. `observer`: the report's `source`, which with the instant names it.

    Absent in events of before there were observers.
    """

    observer: Observer | None = None


class VitalSignsRecorded(Observed, VitalSignsFields, CaseEvent):
    """Vital signs at one instant, measured by one observer; what a later version does not mention it keeps."""


class SymptomsRecorded(Observed, SymptomsFields, CaseEvent):
    """Symptoms at one instant, seen by one observer."""


class ImagingRecorded(ImagingFields, CaseEvent):
    """One imaging study."""


class TreatmentRecorded(TreatmentFields, CaseEvent):
    """A treatment given at one instant."""


class ComorbidityRecorded(ComorbidityFields, CaseEvent):
    """A comorbidity as now known."""


class ClassInForce(Value):
    """The class that held from an instant on."""

    since: Instant
    severity: Severity


class SeverityAssessed(CaseEvent):
    """The class of the illness, by the protocol's rule or by a clinician; both are shown (S1 to S3).

    `prevails` says which of the two holds. `history`: the classes that prevailed, and from when on, oldest first.
    """

    severity: Severity
    criteria: Texts = ()
    protocol: Word
    by: Literal["rule", "report"]
    assessed_at: Instant | None = None
    prevails: Flag | None = None
    episode: Episode | None = None
    history: Annotated[tuple[ClassInForce, ...], Field(max_length=200)] = ()
