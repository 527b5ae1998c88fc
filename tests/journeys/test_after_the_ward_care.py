"""Primary care as stories: an alert that somebody has to see, and a patient whom somebody has to take on."""

from datetime import date

import pytest

from schemas.envelope import Envelope
from schemas.reports.treatment import ComorbidityReported
from tests.journeys.afterwards import (
    CENTRE,
    DAY_0,
    DISTRICT,
    DISTRICT_HOSPITAL,
    HOSPITAL,
    MUNICIPALITY,
    NEXT_CENTRE,
    Institution,
    People,
    Person,
    expect,
    expect_in_all,
    expect_nothing,
    goes_home,
    side_by_side,
)

pytestmark = [pytest.mark.timeout(900), pytest.mark.wide]


async def has_a_fever_on_day_5(child: Person) -> None:
    """38.2 °C under the arm, in the evening; the morning was as always."""
    await goes_home(child)
    await child.logs(1, 4)
    await child.logs_at(child.on(5, 20), temperature_c=38.2)


@side_by_side
async def test_a_fever_on_day_5_acknowledged_late(people: People) -> None:
    child = people.child()
    await has_a_fever_on_day_5(child)
    evidence = [f"log@{DAY_0.replace(day=22)}/pm"]
    alert = expect(
        child, "HealthAlertRaised", why="fever", severity="high", day=5, evidence=evidence, at=child.on(5, 20)
    )
    for institution in (CENTRE, HOSPITAL):
        to = institution.institution_id
        expect(child, "AlertForwarded", institution_id=to, severity="high", respond_by=child.on(6, 20), level=0)

    await child.waits_until(child.on(6, 19, 59))
    expect_nothing(child, "AlertEscalated")
    await child.waits_until(child.on(6, 20))
    level_1 = {"level": 1, "to_institution_id": DISTRICT, "respond_by": child.on(7, 20)}
    expect(child, "AlertEscalated", alert_id=alert.data["alert_id"], at=child.on(6, 20), **level_1)
    await child.logs(6)
    await CENTRE.acknowledges(alert, child.on(7, 9))
    expect(child, "AlertClosed", why="acknowledged", level=1, acknowledged_at=child.on(7, 9))

    await child.logs(7, 14)
    await child.waits_until(child.end_of(14))
    expect(child, "QuarantineCompleted", days_logged=14, at=child.end_of(14))
    expect_in_all(
        child,
        QuarantineStarted=1,
        PrimaryCareNotified=1,
        QuarantineDayLogged=27,
        HealthAlertRaised=1,
        AlertForwarded=2,
        AlertEscalated=1,
        AlertClosed=1,
        QuarantineCompleted=1,
    )


@side_by_side
async def test_a_fever_that_nobody_acknowledges_holds_the_plan(people: People) -> None:
    child = people.child()
    await has_a_fever_on_day_5(child)
    alert = expect(child, "HealthAlertRaised", why="fever", day=5)
    await child.logs(6)
    await child.waits_until(child.on(7, 20))
    level_2 = {"level": 2, "to_institution_id": MUNICIPALITY, "respond_by": None}
    expect(child, "AlertEscalated", at=child.on(7, 20), **level_2)

    await child.logs(7, 14)
    await child.waits_until(child.end_of(14))
    expect(child, "QuarantineHeld", missing=["alert of day 5: fever"], at=child.end_of(14))
    await child.waits_until(child.end_of(15))
    expect_nothing(child, "QuarantineCompleted")

    await CENTRE.acknowledges(alert, child.on(16, 9))
    expect(child, "AlertClosed", why="acknowledged", level=2)
    expect_nothing(child, "QuarantineCompleted")
    await child.waits_until(child.end_of(16))
    expect(child, "QuarantineCompleted", days_logged=14, days_missed=0, at=child.end_of(16))
    assert len(child.emitted("AlertEscalated")) == 2, "once for each level"
    assert len(child.emitted("QuarantineHeld")) == 1, "what is missing is named once"


@side_by_side
async def test_a_dialysis_patient_whose_clinic_declines(people: People) -> None:
    patient = people.adult(needs=("dialysis",))
    await HOSPITAL.treats(patient, needs_dialysis(patient))
    sent = expect(patient, "TransferCompleted", to_institution_id=HOSPITAL.institution_id)  # told after the stay
    assert "dialysis" in sent.data["required_capabilities"]

    asked = await the_clinic_is_asked_and_declines(patient, NEXT_CENTRE)
    await the_next_one_is_silent_for_a_day(patient)
    await CENTRE.declines(asked, patient.on(2, 9))
    third = {"institution_id": DISTRICT_HOSPITAL.institution_id, "respond_by": patient.on(3, 9), "level": 1}
    expect(patient, "LinkageRequested", at=patient.on(2, 9), **third)
    await DISTRICT_HOSPITAL.accepts(asked, patient.on(2, 11))
    expect(patient, "LinkageAccepted", institution_id=DISTRICT_HOSPITAL.institution_id, level=1)
    await the_hospital_of_the_district_cares(patient, asked)
    assert {event.data["linkage_id"] for event in patient.emitted("LinkageRequested")} == {asked.data["linkage_id"]}
    expect_in_all(
        patient,
        QuarantineStarted=1,
        PrimaryCareNotified=1,
        QuarantineDayLogged=28,
        QuarantineCompleted=1,
        LinkageRequested=3,
        LinkageDeclined=2,
        LinkageEscalated=1,
        LinkageAccepted=1,
        LinkageClosed=1,
        ReturnVisitAttended=2,
    )


def needs_dialysis(patient: Person) -> ComorbidityReported:
    """Whose medicine runs out on day 8."""
    dialysis = {"condition": "N18.6", "active": True, "needs_regular_care": True}
    medicines = {"regular_medicines": ("B03XA01",), "medicines_last_until": date(2020, 10, 25)}
    return ComorbidityReported.model_validate({"case_id": patient.case_id, **dialysis, **medicines})


async def the_clinic_is_asked_and_declines(patient: Person, clinic: Institution) -> Envelope:
    """The one that the patient named at the discharge; the centre of the district is next. Returns the request."""
    await HOSPITAL.discharges(patient, primary_institution_id=clinic.institution_id)
    expect(patient, "PrimaryCareNotified", institution_id=clinic.institution_id, conditions=["N18.6"])
    asked = expect(
        patient,
        "LinkageRequested",
        institution_id=clinic.institution_id,
        conditions=["N18.6"],
        medicines_last_until=date(2020, 10, 25),
        respond_by=patient.on(1, 10),
        level=0,
        at=patient.on(0, 10),
    )
    await clinic.declines(asked, patient.on(0, 15))
    expect(patient, "LinkageDeclined", institution_id=clinic.institution_id, level=0)
    second = {"institution_id": CENTRE.institution_id, "respond_by": patient.on(1, 15), "level": 0}
    expect(patient, "LinkageRequested", at=patient.on(0, 15), **second)
    return asked


async def the_hospital_of_the_district_cares(patient: Person, asked: Envelope) -> None:
    """A visit and a delivery, each counted; the linkage ends with aftercare, two weeks after the plan."""
    await patient.logs(2, 3)
    await DISTRICT_HOSPITAL.cares(asked, "visit", patient.on(4, 10))
    await patient.logs(4, 7)
    await DISTRICT_HOSPITAL.cares(asked, "medicine", patient.on(8, 10))
    await patient.logs(8, 14)
    await patient.returns("week_2", patient.on(14, 22))
    await patient.returns("week_4", patient.on(28, 22))
    expect_nothing(patient, "LinkageClosed")
    await patient.waits_until(patient.end_of(28))
    closed = {"institution_id": DISTRICT_HOSPITAL.institution_id, "why": "aftercare_ended", "deliveries": 2, "level": 1}
    expect(patient, "LinkageClosed", at=patient.end_of(28), **closed)


async def the_next_one_is_silent_for_a_day(patient: Person) -> None:
    """Level 1 is told after 24 hours; meanwhile the patient logs as everybody does."""
    await patient.waits_until(patient.on(1, 14, 59))
    expect_nothing(patient, "LinkageEscalated")
    await patient.waits_until(patient.on(1, 15))
    level_1 = {"level": 1, "to_institution_id": DISTRICT, "respond_by": patient.on(2, 15), "why": "no_answer"}
    expect(patient, "LinkageEscalated", institution_id=CENTRE.institution_id, at=patient.on(1, 15), **level_1)
    await patient.logs(1)
