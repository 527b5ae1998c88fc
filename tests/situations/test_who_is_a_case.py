"""I1 to I7: who is a case, where they are sent, and what ends that."""

from tests.situations.play import situation

CASE = "C-1"
DEATH = "2020-10-02T20:00:00+08:00"


def test_a_swab_timed_ten_minutes_before_the_arrival_confirms_i1() -> None:
    play = situation("swab-ten-minutes-before-the-arrival")
    (case,) = play.standing_of("CaseImported")
    assert (case["basis"], case["confirmed_at"]) == (["R1"], "2020-10-01T15:50:00+08:00")
    (sent,) = play.standing_of("TransferCompleted")
    assert (sent["to_institution_id"], sent["admitted_at"]) == ("HOSP-1", "2020-10-01T20:00:00+08:00")


def test_a_positive_traveller_who_came_from_no_other_country_is_a_local_case_i1() -> None:
    play = situation("traveller-without-abroad-is-invisible")
    (case,) = play.standing_of("LocalCaseConfirmed")
    assert (case["why"], case["basis"], case["episode"]) == ("no_foreign_origin", ["R1"], 1)
    assert play.standing_of("CaseImported") == []
    assert play.row("intake", CASE)["transfer_by"] is not None, "on the work list of transfers"


def test_a_local_case_whose_only_result_is_retracted_is_excluded_with_all_that_rested_on_it_i2() -> None:
    play = situation("local-case-cannot-be-excluded")
    (excluded,) = play.standing_of("CaseExcluded")
    assert (excluded["why"], excluded["basis"], excluded["episode"]) == ("no_result", ["R1"], 1)
    assert play.standing_of("LocalCaseConfirmed") == []
    assert play.standing_of("TransferRequested") == play.standing_of("TransferOverdue") == []
    published = [one.data["cumulative"]["confirmed"]["total"] for one in play.stated_of("BulletinPublished")]
    assert 1 in published, "it had been counted"
    still = play.standing_of("BulletinPublished") + play.standing_of("BulletinRestated")
    assert [one["date"] for one in still if one["cumulative"]["confirmed"]["total"]] == []


def test_a_death_before_the_admission_ends_the_transfer_i4() -> None:
    play = situation("dead-before-admission-overdue-for-ever")
    overdue = play.stated_of("TransferOverdue")
    assert [(one.data["level"], bool(one.data.get("withdrawn"))) for one in overdue] == [(1, False), (1, True)]
    assert play.standing_of("TransferOverdue") == play.standing_of("TransferRequested") == []
    (died,) = play.standing_of("Discharged")
    assert (died["disposition"], died["discharged_at"]) == ("died", DEATH)
    assert not play.row("intake", CASE).get("transfer_by"), "nobody is awaited"


def test_whoever_is_transferred_between_hospitals_is_asked_about_once_a_day_until_the_next_admits_i4() -> None:
    play = situation("transferred-and-never-arrives")
    (asked,) = [one.data for one in play.stated_of("TransferRequested") if one.data["kind"] == "onward"]
    assert (asked["leaves_at"], asked["respond_by"]) == ("2020-10-12T10:00:00+08:00", "2020-10-13T10:00:00+08:00")
    assert asked.get("to_institution_id") is None, "the report names no house: any admission ends it"
    overdue = [one for one in play.stated_of("TransferOverdue") if one.data["kind"] == "onward"]
    levels = [one.data["level"] for one in overdue]
    assert levels == list(range(1, len(levels) + 1))
    days = [one.time.day for one in overdue[:3]]
    assert (days, {one.time.isoformat()[11:16] for one in overdue}) == ([13, 14, 15], {"10:00"})
    assert play.standing_of("QuarantineStarted") == [], "D7: no follow-up here"
    assert play.row("intake", CASE)["transfer_by"] is not None


def test_mother_and_child_who_travel_together_go_to_one_hospital_that_can_take_both_i5() -> None:
    play = situation("party-is-split")
    sent = {one.subject: one.data for one in play.stated_of("TransferRequested")}
    assert sent["C-K"]["to_institution_id"] == sent["C-M"]["to_institution_id"]
    assert sent["C-K"]["required_capabilities"] == ["paediatric"]
    assert {one["party_id"] for one in sent.values()} == {"P-1"}


def test_one_person_under_two_cases_is_on_the_list_of_duplicates_i6() -> None:
    play = situation("one-person-two-cases")
    for case, other in (("C-1", "C-2"), ("C-2", "C-1")):
        assert [one["case_id"] for one in play.view("intake", case)["duplicates"]] == [other]
        row = play.row("intake", case)
        assert row["duplicate_since"] is not None
        assert f'"cases":["{case}","{other}"]' in row["duplicate"]
