"""How a case is counted: B1, B2."""

from datetime import date
from typing import Any

import pytest

from schemas.message import Message
from services.bulletin.domain.case import Counted
from services.bulletin.routes import CASE as KIND
from tests.domain.bulletin.journeys import assessed, at, discharged, excluded, imported, local, revoked
from tests.domain.story import Story

RECEIVED_AT = at("12-01T00:00")


def counted(*messages: Message) -> Counted | None:
    """The row that follows from messages; a case itself never says anything."""
    story = Story(KIND)
    for message in messages:
        story.when(message, received_at=RECEIVED_AT).stays_quiet()
    row: Counted | None = story.state.conclusions.counted
    return row


def dates(*messages: Message) -> tuple[date | None, ...]:
    """(confirmed on, discharged on, died on)."""
    row = counted(*messages)
    return (row.confirmed_on, row.discharged_on, row.died_on) if row else ()


def on(written: str) -> date:
    return date.fromisoformat(f"2020-{written}")


def test_an_imported_child_in_hospital_is_one_small_row_of_facts() -> None:
    assert counted(imported(), assessed()) == Counted(
        jurisdiction="CN-SH",
        origin="imported",
        confirmed_on=on("09-15"),
        discharged_on=None,
        died_on=None,
        origin_country="PH",
        nationality="CN",
        severity="common",
        age_months=13,
        age_band="0-5",
        child=True,
    )


def apart(*messages: Message) -> tuple[date | None, ...]:
    """(found asymptomatic on, turned into a confirmed case on, released on), and whether it is a confirmed case."""
    row = counted(*messages)
    assert row is not None
    return row.asymptomatic_on, row.turned_on, row.released_on, row.confirmed_on


QUIET = imported(symptoms=())
CLASSES = {"history": [{"since": at("09-16T10:00"), "severity": "asymptomatic"}]}


def test_b1_an_infection_without_symptoms_or_class_is_asymptomatic() -> None:
    assert apart(QUIET) == (on("09-15"), None, None, None)


def test_b1_symptoms_on_arrival_confirm_while_no_class_is_known() -> None:
    assert apart(imported()) == (None, None, None, on("09-15"))
    assert apart(imported(), assessed("asymptomatic", assessed_at=at("09-15T20:00"))) == (on("09-15"), None, None, None)


def test_b1_it_counts_as_confirmed_from_the_first_civil_day_on_which_its_class_is_mild_or_more() -> None:
    history = [*CLASSES["history"], {"since": at("09-20T23:59"), "severity": "mild"}]
    later = [*history, {"since": at("09-25T08:00"), "severity": "asymptomatic"}]

    assert apart(QUIET, assessed("mild", history=history)) == (on("09-15"), on("09-20"), None, on("09-20"))
    assert apart(QUIET, assessed("asymptomatic", history=later)) == (on("09-15"), on("09-20"), None, on("09-20"))


def test_b1_pneumonia_by_the_day_of_confirmation_was_never_asymptomatic() -> None:
    assert apart(QUIET, assessed("common", assessed_at=at("09-15T20:00"))) == (None, None, None, on("09-15"))


def test_b1_who_goes_home_asymptomatic_is_released_and_no_discharge() -> None:
    row = counted(QUIET, assessed("asymptomatic"), discharged())

    assert row is not None
    assert (row.released_on, row.discharged_on, row.confirmed_on) == (on("10-17"), None, None)
    assert apart(QUIET, discharged(), assessed("mild", assessed_at=at("10-20T10:00")))[1:3] == (None, on("10-17"))


def test_b1_who_dies_of_it_was_a_case() -> None:
    assert dates(QUIET, discharged("died", "10-01T23:59")) == (on("10-01"), None, on("10-01"))


def test_b1_a_local_case_is_confirmed_by_its_confirmation() -> None:
    assert apart(local(symptoms=())) == (None, None, None, on("09-15"))


@pytest.mark.parametrize(
    ("jurisdiction", "confirmed_at", "is_apart"),
    [
        ("CN-SH", "2020-03-31T09:00:00+08:00", False),
        ("CN-SH", "2020-04-01T09:00:00+08:00", True),
        ("CN-SH", "2023-01-04T09:00:00+08:00", True),
        ("CN-SH", "2023-01-05T09:00:00+08:00", False),
        ("CN-HK", "2020-09-15T09:00:00+08:00", False),
        ("CN-TW", "2020-09-15T09:00:00+08:00", False),
        ("SG-01", "2020-09-15T09:00:00+08:00", False),
    ],
)
def test_b1_asymptomatic_infections_are_apart_in_mainland_china_from_april_2020_to_version_10(
    jurisdiction: str, confirmed_at: str, is_apart: bool
) -> None:
    row = counted(imported(symptoms=(), jurisdiction=jurisdiction, confirmed_at=confirmed_at))

    assert row is not None
    assert (row.asymptomatic_on is not None) == is_apart
    assert (row.confirmed_on is None) == is_apart


def test_what_nobody_has_said_is_unknown_in_the_tables() -> None:
    row = counted(imported(age=None, nationality=None, origin_country=None), discharged())

    assert row is not None
    assert (row.age_band, row.nationality, row.origin_country, row.child) == ("unknown", "unknown", "unknown", False)


def test_a_local_case_has_no_country_of_origin() -> None:
    row = counted(local())
    assert row is not None
    assert (row.origin, row.origin_country) == ("local", None)


def test_b1_nobody_is_counted_before_a_confirmation_whatever_else_is_known() -> None:
    assert counted(assessed(), discharged()) is None


def test_b1_an_excluded_case_is_counted_no_more() -> None:
    assert counted(imported(), discharged(), excluded()) is None


def test_b1_a_case_confirmed_again_after_its_exclusion_is_counted_again() -> None:
    assert dates(imported(), excluded(), imported(confirmed_at=at("09-16T08:00"))) == (on("09-16"), None, None)


@pytest.mark.parametrize("disposition", ["recovered", "against_advice"])
def test_b1_recovered_and_against_advice_are_discharges(disposition: str) -> None:
    assert dates(imported(), discharged(disposition)) == (on("09-15"), on("10-17"), None)


def test_b1_a_transfer_is_no_discharge() -> None:
    assert dates(imported(), discharged("transferred")) == (on("09-15"), None, None)


def test_b1_a_death_is_counted_on_its_own_day() -> None:
    assert dates(imported(), discharged("died", "10-01T23:59")) == (on("09-15"), None, on("10-01"))


def test_a_day_is_a_civil_day_of_the_case_whatever_offset_an_instant_was_written_with() -> None:
    evening_in_utc = {"confirmed_at": "2020-09-14T16:00:00Z"}
    assert dates(imported(**evening_in_utc), discharged(discharged_at="2020-10-16T15:59:59Z")) == (
        on("09-15"),
        on("10-16"),
        None,
    )


def test_b2_one_who_was_confirmed_only_after_leaving_moves_both_figures_on_the_day_of_confirmation() -> None:
    assert dates(imported(), discharged(when="09-12T10:00")) == (on("09-15"), on("09-15"), None)
    assert dates(imported(), discharged("died", when="09-12T10:00")) == (on("09-15"), None, on("09-15"))


def test_b2_a_second_episode_is_not_a_new_case_and_readmission_undoes_no_discharge() -> None:
    once = counted(imported(), assessed(), discharged())
    again = [imported(episode=2, confirmed_at=at("10-25T09:00")), assessed("severe", episode=2)]
    assert counted(imported(), assessed(), discharged(), *again) == once
    assert counted(imported(), assessed(), discharged(), *again, discharged(when="11-10T10:00", episode=2)) == once


def test_b2_the_second_episode_counts_where_the_first_one_never_was() -> None:
    second = imported(episode=2, confirmed_at=at("10-25T09:00"))
    assert dates(imported(), discharged(), second, excluded()) == (on("10-25"), None, None)


def test_b2_a_death_after_a_discharge_counts_instead_of_it() -> None:
    death = discharged("died", "11-02T10:00", episode=2)
    assert dates(imported(), discharged(), death) == (on("09-15"), None, on("11-02"))


def test_a_revoked_discharge_puts_the_case_back_into_hospital_and_a_new_one_takes_it_out() -> None:
    assert dates(imported(), discharged(), revoked()) == (on("09-15"), None, None)
    assert dates(imported(), discharged(), revoked(), discharged(when="10-19T10:00")) == (
        on("09-15"),
        on("10-19"),
        None,
    )


@pytest.mark.parametrize(
    ("rule", "report", "holds"),
    [
        ({"prevails": True}, {"prevails": False}, "common"),
        ({"prevails": False}, {"prevails": True}, "severe"),
        ({"prevails": None, "assessed_at": at("09-17T10:00")}, {"prevails": None}, "common"),
        ({"prevails": None}, {"prevails": None}, "severe"),
    ],
)
def test_s3_the_class_that_prevails_is_counted(rule: dict[str, Any], report: dict[str, Any], holds: str) -> None:
    row = counted(imported(), assessed("common", "rule", **rule), assessed("severe", "report", **report))
    assert row is not None
    assert row.severity == holds


def test_a_class_that_is_withdrawn_leaves_the_other_one() -> None:
    reported = (assessed("severe", "report"), assessed("severe", "report", withdrawn=True))
    row = counted(imported(), assessed("mild", prevails=False), *reported)
    assert row is not None
    assert row.severity == "mild"


def moved(given: list[Message], when: Message) -> set[str]:
    """The days that are woken by one more message."""
    story = Story(KIND).given(*given, received_at=RECEIVED_AT)
    before = story.state
    story.when(when, received_at=RECEIVED_AT)
    assert KIND.wakes is not None
    woken = list(KIND.wakes(before, story.state))
    assert {kind for kind, _ in woken} <= {"day"}
    return {key for _, key in woken}


def test_b3_a_change_wakes_the_days_on_which_counts_begin_to_differ() -> None:
    assert moved([], imported()) == {"CN-SH/2020-09-15"}
    assert moved([imported()], discharged()) == {"CN-SH/2020-10-17"}
    assert moved([imported(), discharged()], discharged(when="10-19T10:00")) == {
        "CN-SH/2020-10-17",
        "CN-SH/2020-10-19",
    }


def test_b3_another_origin_or_jurisdiction_wakes_every_day_that_the_case_moves() -> None:
    days = {"CN-SH/2020-09-15", "CN-SH/2020-10-17"}
    assert moved([imported(), discharged()], local()) == days
    elsewhere = {"CN-BJ/2020-09-15", "CN-BJ/2020-10-17"}
    assert moved([imported(), discharged()], imported(jurisdiction="CN-BJ")) == days | elsewhere


def test_a_class_of_severity_wakes_nothing_before_the_discharge_and_its_day_afterwards() -> None:
    assert moved([imported()], assessed()) == set()
    assert moved([imported(), discharged()], assessed()) == {"CN-SH/2020-10-17"}
