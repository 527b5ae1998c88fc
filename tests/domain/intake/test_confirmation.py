"""I1 and I2: who is a confirmed case, and whose results were taken back."""

from datetime import UTC, timedelta
from typing import Any

import pytest

from schemas.events.intake import CaseExcluded, CaseImported, LocalCaseConfirmed
from schemas.message import Message
from services.intake.routes import CASE as KIND
from tests.domain.intake.journeys import (
    COUGH,
    NOBODY,
    admitted,
    arrived,
    at,
    corrected,
    local,
    recorded,
    retracted,
    version,
)
from tests.domain.story import Story

RECEIVED_AT = at("12-01T00:00")


def reported(*messages: Message) -> Story:
    """Without a designated institution, so that only confirmation is said."""
    return Story(KIND, NOBODY).given(*messages, received_at=RECEIVED_AT)


def test_i1_an_arrival_whose_nat_is_detected_is_an_imported_case() -> None:
    story = reported(arrived()).when(recorded("r-1"))
    story.then(
        (CaseImported, {"episode": 1, "basis": ["r-1"], "confirmed_at": "2020-09-15T09:00:00+08:00", "flight": "MU212"})
    )
    assert story.emitted[0].time == at("09-15T09:00")


def test_i1_a_result_that_comes_before_the_arrival_is_known_confirms_it_all_the_same() -> None:
    reported(recorded("r-1")).when(arrived()).then((CaseImported, {"basis": ["r-1"], "time_zone": "Asia/Shanghai"}))


def test_i1_confirmed_is_when_the_positive_that_was_collected_first_resulted() -> None:
    first = recorded("r-2", collected_at=at("09-14T22:00"), resulted_at=at("09-15T12:00"), lab="another")
    story = reported(arrived(), recorded("r-1")).when(first)
    story.then(
        (CaseImported, {"confirmed_at": "2020-09-15T12:00:00+08:00", "basis": ["r-2"], "basis_labs": ["another"]})
    )


def test_i1_of_two_collected_at_once_the_one_that_resulted_first_confirms() -> None:
    story = reported(arrived(), recorded("r-1")).when(recorded("r-2", resulted_at=at("09-15T06:00")))
    story.then((CaseImported, {"confirmed_at": "2020-09-15T06:00:00+08:00", "basis": ["r-2"]}))


def test_i1_a_correction_that_leaves_it_positive_does_not_move_the_confirmation() -> None:
    reported(arrived(), recorded("r-1")).when(
        corrected(version("r-1"), "detected", ct_values={"N": 24.0})
    ).stays_quiet()


def test_i1_a_negative_that_is_corrected_to_positive_confirms_as_of_the_correction() -> None:
    negative = version("r-1", "not_detected")
    story = reported(arrived()).when(corrected(negative, "detected"))
    story.then((CaseImported, {"confirmed_at": "2020-09-17T09:00:00+08:00"}))


def test_i1_a_later_positive_stays_quiet() -> None:
    reported(arrived(), recorded("r-1")).when(recorded("r-2", resulted_at=at("09-16T09:00"))).stays_quiet()


@pytest.mark.parametrize(
    "result",
    [
        recorded("r-1", status="preliminary"),
        recorded("r-1", "not_detected"),
        recorded("r-1", "inconclusive"),
        recorded("r-1", test="5902-2"),
        recorded("r-1", collected_at=at("09-12T23:59"), setting="hospital"),
    ],
    ids=["preliminary", "not_detected", "inconclusive", "no_nat", "collected_before_the_arrival"],
)
def test_i1_stays_quiet_about_what_confirms_nothing(result: Message) -> None:
    reported(arrived()).when(result).stays_quiet()


@pytest.mark.parametrize(("when", "setting"), [("09-13T00:00", "hospital"), ("09-01T08:00", "entry_screening")])
def test_i1_a_swab_at_the_entry_or_of_the_civil_day_before_counts_for_the_arrival(when: str, setting: str) -> None:
    reported(arrived()).when(recorded("r-1", collected_at=at(when), setting=setting)).then(CaseImported)


def test_i1_a_swab_minutes_before_the_arrival_that_was_written_down_confirms() -> None:
    story = reported(arrived(arrived_at=at("09-14T10:00")))
    story.when(recorded("r-1", collected_at=at("09-14T09:50"))).then((CaseImported, {"basis": ["r-1"]}))


def test_i1_the_civil_day_before_is_one_of_the_cases_zone_whatever_zone_an_instant_was_written_in() -> None:
    just_before = at("09-12T23:59").astimezone(UTC), at("09-13T00:00").astimezone(UTC)
    for collected_at, confirms in zip(just_before, (False, True), strict=True):
        story = reported(arrived()).when(recorded("r-1", collected_at=collected_at, setting="hospital"))
        assert [type(one.event) for one in story.emitted] == [CaseImported] * confirms


def test_i1_who_came_from_no_other_country_is_a_local_case() -> None:
    story = reported(arrived(origin_country="CN")).when(recorded("r-1"))
    story.then((LocalCaseConfirmed, {"why": "no_foreign_origin", "basis": ["r-1"], "basis_labs": ["Shanghai CDC"]}))
    assert story.emitted[0].event.arrived_at == at("09-14T20:10")
    assert story.emitted[0].event.party_id == "party-4"


@pytest.mark.parametrize("origin", [None, "unknown", "PH"])
def test_i1_who_came_through_another_country_or_from_nobody_knows_where_is_imported(origin: str | None) -> None:
    reported(arrived(origin_country=origin)).when(recorded("r-1")).then(CaseImported)
    reported(arrived(origin_country="CN", transit_countries=("KR",))).when(recorded("r-1")).then(CaseImported)


def test_i1_what_is_unknown_of_a_traveller_is_not_said() -> None:
    unknown = {"age": None, "nationality": "unknown", "residence": {"jurisdiction": "CN-SH", "district": "unknown"}}
    (emitted,) = reported(arrived(origin_country=None, **unknown)).when(recorded("r-1")).emitted
    stated = emitted.event.model_dump(exclude_none=True)
    assert not {"age", "nationality", "origin_country"} & stated.keys()
    assert stated["residence"] == {"jurisdiction": "CN-SH"}


def test_i1_all_viral_genes_from_ct_35_on_are_no_positive_under_v9() -> None:
    """The protocol of the day of the collection decides, and an internal control never counts."""
    spring: dict[str, Any] = {"arrived_at": at("04-01T08:00").replace(year=2022)}
    swab: dict[str, Any] = {
        "collected_at": at("04-01T09:00").replace(year=2022),
        "resulted_at": at("04-01T15:00").replace(year=2022),
    }
    late = at("05-01T00:00").replace(year=2022)
    for ct_values, confirms in (({"ORF1ab": 37.0, "N": 35.0, "RNaseP": 20.0}, False), ({"N": 34.9}, True)):
        story = Story(KIND, NOBODY).given(arrived(**spring), received_at=late)
        story.when(recorded("r-1", ct_values=ct_values, **swab))
        assert [type(one.event) for one in story.emitted] == [CaseImported] * confirms
    reported(arrived()).when(recorded("r-1", ct_values={"N": 37.0})).then(CaseImported)


def test_two_laboratories_may_give_one_id_to_two_results() -> None:
    negative_of_another = recorded("r-1", "not_detected", lab="another", resulted_at=at("09-16T09:00"))
    reported(arrived(), recorded("r-1")).when(negative_of_another).stays_quiet()
    reported(arrived(), negative_of_another).when(recorded("r-1")).then((CaseImported, {"basis": ["r-1"]}))


def test_i1_free_text_of_symptoms_stays_in_the_report_and_is_counted() -> None:
    story = reported(arrived(symptoms=(COUGH, "weak, cries much"))).when(recorded("r-1"))
    story.then((CaseImported, {"symptoms": [COUGH], "symptoms_in_words": 1}))
    story = reported(arrived(symptoms=(COUGH,))).when(recorded("r-1"))
    story.then((CaseImported, {"symptoms": [COUGH], "symptoms_in_words": None}))


def test_i1_a_corrected_arrival_replaces_the_earlier_one() -> None:
    story = reported(arrived(), recorded("r-1")).when(arrived(flight="MU556", needs=("dialysis",)))
    story.then((CaseImported, {"flight": "MU556", "needs": ["dialysis"]}))


def test_i1_an_earlier_arrival_that_comes_late_stays_quiet() -> None:
    story = reported(arrived(), recorded("r-1"))
    story.when(arrived(flight="MU556"), recorded=at("09-14T21:00")).stays_quiet()


def test_i1_the_same_arrival_under_another_id_stays_quiet() -> None:
    reported(arrived(), recorded("r-1")).when(arrived()).stays_quiet()


def test_i1_an_arrival_corrected_to_after_the_test_is_taken_back() -> None:
    """Nobody's result was wrong: that is no exclusion."""
    story = reported(arrived(), recorded("r-1", setting="hospital")).when(arrived(arrived_at=at("09-16T02:00")))
    story.then((CaseImported, {"withdrawn": True}))


@pytest.mark.parametrize(("jurisdiction", "zone"), [("CN-XJ", "Asia/Shanghai"), ("JP-13", "Asia/Tokyo")])
def test_the_time_zone_is_that_of_the_jurisdiction_when_none_is_told(jurisdiction: str, zone: str) -> None:
    story = reported(arrived(jurisdiction=jurisdiction)).when(recorded("r-1"))
    story.then((CaseImported, {"time_zone": zone}))


@pytest.mark.parametrize("report", [arrived, local])
def test_a_report_from_a_jurisdiction_of_several_zones_has_to_name_one(report: Any) -> None:
    Story(KIND, NOBODY).when(report(jurisdiction="US-CA"), received_at=RECEIVED_AT).refuses("missing", "time_zone")
    zoned = Story(KIND, NOBODY).when(
        report(jurisdiction="US-CA", time_zone="America/Los_Angeles"), received_at=RECEIVED_AT
    )
    assert zoned.rejection is None


def test_i2_a_case_whose_only_positive_is_retracted_is_excluded() -> None:
    story = reported(arrived(), recorded("r-1")).when(retracted(version("r-1")))
    story.then((CaseExcluded, {"episode": 1, "basis": ["r-1"], "excluded_at": "2020-09-16T09:00:00+08:00"}))
    assert story.emitted[0].time == at("09-16T09:00")


def test_i2_a_case_whose_only_positive_is_corrected_to_negative_is_excluded() -> None:
    story = reported(arrived(), recorded("r-1")).when(corrected(version("r-1"), "not_detected"))
    story.then((CaseExcluded, {"confirmed_at": "2020-09-15T09:00:00+08:00"}))


def test_i2_a_correction_with_the_same_resulted_at_excludes_too() -> None:
    same = corrected(version("r-1"), "not_detected", resulted_at=version("r-1").resulted_at)
    reported(arrived(), recorded("r-1")).when(same).then(CaseExcluded)
    reported(arrived()).when(same).then(CaseExcluded)


def test_i2_another_positive_that_remains_confirms_from_then_on() -> None:
    story = reported(arrived(), recorded("r-1"), recorded("r-2", resulted_at=at("09-16T09:00")))
    story.when(retracted(version("r-1")))
    story.then((CaseImported, {"basis": ["r-2"], "confirmed_at": "2020-09-16T09:00:00+08:00"}))


def test_i2_a_positive_that_stands_again_confirms_again() -> None:
    first = version("r-1")
    negative = corrected(first, "not_detected")
    again = corrected(negative.new, "detected", first)
    story = reported(arrived(), recorded("r-1"), negative).when(again)
    story.then((CaseImported, {"confirmed_at": "2020-09-15T09:00:00+08:00"}))


def test_i2_the_history_in_a_later_correction_is_enough_to_exclude() -> None:
    """Of three versions only the last event may ever come: it carries the positive that had been believed."""
    first = version("r-1")
    negative = corrected(first, "not_detected")
    again_negative = corrected(negative.new, "not_detected", first, lab="reference laboratory")
    reported(arrived()).when(again_negative).then((CaseExcluded, {"excluded_at": "2020-09-17T09:00:00+08:00"}))


def test_i2_a_retracted_preliminary_positive_stays_quiet() -> None:
    preliminary = version("r-1", status="preliminary")
    story = reported(arrived(), recorded("r-1", status="preliminary"))
    story.when(retracted(preliminary)).stays_quiet()


def test_i2_a_corrected_negative_stays_quiet() -> None:
    negative = version("r-1", "not_detected")
    reported(arrived(), recorded("r-1", "not_detected")).when(corrected(negative, "not_detected")).stays_quiet()


def test_a_resident_is_confirmed_by_the_authoritys_report() -> None:
    story = Story(KIND, NOBODY).when(local(), received_at=RECEIVED_AT)
    story.then((LocalCaseConfirmed, {"confirmed_at": "2020-09-15T09:00:00+08:00", "basis": [], "episode": 1}))


def test_a_residents_basis_are_the_positives_known_by_then() -> None:
    reported(local()).when(recorded("r-1")).then((LocalCaseConfirmed, {"basis": ["r-1"]}))
    reported(local(), recorded("r-1")).when(recorded("r-2", resulted_at=at("09-15T09:01"))).stays_quiet()


def test_of_an_arrival_and_a_local_case_under_one_id_the_one_written_down_later_holds() -> None:
    story = reported(local(), recorded("r-1")).when(arrived())
    story.then((CaseImported, {"episode": 1}))
    story.when(local(), recorded=RECEIVED_AT + timedelta(hours=1)).then((LocalCaseConfirmed, {"episode": 1}))


def test_an_admission_confirms_nobody() -> None:
    reported(arrived()).when(admitted()).stays_quiet()


def test_what_was_preliminary_is_no_history_whether_or_not_it_was_told_in_between() -> None:
    """Treatment tells a preliminary result only where it comes before the final one; in the end nobody knows more."""
    preliminary = recorded("r-1", status="preliminary", resulted_at=at("09-15T07:00"), collected_at=at("09-14T21:00"))
    reported_of = reported(arrived(), preliminary, recorded("r-1")).state.facts.results
    never_reported = reported(arrived(), recorded("r-1")).state.facts.results
    assert [(one.status, one.collected_at) for one in reported_of] == [("final", at("09-14T23:00"))]
    assert [one.status for one in never_reported] == ["final"]


def test_an_older_word_on_a_result_changes_nothing() -> None:
    story = Story(KIND, NOBODY).given(arrived(), received_at=RECEIVED_AT)
    story.when(corrected(version("r-1"), "not_detected"), received_at=RECEIVED_AT, sequence=8)
    facts = story.state.facts
    story.when(recorded("r-1"), received_at=RECEIVED_AT, sequence=7).stays_quiet()
    assert story.state.facts is facts
