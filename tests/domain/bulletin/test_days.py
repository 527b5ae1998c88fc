"""When a day is published and restated: B1 to B4."""

from datetime import date, datetime
from typing import Any

import msgspec
import pytest

from chassis.decide.judge import judge_tick
from schemas.events.bulletin import BulletinPublished, BulletinRestated
from services.bulletin.domain.day import Counts, bulletin
from services.bulletin.domain.day.figures import Discharges, Figure, Flow, Infections
from services.bulletin.routes import DAY
from tests.domain.bulletin.journeys import at
from tests.domain.story import Story

DAY_17 = date(2020, 10, 17)
COUNTS = Counts(
    jurisdiction="CN-SH",
    day=DAY_17,
    new=Flow(confirmed=Figure(5, 0), discharged=Figure(6, 0)),
    cumulative=Flow(confirmed=Figure(743, 342), discharged=Figure(668, 335), deaths=Figure(0, 7)),
    discharges=Discharges(
        by_origin_country={"ET": 1, "FR": 1, "MR": 1, "PH": 2, "US": 1},
        by_severity={"mild": 4, "common": 2},
        by_age_band={"0-5": 1, "18-44": 5},
        by_nationality={"CN": 6},
    ),
    youngest_months=13,
)
PUBLICATION = at("10-18T00:30")


def counted(**changed: Any) -> Counts:
    return msgspec.structs.replace(COUNTS, **changed)


def woken(story: Story, context: Counts, when: datetime) -> Story:
    """The day is judged again, as something has woken it."""
    story.context = context
    judged = judge_tick(DAY, story.state, when, context)
    story.state, story.emitted, story.now = judged.state, list(judged.emitted), when
    return story


def wakes(story: Story, kind: str = "day") -> set[str]:
    """The days, or their public editions, that this one woke when it was judged last."""
    assert DAY.wakes is not None
    return {key for woken, key in DAY.wakes(DAY.begin(), story.state) if woken == kind}


def published(**changed: Any) -> Story:
    """The bulletin of the 17th, as published."""
    return woken(Story(DAY), counted(**changed), PUBLICATION)


def test_b1_a_day_stays_quiet_until_half_past_midnight_and_is_published_then() -> None:
    story = woken(Story(DAY), COUNTS, at("10-17T15:00")).stays_quiet()
    story.until(at("10-18T00:29")).stays_quiet()
    story.until(PUBLICATION).then(
        (
            BulletinPublished,
            {
                "jurisdiction": "CN-SH",
                "date": "2020-10-17",
                "edition": "commission",
                "cumulative": {
                    "confirmed": {"total": 1085, "imported": 743, "local": 342},
                    "discharged": {"total": 1003, "imported": 668, "local": 335},
                    "deaths": {"total": 7, "imported": 0, "local": 7},
                },
                "in_hospital": {"total": 75, "imported": 75, "local": 0},
                "discharges": {
                    "by_origin_country": {"ET": 1, "FR": 1, "MR": 1, "PH": 2, "US": 1},
                    "by_severity": {"mild": 4, "common": 2},
                    "by_age_band": {"0-5": 1, "18-44": 5},
                    "by_nationality": {"CN": 6},
                },
            },
        )
    )
    assert story.emitted[0].time == PUBLICATION


def test_b1_the_day_ends_where_the_jurisdiction_is() -> None:
    elsewhere = woken(Story(DAY), counted(jurisdiction="XX-1"), PUBLICATION)
    elsewhere.stays_quiet()
    elsewhere.until(datetime.fromisoformat("2020-10-18T00:30:00Z")).then(BulletinPublished)


def test_b1_an_uneventful_day_has_its_bulletin_too() -> None:
    published(new=Flow(), discharges=Discharges()).then(BulletinPublished)


def test_b1_a_day_up_to_which_there_was_no_case_has_no_bulletin() -> None:
    published(new=Flow(), cumulative=Flow(), discharges=Discharges()).stays_quiet()


def test_b2_total_is_imported_plus_local_and_confirmed_is_discharged_plus_deaths_plus_in_hospital() -> None:
    emitted = bulletin(published().state.conclusions)
    assert emitted is not None
    sums = emitted.cumulative
    for figure in (sums.confirmed, sums.discharged, sums.deaths, emitted.in_hospital, emitted.new.confirmed):
        assert figure.total == figure.imported + figure.local
    for part in ("total", "imported", "local"):
        outside = getattr(sums.discharged, part) + getattr(sums.deaths, part)
        assert getattr(sums.confirmed, part) == outside + getattr(emitted.in_hospital, part)


def test_b3_other_figures_are_said_with_those_said_before() -> None:
    late = counted(cumulative=Flow(Figure(744, 342), Figure(668, 335), Figure(0, 7)))
    woken(published(), late, at("10-20T12:00")).then(
        (
            BulletinRestated,
            {
                "in_hospital": {"total": 76, "imported": 76, "local": 0},
                "before": {
                    "new": {
                        "confirmed": {"total": 5, "imported": 5, "local": 0},
                        "discharged": {"total": 6, "imported": 6, "local": 0},
                        "deaths": {"total": 0, "imported": 0, "local": 0},
                    },
                    "cumulative": {
                        "confirmed": {"total": 1085, "imported": 743, "local": 342},
                        "discharged": {"total": 1003, "imported": 668, "local": 335},
                        "deaths": {"total": 7, "imported": 0, "local": 7},
                    },
                    "in_hospital": {"total": 75, "imported": 75, "local": 0},
                    "asymptomatic": {key: {"total": 0, "imported": 0, "local": 0} for key in APART},
                },
            },
        )
    )


APART = ("new", "cumulative", "turned_confirmed", "released", "under_observation")
INFECTIONS = {
    "new_apart": Infections(Figure(3, 0), Figure(1, 0), Figure(2, 0)),
    "cumulative_apart": Infections(Figure(310, 5), Figure(20, 0), Figure(250, 5)),
}


def test_b1_asymptomatic_infections_have_figures_of_their_own() -> None:
    event = published(**INFECTIONS).emitted[0].event
    figures = event.asymptomatic.model_dump()

    assert {name: figures[name]["total"] for name in APART} == {
        "new": 3,
        "cumulative": 315,
        "turned_confirmed": 1,
        "released": 2,
        "under_observation": 40,
    }
    assert event.cumulative.confirmed.total == 1085, "and move none of the others"


def test_b1_where_they_are_not_apart_there_is_no_such_figure() -> None:
    event = woken(Story(DAY), counted(jurisdiction="SG-01"), PUBLICATION).emitted[0].event

    assert event.asymptomatic is None


def test_b1_a_day_with_asymptomatic_infections_only_has_a_bulletin() -> None:
    only = counted(new=Flow(), cumulative=Flow(), discharges=Discharges(), youngest_months=None, **INFECTIONS)

    woken(Story(DAY), only, PUBLICATION).then(BulletinPublished)


@pytest.mark.parametrize(
    ("jurisdiction", "day", "is_published"),
    [
        ("CN-SH", date(2020, 1, 19), False),
        ("CN-SH", date(2020, 1, 20), True),
        ("CN-SH", date(2023, 1, 8), True),
        ("CN-SH", date(2023, 1, 9), False),
        ("SG-01", date(2023, 6, 1), True),
    ],
)
def test_b1_a_day_outside_surveillance_is_counted_and_answered_and_not_published(
    jurisdiction: str, day: date, is_published: bool
) -> None:
    story = woken(Story(DAY), counted(jurisdiction=jurisdiction, day=day), at("10-18T00:30").replace(year=2024))
    answered = bulletin(story.state.conclusions)

    assert [type(each.event) for each in story.emitted] == [BulletinPublished] * is_published
    assert answered is not None
    assert answered.cumulative.confirmed.total == 1085


def test_b3_a_corrected_breakdown_restates_the_day_as_well() -> None:
    corrected = Discharges(by_origin_country={"PH": 6}, by_nationality={"CN": 6})
    woken(published(), counted(discharges=corrected), at("10-20T12:00")).then(BulletinRestated)


def test_b3_the_same_figures_again_stay_quiet() -> None:
    woken(published(), COUNTS, at("10-20T12:00")).stays_quiet()


def test_b3_a_bulletin_without_any_case_left_is_withdrawn_and_comes_back_with_the_next_case() -> None:
    nobody = counted(new=Flow(), cumulative=Flow(), discharges=Discharges(), youngest_months=None)
    story = woken(published(), nobody, at("10-20T12:00"))
    story.then((BulletinPublished, {"withdrawn": True, "date": "2020-10-17"}))
    woken(story, nobody, at("10-20T13:00")).stays_quiet()
    woken(story, COUNTS, at("10-20T14:00")).then(BulletinPublished)
    assert story.emitted[0].event.withdrawn is None


def test_b3_a_day_wakes_the_later_ones_that_no_longer_hold() -> None:
    later = (date(2020, 10, 18), date(2020, 10, 20))
    assert wakes(published(later=later)) == {"CN-SH/2020-10-18", "CN-SH/2020-10-20"}


def test_b1_a_silent_later_day_is_woken_only_once_it_is_over_too() -> None:
    silent = (date(2020, 10, 18), date(2020, 10, 19))
    story = woken(Story(DAY), counted(silent=silent), at("10-19T00:30"))
    assert wakes(story) == {"CN-SH/2020-10-18"}


def test_a_day_that_is_not_over_wakes_nothing() -> None:
    assert wakes(woken(Story(DAY), counted(later=(date(2020, 10, 18),)), at("10-17T15:00"))) == set()


def test_b5_a_day_wakes_its_public_edition_once_it_has_a_bulletin_and_when_it_has_none_any_more() -> None:
    assert wakes(woken(Story(DAY), COUNTS, at("10-17T15:00")), "public_day") == set()
    story = published()
    assert wakes(story, "public_day") == {"CN-SH/2020-10-17/public"}

    before = story.state
    nobody = counted(new=Flow(), cumulative=Flow(), discharges=Discharges(), youngest_months=None)
    after = woken(story, nobody, at("10-20T12:00")).state
    assert DAY.wakes is not None
    assert list(DAY.wakes(before, after)) == [("public_day", "CN-SH/2020-10-17/public")]
    assert list(DAY.wakes(after, after)) == []


def test_b4_the_youngest_names_its_scope_and_its_as_of_date() -> None:
    youngest = {"age": {"value": 13, "unit": "mo"}, "scope": "imported, child, CN-SH", "as_of": "2020-10-17"}
    published().then((BulletinPublished, {"youngest": youngest}))


def test_b4_whole_years_are_said_as_years_and_a_newborn_in_months() -> None:
    for months, age in ((0, (0, "mo")), (12, (1, "a")), (25, (25, "mo")), (36, (3, "a"))):
        emitted = bulletin(published(youngest_months=months).state.conclusions)
        assert emitted is not None
        assert emitted.youngest is not None
        assert (emitted.youngest.age.value, emitted.youngest.age.unit) == age


def test_b4_without_an_imported_child_there_is_no_youngest() -> None:
    emitted = bulletin(published(youngest_months=None).state.conclusions)
    assert emitted is not None
    assert emitted.youngest is None


def test_conclusions_are_read_back_as_they_were_written() -> None:
    state = published(later=(date(2020, 10, 18),)).state
    document = msgspec.json.encode((state.facts, state.conclusions))
    read = msgspec.json.decode(document, type=tuple[DAY.facts, DAY.conclusions])  # type: ignore[name-defined]
    assert state._replace(facts=read[0], conclusions=read[1]) == state
