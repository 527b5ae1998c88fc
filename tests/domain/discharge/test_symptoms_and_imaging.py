"""D2 and D3: clearly improved, or never ill in that way."""

import pytest

from tests.domain.discharge.journeys import admitted, assessed, at, confirmed, imaged, observed
from tests.domain.discharge.judging import judged


@pytest.mark.parametrize(("word", "met"), [("none", True), ("improved", True), ("same", False), ("worse", False)])
def test_d2_the_latest_observation_decides(word: str, met: bool) -> None:
    found = judged([confirmed(), observed(at(3), "worse"), observed(at(5), word)], at(6))["respiratory"]
    assert (found.met, found.since) == (met, at(5) if met else None)
    assert found.evidence == ("symptoms@2020-10-05T09:00:00+08:00",)


def test_d2_without_observation_it_is_met_if_no_symptom_was_ever_told() -> None:
    assert judged([confirmed(), admitted()], at(6))["respiratory"].met
    assert not judged([confirmed(), admitted(symptoms=("386661006",))], at(6))["respiratory"].met
    assert not judged([confirmed(symptoms=("386661006",)), admitted()], at(6))["respiratory"].met


def test_d2_an_observation_after_the_instant_does_not_count() -> None:
    assert judged([confirmed(), observed(at(3), "none"), observed(at(7), "worse")], at(6))["respiratory"].met


def test_d2_improved_since_the_first_of_the_unbroken_run() -> None:
    given = [observed(at(3), "same"), observed(at(4)), observed(at(5)), observed(at(6), "none")]
    assert judged([confirmed(), *given], at(7))["respiratory"].since == at(4)


def test_d3_the_latest_study_improved_is_met() -> None:
    found = judged([imaged("s-1", at(2), "first"), imaged("s-2", at(5), "improved")], at(6))["imaging"]
    assert (found.met, found.since, found.evidence) == (True, at(5), ("s-2",))


def test_d3_a_pneumonia_that_did_not_improve_is_not_met() -> None:
    assert not judged([imaged("s-1", at(2), "first")], at(6))["imaging"].met
    assert not judged([imaged("s-1", at(2)), imaged("s-2", at(5), "progressed")], at(6))["imaging"].met


def test_d3_imaged_and_no_pneumonia_ever_seen_is_met() -> None:
    assert judged([imaged("s-1", at(2), "first", pneumonia=False)], at(6))["imaging"].met


def test_d3_a_case_never_imaged_needs_it_only_when_common_or_worse() -> None:
    assert judged([confirmed()], at(6))["imaging"].met
    assert judged([assessed(at(2), "mild")], at(6))["imaging"].met
    assert not judged([assessed(at(2), "common")], at(6))["imaging"].met
    assert judged([assessed(at(7), "severe")], at(6))["imaging"].met
