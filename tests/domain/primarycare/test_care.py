"""P3: medicines that run out, the care that was given, and the end of it with aftercare."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from schemas.events.primarycare import LinkageClosed, LinkageRequested, PrimaryCareNotified
from services.primarycare.domain.basis import Ending
from services.primarycare.routes import CASE
from tests.domain.primarycare.journeys import CENTRE, CONTEXT, answered, at, cared, discharged, needing
from tests.domain.story import Story

RECEIVED_AT = at("10-17T10:30")


def reported(**changed: Any) -> Story:
    return Story(CASE, CONTEXT).given(discharged(needing(), **changed), received_at=RECEIVED_AT)


def test_p3_medicines_that_run_out_within_aftercare_are_named_by_the_first() -> None:
    medicines = [needing("E11.9", medicines_last_until="2020-10-28"), needing("I10", medicines_last_until="2020-10-25")]
    Story(CASE, CONTEXT).when(discharged(*medicines), received_at=RECEIVED_AT).then(
        PrimaryCareNotified, (LinkageRequested, {"medicines_last_until": "2020-10-25"})
    )


@pytest.mark.parametrize(("last", "named"), [("2020-11-14", "2020-11-14"), ("2020-11-15", None)])
def test_p3_medicines_that_last_until_aftercare_is_over_are_not(last: str, named: str | None) -> None:
    story = Story(CASE, CONTEXT).when(discharged(needing(medicines_last_until=last)), received_at=RECEIVED_AT)
    story.then(PrimaryCareNotified, (LinkageRequested, {"medicines_last_until": named}))


def test_p3_care_is_recorded_until_aftercare_ends_and_then_the_linkage_is_closed() -> None:
    story = reported().given(answered(CENTRE, "accepted", "10-17T16:00"))
    story.when(cared("10-20T10:00")).stays_quiet().when(cared("10-31T10:00", "medicine")).stays_quiet()
    story.until(at("11-14T23:59")).stays_quiet()
    story.until(at("11-15T00:00")).then(
        (LinkageClosed, {"institution_id": CENTRE, "why": "aftercare_ended", "deliveries": 2, "level": 0})
    )
    assert story.state.conclusions.due is None
    story.when(cared("11-16T10:00")).stays_quiet()
    story.when(cared("10-30T10:00"), received_at=at("11-17T10:00")).then((LinkageClosed, {"deliveries": 3}))


@pytest.mark.parametrize(
    ("zone", "went", "end"),
    [
        ("Asia/Amman", "2020-10-01T10:00:00+03:00", "2020-10-30T00:00:00+03:00"),
        ("America/Havana", "2020-10-03T10:00:00-04:00", "2020-11-01T00:00:00-04:00"),
    ],
)
def test_p3_where_midnight_comes_twice_the_first_ends_aftercare(zone: str, went: str, end: str) -> None:
    home = datetime.fromisoformat(went)
    story = Story(CASE, CONTEXT).given(discharged(needing(), discharged_at=home, time_zone=zone), received_at=home)
    story.until(datetime.fromisoformat(end) - timedelta(minutes=1)).until(datetime.fromisoformat(end))
    story.then((LinkageClosed, {"why": "not_taken_on"}))


def test_p3_one_that_nobody_took_on_is_closed_as_such_with_aftercare() -> None:
    story = reported().until(at("11-14T23:59")).until(at("11-15T00:00"))
    story.then((LinkageClosed, {"why": "not_taken_on", "level": 2, "deliveries": 0}))


def test_p3_a_linkage_outlives_a_plan_of_no_days_and_medicines_that_run_out_after_it_are_named() -> None:
    """A dialysis patient discharged under v10, whose medicines last for three days."""
    ill = discharged(needing(medicines_last_until="2020-10-20"), protocol="v10")
    story = Story(CASE, CONTEXT).when(ill, received_at=RECEIVED_AT)
    story.then(PrimaryCareNotified, (LinkageRequested, {"medicines_last_until": "2020-10-20"}))
    story.given(answered(CENTRE, "accepted", "10-17T15:00"), cared("10-19T09:00"))
    story.until(at("11-14T23:59")).stays_quiet()
    story.until(at("11-15T00:00")).then((LinkageClosed, {"why": "aftercare_ended", "deliveries": 1}))


def test_p3_a_linkage_that_the_first_edition_closed_with_the_plan_lives_on_to_the_end_of_aftercare() -> None:
    story = reported().given(answered(CENTRE, "accepted", "10-17T16:00")).until(at("11-01T00:00"))
    (one,) = story.state.conclusions.aftercare
    closed = replace(one.linkage, ending=Ending(at("11-01T00:00"), "plan_ended"))
    stored = replace(story.state.conclusions, aftercare=(replace(one, linkage=closed),))
    story.state = story.state._replace(conclusions=stored)
    story.when(cared("11-02T10:00")).then((LinkageClosed, {"why": "aftercare_ended", "withdrawn": True}))
    story.until(at("11-15T00:00")).then((LinkageClosed, {"why": "aftercare_ended", "deliveries": 1}))
