"""What ends a plan before its time, or keeps it from ending: positive again, revoked, died, against advice."""

from datetime import timedelta
from typing import Any

import pytest

from schemas.message import Report
from tests.journeys.afterwards import (
    CENTRE,
    DAY_0,
    DISTRICT,
    HOSPITAL,
    LABORATORY,
    People,
    Person,
    expect,
    expect_in_all,
    expect_nothing,
    goes_home,
    retest,
    side_by_side,
)
from tests.journeys.side_by_side import given

pytestmark = [pytest.mark.timeout(900), pytest.mark.wide]
SILENCE = ("QuarantineDayMissed", "CallRequested", "HomeVisitRequested", "LostToFollowUp", "ReturnVisitMissed")


@side_by_side
async def test_positive_again_with_a_fever_is_a_second_episode_with_a_plan_of_its_own(people: People) -> None:
    child = people.child()
    await goes_home(child)
    await child.logs(1, 6)
    await she_is_positive_and_has_a_fever_on_day_7(child)
    await the_second_stay(child)
    await the_second_plan(child)
    assert [confirmed.data["episode"] for confirmed in child.emitted("CaseImported")] == [1, 2]
    branches = [retested.data["branch"] for retested in child.emitted("RetestedPositive")]
    assert branches == ["convalescent_isolation", "readmit", "readmit"], "the cough of the second stay is evidence too"
    expect_nothing(child, "CaseExcluded", "DischargeRuleViolated", *SILENCE)
    expect_in_all(
        child,
        QuarantineStarted=2,
        PrimaryCareNotified=2,
        QuarantineDayLogged=12 + 1 + 28,
        RetestedPositive=3,
        HealthAlertRaised=2,
        AlertForwarded=4,
        AlertClosed=2,
        QuarantineCancelled=1,
        ReturnVisitAttended=1,
        QuarantineCompleted=1,
    )


async def she_is_positive_and_has_a_fever_on_day_7(child: Person) -> None:
    """Isolation by the test alone, and a second episode when the fever is told five hours later."""
    await LABORATORY.retests(child, 7, "detected")
    expect(child, "RetestedPositive", branch="convalescent_isolation", episode=1, at=child.on(7, 15))
    alert = expect(child, "HealthAlertRaised", why="positive_test", severity="urgent", day=7, at=child.on(7, 15))
    await HOSPITAL.acknowledges(alert, child.on(7, 16))

    await child.logs_at(child.on(7, 20), temperature_c=38.1)
    evidence = [retest(child, 7), f"log@{DAY_0 + timedelta(days=7)}/pm"]
    expect(child, "RetestedPositive", branch="readmit", episode=1, evidence=evidence, at=child.on(7, 20))
    expect(child, "QuarantineCancelled", why="readmitted", episode=1, at=child.on(7, 20))
    expect(child, "CaseImported", episode=2, basis=[retest(child, 7)], confirmed_at=child.on(7, 15))
    expect(child, "TransferRequested", episode=2, to_institution_id=HOSPITAL.institution_id)
    fever = expect(child, "HealthAlertRaised", why="fever", severity="high", day=7, at=child.on(7, 20))
    await HOSPITAL.acknowledges(fever, child.on(8, 9))


async def the_second_plan(child: Person) -> None:
    """Fourteen days from day 16 on, and no more of the first plan."""
    expect(child, "TransferCompleted", episode=2)
    expect(child, "Discharged", episode=2, criteria_met=True, discharged_at=child.on(15, 10), length_of_stay_days=7)
    plan = {"day_1": DAY_0 + timedelta(days=16), "last_day": DAY_0 + timedelta(days=29), "days": 14}
    expect(child, "QuarantineStarted", episode=2, at=child.on(15, 10), **plan)
    expect(child, "PrimaryCareNotified", episode=2, institution_id=CENTRE.institution_id)

    await child.logs(16, 21)
    await LABORATORY.retests(child, 22, "not_detected")
    await child.logs(22, 28)
    await child.returns("week_2", child.on(29, 10))
    await LABORATORY.retests(child, 29, "not_detected")
    await child.logs(29)
    await child.waits_until(child.end_of(29))
    expect(child, "QuarantineCompleted", episode=2, days_logged=14, days_missed=0, at=child.end_of(29))


async def the_second_stay(child: Person) -> None:
    """Admitted on day 8, better on day 10, negative on days 13 and 14, home on day 15."""
    patient = child.patient
    await given(child.on(8, 21), patient.admitted(child.on(8, 10)))
    stay: list[Report] = [patient.measured(child.on(day, 8), 36.7) for day in range(9, 15)]
    stay += [patient.observed(child.on(10, 9), "improved"), patient.imaged("x-3", child.on(10, 15), "improved")]
    stay += [patient.swabbed(f"r-{day}", child.on(day, 8), "not_detected") for day in (13, 14)]
    await given(child.on(14, 21), *stay, patient.approved(child.on(14, 17)))
    await given(child.on(15, 11), patient.discharged(discharged_at=child.on(15, 10)))


@side_by_side
async def test_positive_again_without_a_symptom_is_isolation_until_two_negatives(people: People) -> None:
    child = people.child()
    await goes_home(child)
    await child.logs(1, 6)
    await LABORATORY.retests(child, 7, "detected")
    tested = {"branch": "convalescent_isolation", "evidence": [retest(child, 7)], "episode": 1}
    expect(child, "RetestedPositive", at=child.on(7, 15), **tested)
    alert = expect(child, "HealthAlertRaised", why="positive_test", severity="urgent", day=7, at=child.on(7, 15))
    expect(child, "AlertForwarded", institution_id=CENTRE.institution_id, respond_by=child.on(7, 17))
    await CENTRE.acknowledges(alert, child.on(7, 16))

    await child.logs(7, 13)
    await LABORATORY.retests(child, 14, "not_detected")
    await child.returns("week_2", child.on(14, 16))
    await child.logs(14)
    expect_nothing(child, "QuarantineExtended")
    for midnight, days in ((child.end_of(14), 15), (child.end_of(15), 16)):
        await child.waits_until(midnight)
        expect(child, "QuarantineExtended", days=days, last_day=DAY_0 + timedelta(days=days), at=midnight)
        await the_day_that_was_added(child, days)

    await child.waits_until(child.end_of(16))
    expect(child, "QuarantineCompleted", days_logged=16, days_missed=0, at=child.end_of(16))
    assert [confirmed.data["episode"] for confirmed in child.emitted("CaseImported")] == [1]
    expect_in_all(
        child,
        QuarantineStarted=1,
        PrimaryCareNotified=1,
        QuarantineDayLogged=32,
        RetestedPositive=1,
        HealthAlertRaised=1,
        AlertForwarded=2,
        AlertClosed=1,
        ReturnVisitAttended=1,
        QuarantineExtended=2,
        QuarantineCompleted=1,
    )


async def the_day_that_was_added(child: Person, day: int) -> None:
    """Logged like any other; on day 16 there is the second negative, two days after the first."""
    if day == 16:
        await LABORATORY.retests(child, day, "not_detected")
    await child.logs(day)


@side_by_side
async def test_a_discharge_undone_on_day_3_is_followed_until_she_is_brought_back(people: People) -> None:
    child = people.child()
    await goes_home(child)
    await child.logs(1, 2)
    corrected_at, last_negative = child.on(3, 10), child.patient.at(11, 8)
    await LABORATORY.corrects(child, "r-3", last_negative, "detected", corrected_at)
    expect(child, "DischargeRevoked", why="corrected", episode=1, revoked_at=corrected_at)
    recalled = expect(child, "HealthAlertRaised", why="recalled", severity="urgent", day=3, at=corrected_at)
    for institution in (CENTRE, HOSPITAL):
        expect(child, "AlertForwarded", institution_id=institution.institution_id, respond_by=child.on(3, 12))
    house = {"kind": "recalled", "to_institution_id": HOSPITAL.institution_id}
    expect(child, "TransferRequested", episode=1, at=corrected_at, **house)
    await CENTRE.acknowledges(recalled, child.on(3, 11))
    expect_nothing(child, "QuarantineCancelled")

    await child.logs(3)
    await given(child.on(4, 12), child.patient.admitted(child.on(4, 10)))
    expect(child, "QuarantineCancelled", why="readmitted", at=child.on(4, 10))
    expect(child, "TransferCompleted", kind="recalled", at=child.on(4, 10))
    assert not child.stands("PrimaryCareNotified")

    await child.waits_until(child.end_of(15))
    expect_nothing(child, *SILENCE, "QuarantineHeld", "QuarantineCompleted", "QuarantinePaused")
    expect_in_all(
        child,
        QuarantineStarted=1,
        PrimaryCareNotified=2,
        QuarantineDayLogged=6,
        HealthAlertRaised=1,
        AlertForwarded=2,
        AlertClosed=1,
        QuarantineCancelled=1,
    )


@side_by_side
async def test_a_death_during_follow_up_ends_it_and_nobody_calls_the_family(people: People) -> None:
    patient = people.adult()
    await goes_home(patient)
    await patient.logs(1, 2)
    await patient.logs_at(patient.on(3, 20), temperature_c=38.4)
    expect(patient, "HealthAlertRaised", why="fever", day=3)

    died_at = patient.on(4, 4)
    await HOSPITAL.reports_the_death_of(patient, died_at)
    expect(patient, "Discharged", disposition="died", episode=1, at=died_at)
    expect(patient, "QuarantineCancelled", why="died", at=died_at)
    expect(patient, "PrimaryCareNotified", disposition="died", at=died_at)
    expect(patient, "AlertClosed", why="died", at=died_at)

    await patient.waits_until(patient.end_of(15))
    deaths = figures(patient, "2020-10-21", "new")["deaths"]
    assert deaths == {"total": 1, "imported": 1, "local": 0}
    expect_in_all(
        patient,
        QuarantineStarted=1,
        PrimaryCareNotified=2,
        QuarantineDayLogged=5,
        HealthAlertRaised=1,
        AlertForwarded=2,
        AlertClosed=1,
        QuarantineCancelled=1,
    )


def figures(person: Person, day: str, what: str) -> Any:
    """What Shanghai's newest bulletin of a day says."""
    full = [event for event in person.heard.about(f"CN-SH/{day}") if event.data["edition"] == "commission"]
    newest = max(full, key=lambda event: event.sequence or 0)
    return newest.data[what]


@side_by_side
async def test_a_discharge_against_advice_is_followed_up_and_somebody_must_see_it_at_once(people: People) -> None:
    patient = people.adult()
    stay = patient.patient
    measured = [stay.measured(stay.at(day, 7), 36.6) for day in (10, 11)]
    await given(patient.on(0, 9), *stay.ill(**patient.who), *stay.improvement(), *measured)
    await HOSPITAL.discharges(patient, disposition="against_advice")
    violated = expect(patient, "DischargeRuleViolated", episode=1, discharged_at=patient.on(0, 10))
    assert set(violated.data["unmet"]) == {"two_negatives", "approval"}
    expect(patient, "QuarantineStarted", days=14, at=patient.on(0, 10))
    alert = expect(patient, "HealthAlertRaised", why="against_advice", severity="urgent", day=0, at=patient.on(0, 10))
    for institution in (CENTRE, HOSPITAL):
        to = institution.institution_id
        expect(patient, "AlertForwarded", institution_id=to, respond_by=patient.on(0, 12), level=0)

    await patient.waits_until(patient.on(0, 12))
    level_1 = {"level": 1, "to_institution_id": DISTRICT, "respond_by": patient.on(0, 14)}
    expect(patient, "AlertEscalated", at=patient.on(0, 12), **level_1)
    await CENTRE.acknowledges(alert, patient.on(0, 13))
    expect(patient, "AlertClosed", why="acknowledged", institution_id=CENTRE.institution_id, level=1)

    await patient.logs(1, 14)
    await patient.waits_until(patient.end_of(14))
    expect(patient, "QuarantineCompleted", days_logged=14, at=patient.end_of(14))
    expect_in_all(
        patient,
        QuarantineStarted=1,
        PrimaryCareNotified=1,
        HealthAlertRaised=1,
        AlertForwarded=2,
        AlertEscalated=1,
        AlertClosed=1,
        QuarantineDayLogged=28,
        QuarantineCompleted=1,
    )
