"""What intake learns from each message."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from operator import attrgetter
from typing import Any, TypeVar

from msgspec.structs import replace

from chassis.decide.judge import Receipt, Rejection
from chassis.decide.ordered_facts import place
from schemas.events.discharge import Discharged, DischargeRevoked, OtherStayEnded
from schemas.events.followup import RetestedPositive
from schemas.events.treatment import (
    Admitted,
    TestResult,
    TestResultCorrected,
    TestResultRecorded,
    TestResultRetracted,
)
from schemas.reference import time_zone_of
from schemas.reports.intake import CaseWithdrawn, LocalCaseReported, TravellerArrived
from schemas.values import is_code
from services.intake.domain.facts import (
    Admission,
    Age,
    Arrival,
    Discharge,
    Facts,
    LocalCase,
    OtherStay,
    Person,
    Residence,
    ResultVersion,
    Retest,
    Revocation,
    Withdrawal,
)

P = TypeVar("P", bound=Person)
ResultEvent = TestResultRecorded | TestResultCorrected | TestResultRetracted

NO_TIME_ZONE = Rejection(
    "missing", "is required where the jurisdiction has more than one time zone, or none that is known here", "time_zone"
)

_name = attrgetter("name")


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


def learn_case_withdrawn(facts: Facts, report: CaseWithdrawn, receipt: Receipt) -> Facts:
    """The authority takes the local case back; whatever it reports later about the case holds again (I2)."""
    if facts.withdrawal and receipt.rank <= facts.withdrawal.rank:
        return facts
    withdrawal = Withdrawal(report.withdrawn_at, report.reason, receipt.rank)
    return replace(facts, case_id=report.case_id, withdrawal=withdrawal)


def learn_test_result(facts: Facts, event: ResultEvent, receipt: Receipt) -> Facts:
    """A result as it now stands, with its history: the last event about a result tells all that counts of it.

    What the first edition kept of a result does not say from which laboratory: it is that of the first to say so.
    """
    of_lab, of_nobody = _place(facts, event.result_id, event.lab), _place(facts, event.result_id, "")
    first, after = of_lab if of_lab[0] < of_lab[1] else of_nobody if of_nobody[0] < of_nobody[1] else of_lab
    if first < after and receipt.rank <= facts.results[after - 1].rank:
        return facts
    versions = (
        *(_version(version, event.lab, "") for version in _history(event)),
        _version(event, event.lab, receipt.rank),
    )
    left = (*facts.results[:first], *facts.results[after:])
    at = bisect_left(left, (event.result_id, event.lab), key=_name)
    return _with(facts, event.case_id, results=(*left[:at], *versions, *left[at:]))


def learn_retested_positive(facts: Facts, event: RetestedPositive, receipt: Receipt) -> Facts:
    """Positive again after a discharge: with the branch `readmit` a new episode begins, for as long as that stands."""
    readmits, withdrawn = event.branch == "readmit", bool(event.withdrawn)
    taken_back = bool(event.taken_back)
    retest = Retest(event.episode, event.discharged_at, readmits, event.evidence, receipt.rank, withdrawn, taken_back)
    return _with(facts, event.case_id, retests=place(facts.retests, retest))


def learn_admitted(facts: Facts, event: Admitted, receipt: Receipt) -> Facts:
    """An institution admitted the patient."""
    admission = Admission(event.institution_id, event.admitted_at, not event.withdrawn, receipt.rank)
    return _with(facts, event.case_id, admissions=place(facts.admissions, admission))


def learn_discharged(facts: Facts, event: Discharged, receipt: Receipt) -> Facts:
    """How an episode left the ward: home, dead (I7), or on the way to another house (I4)."""
    discharge = Discharge(
        episode=event.episode,
        discharged_at=event.discharged_at,
        disposition=event.disposition,
        institution_id=event.institution_id,
        to_institution_id=event.to_institution_id or "",
        jurisdiction=event.jurisdiction or "",
        district=event.district or "",
        time_zone=event.time_zone,
        known_at=event.known_at or receipt.received_at,
        received_at=receipt.received_at,
        withdrawn=bool(event.withdrawn),
        rank=receipt.rank,
    )
    return _with(facts, event.case_id, discharges=place(facts.discharges, discharge))


def learn_discharge_revoked(facts: Facts, event: DischargeRevoked, receipt: Receipt) -> Facts:
    """A discharge is undone: it never was, or the patient is to be brought back (I4)."""
    revocation = Revocation(
        episode=event.episode,
        discharged_at=event.discharged_at,
        revoked_at=event.revoked_at,
        why=event.why,
        institution_id=event.institution_id or "",
        received_at=receipt.received_at,
        withdrawn=bool(event.withdrawn),
        rank=receipt.rank,
    )
    return _with(facts, event.case_id, revocations=place(facts.revocations, revocation))


def learn_other_stay_ended(facts: Facts, event: OtherStayEnded, receipt: Receipt) -> Facts:
    """A stay after the discharge has ended, perhaps on the way to another house (I4)."""
    stay = OtherStay(
        admitted_at=event.admitted_at,
        episode=event.episode,
        institution_id=event.institution_id,
        ended_at=event.ended_at,
        disposition=event.disposition,
        to_institution_id=event.to_institution_id or "",
        received_at=receipt.received_at,
        withdrawn=bool(event.withdrawn),
        rank=receipt.rank,
    )
    return _with(facts, event.case_id, other_stays=place(facts.other_stays, stay))


def _with(facts: Facts, case_id: str, **changed: Any) -> Facts:
    if all(getattr(facts, name) is value for name, value in changed.items()):
        return facts
    return replace(facts, case_id=case_id, **changed)


def _person(kind: type[P], report: TravellerArrived | LocalCaseReported, zone: str, receipt: Receipt) -> P:
    names = set(kind.__struct_fields__) - {"rank", "symptoms_in_words"}
    given = {name: getattr(report, name) for name in names}
    given["age"] = Age(report.age.value, report.age.unit) if report.age else Age(0, "")
    given["residence"] = Residence(report.residence.jurisdiction, report.residence.district or "")
    given["symptoms"] = tuple(symptom for symptom in report.symptoms if is_code(symptom))
    given["symptoms_in_words"] = len(report.symptoms) - len(given["symptoms"])
    for name in ("nationality", "origin_country"):
        if name in given:
            given[name] = given[name] or ""
    return kind(**{**given, "time_zone": zone, "rank": receipt.rank})


def _place(facts: Facts, result_id: str, lab: str) -> tuple[int, int]:
    """Where the versions of a result begin, and where they are over."""
    first = bisect_left(facts.results, (result_id, lab), key=_name)
    return first, bisect_right(facts.results, (result_id, lab), first, key=_name)


def _history(event: ResultEvent) -> Iterator[TestResult]:
    if not isinstance(event, TestResultRecorded):
        yield from event.earlier
        if event.old is not None:
            yield event.old


def _version(given: ResultEvent | TestResult, lab: str, rank: str) -> ResultVersion:
    return ResultVersion(
        given.result_id,
        given.test,
        given.result,
        given.status,
        given.collected_at,
        given.resulted_at,
        rank,
        lab,
        given.setting,
        given.ct_values,
    )
