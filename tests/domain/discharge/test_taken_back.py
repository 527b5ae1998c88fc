"""D8: one discharge stands, and what takes it back; and the discharge that nothing explains."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from schemas.events.discharge import DischargeCriteriaLost, Discharged, DischargeRevoked
from schemas.events.rejections import ReportRejected
from schemas.message import Message
from services.discharge.routes import CASE
from tests.domain.discharge.journeys import (
    FIRST_NEGATIVE,
    SECOND_NEGATIVE,
    admitted,
    approved,
    at,
    cancelled,
    confirmed,
    corrected,
    discharged,
    ordinary,
    retracted,
    stay,
    swabbed,
)
from tests.domain.story import Story

OUT = discharged(at(17, 10))


def reported(messages: list[Message], received_at: datetime | None = None) -> Story:
    return Story(CASE).given(*messages, received_at=received_at or at(17, 12))


def names(story: Story) -> list[str]:
    return sorted(type(emitted.event).__name__ for emitted in story.emitted)


def test_d8_cancelled_by_the_hospital() -> None:
    story = reported(ordinary()).when(cancelled(at(17, 11)))
    story.then((DischargeRevoked, {"why": "cancelled", "discharged_at": "2020-10-17T10:00:00+08:00"}))
    assert story.emitted[0].time == at(17, 11)


def test_d8_a_cancellation_takes_back_nothing_that_is_later() -> None:
    reported(ordinary()).when(cancelled(at(17, 9, 59))).stays_quiet()


def test_d8_a_cancellation_that_came_first_is_not_forgotten() -> None:
    story = reported([*ordinary()[:-1], cancelled(at(17, 11))]).when(OUT)
    story.then((DischargeRevoked, {"why": "cancelled"}))


def test_d8_a_discharge_after_the_cancelled_one_stands() -> None:
    reported([*ordinary(), cancelled(at(17, 11))]).when(discharged(at(17, 16)), received_at=at(17, 17)).then(Discharged)


def test_d8_death_after_the_discharge_is_said_instead() -> None:
    story = reported(ordinary()).when(discharged(at(25, 4), "died", destination="hospital"))
    story.then((Discharged, {"disposition": "died", "discharged_at": "2020-10-25T04:00:00+08:00"}))


def test_d8_of_a_transfer_and_a_recovery_elsewhere_the_later_stands() -> None:
    there = "CN-SH/huashan"
    moved = discharged(at(5), "transferred", destination="hospital")
    story = reported([confirmed(), admitted(), moved, admitted(at(5, 13), institution_id=there)])
    story.when(discharged(at(17, 10), institution_id=there))
    assert names(story) == ["DischargeRuleViolated", "Discharged"]
    assert story.when(cancelled(at(17, 11))).emitted
    assert names(story) == ["DischargeRevoked", "DischargeRuleViolated"]


def test_d8_a_correction_of_a_specimen_collected_before_undoes_the_discharge() -> None:
    story = reported(ordinary()).when(corrected(SECOND_NEGATIVE, at(20, 9), result="detected"), received_at=at(20, 10))
    revoked = {"why": "corrected", "revoked_at": "2020-10-20T09:00:00+08:00"}
    story.then((DischargeRevoked, revoked), DischargeCriteriaLost)
    assert {emitted.time for emitted in story.emitted if isinstance(emitted.event, DischargeRevoked)} == {at(20, 9)}


def test_d8_so_do_a_retraction_and_a_first_result_that_was_late() -> None:
    late = swabbed("r-10", at(16, 20), "detected", resulted_at=at(20, 9))
    for cause in (retracted(FIRST_NEGATIVE, at(20, 9)), late):
        reported(ordinary()).when(cause, received_at=at(20, 10)).then(DischargeRevoked, DischargeCriteriaLost)


def test_d8_a_specimen_collected_after_the_discharge_undoes_nothing() -> None:
    reported(ordinary()).when(swabbed("r-10", at(17, 11), "detected")).stays_quiet()


@pytest.mark.parametrize(("last_instant", "revoked"), [(at(31, 23, 59, 59), True), (at(32, 0), False)])
def test_d8_only_before_the_last_day_of_the_plan_ends(last_instant: datetime, revoked: bool) -> None:
    story = reported(ordinary()).when(corrected(SECOND_NEGATIVE, last_instant, result="detected"))
    assert ("DischargeRevoked" in names(story)) is revoked


def test_d8_a_correction_of_the_correction_lets_the_discharge_stand_again() -> None:
    wrong = corrected(SECOND_NEGATIVE, at(20, 9), result="detected")
    right = corrected(SECOND_NEGATIVE, at(21, 9), result="not_detected").model_copy(
        update={"old": wrong.new, "earlier": (wrong.old,)}
    )
    story = reported([*ordinary(), wrong], at(20, 10)).when(right, received_at=at(21, 10))
    assert names(story) == ["DischargeCriteriaMet", "Discharged"]


def test_d8_where_two_negatives_never_held_there_is_nothing_to_lose() -> None:
    story = reported([*stay(without=("two_negatives",)), FIRST_NEGATIVE, approved(at(16)), OUT])
    story.when(corrected(FIRST_NEGATIVE, at(20, 9), result="detected")).stays_quiet()


def test_d8_version_9_looks_at_the_seven_days_of_its_plan() -> None:
    later = timedelta(days=700)
    moved = [_later(message, later) for message in ordinary()]
    second = _later(SECOND_NEGATIVE, later)
    for day, revoked in ((24, True), (25, False)):
        late = corrected(second, at(day, 23) + later, result="detected")
        story = reported(moved, at(17, 12) + later).when(late, received_at=at(26) + later)
        assert ("DischargeRevoked" in names(story)) is revoked


def test_d8_a_death_is_not_undone_by_a_correction() -> None:
    died = discharged(at(17, 10), "died")
    reported([*ordinary()[:-1], died]).when(corrected(SECOND_NEGATIVE, at(20, 9), result="detected")).stays_quiet()


def test_a_discharge_before_every_known_admission_waits_a_day_and_is_answered() -> None:
    story = reported([confirmed(), admitted(at(20, 9))], at(20, 10))
    story.when(OUT).stays_quiet()
    story.until(at(21, 9, 59)).stays_quiet()
    story.until(at(21, 10)).then(
        (ReportRejected, {"code": "conflict", "report_type": "afterward.PatientDischarged.v1", "source": "/tests"})
    )
    assert story.emitted[0].time == at(21, 10)


def test_a_discharge_at_the_very_instant_of_the_admission_is_explained() -> None:
    reported([confirmed(), admitted(at(17, 10))]).when(discharged(at(17, 10), "transferred")).then(Discharged)


def test_it_is_taken_up_all_the_same_when_the_admission_comes_and_the_answer_stays_given() -> None:
    story = reported([confirmed(), admitted(at(20, 9)), OUT], at(20, 10)).until(at(22))
    story.when(admitted())
    assert names(story) == ["DischargeRuleViolated", "Discharged"]


def test_the_answer_stays_given_when_the_discharge_is_reported_again() -> None:
    story = reported([confirmed(), admitted(at(20, 9)), OUT], at(20, 10)).until(at(22))
    story.when(discharged(at(17, 10), destination="isolation_site"), received_at=at(22, 1)).stays_quiet()
    story.until(at(23, 1)).then((ReportRejected, {"code": "conflict"}))


def test_it_is_never_answered_when_the_admission_comes_in_time() -> None:
    story = reported([confirmed(), admitted(at(20, 9)), OUT], at(20, 10)).given(admitted(), received_at=at(21, 9))
    story.until(at(30)).stays_quiet()


def test_it_is_withdrawn_when_only_a_later_admission_becomes_known() -> None:
    story = reported([confirmed(), OUT]).when(admitted(at(20, 9)))
    withdrawn = {type(emitted.event): emitted.event.withdrawn for emitted in story.emitted}
    assert withdrawn[Discharged]


def test_it_may_be_cancelled_while_it_waits() -> None:
    story = reported([confirmed(), admitted(at(20, 9)), OUT], at(20, 10)).given(
        cancelled(at(17, 11)), received_at=at(20, 11)
    )
    story.until(at(30)).stays_quiet()


def _later(message: Any, by: timedelta) -> Any:
    moved = {name: getattr(message, name) for name in type(message).model_fields}
    return message.model_copy(update={name: at_ + by for name, at_ in moved.items() if isinstance(at_, datetime)})
