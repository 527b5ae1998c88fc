"""The way to the diagnosis: an arrival at Pudong and its screening, or a local case that is found."""

from datetime import datetime, timedelta

from schemas.reports.intake import LocalCaseReported, TravellerArrived
from story.chart import FROM_HOSPITAL, FROM_PORT, Chart
from story.laboratory import collect, hours, result, swab
from story.people import JURISDICTION, Case, Journey, Person
from story.publication import SHANGHAI
from story.ward import observed


def diagnosed(chart: Chart, case: Case) -> None:
    """Everything said about a case up to its confirmation at `case.confirmed_at`.

    Who is ill is found so by then: that is what makes a case of an infection (B1).
    """
    if case.journey is None:
        _found_locally(chart, case)
        return
    arrives(chart, case.person, case.journey)
    if case.symptoms:
        observed(chart, case.confirmed_at - hours(chart, 0.2, 1), case.symptoms, "same")
    _screened_until_positive(chart, case.journey.arrived_at, case.confirmed_at)


def arrives(chart: Chart, person: Person, journey: Journey) -> None:
    """The port's report of a traveller; hardly anybody says at the desk that he feels ill."""
    chart.write(
        TravellerArrived(
            case_id=chart.case_id,
            person_ref=person.ref,
            sex=person.sex,
            age=person.age,
            nationality=person.nationality,
            jurisdiction=JURISDICTION,
            time_zone=SHANGHAI.key,
            residence=person.residence,
            origin_country=journey.origin,
            transit_countries=journey.transit,
            flight=journey.flight,
            port_of_entry="PVG",
            departed_on=journey.departed_on,
            arrived_at=journey.arrived_at,
            party_id=journey.party_id,
            purpose=journey.purpose,
        ),
        FROM_PORT,
    )


def _screened_until_positive(chart: Chart, arrived_at: datetime, confirmed_at: datetime) -> None:
    """Swabbed on arrival; who is confirmed days later was negative then, and fell ill in central isolation."""
    at_once = arrived_at + hours(chart, 0.6, 2)
    if confirmed_at - arrived_at > timedelta(hours=27):
        swab(chart, at_once, "not_detected", "entry_screening")
        at_once = max(at_once, confirmed_at - hours(chart, 8, 14))
    specimen = collect(chart, at_once, "entry_screening")
    if chart.dice.random() < 0.05:
        result(chart, specimen, "detected", confirmed_at - hours(chart, 1, 3), "preliminary")
    result(chart, specimen, "detected", confirmed_at)


def _found_locally(chart: Chart, case: Case) -> None:
    person = case.person
    specimen = collect(chart, case.confirmed_at - hours(chart, 9, 20), "hospital")
    result(chart, specimen, "detected", case.confirmed_at - hours(chart, 0.5, 3))
    chart.write(
        LocalCaseReported(
            case_id=chart.case_id,
            person_ref=person.ref,
            sex=person.sex,
            age=person.age,
            nationality=person.nationality,
            jurisdiction=JURISDICTION,
            time_zone=SHANGHAI.key,
            residence=person.residence,
            confirmed_at=case.confirmed_at,
            symptoms=case.symptoms,
        ),
        FROM_HOSPITAL,
    )
