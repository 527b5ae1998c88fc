"""How consultations and deliveries are counted, and what a day says of them: C7, B1, B3."""

from datetime import date, datetime
from typing import Any

import msgspec
import pytest

from chassis.decide.judge import judge_tick
from schemas.events.bulletin import BulletinPublished, BulletinRestated, OnlineCare
from schemas.message import Message
from services.bulletin.domain.consultation import Held
from services.bulletin.domain.day import Counts
from services.bulletin.domain.day.figures import Online
from services.bulletin.domain.delivery import Delivered
from services.bulletin.routes import CONSULTATION, DAY, DELIVERY
from tests.domain.bulletin.online import RECEIVED_AT, assigned, at, cancelled, delivered, held, queued
from tests.domain.story import Story

NINTH = date(2022, 12, 9)
CHANNEL = Online("zj-green", consultations=9, people=8, experts=3, avoided=7, delivered=2)
COUNTS = Counts("CN-ZJ", NINTH, online=(CHANNEL,))
PUBLICATION = at("12-10T00:30")


def counted(*messages: Message) -> Held | None:
    """The row that follows from messages; a consultation itself never says anything."""
    story = Story(CONSULTATION)
    for message in messages:
        story.when(message, received_at=RECEIVED_AT).stays_quiet()
    row: Held | None = story.state.conclusions.held
    return row


def test_c7_a_consultation_that_was_held_is_one_small_row() -> None:
    assert counted(held()) == Held("CN-ZJ", "zj-green", NINTH, "p-1", "e-1", refers=False)


def test_c7_it_counts_on_the_civil_day_where_the_patient_asked_from() -> None:
    row = counted(held(closed_at=datetime.fromisoformat("2022-12-09T16:00:00Z")))
    assert row is not None
    assert row.held_on == date(2022, 12, 10)


@pytest.mark.parametrize(
    "message", [queued(), assigned(), cancelled(), held(channel_id=None), held(jurisdiction=None), held(withdrawn=True)]
)
def test_c7_what_was_not_held_in_a_channel_of_a_known_place_does_not_count(message: Message) -> None:
    assert counted(message) is None


def test_c7_a_request_that_is_open_again_counts_no_more() -> None:
    assert counted(held(), assigned()) is None
    assert counted(held(), assigned(), held(expert_ref="e-2")) is not None


def moved(kind: Any, given: list[Message], when: Message) -> set[str]:
    """The days that are woken by one more message."""
    story = Story(kind).given(*given, received_at=RECEIVED_AT)
    before = story.state
    story.when(when, received_at=RECEIVED_AT).stays_quiet()
    return {key for _, key in kind.wakes(before, story.state)}


def test_b3_a_consultation_wakes_its_day_and_a_correction_both() -> None:
    assert moved(CONSULTATION, [], held()) == {"CN-ZJ/2022-12-09"}
    assert moved(CONSULTATION, [held()], held(when="12-10T09:00")) == {"CN-ZJ/2022-12-09", "CN-ZJ/2022-12-10"}
    assert moved(CONSULTATION, [held()], held(person_ref="p-2")) == {"CN-ZJ/2022-12-09"}
    assert moved(CONSULTATION, [held()], held(mode="video")) == set()
    assert moved(CONSULTATION, [], queued()) == set()


def test_a_delivery_is_one_small_row_and_wakes_its_day() -> None:
    story = Story(DELIVERY).given(delivered(), received_at=RECEIVED_AT)
    assert story.state.conclusions.delivered == Delivered("CN-ZJ", "zj-green", date(2022, 12, 10))
    assert moved(DELIVERY, [], delivered()) == {"CN-ZJ/2022-12-10"}
    assert moved(DELIVERY, [delivered()], delivered(withdrawn=True)) == {"CN-ZJ/2022-12-10"}
    assert moved(DELIVERY, [], delivered(channel_id=None)) == set()


def woken(story: Story, context: Counts, when: datetime) -> Story:
    """The day is judged again, as something has woken it."""
    story.context = context
    judged = judge_tick(DAY, story.state, when, context)
    story.state, story.emitted, story.now = judged.state, list(judged.emitted), when
    return story


def test_c7_a_day_says_of_each_channel_what_it_has_done_since_it_opened() -> None:
    event = woken(Story(DAY), COUNTS, PUBLICATION).emitted[0].event

    assert event.edition == "commission"
    assert event.online_care == (
        OnlineCare(
            channel_id="zj-green",
            consultations=9,
            people=8,
            experts=3,
            avoided_visits=7,
            prescriptions_delivered=2,
        ),
    )


def test_b1_a_day_with_online_care_and_without_a_case_has_a_bulletin() -> None:
    event = woken(Story(DAY), COUNTS, PUBLICATION).emitted[0].event

    assert isinstance(event, BulletinPublished)
    assert event.cumulative.confirmed.total == 0


def test_b1_a_day_without_either_stays_quiet() -> None:
    woken(Story(DAY), msgspec.structs.replace(COUNTS, online=()), PUBLICATION).stays_quiet()


def test_b3_other_counts_of_a_channel_restate_the_day_with_those_said_before() -> None:
    story = woken(Story(DAY), COUNTS, PUBLICATION)
    more = msgspec.structs.replace(CHANNEL, consultations=10)
    event = woken(story, msgspec.structs.replace(COUNTS, online=(more,)), at("12-11T12:00")).emitted[0].event

    assert isinstance(event, BulletinRestated)
    assert event.before.online_care is not None
    assert (event.online_care[0].consultations, event.before.online_care[0].consultations) == (10, 9)


def test_b3_the_same_counts_again_stay_quiet() -> None:
    woken(woken(Story(DAY), COUNTS, PUBLICATION), COUNTS, at("12-11T12:00")).stays_quiet()


def test_b3_the_row_of_a_day_has_what_was_said_of_each_channel() -> None:
    assert DAY.table is not None
    other = Online("hn-children", 1, 1, 1, 0, 0)
    state = woken(Story(DAY), msgspec.structs.replace(COUNTS, online=(other, CHANNEL)), PUBLICATION).state
    row = DAY.table.row(state)
    assert row is not None
    assert row[-1] == "hn-children 1 1 1 0 0;zj-green 9 8 3 7 2"
