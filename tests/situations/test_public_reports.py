"""Trouble that users of other systems had in public, told to all services; each test says what is right here."""

import json
from datetime import timedelta
from typing import Any

import pytest

from schemas.envelope import encode
from schemas.reports.intake import CaseWithdrawn
from tests.situations.play import SEED, WHEN_PUBLISHED, Play, after_public_report, lines, public_report

A_DAY = timedelta(hours=24)


def criterion(play: Play, case: str, name: str) -> dict[str, Any]:
    (episode,) = play.view("discharge", case)["episodes"]
    return next(dict(one) for one in episode["criteria"]["list"] if one["name"] == name)


def test_one_swab_that_comes_by_two_routes_counts_once_d4() -> None:
    play = public_report("01")
    assert criterion(play, "pub-01", "two_negatives")["met"] is False
    assert play.stated_of("DischargeCriteriaMet") == []


def test_an_exclusion_after_the_discharge_ends_all_that_was_asked_for_i2() -> None:
    play = public_report("03")
    (excluded,) = play.standing_of("CaseExcluded")
    assert excluded["why"] == "no_result"
    assert [one["why"] for one in play.standing_of("DischargeRevoked")] == ["excluded"]
    assert [one["why"] for one in play.standing_of("QuarantineCancelled")] == ["excluded"]
    assert {one["outcome"] for one in play.standing_of("CallCompleted")} == {"withdrawn"}
    assert play.standing_of("CallRequested") == play.standing_of("PrimaryCareNotified") == []
    assert len(play.stated_of("PrimaryCareNotified")) == 2, "primary care is told, and told that it is over"
    assert play.standing_of("DischargeCriteriaMet") == play.standing_of("DischargeCriteriaLost") == []
    assert play.standing_of("SeverityAssessed") == []


def test_a_plan_is_paused_while_the_patient_lies_in_a_ward_again_f8() -> None:
    play = public_report("04")
    (paused,) = play.stated_of("QuarantinePaused")
    assert (paused.data["institution_id"], paused.time.isoformat()) == ("CN-SH-SPHCC", "2020-10-16T18:00:00+08:00")
    assert play.standing_of("QuarantineCancelled") == play.standing_of("CallRequested") == []
    assert play.stated_of("QuarantineDayMissed") == play.stated_of("LostToFollowUp") == []


def test_swabs_minutes_and_hours_before_the_arrival_both_confirm_i1() -> None:
    play = public_report("06")
    assert {one["case_id"] for one in play.standing_of("CaseImported")} == {"pub-06a", "pub-06b"}


def test_every_nucleic_acid_test_of_the_list_confirms_i1() -> None:
    play = public_report("07")
    assert {one["case_id"] for one in play.standing_of("CaseImported")} == {f"pub-07{letter}" for letter in "abcdef"}
    for letter in "abcdef":
        assert "test_not_understood" not in str(play.view("treatment", f"pub-07{letter}"))


def test_a_test_that_is_on_no_list_confirms_nobody_and_is_shown_as_not_understood() -> None:
    play = Play(WHEN_PUBLISHED)
    for line in lines("public_reports/07-*.jsonl")[:2]:
        play.give(line.replace(b"94760-6", b"718-7"), WHEN_PUBLISHED)
    (result,) = play.view("treatment", "pub-07a")["results"]
    assert (result["test"], result["test_not_understood"]) == ("718-7", True)
    assert "718-7" in play.row("treatment", "pub-07a")["not_understood"]
    assert play.stated_of("CaseImported") == []


def test_another_result_under_the_id_of_the_first_is_answered_id_reused() -> None:
    play = public_report("08")
    second = json.loads(lines("public_reports/08-*.jsonl")[2])
    assert [(one["code"], one["report_id"]) for one in play.refusals("pub-08")] == [("id_reused", second["id"])]
    assert [one["result_id"] for one in play.standing_of("TestResultRecorded")] == ["pub-08-r1"]


@pytest.mark.parametrize("case", ["pub-09a", "pub-09b"])
def test_a_correction_of_a_result_that_nobody_has_is_shown_and_answered_after_a_day(case: str) -> None:
    before = after_public_report("09")
    before.pass_to(WHEN_PUBLISHED + A_DAY - timedelta(minutes=1))
    assert before.refusals(case) == []
    play = public_report("09")
    (refusal,) = play.stated_of("ReportRejected", case)
    assert (refusal.data["code"], refusal.time - WHEN_PUBLISHED < A_DAY + timedelta(minutes=1)) == ("conflict", True)
    shown = {one["result_id"]: one.get("corrects_a_result_that_nobody_has") for one in _results(play, case)}
    assert shown == {f"{case}-r0": None, f"{case}-r1": True}
    assert [one["basis"] for one in play.standing_of("CaseImported", case)] == [[f"{case}-r0"]], "r0 stands"


def _results(play: Play, case: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = play.view("treatment", case)["results"]
    return found


def test_a_district_that_is_spelled_otherwise_is_found_p1() -> None:
    play = public_report("11")
    (notified,) = play.standing_of("PrimaryCareNotified")
    assert notified["institution_id"] == "cn-sh-minhang-chc-1"


def test_whoever_lives_in_a_district_without_a_centre_is_unplaced_and_the_commission_is_told_after_a_day_p1() -> None:
    play = Play(WHEN_PUBLISHED)
    for line in SEED.read_bytes().splitlines():
        play.give(line, WHEN_PUBLISHED)
    for line in lines("public_reports/11-*.jsonl"):
        play.give(line.replace(b'"minhang"', b'"Chongming"'), WHEN_PUBLISHED)
    play.pass_to(WHEN_PUBLISHED + A_DAY - timedelta(minutes=1))
    assert play.standing_of("PrimaryCareNotified") == []
    assert play.row("primarycare", "pub-11")["unplaced"]
    play.pass_to(WHEN_PUBLISHED + A_DAY + timedelta(minutes=1))
    assert [one["institution_id"] for one in play.standing_of("PrimaryCareNotified")] == ["cn-sh-commission"]


def test_a_traveller_who_tested_negative_is_not_a_case() -> None:
    play = public_report("12")
    assert play.view("intake", "pub-12")["status"] == "not_a_case"
    assert play.view("discharge", "pub-12")["confirmed"] is False
    assert play.stated_of("CaseImported") == play.stated_of("TransferRequested") == []


def test_a_local_case_that_was_entered_in_error_is_taken_back_by_its_authority_i2() -> None:
    play = after_public_report("13")
    assert len(play.standing_of("LocalCaseConfirmed")) == 1
    withdrawn_at = WHEN_PUBLISHED + timedelta(hours=1)
    report = CaseWithdrawn(case_id="pub-13", withdrawn_at=withdrawn_at, reason="entered twice")
    identity = "00000000-0000-4000-8000-000000000013"
    play.give(
        encode(report, id=identity, source="/commissions/CN-SH", subject="pub-13", time=withdrawn_at,
               recordedtime=withdrawn_at),
        withdrawn_at,
    )  # fmt: skip
    play.pass_to(play.now + timedelta(weeks=1))
    (excluded,) = play.standing_of("CaseExcluded")
    assert excluded["why"] == "withdrawn"
    for name in ("LocalCaseConfirmed", "TransferRequested", "TransferOverdue"):
        assert play.standing_of(name) == [], name
    assert play.view("intake", "pub-13")["status"] == "excluded"
    counted = play.standing_of("BulletinPublished") + play.standing_of("BulletinRestated")
    assert [one["date"] for one in counted if one["cumulative"]["confirmed"]["total"]] == []


def test_a_finding_of_two_lines_is_kept_as_it_is() -> None:
    play = public_report("15")
    (study,) = play.standing_of("ImagingRecorded")
    assert study["finding"] == "Ground-glass opacities, both lower lobes.\nNo effusion."
    assert play.refusals() == []


def test_an_age_of_34_point_0_is_34() -> None:
    play = public_report("16")
    assert play.refusals() == []
    assert play.view("intake", "pub-16")["person"]["age"] == {"value": 34, "unit": "a"}


def test_what_a_line_list_does_not_know_may_be_absent() -> None:
    play = public_report("17")
    assert play.refusals() == []
    assert "age" not in play.view("intake", "pub-17")["person"]
    assert play.view("intake", "pub-17b")["person"]["nationality"] == "unknown"
    (local,) = play.standing_of("LocalCaseConfirmed")
    assert local["residence"].get("district") is None
    arrival = play.view("intake", "pub-17d")
    assert arrival["person"]["origin_country"] == "unknown"
    assert arrival["origin"] == "imported", "I1: from nobody knows where is from abroad"


def test_a_byte_order_mark_before_the_first_record_is_skipped() -> None:
    assert lines("public_reports/18-*.jsonl")[0].startswith(b"\xef\xbb\xbf")
    play = public_report("18")
    assert [one["basis"] for one in play.standing_of("CaseImported")] == [["pub-18-r0"]]


def test_data_in_base64_are_read() -> None:
    play = public_report("19")
    assert [one["result"] for one in play.standing_of("TestResultRecorded")] == ["detected"]
    assert play.refusals() == []


def test_codes_that_pass_for_countries_are_refused_and_an_old_one_names_its_successor() -> None:
    play = public_report("21")
    found = {one["report_id"]: one for one in play.refusals()}
    by_case = {
        json.loads(line)["subject"]: found[json.loads(line)["id"]] for line in lines("public_reports/21-*.jsonl")
    }
    assert {one["code"] for one in by_case.values()} == {"unknown_value"}
    assert [by_case[case]["at"] for case in ("pub-21a", "pub-21b", "pub-21c")] == [
        "origin_country",
        "origin_country",
        "jurisdiction",
    ]
    assert "write GB" in by_case["pub-21a"]["reason"]
    assert "ISO 3166-1" in by_case["pub-21b"]["reason"]
    assert "write CN-SH" in by_case["pub-21c"]["reason"]
    assert play.stated_of("CaseImported") == []
