"""S1 and S2: which class the rule gives, at the edges of every number."""

import pytest

from schemas.events.treatment import SeverityAssessed
from schemas.message import Message
from services.treatment.routes import CASE as KIND
from tests.domain.story import Story
from tests.domain.treatment.journeys import (
    COUGH,
    admitted,
    adult,
    at,
    comorbidity,
    excluded,
    imaging,
    imported,
    local,
    symptoms,
    treatment,
    vital_signs,
)

YEARS = 12


def by_rule(*messages: Message) -> tuple[str, tuple[str, ...]] | None:
    """The class and its criteria that follow from all that was told."""
    story = Story(KIND).given(*messages, received_at=at("12-01T00:00"))
    found = [each for each in story.state.conclusions.assessments if each.by == "rule"]
    return (found[0].severity, found[0].criteria) if found else None


def measured(**values: object) -> Message:
    return vital_signs("09-16T08:00", **values)


def test_s1_pneumonia_with_symptoms_is_common() -> None:
    reported = by_rule(adult(), symptoms("09-16T08:00", COUGH), imaging("s-1", "09-16T10:00"))
    assert reported == ("common", ("pneumonia", "symptoms"))


def test_s1_symptoms_without_pneumonia_are_mild() -> None:
    reported = by_rule(adult(), symptoms("09-16T08:00", COUGH), imaging("s-1", "09-16T10:00", pneumonia=False))
    assert reported == ("mild", ("symptoms",))


def test_s1_neither_is_asymptomatic() -> None:
    reported = by_rule(
        adult(), symptoms("09-16T08:00", respiratory="none"), imaging("s-1", "09-16T10:00", pneumonia=False)
    )
    assert reported == ("asymptomatic", ())


def test_s1_pneumonia_without_any_symptom_is_not_less_than_common() -> None:
    assert by_rule(adult(), imaging("s-1", "09-16T10:00")) == ("common", ("pneumonia",))


@pytest.mark.parametrize(
    "message", [imported(symptoms=(COUGH,)), local(symptoms=(COUGH,))], ids=["on_arrival", "when_confirmed"]
)
def test_s1_symptoms_that_intake_was_told_of_count(message: Message) -> None:
    assert by_rule(message) == ("mild", ("symptoms",))


def test_s1_symptoms_on_admission_count() -> None:
    assert by_rule(adult(), admitted(symptoms=(COUGH,))) == ("mild", ("symptoms",))


@pytest.mark.parametrize(
    ("site", "celsius", "expected"),
    [
        ("axillary", 37.2, "asymptomatic"),
        ("axillary", 37.3, "mild"),
        ("ear", 37.4, "asymptomatic"),
        ("ear", 37.5, "mild"),
        ("rectal", 37.9, "asymptomatic"),
        ("rectal", 38.0, "mild"),
    ],
)
def test_s1_a_measured_fever_is_a_symptom_by_the_limit_of_its_site(site: str, celsius: float, expected: str) -> None:
    reported = by_rule(adult(), measured(temperature_c=celsius, temperature_site=site))
    assert reported is not None
    assert reported[0] == expected


def test_s1_recovering_does_not_make_the_illness_lighter() -> None:
    reported = by_rule(adult(), symptoms("09-16T08:00", COUGH), symptoms("10-01T08:00", respiratory="none"))
    assert reported == ("mild", ("symptoms",))


@pytest.mark.parametrize("message", [treatment("09-16T09:00"), comorbidity(), admitted()])
def test_s1_stays_quiet_while_there_is_nothing_to_judge(message: Message) -> None:
    assert by_rule(adult(), message) is None


def test_s1_stays_quiet_about_somebody_who_is_no_confirmed_case() -> None:
    assert by_rule(symptoms("09-16T08:00", COUGH)) is None


def test_s1_a_class_by_rule_is_taken_back_when_the_case_is_excluded() -> None:
    story = Story(KIND).given(adult(), symptoms("09-16T08:00", COUGH), received_at=at("09-17T00:00"))
    story.when(excluded()).then((SeverityAssessed, {"by": "rule", "withdrawn": True}))


@pytest.mark.parametrize(
    ("values", "criterion"),
    [
        ({"respiratory_rate_per_min": 30}, "respiratory_rate"),
        ({"spo2_percent": 93}, "spo2"),
        ({"spo2_percent": 93, "oxygen_support": "none"}, "spo2"),
        ({"pao2_fio2_mmhg": 300}, "pao2_fio2"),
    ],
)
def test_s2_an_adult_at_a_limit_is_severe(values: dict[str, object], criterion: str) -> None:
    assert by_rule(adult(), measured(**values)) == ("severe", (criterion,))


@pytest.mark.parametrize(
    "values",
    [
        {"respiratory_rate_per_min": 29},
        {"spo2_percent": 93.5},
        {"spo2_percent": 92, "oxygen_support": "nasal cannula"},
        {"spo2_percent": 92, "oxygen_support": True},
        {"pao2_fio2_mmhg": 301},
    ],
)
def test_s2_an_adult_short_of_every_limit_is_not_severe(values: dict[str, object]) -> None:
    assert by_rule(adult(), measured(**values)) == ("asymptomatic", ())


@pytest.mark.parametrize(("percent", "expected"), [(50, "common"), (50.5, "severe")])
def test_s2_lesions_that_progress_by_more_than_half_are_severe(percent: float, expected: str) -> None:
    reported = by_rule(adult(), imaging("s-2", "09-16T10:00", change="progressed", progression_percent=percent))
    assert reported is not None
    assert reported[0] == expected


@pytest.mark.parametrize(
    ("months", "rate", "severe"),
    [
        (1, 59, False),
        (1, 60, True),
        (2, 49, False),
        (2, 50, True),
        (11, 50, True),
        (12, 39, False),
        (12, 40, True),  # exactly 12 months: the band of 1 to 5 years
        (5 * YEARS, 39, False),
        (5 * YEARS, 40, True),
        (6 * YEARS, 29, False),
        (6 * YEARS, 30, True),
        (17 * YEARS, 30, True),
    ],
)
def test_s2_a_childs_breathing_is_judged_by_its_age(months: int, rate: int, severe: bool) -> None:
    reported = by_rule(imported(months), measured(respiratory_rate_per_min=rate))
    assert reported == (("severe", ("respiratory_rate",)) if severe else ("asymptomatic", ()))


@pytest.mark.parametrize(("months", "severe"), [(60, False), (61, True), (71, True)])
def test_s2_the_band_of_one_to_five_years_ends_with_60_months(months: int, severe: bool) -> None:
    child = imported(age={"value": months, "unit": "mo"})
    reported = by_rule(child, measured(respiratory_rate_per_min=30))
    assert reported == (("severe", ("respiratory_rate",)) if severe else ("asymptomatic", ()))


def test_s2_a_child_grows_out_of_a_band_during_its_stay() -> None:
    child = imported(age={"value": 11, "unit": "mo"}, arrived_at=at("08-31T20:10"))
    breathes = {"respiratory_rate_per_min": 45}

    assert by_rule(child, vital_signs("09-30T09:00", **breathes)) == ("asymptomatic", ()), "50 at 11 months"
    assert by_rule(child, vital_signs("10-01T09:00", **breathes)) == ("severe", ("respiratory_rate",)), "40 at 12"


def test_s2_of_an_unknown_age_the_adults_limits_hold() -> None:
    somebody = imported(age=None)
    assert by_rule(somebody, measured(respiratory_rate_per_min=30)) == ("severe", ("respiratory_rate",))
    assert by_rule(somebody, measured(respiratory_rate_per_min=29)) == ("asymptomatic", ())


def test_s2_a_childs_spo2_counts_however_it_breathes() -> None:
    assert by_rule(imported(), measured(spo2_percent=93, oxygen_support="mask")) == ("severe", ("spo2",))


def test_s2_asks_of_a_child_neither_pao2_fio2_nor_progression() -> None:
    study = imaging("s-1", "09-16T10:00", pneumonia=False, change="progressed", progression_percent=80)
    assert by_rule(imported(), measured(pao2_fio2_mmhg=250), study) == ("asymptomatic", ())


def fevers(*written: str, celsius: float = 39.0) -> list[Message]:
    return [vital_signs(when, temperature_c=celsius) for when in written]


def test_s2_a_childs_high_fever_of_exactly_72_hours_is_not_more_than_three_days() -> None:
    daily = fevers("09-16T08:00", "09-17T08:00", "09-18T08:00", "09-19T08:00")
    assert by_rule(imported(), *daily) == ("mild", ("fever",))


def test_s2_a_childs_high_fever_of_72_hours_and_a_minute_is_severe() -> None:
    daily = fevers("09-16T08:00", "09-17T08:00", "09-18T08:00", "09-19T08:01")
    assert by_rule(imported(), *daily) == ("severe", ("high_fever",))


def test_s2_a_day_without_high_fever_begins_it_anew() -> None:
    pause = vital_signs("09-17T08:00", temperature_c=38.9)
    high = fevers("09-16T08:00", "09-18T08:00", "09-19T08:00", "09-20T08:00")
    assert by_rule(imported(), *high, pause) == ("mild", ("fever",))


def test_s2_a_lower_reading_within_a_day_does_not_end_a_high_fever() -> None:
    lowered = vital_signs("09-17T12:00", temperature_c=38.2)
    high = fevers("09-16T08:00", "09-17T08:00", "09-18T08:00", "09-19T20:00")
    assert by_rule(imported(), *high, lowered) == ("severe", ("high_fever",))


def test_s2_an_adults_high_fever_is_not_severe() -> None:
    high = fevers("09-16T08:00", "09-17T08:00", "09-18T08:00", "09-19T20:00")
    assert by_rule(adult(), *high) == ("mild", ("fever",))
    assert by_rule(imported(18 * YEARS), *high) == ("mild", ("fever",))


def test_s2_critical_is_only_ever_reported() -> None:
    worst = measured(spo2_percent=60, respiratory_rate_per_min=60, pao2_fio2_mmhg=80)
    assert by_rule(adult(), worst) == ("severe", ("pao2_fio2", "respiratory_rate", "spo2"))
