"""F1: the plan that a discharge begins."""

from datetime import date, timedelta

import pytest

from schemas.events.followup import HealthAlertRaised, QuarantineCancelled, QuarantineDayLogged, QuarantineStarted
from tests.domain.followup.journeys import at, discharged, log, on, retested
from tests.domain.followup.stories import home, unknown


def test_f1_a_discharge_begins_a_plan_of_fourteen_days_by_version_8() -> None:
    plan = {
        "episode": 1,
        "discharged_at": "2020-10-17T10:00:00+08:00",
        "day_1": "2020-10-18",
        "days": 14,
        "last_day": "2020-10-31",
        "time_zone": "Asia/Shanghai",
        "slots": ["am", "pm"],
        "test_days": [7, 14],
        "return_visits": [{"visit": "week_2", "due_on": "2020-10-31"}, {"visit": "week_4", "due_on": "2020-11-14"}],
        "protocol": "v8",
    }
    story = unknown().when(discharged(), received_at=at(0, 11)).then((QuarantineStarted, plan))
    assert story.emitted[0].time == at(0, 10)


def test_f1_against_advice_begins_a_plan_too() -> None:
    unknown().when(discharged(disposition="against_advice"), received_at=at(0, 11)).then(
        QuarantineStarted, HealthAlertRaised
    )


@pytest.mark.parametrize("disposition", ["died", "transferred"])
def test_f1_who_died_or_was_transferred_has_no_plan(disposition: str) -> None:
    unknown().when(discharged(disposition=disposition), received_at=at(0, 11)).stays_quiet()


@pytest.mark.parametrize(
    ("protocol", "days", "test_days"),
    [("v6", 14, [7, 14]), ("v7", 14, [7, 14]), ("v9", 7, [7]), ("v10", 0, [])],
)
def test_f1_the_protocol_of_the_discharge_says_how_long(protocol: str, days: int, test_days: list[int]) -> None:
    last_day = str(on(0) + timedelta(days=days))
    emitted = {"days": days, "last_day": last_day, "test_days": test_days, "day_1": "2020-10-18", "protocol": protocol}
    unknown().when(discharged(protocol=protocol), received_at=at(0, 11)).then((QuarantineStarted, emitted))


def test_f1_a_discharge_by_an_unknown_protocol_is_planned_by_the_one_in_force() -> None:
    when = at(0, 10).replace(year=2022)
    unknown().when(discharged(when, protocol="v9a"), received_at=when).then((QuarantineStarted, {"days": 7}))


def test_f1_a_discharge_without_a_residence_is_planned_by_what_holds_everywhere() -> None:
    unknown().when(discharged(residence=None), received_at=at(0, 11)).then((QuarantineStarted, {"days": 14}))


def test_f1_a_discharge_said_again_changes_nothing() -> None:
    home().when(discharged(criteria_met=False)).stays_quiet()


def test_f1_another_instant_of_discharge_is_another_plan_and_the_former_is_withdrawn() -> None:
    story = home().given(log(1), received_at=at(1, 9)).given(log(2), received_at=at(2, 9))
    story.when(discharged(at(1, 10)), received_at=at(2, 10)).then(
        (QuarantineStarted, {"withdrawn": True, "day_1": "2020-10-18"}),
        (QuarantineDayLogged, {"withdrawn": True, "day": 1}),
        (QuarantineDayLogged, {"withdrawn": True, "day": 2}),
        (QuarantineStarted, {"day_1": "2020-10-19", "discharged_at": "2020-10-18T10:00:00+08:00"}),
        (QuarantineDayLogged, {"day": 1, "local_date": "2020-10-19"}),
    )


def test_f1_the_same_instant_in_another_spelling_is_the_same_plan() -> None:
    home().when(discharged(at(0, 10).astimezone(tz=None))).stays_quiet()


def test_f1_another_time_zone_restates_the_plan() -> None:
    emitted = {"time_zone": "America/New_York", "day_1": "2020-10-17"}
    home().when(discharged(time_zone="America/New_York")).then((QuarantineStarted, emitted))


def test_f1_each_episode_has_a_plan_of_its_own() -> None:
    story = home().when(discharged(at(12, 10), episode=2), received_at=at(12, 11))
    assert {"episode": 2, "day_1": date(2020, 10, 30)}.items() <= story.emitted[-1].event.model_dump().items()
    story.when(log(13), received_at=at(13, 9)).then((QuarantineDayLogged, {"episode": 2, "day": 1}))


def test_f1_a_plan_ends_where_the_next_episode_is_discharged() -> None:
    story = home().given(*[log(day) for day in range(1, 13)], received_at=at(0, 12))
    story.when(discharged(at(12, 10), episode=2), received_at=at(12, 11))
    story.then(QuarantineStarted, (QuarantineCancelled, {"why": "readmitted", "episode": 1}))
    story.until(at(12, 23)).stays_quiet()


def test_f1_reports_that_come_before_their_discharge_wait_for_it() -> None:
    story = unknown().when(log(1), received_at=at(1, 9)).stays_quiet()
    story.when(retested("r-1", at(1)), received_at=at(1, 16)).stays_quiet()
    story.when(discharged(), received_at=at(1, 17)).then(
        QuarantineStarted, (QuarantineDayLogged, {"day": 1, "late": False})
    )
