"""I4: what is said while nobody admits a confirmed case, and what ends it."""

from datetime import date, timedelta
from typing import Any

import pytest

from schemas.events.intake import (
    CaseExcluded,
    CaseImported,
    TransferCompleted,
    TransferOverdue,
    TransferRequested,
)
from schemas.message import Message
from schemas.reference import Row
from services.intake import policy, views
from services.intake.routes import CASE
from tests.domain.intake.journeys import (
    CONTEXT,
    HOSPITAL,
    admitted,
    arrived,
    at,
    discharged,
    hospital,
    knowing,
    recorded,
    retracted,
    revoked,
    version,
)
from tests.domain.story import Story

RECEIVED_AT = at("09-15T16:00")


def reported(*messages: Message, context: Any = CONTEXT) -> Story:
    return Story(CASE, context).given(*messages, received_at=RECEIVED_AT)


def test_i4_overdue_once_every_24_h_until_the_institution_admits() -> None:
    story = reported(arrived(), recorded("r-1"))
    story.until(at("09-16T08:59")).stays_quiet()
    by = "2020-09-16T09:00:00+08:00"
    story.until(at("09-16T09:00")).then((TransferOverdue, {"level": 1, "respond_by": by}))
    assert story.emitted[0].time == at("09-16T09:00")
    story.until(at("09-17T08:59")).stays_quiet()
    story.until(at("09-18T12:00")).then((TransferOverdue, {"level": 2}), (TransferOverdue, {"level": 3}))
    assert [emitted.time for emitted in story.emitted] == [at("09-17T09:00"), at("09-18T09:00")]
    story.when(admitted(when="09-18T13:00")).then((TransferCompleted, {"to_institution_id": HOSPITAL}))
    assert story.state.conclusions.due is None


def test_i4_another_institution_admitting_is_asked_about_once_and_ends_it_after_24_h() -> None:
    story = reported(arrived(), recorded("r-1")).when(admitted("CN-SH-OTHER", "09-15T15:30"))
    asked = {"why": ["confirmed", "child", "with_party", "elsewhere"], "admitted_by": "CN-SH-OTHER", "level": 1}
    story.then((TransferOverdue, asked))
    assert story.emitted[0].time == at("09-15T15:30")
    story.until(at("09-16T15:29")).stays_quiet()
    story.until(at("09-16T15:30")).then((TransferOverdue, {"withdrawn": True}))
    assert story.emitted[0].time == at("09-16T15:30")
    assert story.now is not None
    shown = views.case(story.state.facts, story.state.conclusions, story.now)
    assert (shown["transfers"][0]["stage"], story.state.conclusions.due) == ("ended", None)
    story.until(at("09-30T00:00")).stays_quiet()


def test_i4_how_often_it_was_overdue_before_is_counted_on() -> None:
    story = reported(arrived(), recorded("r-1")).until(at("09-17T10:00"))
    story.when(admitted("CN-SH-OTHER", "09-17T11:00"), received_at=at("09-17T11:05")).then(
        (TransferOverdue, {"level": 3})
    )


def test_i4_who_lay_elsewhere_before_the_request_is_asked_about_when_it_is_due() -> None:
    story = reported(arrived(), recorded("r-1"), admitted("CN-SH-OTHER", "09-15T08:00")).until(at("09-16T08:59"))
    story.stays_quiet()
    story.until(at("09-16T09:00")).then((TransferOverdue, {"level": 1, "admitted_by": "CN-SH-OTHER"}))
    story.until(at("09-17T09:00")).then((TransferOverdue, {"withdrawn": True}))


def test_i4_an_admission_there_completes_it_though_another_had_admitted_before() -> None:
    story = reported(arrived(), recorded("r-1"), admitted("CN-SH-OTHER", "09-15T15:30")).until(at("09-17T10:00"))
    story.when(admitted(when="09-17T11:00")).then((TransferCompleted, {"to_institution_id": HOSPITAL}))


@pytest.mark.parametrize("how", ["died", "recovered", "against_advice"])
def test_i4_a_death_and_a_discharge_end_it(how: str) -> None:
    story = reported(arrived(), recorded("r-1")).until(at("09-16T10:00"))
    story.when(discharged("09-16T20:00", how, institution_id="CN-SH-OTHER"), received_at=at("09-16T20:05"))
    story.then((TransferOverdue, {"withdrawn": True}))
    assert story.emitted[0].time == at("09-16T20:00")
    assert story.state.conclusions.due is None
    story.until(at("10-16T20:00")).stays_quiet()


def test_i4_who_had_died_before_the_result_was_told_is_sent_nowhere() -> None:
    for order in (
        (recorded("r-1"), discharged("09-15T03:00", "died")),
        (discharged("09-15T03:00", "died"), recorded("r-1")),
    ):
        story = reported(arrived(), *order)
        assert story.state.conclusions.transfers == ()
        assert [one.number for one in story.state.conclusions.episodes] == [1]


def test_i4_who_had_gone_home_before_the_result_was_told_is_sent() -> None:
    """And lies no longer where they had lain."""
    story = reported(arrived(), admitted(when="09-14T23:30"), discharged("09-15T03:00", "against_advice"))
    story.when(recorded("r-1")).then(CaseImported, (TransferRequested, {"to_institution_id": HOSPITAL}))


def test_i4_a_cancelled_discharge_ends_nothing() -> None:
    story = reported(arrived(), recorded("r-1"), discharged("09-15T15:00"))
    assert story.state.conclusions.transfers == ()
    story.when(revoked("09-15T15:00", "09-15T15:30", "cancelled"), received_at=at("09-15T16:00"))
    story.then((TransferRequested, {"to_institution_id": HOSPITAL}))


def test_i4_who_was_admitted_and_discharged_has_got_there() -> None:
    reported(arrived(), recorded("r-1"), admitted()).when(discharged("09-15T15:00")).stays_quiet()


def test_i4_who_was_admitted_in_time_is_never_overdue() -> None:
    story = reported(arrived(), recorded("r-1"), admitted())
    assert story.state.conclusions.due is None
    story.until(RECEIVED_AT + timedelta(days=3)).stays_quiet()


def test_i4_who_is_heard_of_late_is_awaited_from_then_on() -> None:
    received_at = at("09-20T10:00")
    story = Story(CASE, CONTEXT).given(arrived(), received_at=received_at).when(recorded("r-1"))
    story.then(CaseImported, (TransferRequested, {"respond_by": "2020-09-21T10:00:00+08:00"}))
    story.until(at("09-21T10:00")).then((TransferOverdue, {"level": 1}))


def test_i4_an_exclusion_ends_it() -> None:
    story = reported(arrived(), recorded("r-1")).until(at("09-16T09:30"))
    story.when(retracted(version("r-1"))).then(CaseExcluded, (TransferOverdue, {"withdrawn": True}))
    assert story.state.conclusions.due is None


def test_i4_other_numbers_in_other_jurisdictions(monkeypatch: pytest.MonkeyPatch) -> None:
    hours = timedelta(hours=1)
    rows = (
        *policy.SENDING,
        Row("CN-BJ", date(2020, 1, 1), policy.Sending(12 * hours, 6 * hours, 24 * hours, 24 * hours, 168), "test"),
        Row("SG", date(2020, 1, 1), policy.Sending(4 * hours, 2 * hours, 8 * hours, 8 * hours, 168), "test"),
    )
    monkeypatch.setattr(policy, "SENDING", rows)
    policy.sending.cache_clear()
    for jurisdiction, first, second in (
        ("CN-BJ", "09-15T21:00", "09-16T03:00"),
        ("SG-01", "09-15T20:00", "09-15T22:00"),
    ):
        context = knowing(hospital(jurisdiction=jurisdiction))
        story = reported(arrived(jurisdiction=jurisdiction), recorded("r-1"), context=context)
        story.until(at(second))
        assert [(emitted.event.level, emitted.time) for emitted in story.emitted] == [(1, at(first)), (2, at(second))]
    policy.sending.cache_clear()
