"""What intake learns from each message."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from operator import attrgetter
from typing import Any, TypeVar

from msgspec.structs import replace

from chassis.decide.judge import Receipt, Rejection
from chassis.decide.ordered_facts import place
from schemas.events.followup import RetestedPositive
from schemas.events.treatment import (
    Admitted,
    TestResult,
    TestResultCorrected,
    TestResultRecorded,
    TestResultRetracted,
)
from schemas.reference import time_zone_of
from schemas.reports.intake import LocalCaseReported, TravellerArrived
from schemas.values import is_code
from services.intake.domain.facts import (
    Admission,
    Age,
    Arrival,
    Facts,
    LocalCase,
    Person,
    Residence,
    ResultVersion,
    Retest,
)

P = TypeVar("P", bound=Person)
ResultEvent = TestResultRecorded | TestResultCorrected | TestResultRetracted

NO_TIME_ZONE = Rejection(
    "missing", "is required where the jurisdiction has more than one time zone, or none that is known here", "time_zone"
)

_result_id = attrgetter("result_id")


def learn_traveller_arrived(facts: Facts, report: TravellerArrived, receipt: Receipt) -> Facts | Rejection:
    """Somebody arrived; a later report about the same case replaces the earlier one."""
    zone = report.time_zone or time_zone_of(report.jurisdiction)
    if zone is None:
        return NO_TIME_ZONE
    if facts.arrival and receipt.rank <= facts.arrival.rank:
        return facts
    return replace(facts, case_id=report.case_id, arrival=_person(Arrival, report, zone, receipt))


def learn_local_case_reported(facts: Facts, report: LocalCaseReported, receipt: Receipt) -> Facts | Rejection:
    """The authority confirmed somebody who had not travelled; a later report replaces the earlier one."""
    zone = report.time_zone or time_zone_of(report.jurisdiction)
    if zone is None:
        return NO_TIME_ZONE
    if facts.local and receipt.rank <= facts.local.rank:
        return facts
    return replace(facts, case_id=report.case_id, local=_person(LocalCase, report, zone, receipt))


def learn_test_result(facts: Facts, event: ResultEvent, receipt: Receipt) -> Facts:
    """A result as it now stands, with its history: the last event about a result tells all that counts of it."""
    first = bisect_left(facts.results, event.result_id, key=_result_id)
    after = bisect_right(facts.results, event.result_id, first, key=_result_id)
    if first < after and receipt.rank <= facts.results[after - 1].rank:
        return facts
    versions = (*(_version(version, "") for version in _history(event)), _version(event, receipt.rank))
    return _with(facts, event.case_id, results=(*facts.results[:first], *versions, *facts.results[after:]))


def learn_retested_positive(facts: Facts, event: RetestedPositive, receipt: Receipt) -> Facts:
    """Positive again after a discharge: with the branch `readmit` a new episode begins, for as long as that stands."""
    readmits, withdrawn = event.branch == "readmit", bool(event.withdrawn)
    retest = Retest(event.episode, event.discharged_at, readmits, event.evidence, receipt.rank, withdrawn)
    return _with(facts, event.case_id, retests=place(facts.retests, retest))


def learn_admitted(facts: Facts, event: Admitted, receipt: Receipt) -> Facts:
    """An institution admitted the patient."""
    admission = Admission(event.institution_id, event.admitted_at, not event.withdrawn, receipt.rank)
    return _with(facts, event.case_id, admissions=place(facts.admissions, admission))


def _with(facts: Facts, case_id: str, **changed: Any) -> Facts:
    if all(getattr(facts, name) is value for name, value in changed.items()):
        return facts
    return replace(facts, case_id=case_id, **changed)


def _person(kind: type[P], report: TravellerArrived | LocalCaseReported, zone: str, receipt: Receipt) -> P:
    given = {name: getattr(report, name) for name in kind.__struct_fields__ if name != "rank"}
    given["age"] = Age(report.age.value, report.age.unit)
    given["residence"] = Residence(report.residence.jurisdiction, report.residence.district)
    given["symptoms"] = tuple(symptom for symptom in report.symptoms if is_code(symptom))
    return kind(**{**given, "time_zone": zone, "rank": receipt.rank})


def _history(event: ResultEvent) -> Iterator[TestResult]:
    if not isinstance(event, TestResultRecorded):
        yield from event.earlier
        if event.old is not None:
            yield event.old


def _version(given: ResultEvent | TestResult, rank: str) -> ResultVersion:
    return ResultVersion(
        given.result_id, given.test, given.result, given.status, given.collected_at, given.resulted_at, rank
    )
