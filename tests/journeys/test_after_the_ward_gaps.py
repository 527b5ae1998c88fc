"""Days about which nobody could ask, and what was due and not done: known too late, in hospital again, no swab."""

from datetime import timedelta

import pytest

from tests.journeys.afterwards import (
    DAY_0,
    HOSPITAL,
    LABORATORY,
    People,
    expect,
    expect_in_all,
    expect_nothing,
    goes_home,
    side_by_side,
)
from tests.journeys.side_by_side import given

pytestmark = [pytest.mark.timeout(900), pytest.mark.wide]


@side_by_side
async def test_a_discharge_told_on_day_3_has_two_unknown_days_and_a_call_about_them_at_once(people: People) -> None:
    child = people.child()
    await HOSPITAL.treats(child)
    known_at = child.on(3, 10)
    await given(known_at, child.patient.discharged())
    expect(child, "QuarantineStarted", day_1=DAY_0 + timedelta(days=1), at=child.on(0, 10))
    call = expect(child, "CallRequested", why="day_unknown", attempt=1, days=[1, 2], call_by=child.end_of(3))
    expect_nothing(child, "QuarantineDayMissed", "CallCompleted")
    await child.is_asked(call, child.on(3, 12))

    await child.logs(3, 14)
    await child.waits_until(child.end_of(14))
    completed = {"days_logged": 12, "days_missed": 0, "days_unknown": 2, "days_reached_by_phone": 0}
    expect(child, "QuarantineCompleted", at=child.end_of(14), **completed)
    expect_in_all(
        child,
        QuarantineStarted=1,
        PrimaryCareNotified=1,
        QuarantineDayLogged=24,
        CallRequested=1,
        CallCompleted=1,
        QuarantineCompleted=1,
    )


@side_by_side
async def test_a_stay_that_no_test_explains_pauses_the_plan_and_nobody_is_asked_for_its_days(people: People) -> None:
    patient = people.adult()
    await goes_home(patient)
    await patient.logs(1, 3)
    stay = patient.patient
    await given(patient.on(4, 11), stay.admitted(patient.on(4, 10)))
    expect(patient, "QuarantinePaused", at=patient.on(4, 10))
    await patient.waits_until(patient.on(6, 9))
    expect_nothing(patient, "QuarantineDayMissed", "CallRequested")

    await given(patient.on(6, 11), stay.discharged(discharged_at=patient.on(6, 10)))
    expect(patient, "OtherStayEnded", at=patient.on(6, 10))
    expect(patient, "QuarantineResumed", at=patient.on(6, 10))
    await patient.logs(7, 14)
    await patient.waits_until(patient.end_of(14))
    completed = {"days_logged": 11, "days_missed": 0, "days_in_hospital": 3}
    expect(patient, "QuarantineCompleted", at=patient.end_of(14), **completed)
    assert len(patient.emitted("Discharged")) == len(
        {event.data["discharged_at"] for event in patient.stands("Discharged")}
    )
    expect_in_all(
        patient,
        QuarantineStarted=1,
        PrimaryCareNotified=1,
        QuarantineDayLogged=22,
        QuarantinePaused=1,
        QuarantineResumed=1,
        QuarantineCompleted=1,
    )


@side_by_side
async def test_a_re_test_that_nobody_took_is_missed_asked_about_and_settled_by_its_collection(people: People) -> None:
    child = people.child()
    await goes_home(child)
    await child.logs(1, 6)
    for day in (7, 8):
        await given(
            child.on(day, 21), *(child.patient.log(slot, child.on(day, hour)) for slot, hour in (("am", 8), ("pm", 20)))
        )
    expect_nothing(child, "RetestMissed")
    await child.waits_until(child.end_of(8))
    expect(child, "RetestMissed", due_on=DAY_0 + timedelta(days=7), at=child.end_of(8))
    expect(
        child, "CallRequested", why="retest_missed", attempt=1, days=[7], call_by=child.end_of(9), at=child.end_of(8)
    )

    await LABORATORY.retests(child, 9, "not_detected")
    expect(child, "CallCompleted", outcome="withdrawn")
    await child.logs(9, 14)
    await child.waits_until(child.end_of(14))
    expect(child, "QuarantineCompleted", at=child.end_of(14), days_logged=14, days_missed=0)
    expect_in_all(
        child,
        QuarantineStarted=1,
        PrimaryCareNotified=1,
        QuarantineDayLogged=28,
        RetestMissed=1,
        CallRequested=1,
        CallCompleted=1,
        QuarantineCompleted=1,
    )
