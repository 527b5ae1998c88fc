"""D and S: what was known on the ward, and what the discharge is judged by."""

from typing import Any

from tests.situations.play import Play, situation

CASE = "C-1"


def criterion(play: Play, name: str) -> dict[str, Any]:
    """As judged at the end of the stay."""
    (episode,) = play.view("discharge", CASE)["episodes"]
    return next(dict(one) for one in episode["criteria"]["list"] if one["name"] == name)


def unmet(play: Play) -> list[str]:
    """What was missing at the discharge; empty where no rule was violated."""
    return [name for violation in play.standing_of("DischargeRuleViolated") for name in violation["unmet"]]


def test_a_fever_and_another_device_at_the_same_minute_are_both_kept_d1() -> None:
    play = situation("fever-overwritten-by-another-device")
    at = "2020-10-11T20:05:00+08:00"
    kept = [one for one in play.standing_of("VitalSignsRecorded") if one["measured_at"] == at]
    assert max(one.get("temperature_c") or 0 for one in kept) == 39.5
    assert [one["spo2_percent"] for one in kept if one.get("spo2_percent")] == [97]
    assert unmet(play) == ["temperature"]
    assert criterion(play, "temperature")["met"] is False


def test_same_after_none_is_still_none_d2() -> None:
    play = situation("respiratory-same-after-none")
    assert criterion(play, "respiratory")["met"] is True
    assert unmet(play) == []
    assert play.standing_of("Discharged")[0]["criteria_met"] is True


def test_a_symptom_in_words_at_the_port_is_a_symptom_that_was_reported_d2() -> None:
    play = situation("free-text-symptom-at-the-port")
    assert criterion(play, "respiratory")["met"] is False
    assert unmet(play) == ["respiratory"]
    assert play.standing_of("Discharged")[0]["criteria_met"] is False


def test_a_class_that_is_reported_after_the_discharge_does_not_clear_a_violation_d0_s3() -> None:
    play = situation("severity-told-late-clears-a-violation")
    assert unmet(play) == ["imaging"]
    assert criterion(play, "imaging")["met"] is False


def test_results_of_two_laboratories_under_one_number_are_two_results_d4() -> None:
    play = situation("two-laboratories-one-result-id")
    results = {
        (one["lab"], one["result"]) for one in play.standing_of("TestResultRecorded") if one["result_id"] == "1001"
    }
    assert results == {("LAB-A", "detected"), ("LAB-B", "not_detected")}
    assert play.standing_of("TestResultCorrected") == []
    assert unmet(play) == ["two_negatives"]


def test_one_discharge_that_is_written_in_two_zones_is_one_and_its_cancellation_takes_it_back_d8() -> None:
    play = situation("one-discharge-written-in-two-zones")
    (revoked,) = play.standing_of("DischargeRevoked")
    assert (revoked["why"], revoked["episode"]) == ("cancelled", 1)
    assert play.standing_of("Discharged") == play.standing_of("DischargeRuleViolated") == []
    assert [one["why"] for one in play.standing_of("QuarantineCancelled")] == ["revoked"]
    assert play.standing_of("PrimaryCareNotified") == []
    assert play.view("discharge", CASE)["stage"] == "in_hospital"


def test_a_saturation_that_is_a_fraction_is_refused_and_makes_nobody_severe_s2() -> None:
    play = situation("spo2-as-a-fraction")
    (refusal,) = play.refusals(CASE)
    assert (refusal["code"], refusal["at"]) == ("out_of_range", "spo2_percent")
    assert "30 to 100" in refusal["reason"]
    assert "fraction" in refusal["reason"]
    assert {one.data["severity"] for one in play.stated_of("SeverityAssessed")} == {"asymptomatic"}
    assert unmet(play) == []


def test_a_discharge_undone_by_a_correction_has_somebody_bring_the_patient_back_d8() -> None:
    play = situation("revoked-and-nobody-waits")
    (revoked,) = play.standing_of("DischargeRevoked")
    assert (revoked["why"], revoked["revoked_at"]) == ("corrected", "2020-10-15T09:00:00+08:00")
    (alert,) = [one for one in play.standing_of("HealthAlertRaised") if one["why"] == "recalled"]
    assert alert["severity"] == "urgent"
    forwarded = [one for one in play.standing_of("AlertForwarded") if one["why"] == "recalled"]
    assert {one["institution_id"] for one in forwarded} == {"CHC-1", "HOSP-1"}
    assert {one["respond_by"] for one in forwarded} == {"2020-10-15T11:00:00+08:00"}
    escalated = play.standing_of("AlertEscalated")
    assert {one["level"] for one in escalated if one["alert_id"] == alert["alert_id"]} == {1, 2}
    transfers = play.stated_of("TransferRequested") + play.stated_of("TransferOverdue")
    recalled = [one.data for one in transfers if one.data["kind"] == "recalled"]
    assert {one["to_institution_id"] for one in recalled} == {"HOSP-1"}
    assert {one["respond_by"] for one in recalled} == {"2020-10-16T09:00:00+08:00"}
    assert len(recalled) > 2, "and asked about until somebody admits"


def test_the_watch_over_a_recalled_patient_goes_on_until_an_admission_d8() -> None:
    play = situation("revoked-and-nobody-waits")
    assert play.standing_of("QuarantineCancelled") == [], "nobody has admitted"
    missed = [one["day"] for one in play.standing_of("QuarantineDayMissed")]
    assert missed == list(range(4, 15)), "the days without a log are still missed"
    assert play.standing_of("LostToFollowUp")


def test_a_stay_after_the_discharge_that_no_positive_explains_is_another_stay_d8() -> None:
    play = situation("readmitted-same-episode-moves-the-figures")
    (discharge,) = play.standing_of("Discharged")
    assert discharge["discharged_at"] == "2020-10-12T10:00:00+08:00"
    (other,) = play.standing_of("OtherStayEnded")
    assert (other["institution_id"], other["admitted_at"]) == ("HOSP-2", "2020-10-17T10:00:00+08:00")
    assert other["ended_at"] == "2020-10-21T10:00:00+08:00"
    assert len(play.standing_of("QuarantineStarted")) == 1
    assert unmet(play) == []
