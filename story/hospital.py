"""A stay, from admission to leaving: well as a rule; against the rule, undone, or dead in a few."""

from datetime import date, datetime, timedelta
from typing import Final

from schemas.reports.discharge import DischargeApproved, DischargeCancelled, PatientDischarged
from schemas.values import Destination, Disposition
from story.chart import FROM_HOSPITAL, HOSPITAL, Chart
from story.home import fourteen_days
from story.laboratory import Specimen, collect, hours, result, swab, swab_read_wrong
from story.people import Case
from story.publication import at
from story.vitals import measured
from story.ward import admitted, classed, illness, imaged, observed, rounds, treated

_PANEL: Final = ("attending physician", "infectious diseases consultant", "radiologist")
_SECOND_STAY_AND_HOME: Final = timedelta(days=12)
_MISTAKEN_BEFORE: Final = timedelta(days=3)


def stay(chart: Chart, case: Case) -> None:
    """Everything from the admission until the case has left the hospital for the last time at `case.left_at`."""
    begin = case.confirmed_at + (hours(chart, 1.5, 6) if case.journey else -hours(chart, 2, 30))
    admitted(chart, case.person, begin, case.symptoms)
    if case.died:
        _dies(chart, case, begin)
    elif case.twist in {"revoked_by_correction", "revoked_by_late_result"}:
        _leaves_twice(chart, case, begin)
    elif case.twist == "cancelled":
        _leaves_by_mistake(chart, case, begin)
    else:
        illness(chart, case, begin, case.left_at)
        _leaves(chart, case, case.left_at)


def discharged(
    chart: Chart, moment: datetime, disposition: Disposition = "recovered", to: Destination = "home"
) -> None:
    """The hospital says that the patient has left."""
    chart.write(
        PatientDischarged(
            case_id=chart.case_id,
            institution_id=HOSPITAL,
            discharged_at=moment,
            disposition=disposition,
            destination=to,
        ),
        FROM_HOSPITAL,
    )


def _leaves(chart: Chart, case: Case, moment: datetime) -> Specimen:
    """By the book: two negatives, the panel, the discharge. Gives back the specimen of the last negative."""
    last = _negatives(chart, case, moment.date())
    if case.twist != "approval_missing":
        approved_at = moment - hours(chart, 0.7, 1.8)
        chart.write(DischargeApproved(case_id=chart.case_id, approved_at=approved_at, panel=_PANEL), FROM_HOSPITAL)
    discharged(chart, moment, to="home" if case.goes_home else "isolation_site")
    return last


def _negatives(chart: Chart, case: Case, leaving_on: date) -> Specimen:
    """Two (or three) negatives in a row, the outer two 24 h apart; too close to each other in the one case."""
    if case.twist == "negatives_too_close":
        swab(chart, at(leaving_on - timedelta(days=2), 12.5), "not_detected")
        return swab(chart, at(leaving_on - timedelta(days=1), 10.5), "not_detected")
    chance = chart.dice.random()
    if chance < 0.03 and case.twist == "ordinary":
        swab_read_wrong(chart, _early(chart, leaving_on, 4), "detected", "not_detected")
    elif chance < 0.35:
        swab(chart, _early(chart, leaving_on, 4), "not_detected")
    swab(chart, _early(chart, leaving_on, 3), "not_detected")
    last_at = at(leaving_on - timedelta(days=chart.dice.randint(1, 2)), chart.dice.uniform(10.5, 12))
    return swab(chart, last_at, "not_detected")


def _early(chart: Chart, leaving_on: date, days_before: int) -> datetime:
    return at(leaving_on - timedelta(days=days_before), chart.dice.uniform(8, 10))


def _leaves_twice(chart: Chart, case: Case, begin: datetime) -> None:
    """Discharged too early, as the laboratory finds out days later (D8): back on the ward, and home again."""
    first_left_at = case.left_at - _SECOND_STAY_AND_HOME
    illness(chart, case, begin, first_left_at)
    last = _leaves(chart, case, first_left_at)
    found_at = first_left_at + timedelta(days=3) + hours(chart, 1, 6)
    if case.twist == "revoked_by_correction":
        result(chart, last, "detected", found_at, "corrected")
    else:
        result(chart, collect(chart, first_left_at - hours(chart, 20, 21), "hospital"), "detected", found_at)
    back_at = found_at + hours(chart, 3, 8)
    fourteen_days(chart, case, first_left_at, until=found_at)
    _second_stay(chart, case, back_at)


def _second_stay(chart: Chart, case: Case, begin: datetime) -> None:
    admitted(chart, case.person, begin, ())
    for moment in rounds(chart, begin, case.left_at):
        measured(chart, case, moment, ill=False)
    observed(chart, begin + hours(chart, 1, 3), (), "none")
    _leaves(chart, case, case.left_at)


def _leaves_by_mistake(chart: Chart, case: Case, begin: datetime) -> None:
    """A discharge is reported three days too early and cancelled within hours; the patient never left."""
    mistaken_at = case.left_at - _MISTAKEN_BEFORE
    illness(chart, case, begin, mistaken_at)
    _leaves(chart, case, mistaken_at)
    cancelled_at = mistaken_at + hours(chart, 2, 5)
    reason = "reported by mistake: the patient is still on the ward"
    chart.write(DischargeCancelled(case_id=chart.case_id, cancelled_at=cancelled_at, reason=reason), FROM_HOSPITAL)
    for days in (3, 2, 1):
        measured(chart, case, at((case.left_at - timedelta(days=days)).date(), 7.5), ill=False)
    _leaves(chart, case, case.left_at)


def _dies(chart: Chart, case: Case, begin: datetime) -> None:
    for moment in rounds(chart, begin, case.left_at):
        measured(chart, case, moment, ill=True)
    observed(chart, begin + hours(chart, 1, 3), case.symptoms, "worse")
    imaged(chart, case, begin + hours(chart, 3, 8), "first")
    treated(chart, case, begin)
    classed(chart, begin + hours(chart, 9, 14), "severe")
    classed(chart, begin + hours(chart, 30, 60), "critical")
    swab(chart, begin + hours(chart, 70, 80), "detected")
    discharged(chart, case.left_at, "died", "hospital")
