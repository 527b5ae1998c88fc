"""What the public edition of a day shows, and what it suppresses: B5."""

from datetime import date, datetime
from typing import Any

import msgspec
import pytest

from chassis.decide.judge import judge_tick
from schemas.events.bulletin import BulletinPublished, BulletinRestated
from services.bulletin.domain import day
from services.bulletin.domain.day import Counts
from services.bulletin.domain.day.figures import Discharges, Figure, Flow, Online
from services.bulletin.domain.public_day import bulletin
from services.bulletin.domain.public_day.public_edition import Table, edition, shown
from services.bulletin.policy import categories, smallest_shown
from services.bulletin.routes import DAY, PUBLIC_DAY
from tests.domain.bulletin.journeys import at
from tests.domain.story import Story

DAY_17 = date(2020, 10, 17)
PUBLICATION = at("10-18T00:30")
K, COUNTRIES, CLASSES = 5, 249, 4
TABLES = Discharges(
    by_origin_country={"FR": 1, "MR": 3, "PH": 10, "US": 6},
    by_severity={"common": 9, "mild": 13},
    by_age_band={"0-5": 1, "18-44": 21},
    by_nationality={"CN": 22},
)
COUNTS = Counts(
    jurisdiction="CN-SH",
    day=DAY_17,
    new=Flow(confirmed=Figure(5, 0), discharged=Figure(20, 2)),
    cumulative=Flow(confirmed=Figure(743, 342), discharged=Figure(668, 335), deaths=Figure(0, 7)),
    discharges=TABLES,
    youngest_months=13,
)


def counted(**changed: Any) -> Counts:
    return msgspec.structs.replace(COUNTS, **changed)


def woken(story: Story, context: Counts, when: datetime) -> Story:
    """The day is judged, and wakes its public edition."""
    story.context = judge_tick(DAY, DAY.begin(), when, context).state.conclusions
    judged = judge_tick(PUBLIC_DAY, story.state, when, story.context)
    story.state, story.emitted, story.now = judged.state, list(judged.emitted), when
    return story


def published(**changed: Any) -> Story:
    """The public edition of the 17th, as published."""
    return woken(Story(PUBLIC_DAY), counted(**changed), PUBLICATION)


def with_table(**tables: dict[str, int]) -> Discharges:
    return msgspec.structs.replace(TABLES, **tables)


def test_b5_the_policy_is_five_and_knows_in_how_many_categories_a_case_is_looked_for() -> None:
    assert smallest_shown("CN-SH", DAY_17) == K
    assert categories("CN-SH", DAY_17) == {
        "by_origin_country": COUNTRIES,
        "by_severity": CLASSES,
        "by_age_band": 5,
        "by_nationality": COUNTRIES,
    }


def test_b5_a_table_without_a_small_cell_is_shown_in_full() -> None:
    assert shown({"common": 9, "mild": 13}, CLASSES, K) == Table({"common": 9, "mild": 13}, hidden=0)
    assert shown({}, CLASSES, K) == Table({}, hidden=0)


def test_b5_a_cell_of_four_is_suppressed_and_one_of_five_is_shown() -> None:
    assert shown({"PH": 5, "FR": 4}, COUNTRIES, K) == Table({"PH": 5}, hidden=4)


def test_b5_small_cells_that_add_up_to_enough_need_no_other_one() -> None:
    assert shown({"PH": 10, "US": 6, "MR": 3, "FR": 1}, COUNTRIES, K) == Table({"PH": 10, "US": 6}, hidden=4)


def test_b5_cells_that_would_follow_by_subtraction_take_the_next_smallest_with_them() -> None:
    assert shown({"PH": 10, "US": 6, "FR": 1}, COUNTRIES, K) == Table({"PH": 10}, hidden=7)


def test_b5_of_two_equal_cells_the_one_that_goes_does_not_depend_on_their_order() -> None:
    assert shown({"PH": 6, "US": 6, "FR": 1}, COUNTRIES, K) == shown({"FR": 1, "US": 6, "PH": 6}, COUNTRIES, K)


def test_b5_a_table_in_which_nothing_can_hide_a_cell_is_suppressed_whole() -> None:
    assert shown({"PH": 10, "FR": 1}, COUNTRIES, K) == Table({}, hidden=11)
    assert shown({"PH": 2, "FR": 1}, COUNTRIES, K) == Table({}, hidden=3)


def test_b5_where_every_cell_not_shown_would_have_to_have_a_case_the_table_is_suppressed_whole() -> None:
    assert shown({"mild": 9, "common": 4, "severe": 4, "critical": 4}, CLASSES, K) == Table({}, hidden=21)
    assert shown({"mild": 9, "common": 4, "severe": 4, "critical": 0}, CLASSES, K) == Table({"mild": 9}, hidden=8)


def test_b5_the_public_edition_has_the_totals_of_the_commissions_and_not_all_of_its_cells() -> None:
    story = published()
    event, full = story.emitted[0].event, day.bulletin(story.context)

    assert isinstance(event, BulletinPublished)
    assert full is not None
    for name in ("new", "cumulative", "in_hospital", "asymptomatic", "date", "jurisdiction"):
        assert getattr(event, name) == getattr(full, name)
    assert event.edition == "public"
    assert event.discharges.model_dump() == {
        "by_origin_country": {"PH": 10, "US": 6},
        "by_severity": {"common": 9, "mild": 13},
        "by_age_band": {},
        "by_nationality": {"CN": 22},
        "suppressed": ("by_origin_country", "by_age_band"),
    }


def test_b5_the_commissions_edition_names_nothing_suppressed() -> None:
    full = day.bulletin(published().context)

    assert full is not None
    assert full.discharges.suppressed is None
    assert full.discharges.by_origin_country == TABLES.by_origin_country


def test_b5_the_youngest_is_one_person_and_not_in_the_public_edition() -> None:
    assert published().emitted[0].event.youngest is None


def test_b5_a_table_that_changes_is_suppressed_whole_and_for_good() -> None:
    one_more = with_table(by_severity={"common": 10, "mild": 13})
    story = woken(published(), counted(discharges=one_more), at("10-20T12:00"))
    event = story.emitted[0].event

    assert isinstance(event, BulletinRestated)
    assert event.discharges.by_severity == {}
    assert event.discharges.by_nationality == {"CN": 22}, "which is what it was"
    back = woken(story, COUNTS, at("10-21T12:00"))
    back.stays_quiet()
    assert bulletin(back.state.conclusions).discharges.by_severity == {}  # type: ignore[union-attr]


def test_b5_a_table_that_was_suppressed_shows_no_cell_later_either() -> None:
    later = with_table(by_age_band={"0-5": 30, "18-44": 21})
    event = woken(published(), counted(new=Flow(), discharges=later), at("10-20T12:00")).emitted[0].event

    assert event.discharges.by_age_band == {}
    assert "by_age_band" in event.discharges.suppressed


def test_b5_a_change_within_what_is_suppressed_is_no_news_to_the_public() -> None:
    moved = with_table(by_origin_country={"FR": 2, "MR": 2, "PH": 10, "US": 6})
    woken(published(), counted(discharges=moved), at("10-20T12:00")).stays_quiet()


def test_b5_what_was_shown_is_remembered_while_the_bulletin_is_withdrawn() -> None:
    nobody = counted(new=Flow(), cumulative=Flow(), discharges=Discharges(), youngest_months=None)
    story = woken(published(), nobody, at("10-20T12:00"))
    story.then((BulletinPublished, {"withdrawn": True}))
    woken(story, counted(discharges=with_table(by_severity={"common": 8, "mild": 14})), at("10-20T14:00"))

    assert story.emitted[0].event.discharges.by_severity == {}


def test_b5_the_same_figures_again_stay_quiet() -> None:
    woken(published(), COUNTS, at("10-20T12:00")).stays_quiet()


@pytest.mark.parametrize("before", [None, {"by_severity": Table({"mild": 5}, 4)}])
def test_b5_a_first_edition_and_one_in_which_nothing_changed_show_the_same(before: Any) -> None:
    tables = edition(Discharges(by_severity={"mild": 5, "common": 4}), before, {"by_severity": CLASSES}, K)
    assert tables == {"by_severity": Table({"mild": 5}, hidden=4)}


FEW = Online("hn-children", consultations=9, people=4, experts=3, avoided=7, delivered=2)
MANY = Online("zj-green", consultations=9, people=5, experts=3, avoided=7, delivered=5)


def test_b5_a_channel_is_named_once_five_people_had_a_consultation_there() -> None:
    event = published(online=(FEW, MANY)).emitted[0].event

    assert [channel.model_dump(exclude_none=True) for channel in event.online_care] == [
        {"channel_id": "zj-green", "consultations": 9, "people": 5, "experts": 3, "prescriptions_delivered": 5}
    ]


def test_b5_fewer_than_five_deliveries_are_not_said() -> None:
    event = published(online=(msgspec.structs.replace(MANY, delivered=4),)).emitted[0].event
    assert event.online_care[0].prescriptions_delivered is None


def test_b5_without_a_case_or_a_channel_to_name_there_is_no_public_edition() -> None:
    empty = {"new": Flow(), "cumulative": Flow(), "discharges": Discharges(), "youngest_months": None}
    published(**empty, online=(FEW,)).stays_quiet()
    published(**empty, online=(FEW, MANY)).then((BulletinPublished, {"edition": "public"}))
