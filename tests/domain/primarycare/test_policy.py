"""The numbers are policy: by jurisdiction and date, and nothing of them is in the rules."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from schemas.events.primarycare import AlertClosed, AlertEscalated, AlertForwarded, LinkageEscalated
from schemas.reference import Row
from services.primarycare import policy
from services.primarycare.domain.institutions import Directory
from services.primarycare.policy import Alerting, Linking, Looking
from services.primarycare.routes import CASE
from tests.domain.primarycare.journeys import CENTRE, CLINIC, answered, at, discharged, institution, needing, raised
from tests.domain.story import Story

HOUR = timedelta(hours=1)
SINCE = date(2020, 10, 1)
BEIJING, SINGAPORE = "CN-BJ", "SG-01"


@pytest.fixture(autouse=True)
def other_numbers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two more jurisdictions, from October 2020 on: quicker and slower, with fewer and more levels."""
    linking = (
        Row(BEIJING, SINCE, Linking(12 * HOUR, 1, ("hospital", "community_centre")), "test"),
        Row(SINGAPORE, SINCE, Linking(36 * HOUR, 3, ("community_centre",)), "test"),
    )
    alerting = (
        Row(BEIJING, SINCE, Alerting({"urgent": HOUR, "high": 6 * HOUR, "routine": 72 * HOUR}, 1), "test"),
        Row(SINGAPORE, SINCE, Alerting({"urgent": 4 * HOUR}, 3), "test"),
    )
    looking = (Row(BEIJING, SINCE, Looking(6 * HOUR), "test"), Row(SINGAPORE, SINCE, Looking(48 * HOUR), "test"))
    monkeypatch.setattr(policy, "LINKING", (*policy.LINKING, *linking))
    monkeypatch.setattr(policy, "ALERTING", (*policy.ALERTING, *alerting))
    monkeypatch.setattr(policy, "LOOKING", (*policy.LOOKING, *looking))
    forget()
    yield
    forget()


def forget() -> None:
    """What was looked up is looked up again."""
    for looked_up in (policy.linking, policy.alerting, policy.looking):
        looked_up.cache_clear()


def home(jurisdiction: str, went: str = "10-17T10:00", context: Directory | None = None) -> Story:
    known = Directory(
        (
            institution(CENTRE, "community_centre", jurisdiction=jurisdiction),
            institution(CLINIC, "hospital", jurisdiction=jurisdiction),
        )
    )
    lives, when = {"jurisdiction": jurisdiction, "district": "Pudong"}, at(went)
    story = Story(CASE, known if context is None else context)
    return story.given(
        discharged(needing(), residence=lives, discharged_at=when), received_at=when + timedelta(minutes=5)
    )


def escalated(story: Story, kind: type) -> list[tuple[int, datetime]]:
    events: list[Any] = [emitted for emitted in story.emitted if isinstance(emitted.event, kind)]
    return [(emitted.event.level, emitted.time) for emitted in events]


@pytest.mark.parametrize(
    ("jurisdiction", "levels"),
    [
        ("CN-SH", [(1, at("10-18T10:00")), (2, at("10-19T10:00"))]),
        (BEIJING, [(1, at("10-17T22:00"))]),
        (SINGAPORE, [(1, at("10-18T22:00")), (2, at("10-20T10:00")), (3, at("10-21T22:00"))]),
    ],
)
def test_p2_how_soon_and_how_far_a_linkage_is_escalated(jurisdiction: str, levels: list[tuple[int, datetime]]) -> None:
    assert escalated(home(jurisdiction).until(at("10-25T00:00")), LinkageEscalated) == levels


@pytest.mark.parametrize(("jurisdiction", "asked"), [("CN-SH", CENTRE), (BEIJING, CENTRE), (SINGAPORE, CENTRE)])
def test_p2_the_primary_institution_is_asked_first_whatever_the_order_of_kinds(jurisdiction: str, asked: str) -> None:
    (one,) = home(jurisdiction).state.conclusions.aftercare
    assert one.linkage.requests[0].institution_id == asked


def test_p2_which_kinds_are_asked_is_policy() -> None:
    story = home(SINGAPORE)
    linkage_id = story.state.conclusions.aftercare[0].linkage.linkage_id
    story.when(answered(CENTRE, "declined", "10-17T12:00", linkage_id=linkage_id))
    (one,) = story.state.conclusions.aftercare
    assert [request.institution_id for request in one.linkage.requests] == [CENTRE], "no hospital is asked there"


@pytest.mark.parametrize(
    ("jurisdiction", "severity", "levels"),
    [
        (BEIJING, "urgent", [(1, at("10-22T09:15"))]),
        (BEIJING, "routine", [(1, at("10-25T08:15"))]),
        (SINGAPORE, "urgent", [(1, at("10-22T12:15")), (2, at("10-22T16:15")), (3, at("10-22T20:15"))]),
    ],
)
def test_p4_how_soon_and_how_far_an_alert_is_escalated(
    jurisdiction: str, severity: str, levels: list[tuple[int, datetime]]
) -> None:
    story = home(jurisdiction).given(raised(severity), received_at=at("10-22T08:20")).until(at("10-26T00:00"))
    assert escalated(story, AlertEscalated) == levels


def test_p4_where_high_alerts_ask_for_nothing_they_are_for_information() -> None:
    story = home(SINGAPORE).when(raised("high"), received_at=at("10-22T08:20"))
    assert [type(emitted.event) for emitted in story.emitted if not isinstance(emitted.event, AlertForwarded)] == [
        LinkageEscalated,
        LinkageEscalated,
        LinkageEscalated,
        AlertClosed,
    ]


@pytest.mark.parametrize(("jurisdiction", "hours"), [("CN-SH", 24), (BEIJING, 6), (SINGAPORE, 24)])
def test_p1_how_often_who_waits_is_looked_at_again(jurisdiction: str, hours: int) -> None:
    """In Singapore the commission is told after 24 h, before the next look after 48 h."""
    due = home(jurisdiction, context=Directory(())).state.conclusions.due
    assert due == at("10-17T10:00") + hours * HOUR


def test_before_it_was_in_force_the_old_number_held() -> None:
    story = home(BEIJING, "09-17T10:00").until(at("09-25T00:00"))
    assert [level for level, _ in escalated(story, LinkageEscalated)] == [1, 2]
