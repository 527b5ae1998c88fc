"""An admission of a wrong date that nothing can refuse, from treatment to discharge: cancelled, it no longer stands in
the way of the patient's discharge."""

from datetime import datetime, timedelta

from schemas.events.discharge import Discharged
from schemas.events.treatment import Admitted
from schemas.message import Message
from schemas.reports.treatment import AdmissionCancelled, PatientAdmitted
from services.discharge.routes import CASE as DISCHARGE
from services.treatment.routes import CASE as TREATMENT
from tests.domain.discharge.journeys import CASE, HOSPITAL, at, confirmed, discharged
from tests.domain.story import Story

RECEIVED_AT = at(20)


def admission(when: datetime) -> PatientAdmitted:
    return PatientAdmitted(case_id=CASE, institution_id=HOSPITAL, admitted_at=when)


def cancellation(when: datetime) -> AdmissionCancelled:
    return AdmissionCancelled(case_id=CASE, institution_id=HOSPITAL, cancelled_at=when, reason="wrong year")


class Hospital:
    """Treatment and discharge, each told what the other has to say to it."""

    def __init__(self) -> None:
        self.treatment, self.discharge = Story(TREATMENT), Story(DISCHARGE)
        self.given: list[Message] = []

    def report(self, *reports: Message) -> None:
        for report in reports:
            reporting = isinstance(report, PatientAdmitted | AdmissionCancelled)
            if not reporting:
                self._tell(report)
                continue
            for emitted in self.treatment.when(report, received_at=RECEIVED_AT).emitted:
                self._tell(emitted.event)

    def _tell(self, message: Message) -> None:
        self.given += [emitted.event for emitted in self.discharge.when(message, received_at=RECEIVED_AT).emitted]

    @property
    def discharges(self) -> list[Discharged]:
        return [event for event in self.given if isinstance(event, Discharged)]


def test_a_discharge_that_a_wrong_admission_stood_in_the_way_of_is_announced_once_that_is_cancelled() -> None:
    hospital = Hospital()
    hospital.report(confirmed(), admission(at(18)), discharged(at(17, 10)))
    assert hospital.discharges == []
    hospital.report(cancellation(at(19)))
    assert [event.discharged_at for event in hospital.discharges] == [at(17, 10)]


def test_a_stay_that_began_in_a_wrong_year_is_as_long_as_it_was_once_that_is_cancelled() -> None:
    hospital = Hospital()
    hospital.report(confirmed(), admission(at(1, 10) - timedelta(days=300)), admission(at(1, 10)))
    hospital.report(discharged(at(17, 10)), cancellation(at(1) - timedelta(days=299)))
    assert [event.length_of_stay_days for event in hospital.discharges] == [316, 16]


def test_the_longest_stay_that_an_event_can_tell_is_told_with_what_is_left_out() -> None:
    hospital = Hospital()
    long_ago = at(1) - timedelta(days=5000)
    hospital.report(confirmed(), admission(long_ago), discharged(at(17, 10)))
    (event,) = hospital.discharges
    assert (event.length_of_stay_days, event.omitted) == (3660, {"length_of_stay_days": 1356})


def test_what_is_withdrawn_names_the_admission_that_never_was() -> None:
    hospital = Hospital()
    hospital.report(admission(at(1, 10)), cancellation(at(2)))
    hospital.treatment.then((Admitted, {"admitted_at": at(1, 10).isoformat(), "withdrawn": True}))
