"""What names a thing decides what replaces what: measurements, observations, results, admissions and discharges."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from chassis.decide.judge import Receipt
from schemas.events.discharge import Discharged, DischargeRevoked, DischargeRuleViolated
from schemas.message import Message
from services.discharge.domain.criteria import judge_as_of
from services.discharge.domain.episodes import episodes
from services.discharge.domain.facts import Facts
from services.discharge.routes import CASE
from tests.domain.discharge.journeys import (
    FIRST_NEGATIVE,
    SECOND_NEGATIVE,
    admitted,
    at,
    cancelled,
    confirmed,
    corrected,
    discharged,
    measured,
    measured_daily,
    observed,
    ordinary,
    stay,
    swabbed,
)
from tests.domain.discharge.judging import judged, learnt
from tests.domain.story import Story

OUT = discharged(at(17, 10))
WARD, MONITOR = "/hospitals/ward-3", "/devices/monitor-7"
DAYS = [confirmed(), *measured_daily(9, 13)]


def test_d1_a_fever_and_the_reading_of_another_device_at_that_minute_are_both_kept() -> None:
    fever = measured(at(12, 20), 39.5, observer=WARD)
    for other in (measured(at(12, 20), 36.6, observer=MONITOR), measured(at(12, 20), None, None, observer=MONITOR)):
        for reports in ([fever, other], [other, fever]):
            found = judged([*DAYS, *reports], at(13, 12))["temperature"]
            assert (found.met, found.next_possible_at) == (False, at(15, 20, 0, 1))


def test_d1_what_a_later_version_does_not_mention_it_does_not_take_back() -> None:
    reports = [
        measured(at(12, 20), 39.5, observer=WARD),
        measured(at(12, 20), None, None, observer=WARD, spo2_percent=97),
    ]
    assert not judged([*DAYS, *reports], at(13, 12))["temperature"].met


def test_d1_a_later_version_of_one_device_holds() -> None:
    reports = [measured(at(12, 20), 39.5, observer=WARD), measured(at(12, 20), 36.5, observer=WARD)]
    assert judged([*DAYS, *reports], at(13, 12))["temperature"].met


def test_d1_a_later_report_replaces_what_the_first_edition_kept_of_that_instant_without_an_observer() -> None:
    nameless, named = measured(at(12, 20), 39.5), measured(at(12, 20), 36.5, observer=WARD)
    assert judged([*DAYS, nameless, named], at(13, 12))["temperature"].met
    assert not judged([*DAYS, named, nameless], at(13, 12))["temperature"].met


def test_d2_of_two_who_looked_at_one_instant_both_have_to_see_an_improvement() -> None:
    better, worse = observed(at(5), "improved", observer=WARD), observed(at(5), "worse", observer="/hospitals/night")
    assert not judged([confirmed(), better, worse], at(6))["respiratory"].met
    assert not judged([confirmed(), worse, better], at(6))["respiratory"].met
    assert judged([confirmed(), better, observed(at(5), "none", observer=MONITOR)], at(6))["respiratory"].met


def test_d4_the_positive_of_one_laboratory_is_not_replaced_by_the_negative_of_another_with_its_number() -> None:
    positive = swabbed("1001", at(16, 8), "detected", lab="LAB-A")
    negative = swabbed("1001", at(16, 7), lab="LAB-B")
    for reports in ([positive, negative], [negative, positive]):
        found = judged([*stay(), *reports], at(17, 10))["two_negatives"]
        assert (found.met, found.evidence) == (False, ("1001",))


def test_d4_a_correction_names_the_earlier_result_by_laboratory_and_id() -> None:
    positive = swabbed("1001", at(16, 8), "detected", lab="LAB-A")
    other = swabbed("1001", at(16, 7), lab="LAB-B")
    right = corrected(positive, at(16, 20), result="not_detected")
    assert judged([*stay(), positive, other, right], at(17, 10))["two_negatives"].met
    wrong = corrected(other, at(16, 20), result="not_detected")
    assert not judged([*stay(), positive, other, wrong], at(17, 10))["two_negatives"].met


def _without_lab(facts: Facts) -> Facts:
    """The results as the first edition kept them."""
    kept = tuple(replace(known, lab="", specimen_id="", ct_values={}, lowest_ct=None) for known in facts.results)
    return replace(facts, results=kept)


def test_d4_a_correction_finds_a_result_that_the_first_edition_kept_without_its_laboratory() -> None:
    kept = _without_lab(learnt([confirmed(), FIRST_NEGATIVE, SECOND_NEGATIVE]))
    late = corrected(SECOND_NEGATIVE, at(16, 9), result="detected")
    assert len(_learnt(kept, late).results) == 3
    assert not _two_negatives(_learnt(kept, late))
    assert len(_learnt(kept, swabbed("r-9", at(15, 7), "detected", lab="lab-2")).results) == 3
    assert not _two_negatives(_learnt(kept, swabbed("r-9", at(16, 7), "detected", lab="lab-2")))


def _learnt(facts: Facts, message: Message) -> Facts:
    receipt = Receipt("id-x", message.type_name(), "/tests", at(60), at(60), f"{99:08}")
    reports = CASE.by_type[message.type_name()].learn(facts, message, receipt)
    assert isinstance(reports, Facts)
    return reports


def _two_negatives(facts: Facts) -> bool:
    criteria = judge_as_of(facts, episodes(facts, None)[-1], at(20)).criteria
    return next(criterion.met for criterion in criteria if criterion.name == "two_negatives")


def _elsewhere(message: Any, zone: Any = UTC) -> Any:
    """The same instants, written in another zone."""
    names = [name for name in type(message).model_fields if isinstance(getattr(message, name), datetime)]
    return message.model_copy(update={name: getattr(message, name).astimezone(zone) for name in names})


def emitted_of(story: Story, cls: type) -> list[Any]:
    return [emitted.event for emitted in story.emitted if isinstance(emitted.event, cls)]


def test_d8_one_discharge_written_in_two_zones_is_one_and_its_cancellation_takes_it_back() -> None:
    """03:00 in Shanghai is the evening of the day before in UTC."""
    early = discharged(at(17, 3))
    story = Story(CASE).given(*ordinary()[:-1], early, received_at=at(17, 4))
    story.when(_elsewhere(early), received_at=at(17, 5)).stays_quiet()
    story.when(cancelled(at(17, 8)), received_at=at(17, 8))
    (revoked,) = emitted_of(story, DischargeRevoked)
    assert (revoked.why, revoked.discharged_at) == ("cancelled", at(17, 3))
    assert not emitted_of(story, Discharged)


def test_d8_a_corrected_hour_may_cross_midnight() -> None:
    story = Story(CASE).given(*ordinary()[:-1], discharged(at(17, 23, 50)), received_at=at(18))
    story.when(discharged(at(18, 0, 10)), received_at=at(18, 9))
    assert [event.discharged_at for event in emitted_of(story, Discharged)] == [at(18, 0, 10)]
    story.when(cancelled(at(18, 10)), received_at=at(18, 11))
    (revoked,) = emitted_of(story, DischargeRevoked)
    assert (revoked.discharged_at, story.state.conclusions.departures[0].why) == (at(18, 0, 10), "cancelled")


@pytest.mark.parametrize("hours", [-3, 3])
def test_d8_of_two_reports_of_one_stay_the_one_recorded_later_holds_whatever_hour_it_names(hours: int) -> None:
    story = Story(CASE).given(*ordinary(), received_at=at(17, 12))
    story.when(discharged(at(17, 10) + timedelta(hours=hours)), received_at=at(17, 14), recorded=at(17, 14))
    assert [event.discharged_at.hour for event in emitted_of(story, Discharged)] == [10 + hours]
    story.when(discharged(at(17, 11)), received_at=at(17, 15), recorded=at(17, 9)).stays_quiet()


def test_an_admission_is_its_house_and_instant_in_whatever_zone_that_is_written() -> None:
    again = admitted(at(1, 3))
    story = Story(CASE).given(confirmed(), again, _elsewhere(again), received_at=at(2))
    assert len(story.state.facts.admissions) == 1
    story.given(admitted(at(1, 10)), received_at=at(2))
    assert len(story.state.facts.admissions) == 2


def test_the_discharge_is_known_from_the_first_of_its_versions_on() -> None:
    story = Story(CASE).given(*ordinary(), received_at=at(17, 12))
    for again in (discharged(at(17, 10), destination="isolation_site"), discharged(at(17, 9))):
        story.when(again, received_at=at(24))
        (left,) = emitted_of(story, Discharged)
        assert left.known_at == at(17, 12)


def test_the_dead_go_nowhere_and_the_next_house_of_a_transfer_is_named() -> None:
    story = Story(CASE).given(confirmed(), admitted(), received_at=at(2))
    story.when(discharged(at(5), "died", destination="hospital"), received_at=at(5, 12))
    assert [event.destination for event in emitted_of(story, Discharged)] == [None]
    story = Story(CASE).given(confirmed(), admitted(), received_at=at(2))
    story.when(discharged(at(5), "transferred", to_institution_id="CN-SH/huashan"), received_at=at(5, 12))
    assert [event.to_institution_id for event in emitted_of(story, Discharged)] == ["CN-SH/huashan"]
    assert not emitted_of(story, DischargeRuleViolated)
