"""C3: who is served before whom, by which expert, and what happens where nobody answers."""

from datetime import timedelta
from typing import Any

import pytest

from schemas.events.consultation import (
    ConsultationAssigned,
    ConsultationClosed,
    ConsultationOverdue,
    ConsultationQueued,
    ReferredOffline,
)
from services.consultation.domain.consultation import COLUMNS, Online, Queue, row
from services.consultation.domain.consultation.queue import AT_ONCE, HEADS, Place, place_of
from services.consultation.domain.institutions import Institution
from services.consultation.policy import MOST_OPEN
from tests.domain.consultation.journeys import (
    COUGH,
    FEVER,
    GREEN,
    HOSPITAL,
    KIND,
    at,
    cancelled,
    channel,
    completed,
    online,
    prescription,
    requested,
    shift,
)
from tests.domain.story import Story

NOW = at("25T03:00")
SECOND = channel("zj-second", opened_at=at("10T08:00"))


def held(queue: Queue, *others: Any) -> Online:
    return online(channel(), *others, queues={GREEN: queue})


def story(queue: Queue, *others: Any) -> Story:
    return Story(KIND, held(queue, *others))


def asks(story: Story, **other: Any) -> Story:
    return story.when(requested(**other), received_at=NOW)


def waiting(*before: str, priority: str = "other") -> tuple[Place, ...]:
    """Others who asked earlier."""
    return tuple(place_of(priority, NOW - timedelta(minutes=1 + at_), one) for at_, one in enumerate(before))[::-1]


def test_an_expert_on_duty_with_the_fewest_open_consultations_takes_it() -> None:
    queue = Queue((shift("e-1"), shift("e-2"), shift("e-3")), {"e-1": 2, "e-2": 1, "e-3": 3})
    asks(story(queue)).then((ConsultationAssigned, {"expert_ref": "e-2", "assigned_at": "2022-12-25T03:00:00+08:00"}))


def test_nobody_takes_it_who_is_not_on_duty() -> None:
    queue = Queue((shift("e-1", until="25T03:00"), shift("e-2", since="25T03:01")))
    found = asks(story(queue)).then(ConsultationQueued)
    found.until(at("25T03:01")).then((ConsultationAssigned, {"expert_ref": "e-2"}))


def test_an_expert_has_no_more_than_so_many_open() -> None:
    asks(story(Queue((shift("e-1"),), {"e-1": MOST_OPEN}))).then(ConsultationQueued)
    asks(story(Queue((shift("e-1"),), {"e-1": MOST_OPEN - 1}))).then(ConsultationAssigned)


def test_who_asked_first_is_served_first() -> None:
    queue = Queue((shift("e-1"),), {"e-1": MOST_OPEN - 1}, waiting("c-0"))
    asks(story(queue)).then(ConsultationQueued)


@pytest.mark.parametrize(
    ("other", "before", "is_served"),
    [
        ({"red_flags": ["29857009"]}, "priority", True),
        ({"symptoms": ["267036007"]}, "priority", True),
        ({"age": {"value": 17, "unit": "a"}}, "other", True),
        ({"groups": ["comorbid"]}, "other", True),
        ({"groups": ["comorbid"]}, "priority", False),
        ({}, "priority", False),
    ],
)
def test_red_flags_come_before_children_and_the_ill_and_these_before_others(
    other: dict[str, Any], before: str, is_served: bool
) -> None:
    queue = Queue((shift("e-1"),), {"e-1": MOST_OPEN - 1}, waiting("c-0", priority=before))
    found = {type(emitted.event) for emitted in asks(story(queue), **other).emitted}
    assert (ConsultationAssigned in found) is is_served


def test_two_of_one_batch_do_not_take_the_same_place() -> None:
    first = asks(story(Queue((shift("e-1"),), {"e-1": MOST_OPEN - 1})))
    first.then(ConsultationAssigned)
    second = Story(KIND, first.context)
    second.when(requested(consultation_id="c-2"), received_at=NOW).then(ConsultationQueued)


def test_an_end_frees_the_expert_for_the_next_of_the_batch() -> None:
    first = asks(story(Queue((shift("e-1"),), {"e-1": MOST_OPEN - 1}))).when(completed())
    second = Story(KIND, first.context)
    second.when(requested(consultation_id="c-2"), received_at=at("25T03:12")).then(ConsultationAssigned)


def test_at_the_end_of_the_shift_another_expert_takes_over() -> None:
    queue = Queue((shift("e-1", until="25T03:30"), shift("e-2", since="25T03:20")))
    found = asks(story(queue))
    found.until(at("25T03:29")).stays_quiet()
    found.until(at("25T03:30")).then((ConsultationAssigned, {"expert_ref": "e-2"}))


def test_at_the_end_of_the_shift_it_waits_where_nobody_takes_over() -> None:
    found = asks(story(Queue((shift("e-1", until="25T03:30"),))))
    found.until(at("25T03:30")).then((ConsultationQueued, {"queued_at": "2022-12-25T03:00:00+08:00"}))


def test_an_expert_who_is_taken_off_the_roster_hands_over() -> None:
    found = asks(story(Queue((shift("e-1"),))))
    found.context = held(Queue((shift("e-2"),), {"e-1": 1}))
    found.woken(at("25T03:10")).then((ConsultationAssigned, {"expert_ref": "e-2"}))


def test_a_longer_shift_keeps_the_expert() -> None:
    found = asks(story(Queue((shift("e-1", until="25T03:30"),))))
    found.context = held(Queue((shift("e-1", until="25T09:00"),), {"e-1": 1}))
    found.woken(at("25T03:10")).stays_quiet()
    found.until(at("25T03:30")).stays_quiet()


@pytest.mark.parametrize(("other", "due"), [({"red_flags": [FEVER]}, 5), ({"groups": ["comorbid"]}, 15), ({}, 60)])
def test_what_nobody_answers_in_time_goes_on_to_the_next_channel(other: dict[str, Any], due: int) -> None:
    found = asks(story(Queue(), SECOND), **other)
    found.until(NOW + timedelta(minutes=due, seconds=-1)).stays_quiet()
    again = (NOW + timedelta(minutes=2 * due)).isoformat()
    found.until(NOW + timedelta(minutes=due)).then(
        (ConsultationOverdue, {"channel_id": GREEN, "passed_to": "zj-second"}),
        (ConsultationQueued, {"channel_id": "zj-second", "answer_by": again}),
    )


def test_what_an_expert_does_not_answer_in_time_goes_on_too() -> None:
    found = asks(story(Queue((shift("e-1"),)), SECOND))
    found.until(NOW + timedelta(hours=1)).then(
        (ConsultationOverdue, {"channel_id": GREEN, "expert_ref": "e-1", "passed_to": "zj-second"}),
        (ConsultationQueued, {"channel_id": "zj-second"}),
    )


def test_where_no_other_channel_fits_it_stays_and_the_patient_is_referred() -> None:
    found = asks(story(Queue((shift("e-1"),))), symptoms=["22253000"])
    found.until(NOW + timedelta(hours=1)).then(
        (ConsultationOverdue, {"channel_id": GREEN, "passed_to": None}),
        (ReferredOffline, {"why": "overdue", "institution_id": HOSPITAL.institution_id}),
    )
    found.when(completed("25T04:30")).then((ConsultationClosed, {"outcome": "held", "channel_id": GREEN}))
    found.until(at("27T03:00")).stays_quiet()


def test_a_late_answer_does_not_undo_what_was_late() -> None:
    found = asks(story(Queue((shift("e-1"),)), SECOND))
    found.when(completed("25T03:50"), received_at=at("25T04:30"))
    named = [type(emitted.event) for emitted in found.emitted]
    assert named.count(ConsultationOverdue) == 1
    assert named[-1] is ConsultationClosed


def test_who_wrote_a_prescription_is_asked_where_the_request_lay_once_that_is_known() -> None:
    """Deadlines are found once everything before them has been read; until then it lies where it lay."""
    found = asks(story(Queue((shift("e-1"),)), SECOND))
    late = completed("25T04:30", prescription=prescription())
    found.when(late, received_at=at("25T04:30"), watermark=at("25T03:59"))
    assert (found.state.conclusions.channel_id, found.state.conclusions.prescribed) == (GREEN, "")
    found.until(at("25T04:30"))
    assert (found.state.conclusions.channel_id, found.state.conclusions.prescribed) == ("zj-second", "")


@pytest.mark.parametrize("end", [cancelled(), completed()])
def test_what_is_over_in_time_is_never_overdue(end: Any) -> None:
    asks(story(Queue())).given(end).until(at("27T03:00")).stays_quiet()


def test_a_request_that_came_late_has_its_time_from_then_on() -> None:
    found = story(Queue()).when(requested(), received_at=at("25T05:00"))
    found.then((ConsultationQueued, {"answer_by": "2022-12-25T06:00:00+08:00"}))


def test_a_red_flag_is_referred_to_a_hospital_as_well_and_at_once() -> None:
    found = asks(story(Queue((shift("e-1"),))), red_flags=["29857009"], symptoms=[FEVER, COUGH])
    found.then(
        (ConsultationAssigned, {"priority": "red_flag"}),
        (ReferredOffline, {"why": "red_flag", "institution_id": HOSPITAL.institution_id}),
    )


def test_online_care_that_does_not_suit_refers() -> None:
    found = asks(story(Queue((shift("e-1"),))), symptoms=["22253000"])
    found.when(completed(refer_offline=True)).then(
        (ConsultationClosed, {"refers": True}),
        (ReferredOffline, {"why": "refer_offline", "institution_id": HOSPITAL.institution_id}),
    )


def test_a_hospital_that_is_gone_is_replaced_and_one_that_stays_is_kept() -> None:
    better = Institution("zj-a", "hospital", "CN-ZJ", "Xihu", open_24h=True)
    queues = {GREEN: Queue((shift("e-1"),), {"e-1": 1})}
    found = asks(story(Queue((shift("e-1"),))), red_flags=["29857009"])
    found.context = online(channel(), queues=queues, institutions=(HOSPITAL, better))
    found.woken(at("25T03:01")).stays_quiet()
    found.context = online(channel(), queues=queues, institutions=(better,))
    found.woken(at("25T03:02")).then((ReferredOffline, {"why": "red_flag", "institution_id": "zj-a"}))


def test_who_stands_behind_all_who_are_seen_waits_however_many_of_these_are_served() -> None:
    experts = tuple(shift(f"e-{number}") for number in range(HEADS))
    before = waiting(*(f"c-0{number}" for number in range(HEADS)))
    queue = Queue.of(experts, {}, before).without(before[-1][2])
    asks(story(queue)).then(ConsultationQueued)
    asks(story(Queue.of(experts, {}, before[:-1]))).then(ConsultationAssigned)


@pytest.mark.parametrize(("free", "calls"), [(AT_ONCE, False), (AT_ONCE + 1, True)])
def test_who_is_served_calls_others_where_more_places_are_free_than_of_one_who_leaves(free: int, calls: bool) -> None:
    full = {f"e-{number}": MOST_OPEN for number in range(1, 10)}
    experts = tuple(shift(expert) for expert in full)
    found = asks(story(Queue(experts, full | {f"e-{number}": MOST_OPEN - 1 for number in range(1, free + 1)})))
    assert dict(zip(COLUMNS, row(found.state) or (), strict=True))["calls"] == (GREEN if calls else None)


def test_who_was_looked_at_in_the_queue_is_not_looked_at_again_for_having_come() -> None:
    seen, unseen = asks(story(Queue((shift("e-1"),), {"e-1": MOST_OPEN}))), Story(KIND, online(channel()))
    asks(unseen)
    assert KIND.wakes is not None
    assert not list(KIND.wakes(KIND.begin(), seen.state))
    assert list(KIND.wakes(KIND.begin(), unseen.state)) == [("consultation", "c-1")]
