"""What people see of a channel and of a prescription."""

from services.consultation.routes import CHANNEL, PRESCRIPTION
from services.consultation.views import prescription, roster
from tests.domain.consultation.kinds import (
    BEIJING,
    CHANNEL_ID,
    HOSPITAL,
    PRESCRIPTION_ID,
    AsItHappened,
    at,
    closed,
    issue,
    opened,
    rostered,
    unrostered,
    woken,
)
from tests.domain.consultation.test_prescriptions import AGAIN, APPROVED, DISPATCHED, DISPENSED, FAILED, known
from tests.domain.story import Story


def test_a_channel_shows_who_is_on_duty_who_comes_and_when_nobody_does() -> None:
    now = at("12-09T09:00")
    state = (
        Story(CHANNEL, BEIJING)
        .given(
            opened("12-09T08:00"),
            closed("12-12T08:00"),
            rostered("12-09T08:00", "12-09T20:00"),
            rostered("12-09T20:00", "12-10T08:00", "e-2"),
            rostered("12-09T08:30", "12-09T20:00", "e-3"),
            unrostered("12-09T08:30", "e-3"),
            received_at=now,
        )
        .state
    )

    shown = roster(state.facts, state.conclusions, now)
    assert (shown["channel_id"], shown["is_open"], shown["jurisdiction"]) == (CHANNEL_ID, True, "CN-BJ")
    assert (shown["declaration"]["institution_id"], "rank" in shown["declaration"]) == (HOSPITAL, False)
    assert shown["closings"] == ["2022-12-12T08:00:00+08:00"]
    assert [one["expert_ref"] for one in shown["on_duty"]] == ["e-1"]
    assert [(one["expert_ref"], one["from"]) for one in shown["to_come"]] == [("e-2", "2022-12-09T20:00:00+08:00")]
    gap = {"from": "2022-12-10T08:00:00+08:00", "until": "2022-12-12T08:00:00+08:00", "is_over": False}
    assert shown["gaps"] == [gap]
    assert roster(state.facts, state.conclusions, at("12-12T08:00"))["gaps"] == [{**gap, "is_over": True}]


def test_a_channel_that_was_never_declared_shows_its_shifts() -> None:
    state = Story(CHANNEL, BEIJING).given(rostered("12-09T08:00", "12-09T20:00"), received_at=at("12-09T09:00")).state

    shown = roster(state.facts, state.conclusions, at("12-09T09:00"))
    assert (shown["declaration"], shown["is_open"], len(shown["on_duty"])) == (None, False, 1)


def test_a_prescription_shows_each_delivery_and_what_it_waits_for() -> None:
    state = known(APPROVED, DISPENSED, DISPATCHED, FAILED, AGAIN).state

    shown = prescription(state.facts, state.conclusions, at("12-10T09:00"))
    assert (shown["prescription_id"], shown["is_issued"], shown["review"]["approved"]) == (PRESCRIPTION_ID, True, True)
    assert [(one["attempt"], one["outcome"], one["reason"]) for one in shown["deliveries"]] == [
        (1, "failed", "nobody_home"),
        (2, None, None),
    ]
    assert (shown["waits_for"]["waits_for"], shown["waits_for"]["attempt"]) == ("delivery", 2)
    assert (shown["ignored"], shown["overdue"]) == ([], [])


def test_a_prescription_shows_what_was_late() -> None:
    state = known().until(at("12-10T04:00")).state

    (late,) = prescription(state.facts, state.conclusions, at("12-10T04:00"))["overdue"]
    assert (late["waits_for"], late["due"]) == ("review", "2022-12-10T03:30:00+08:00")


def test_steps_that_say_nothing_are_shown() -> None:
    """Of a prescription that was never issued, or of which something has to come before."""
    early = known(APPROVED, DISPATCHED).state
    rejected = known(DISPENSED, context=issue(by_prescriber=False)).state
    unknown = AsItHappened(PRESCRIPTION).given(DISPENSED).state

    for state, status in ((early, "dispatched"), (rejected, "dispensed"), (unknown, "dispensed")):
        shown = prescription(state.facts, state.conclusions, at("12-10T09:00"))
        assert [one["status"] for one in shown["ignored"]] == [status]
    assert prescription(unknown.facts, unknown.conclusions, at("12-10T09:00"))["issue"] is None


def test_a_prescription_that_only_its_consultation_knows_is_shown() -> None:
    state = woken(AsItHappened(PRESCRIPTION).until(at("12-10T03:01")), issue()).state

    assert prescription(state.facts, state.conclusions, at("12-10T03:02"))["prescription_id"] == PRESCRIPTION_ID
