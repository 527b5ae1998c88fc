"""What is reported of one patient, a child of 13 months in Shanghai; days are counted from the day of arrival."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from schemas.message import Report
from schemas.reports.discharge import DischargeApproved, PatientDischarged
from schemas.reports.followup import CallReported, DayReported, ReturnVisitReported
from schemas.reports.intake import TravellerArrived
from schemas.reports.treatment import (
    ImagingReported,
    PatientAdmitted,
    SymptomsReported,
    TestResultReported,
    TreatmentGiven,
    VitalSignsReported,
)
from schemas.values import ReturnVisitName

SHANGHAI = timezone(timedelta(hours=8))
HOSPITAL = "CN-SH-SPHCC"
COUGH = "49727002"
HOME_FROM_DAY = 12
"""The day of discharge, which is day 0 of the plan."""


@dataclass(frozen=True)
class Patient:
    """One case. `arrival`: the midnight with which the day of arrival begins."""

    case_id: str
    arrival: datetime

    def at(self, day: int, hour: int = 0, minute: int = 0) -> datetime:
        """An instant in Shanghai, `day` days after that of the arrival."""
        return (self.arrival + timedelta(days=day, hours=hour, minutes=minute)).astimezone(SHANGHAI)

    def arrived(self, **changed: Any) -> TravellerArrived:
        """With a cough, in the morning of day 0."""
        fields = {
            "person_ref": f"p-{self.case_id}",
            "sex": "female",
            "age": {"value": 13, "unit": "mo"},
            "nationality": "CN",
            "jurisdiction": "CN-SH",
            "residence": {"jurisdiction": "CN-SH", "district": "Pudong"},
            "symptoms": (COUGH,),
            "origin_country": "PH",
            "flight": "MU212",
            "arrived_at": self.at(0, 6, 40),
        }
        return TravellerArrived.model_validate({"case_id": self.case_id, **fields, **changed})

    def swabbed(self, name: str, when: datetime, outcome: str, **changed: Any) -> TestResultReported:
        """A final NAT on a nasopharyngeal swab, resulted six hours after its collection."""
        fields = {
            "result_id": f"{self.case_id}-{name}",
            "specimen_id": f"{self.case_id}-{name}-s",
            "specimen_type": "nasopharyngeal",
            "test": "94500-6",
            "result": outcome,
            "collected_at": when,
            "resulted_at": when + timedelta(hours=6),
            "lab": "Shanghai CDC",
            "setting": "hospital",
            "status": "final",
        }
        return TestResultReported.model_validate({"case_id": self.case_id, **fields, **changed})

    def admitted(self, when: datetime | None = None) -> PatientAdmitted:
        """To the designated hospital, in the evening of day 0."""
        return PatientAdmitted(case_id=self.case_id, institution_id=HOSPITAL, admitted_at=when or self.at(0, 18))

    def measured(self, when: datetime, celsius: float) -> VitalSignsReported:
        """A temperature under the arm."""
        fields = {"measured_at": when, "temperature_c": celsius, "temperature_site": "axillary"}
        return VitalSignsReported.model_validate({"case_id": self.case_id, **fields})

    def observed(self, when: datetime, respiratory: str) -> SymptomsReported:
        """How the cough is."""
        fields = {"observed_at": when, "symptoms": (COUGH,), "respiratory": respiratory}
        return SymptomsReported.model_validate({"case_id": self.case_id, **fields})

    def imaged(self, name: str, when: datetime, change: str) -> ImagingReported:
        """A chest radiograph."""
        study = {"study_id": f"{self.case_id}-{name}", "modality": "CR", "performed_at": when, "change": change}
        return ImagingReported.model_validate(
            {"case_id": self.case_id, **study, "finding": "bronchopneumonia", "pneumonia": True}
        )

    def treated(self, when: datetime, category: str) -> TreatmentGiven:
        """Something was given."""
        return TreatmentGiven.model_validate({"case_id": self.case_id, "given_at": when, "category": category})

    def approved(self, when: datetime | None = None) -> DischargeApproved:
        """By the panel, the evening before."""
        panel = ("physician", "infection")
        return DischargeApproved(case_id=self.case_id, approved_at=when or self.at(11, 17), panel=panel)

    def discharged(self, **changed: Any) -> PatientDischarged:
        """Home, recovered, in the morning of day 12."""
        fields = {"institution_id": HOSPITAL, "discharged_at": self.at(HOME_FROM_DAY, 10)}
        going = {"disposition": "recovered", "destination": "home"}
        return PatientDischarged.model_validate({"case_id": self.case_id, **fields, **going, **changed})

    def logged(self, plan_day: int) -> tuple[DayReported, DayReported]:
        """The guardian's two logs of a day of the plan."""
        morning, evening = (self.at(HOME_FROM_DAY + plan_day, hour) for hour in (8, 20))
        return self.log("am", morning), self.log("pm", evening)

    def retested(self, plan_day: int) -> TestResultReported:
        """A negative swab of a day of the plan."""
        when = self.at(HOME_FROM_DAY + plan_day, 9)
        return self.swabbed(f"re-{plan_day}", when, "not_detected", setting="follow_up")

    def log(self, slot: str, when: datetime, **changed: Any) -> DayReported:
        """The guardian's log of a slot, made on its day: no fever, nobody went out."""
        fields = {"reported_at": when, "local_date": when.date(), "slot": slot, "stayed_in": True}
        measured = {"temperature_c": 36.6, "temperature_site": "axillary", "channel": "app", "reporter": "guardian"}
        return DayReported.model_validate({"case_id": self.case_id, **fields, **measured, **changed})

    def called(self, call_id: str, when: datetime, outcome: str = "reached") -> CallReported:
        """How a call ended."""
        fields = {"call_id": call_id, "called_at": when, "outcome": outcome}
        return CallReported.model_validate({"case_id": self.case_id, **fields})

    def returned(self, when: datetime | None, visit: ReturnVisitName = "week_2") -> ReturnVisitReported:
        """A return visit; None: the hospital has waited in vain."""
        return ReturnVisitReported(case_id=self.case_id, visit=visit, attended_at=when)

    def stay(self) -> Iterable[Report]:
        """All that is reported from the arrival to the discharge, in clinical order."""
        yield from self.ill()
        yield from self.improvement()
        yield from self.negatives()
        yield self.approved()
        yield self.discharged()

    def ill(self, **who: Any) -> Iterable[Report]:
        """The arrival, the positive test, the admission and the illness. `who`: other fields of the arrival."""
        yield self.arrived(**who)
        yield self.swabbed("r-1", self.at(0, 8), "detected", setting="entry_screening")
        yield self.admitted()
        yield from self.illness()

    def illness(self) -> Iterable[Report]:
        """Fever, pneumonia on the radiograph, and what was given for it, on day 1."""
        yield self.measured(self.at(1, 8), 38.4)
        yield self.observed(self.at(1, 9), "same")
        yield self.imaged("x-1", self.at(1, 10), "first")
        given = ("anti_infective", "traditional_chinese_medicine", "nutrition", "symptomatic")
        yield from (self.treated(self.at(1, 14 + hour), category) for hour, category in enumerate(given))

    def improvement(self) -> Iterable[Report]:
        """No fever from day 4 on, the cough better, the lungs clearer on day 9."""
        yield from (self.measured(self.at(day, 8), 36.7) for day in range(4, 10))
        yield self.observed(self.at(8, 9), "improved")
        yield self.imaged("x-2", self.at(9, 15), "improved")

    def negatives(self) -> Iterable[Report]:
        """Two consecutive negatives, collected 24 hours apart, and the temperatures of their days."""
        yield self.measured(self.at(10, 7), 36.6)
        yield self.swabbed("r-2", self.at(10, 8), "not_detected")
        yield self.measured(self.at(11, 7), 36.6)
        yield self.swabbed("r-3", self.at(11, 8), "not_detected")
