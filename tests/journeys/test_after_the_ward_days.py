"""The days after the ward as stories: logged, missed, settled; who is called, who is lost, and who is found again."""

from datetime import datetime, timedelta

import pytest

from tests.journeys.afterwards import (
    CENTRE,
    DAY_0,
    HOSPITAL,
    LABORATORY,
    People,
    Person,
    expect,
    expect_in_all,
    expect_nothing,
    goes_home,
    side_by_side,
)

pytestmark = [pytest.mark.timeout(900), pytest.mark.wide]
LONDON = {"residence": {"jurisdiction": "GB-LND", "district": "Camden"}}
A_CALL = ("CallRequested", "HomeVisitRequested")


def _expect_a_plan_and_a_notice(child: Person) -> None:
    expect(
        child,
        "QuarantineStarted",
        at=child.on(0, 10),
        episode=1,
        day_1=DAY_0 + timedelta(days=1),
        days=14,
        last_day=DAY_0 + timedelta(days=14),
        time_zone="Asia/Shanghai",
        slots=["am", "pm"],
        test_days=[7, 14],
        return_visits=[{"visit": "week_2", "due_on": "2020-10-31"}, {"visit": "week_4", "due_on": "2020-11-14"}],
        protocol="v8",
    )
    expect(
        child,
        "PrimaryCareNotified",
        institution_id=CENTRE.institution_id,
        discharged_from=HOSPITAL.institution_id,
        disposition="recovered",
        last_day=DAY_0 + timedelta(days=14),
    )


@side_by_side
async def test_the_quiet_14_days(people: People) -> None:
    child = people.child()
    await goes_home(child)
    _expect_a_plan_and_a_notice(child)

    await child.logs(1, 6)
    await LABORATORY.retests(child, 7, "not_detected")
    await child.logs(7, 13)
    await LABORATORY.retests(child, 14, "not_detected")
    await child.returns("week_2", child.on(14, 16))
    await child.logs(14)
    expect_nothing(child, "QuarantineCompleted")
    assert not any(log.data["late"] for log in child.emitted("QuarantineDayLogged"))

    await child.waits_until(child.end_of(14))
    completed = {"days_logged": 14, "days_missed": 0, "days_reached_by_phone": 0}
    expect(child, "QuarantineCompleted", at=child.end_of(14), **completed)

    await child.returns("week_4", child.on(28, 10))
    expect(child, "ReturnVisitAttended", visit="week_2", at=child.on(14, 16))
    expect(child, "ReturnVisitAttended", visit="week_4", at=child.on(28, 10))
    await child.waits_until(child.end_of(29))
    expect_in_all(
        child,
        QuarantineStarted=1,
        PrimaryCareNotified=1,
        QuarantineDayLogged=28,
        QuarantineCompleted=1,
        ReturnVisitAttended=2,
    )


@side_by_side
async def test_two_missed_days_and_three_calls(people: People) -> None:
    child = people.child()
    await goes_home(child)
    await child.logs(1, 4)
    await child.waits_until(child.on(5, 23, 59))
    expect_nothing(child, "QuarantineDayMissed", *A_CALL)

    await child.waits_until(child.end_of(5))
    expect(child, "QuarantineDayMissed", day=5, local_date=DAY_0 + timedelta(days=5), at=child.end_of(5))
    first = expect(child, "CallRequested", attempt=1, days=[5], call_by=child.end_of(6), at=child.end_of(5))
    await child.is_asked(first, child.on(6, 10), "no_answer")
    expect(child, "CallCompleted", call_id=first.data["call_id"], outcome="no_answer", at=child.on(6, 10))
    second = expect(child, "CallRequested", attempt=2, days=[5], call_by=child.on(7, 12), at=child.on(6, 10))

    await child.waits_until(child.end_of(6))
    expect(child, "QuarantineDayMissed", day=6, at=child.end_of(6))
    assert len(child.emitted("CallRequested")) == 2, "day 6 joins the ladder that is open"

    await child.waits_until(child.on(7, 12))
    expect(child, "CallCompleted", call_id=second.data["call_id"], outcome="lapsed", at=child.on(7, 12))
    third = expect(child, "CallRequested", attempt=3, days=[5, 6], call_by=child.end_of(7), at=child.on(7, 12))
    await child.is_asked(third, child.on(7, 19))
    expect(child, "CallCompleted", call_id=third.data["call_id"], outcome="reached", called_at=child.on(7, 19))

    await child.logs(7, 14)
    await child.waits_until(child.end_of(14))
    completed = {"days_logged": 12, "days_missed": 2, "days_reached_by_phone": 2}
    expect(child, "QuarantineCompleted", at=child.end_of(14), **completed)
    expect_in_all(
        child,
        QuarantineStarted=1,
        PrimaryCareNotified=1,
        QuarantineDayLogged=24,
        QuarantineDayMissed=2,
        CallRequested=3,
        CallCompleted=3,
        QuarantineCompleted=1,
    )


@side_by_side
async def test_lost_and_found_again(people: People) -> None:
    child = people.child()
    await goes_home(child)
    await child.logs(1, 2)
    await nobody_answers_from_day_3_on(child)

    await LABORATORY.retests(child, 7, "not_detected")
    await child.waits_until(child.end_of(7))
    expect(child, "QuarantineDayMissed", day=7, at=child.end_of(7))
    assert len(child.emitted("CallRequested")) == 3, "whoever is lost is not called, though days are counted on"

    await child.logs(8, 10)
    expect(child, "FollowUpResumed", why="contact", at=child.on(8, 21))
    await child.waits_until(child.on(11, 20, 59))
    assert len(child.emitted("CallRequested")) == 3

    await child.logs(11)
    days = [3, 4, 5, 6, 7]
    again = expect(child, "CallRequested", attempt=1, days=days, call_by=child.end_of(11), at=child.on(11, 21))
    await child.is_asked(again, child.on(11, 22))
    await child.logs(12, 14)
    await child.waits_until(child.end_of(14))
    completed = {"days_logged": 9, "days_missed": 5, "days_reached_by_phone": 5}
    expect(child, "QuarantineCompleted", at=child.end_of(14), **completed)
    expect_in_all(
        child,
        QuarantineStarted=1,
        PrimaryCareNotified=1,
        QuarantineDayLogged=18,
        QuarantineDayMissed=5,
        CallRequested=4,
        HomeVisitRequested=1,
        CallCompleted=5,
        LostToFollowUp=1,
        FollowUpResumed=1,
        QuarantineCompleted=1,
    )


async def nobody_answers_from_day_3_on(child: Person) -> None:
    """Three calls and a visit, each asked for when the one before has lapsed; lost after 72 hours."""
    await child.waits_until(child.end_of(3))
    asked = expect(child, "CallRequested", attempt=1, days=[3], call_by=child.end_of(4), at=child.end_of(3))
    later = (
        (child.end_of(4), 2, [3, 4], child.on(5, 12)),
        (child.on(5, 12), 3, [3, 4], child.end_of(5)),
    )
    for at, attempt, days, call_by in later:
        await child.waits_until(at)
        expect(child, "CallCompleted", call_id=asked.data["call_id"], outcome="lapsed", at=at)
        asked = expect(child, "CallRequested", attempt=attempt, days=days, call_by=call_by, at=at)

    await child.waits_until(child.end_of(5))
    by, days = child.end_of(6), [3, 4, 5]
    visit = expect(child, "HomeVisitRequested", attempt=4, days=days, call_by=by, visit_by=by, at=child.end_of(5))
    expect_nothing(child, "LostToFollowUp")
    await child.waits_until(child.end_of(6))
    expect(child, "CallCompleted", call_id=visit.data["call_id"], outcome="lapsed", at=child.end_of(6))
    expect(child, "LostToFollowUp", why="no_contact", at=child.end_of(6))


@side_by_side
async def test_a_no_show_at_week_2(people: People) -> None:
    child = people.child()
    await goes_home(child)
    await child.logs(1, 13)
    await HOSPITAL.waits_in_vain_for(child, "week_2", child.on(14, 17))
    await child.logs(14)
    await child.waits_until(child.end_of(14))
    expect(child, "QuarantineCompleted", at=child.end_of(14), days_logged=14)
    expect_nothing(child, "ReturnVisitMissed", *A_CALL)

    await child.waits_until(child.end_of(15))
    expect(child, "ReturnVisitMissed", visit="week_2", due_on=DAY_0 + timedelta(days=14), at=child.end_of(15))
    why = {"why": "return_visit_missed", "visit": "week_2", "days": []}
    first = expect(child, "CallRequested", attempt=1, call_by=child.end_of(16), at=child.end_of(15), **why)
    await child.waits_until(child.end_of(16))
    expect(child, "CallCompleted", call_id=first.data["call_id"], outcome="lapsed", at=child.end_of(16))
    second = expect(child, "CallRequested", attempt=2, call_by=child.on(17, 12), at=child.end_of(16), **why)
    await child.is_asked(second, child.on(17, 10))

    await child.returns("week_2", child.on(18, 10))
    expect(child, "ReturnVisitAttended", visit="week_2", at=child.on(18, 10))
    await child.returns("week_4", child.on(28, 10))
    await child.waits_until(child.end_of(29))
    expect_in_all(
        child,
        QuarantineStarted=1,
        PrimaryCareNotified=1,
        QuarantineDayLogged=28,
        QuarantineCompleted=1,
        ReturnVisitMissed=1,
        CallRequested=2,
        CallCompleted=2,
        ReturnVisitAttended=2,
    )


@side_by_side
async def test_clocks_go_back_within_the_plan_and_a_day_has_25_hours(people: People) -> None:
    """In London, where day 8 is the 25th of October: until 2:00 an hour ahead of Greenwich, and then not."""
    silent = people.adult("silent", "Europe/London", **LONDON)
    await goes_home(silent)
    expect(silent, "QuarantineStarted", time_zone="Europe/London", day_1=DAY_0 + timedelta(days=1))
    await silent.logs(1, 6)

    asked_at, call_by = instant("2020-10-25T00:00:00+01:00"), instant("2020-10-26T00:00:00+00:00")
    await silent.waits_until(asked_at)
    expect(silent, "QuarantineDayMissed", day=7, local_date=DAY_0 + timedelta(days=7), at=asked_at)
    expect(silent, "CallRequested", attempt=1, call_by=call_by, at=asked_at)
    assert call_by - asked_at == timedelta(hours=25)
    await silent.waits_until(call_by)
    expect(silent, "CallRequested", attempt=2, call_by=instant("2020-10-26T12:00:00+00:00"), at=call_by)

    lost_at = instant("2020-10-27T23:00:00+00:00")
    await silent.waits_until(lost_at - timedelta(minutes=1))
    visit = expect(silent, "HomeVisitRequested", visit_by=instant("2020-10-28T00:00:00+00:00"))
    expect_nothing(silent, "LostToFollowUp")
    await silent.waits_until(lost_at)
    expect(silent, "LostToFollowUp", at=lost_at)
    expect(silent, "CallCompleted", call_id=visit.data["call_id"], outcome="withdrawn", at=lost_at)
    assert [missed.data["day"] for missed in silent.emitted("QuarantineDayMissed")] == [7, 8, 9]
    expect_nothing(silent, "PrimaryCareNotified")


@side_by_side
async def test_a_log_of_the_25th_hour_is_in_time(people: People) -> None:
    """Half past eleven in London on the 25th of October: an hour earlier by the clocks of summer it were the 26th."""
    neighbour = people.adult("neighbour", "Europe/London", **LONDON)
    await goes_home(neighbour)
    await neighbour.logs(1, 7)
    await neighbour.logs_at(instant("2020-10-25T23:30:00+00:00"))
    await neighbour.logs(9, 14)
    end = instant("2020-11-01T00:00:00+00:00")
    await neighbour.waits_until(end - timedelta(minutes=1))
    expect_nothing(neighbour, "QuarantineDayMissed", "QuarantineCompleted", *A_CALL)

    await neighbour.waits_until(end)
    expect(neighbour, "QuarantineDayLogged", day=8, local_date=DAY_0 + timedelta(days=8), late=False)
    expect(neighbour, "QuarantineCompleted", at=end, days_logged=14, days_missed=0)
    expect_in_all(neighbour, QuarantineStarted=1, QuarantineDayLogged=27, QuarantineCompleted=1)


def instant(written: str) -> datetime:
    """Written by hand, with its offset."""
    return datetime.fromisoformat(written)
