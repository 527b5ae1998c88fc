"""F2: the log of a slot with the greatest `reported_at` stands, and says whether the slot came late."""

from datetime import datetime

import pytest

from schemas.events.followup import CallCompleted, HealthAlertRaised, QuarantineDayLogged, QuarantineDayMissed
from tests.domain.followup.journeys import COUGH, at, log, on, revoked
from tests.domain.followup.stories import happening, home, logged


def test_f2_a_log_is_said_with_the_number_of_its_day() -> None:
    reported = log(3, "pm", 36.8, symptoms=(COUGH,), stayed_in=False, channel="phone", reporter="staff")
    emitted = {
        "day": 3,
        "local_date": "2020-10-20",
        "slot": "pm",
        "temperature_c": 36.8,
        "symptoms": [COUGH],
        "stayed_in": False,
        "channel": "phone",
        "reporter": "staff",
        "late": False,
    }
    story = happening(home(), *logged(1, 2)).when(reported, received_at=at(3, 21))
    story.then((QuarantineDayLogged, emitted), HealthAlertRaised, HealthAlertRaised)
    assert story.emitted[0].time == at(3, 20)


def test_f2_a_later_log_of_a_slot_replaces_the_earlier() -> None:
    story = home().when(log(1), received_at=at(1, 9))
    story.when(log(1, celsius=37.0, reported_at=at(1, 9)), received_at=at(1, 10))
    story.then((QuarantineDayLogged, {"day": 1, "slot": "am", "temperature_c": 37.0}))


def test_f2_an_earlier_log_that_comes_later_stays_quiet() -> None:
    story = home().given(log(1, celsius=37.0, reported_at=at(1, 9)), received_at=at(1, 10))
    story.when(log(1), received_at=at(1, 11)).stays_quiet()


def test_f2_the_same_log_sent_twice_stays_quiet() -> None:
    home().given(log(1), received_at=at(1, 9)).when(log(1), received_at=at(1, 10)).stays_quiet()


@pytest.mark.parametrize(
    ("received_at", "late"), [(at(1, 23, 59, 59), False), (at(2, 0), True), (at(2, 0, 0, 1), True)]
)
def test_f2_a_log_that_came_when_its_day_was_over_is_late(received_at: datetime, late: bool) -> None:
    story = home().when(log(1), received_at=received_at)
    assert [emitted.event.late for emitted in story.emitted if isinstance(emitted.event, QuarantineDayLogged)] == [late]


def test_f2_a_log_that_came_at_the_midnight_is_late_also_when_it_is_read_before_the_midnight_is_judged() -> None:
    story = home().when(log(1), received_at=at(2, 0), watermark=at(1, 23)).then((QuarantineDayLogged, {"late": True}))
    story.until(at(2, 0)).then(QuarantineDayMissed, (CallCompleted, {"outcome": "withdrawn"}))


def test_f2_a_correction_after_the_midnight_does_not_make_its_slot_late() -> None:
    story = home().given(log(1), log(2), received_at=at(1, 9))
    story.when(log(1, celsius=36.9), received_at=at(2, 10))
    story.then((QuarantineDayLogged, {"temperature_c": 36.9, "late": False}))


def test_f2_a_log_before_the_first_day_or_after_the_last_stays_quiet() -> None:
    story = home().when(log(0), received_at=at(0, 12)).stays_quiet()
    happening(story, *logged()).until(at(14, 23))
    story.when(log(15, local_date=on(15)), received_at=at(15, 9))
    assert not [emitted for emitted in story.emitted if isinstance(emitted.event, QuarantineDayLogged)]
    assert len(story.state.facts.logs) == 30


def test_f2_logs_are_recorded_whatever_the_status_of_the_plan() -> None:
    story = home().given(revoked(at(2)), received_at=at(2, 10))
    story.when(log(3), received_at=at(3, 9)).then((QuarantineDayLogged, {"day": 3}))
