"""The tables of numbers in the services' READMEs say what their policies say."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from schemas.reference import CHILD_UNDER_MONTHS, EVERYWHERE, FEVER_FROM_C, PROTOCOLS
from services.discharge import policy as discharge
from services.followup import policy as followup
from services.treatment import policy as treatment

ROOT = Path(__file__).parents[2]


def readme(service: str) -> str:
    return (ROOT / "services" / service / "README.md").read_text(encoding="utf-8")


def rows(text: str) -> dict[str, list[str]]:
    """First cell → the other cells, of every row of every table of a page."""
    cells = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in text.splitlines() if "|" in line]
    return {first: rest for first, *rest in cells}


def shown(time: timedelta | None, unit: str) -> str:
    """A duration as a table shows it; – for none."""
    return "–" if time is None else f"{time // timedelta(**{unit: 1})} {unit[0] if unit == 'hours' else unit}"


def by_protocol() -> dict[str, list[str]]:
    """The rows of discharge's table, as the policy has them."""
    versions = list(discharge.PROTOCOLS.values())
    since = {row.value.version: row.since for row in PROTOCOLS}
    apart = [version.two_negatives for version in versions]
    return {
        "in force from (before: v6, *default*)": [since[version.name].isoformat() for version in versions],
        "D1: normal for more than": [shown(version.normal_for, "hours") for version in versions],
        "D1: measured on each of the civil days before": [str(version.measured_days) for version in versions],
        "D4: first and last negative apart": [
            "not required" if rule is None else shown(rule.apart, "hours") if rule.apart else "another civil day"
            for rule in apart
        ],
        "D4: negative from a Ct of": [f"{version.negative_from_ct or '–'}".removesuffix(".0") for version in versions],
        "D5: positive for more than": [shown(version.persistent_after, "days") for version in versions],
        "D8: days of the plan": [str(version.plan_days) for version in versions],
    }


def by_age() -> dict[str, list[str]]:
    """The rows of treatment's table, as the policy has them: an adult, then the children by age."""
    ages = (CHILD_UNDER_MONTHS, 1, 2, 12, 61)
    limits = [treatment.limits_on(EVERYWHERE, date(2020, 10, 17), months) for months in ages]
    return {
        "breaths a minute, at least": [f"{one.rate:g}" for one in limits],
        "SpO₂ %, at most": [f"{one.spo2:g}" + ", on air" * one.spo2_on_air_only for one in limits],
        "PaO₂/FiO₂ mmHg, at most": [f"{one.pao2_fio2:g}" if one.pao2_fio2 else "–" for one in limits],
        "lesions grown in 24–48 h, % more than": [f"{one.progression:g}" if one.progression else "–" for one in limits],
        "39.0 °C or more for longer than": [
            shown(one.high_fever, "hours") if one.high_fever_c == 39.0 else "–" for one in limits
        ],
    }


@pytest.mark.parametrize(("service", "numbers"), [("discharge", by_protocol()), ("treatment", by_age())])
def test_a_table_of_numbers_is_the_policys(service: str, numbers: dict[str, list[str]]) -> None:
    table = rows(readme(service))

    assert {name: table.get(name) for name in numbers} == numbers


def test_the_severities_of_alerts_are_the_policys() -> None:
    """Consultations, for which the policy has a severity, are no evidence yet."""
    alarm = followup.alarm(EVERYWHERE, date(2020, 10, 17))
    table = rows(readme("followup"))

    listed = {why: table[f"`{why}`"][1].partition(";")[0] for why in alarm.severities if why != "consultation"}
    assert listed == {why: severity for why, severity in alarm.severities.items() if why in listed}


@pytest.mark.parametrize("service", ["treatment", "discharge", "followup"])
def test_the_limits_of_a_fever_are_the_policys(service: str) -> None:
    text = readme(service)

    by_site = {"axillary": 37.3, "oral": 37.5, "ear": 37.5, "forehead": 37.5, "rectal": 38.0, "unknown": 37.3}
    assert by_site == FEVER_FROM_C
    assert all(f"{limit}" in text for limit in FEVER_FROM_C.values())


def test_a_number_that_differs_is_found() -> None:
    spoilt = readme("discharge").replace("| 28 days | 28 days |", "| 28 days | 27 days |")

    assert rows(spoilt)["D5: positive for more than"] != by_protocol()["D5: positive for more than"]
