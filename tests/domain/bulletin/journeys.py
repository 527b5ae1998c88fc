"""What the other services state of a case: builders with believable defaults, and journeys."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from schemas.events.discharge import Discharged, DischargeRevoked
from schemas.events.intake import CaseExcluded, CaseImported, LocalCaseConfirmed
from schemas.events.treatment import SeverityAssessed
from schemas.message import Message

CASE = "case-child"


def at(written: str) -> datetime:
    """`10-15T09:00` of 2020 in Shanghai."""
    return datetime.fromisoformat(f"2020-{written}:00+08:00")


PERSON: dict[str, Any] = {
    "case_id": CASE,
    "person_ref": "p-7c1f",
    "sex": "female",
    "age": {"value": 13, "unit": "mo"},
    "nationality": "CN",
    "jurisdiction": "CN-SH",
    "time_zone": "Asia/Shanghai",
    "residence": {"jurisdiction": "CN-SH", "district": "Pudong"},
    "confirmed_at": at("09-15T09:00"),
    "episode": 1,
}


def imported(**changed: Any) -> CaseImported:
    """A child of 13 months from the Philippines with a cough, confirmed on the morning after the arrival."""
    fields = {"origin_country": "PH", "arrived_at": at("09-14T20:10"), "symptoms": ["49727002"]}
    return CaseImported.model_validate({**PERSON, **fields, **changed})


def local(**changed: Any) -> LocalCaseConfirmed:
    """The same person, had she not travelled."""
    return LocalCaseConfirmed.model_validate({**PERSON, **changed})


def excluded(**changed: Any) -> CaseExcluded:
    fields = {"case_id": CASE, "episode": 1, "excluded_at": at("09-17T12:00")}
    return CaseExcluded.model_validate({**fields, **changed})


def assessed(severity: str = "common", by: str = "rule", **changed: Any) -> SeverityAssessed:
    """The word of the rule, or of a clinician, on the first episode."""
    fields = {"case_id": CASE, "protocol": "v8", "assessed_at": at("09-16T10:00"), "prevails": True, "episode": 1}
    return SeverityAssessed.model_validate({**fields, "severity": severity, "by": by, **changed})


def discharged(disposition: str = "recovered", when: str = "10-17T10:00", **changed: Any) -> Discharged:
    """Home from the public health centre, about a month later."""
    fields = {
        "case_id": CASE,
        "episode": 1,
        "institution_id": "CN-SH-SPHCC",
        "destination": "home",
        "residence": PERSON["residence"],
        "time_zone": "Asia/Shanghai",
        "protocol": "v8",
        "criteria_met": True,
    }
    return Discharged.model_validate({**fields, "disposition": disposition, "discharged_at": at(when), **changed})


def revoked(**changed: Any) -> DischargeRevoked:
    fields = {
        "case_id": CASE,
        "episode": 1,
        "discharged_at": at("10-17T10:00"),
        "revoked_at": at("10-18T09:00"),
        "why": "cancelled",
    }
    return DischargeRevoked.model_validate({**fields, **changed})


def small_journey() -> list[Message]:
    """Confirmed, assessed by two, discharged, the discharge cancelled, and discharged again."""
    return [
        imported(),
        assessed(),
        assessed("severe", "report"),
        discharged(),
        revoked(),
        discharged(when="10-19T10:00"),
    ]


def full_journey() -> list[Message]:
    """Two episodes, with a word withdrawn or replaced of everything that can be."""
    return [
        imported(),
        excluded(),
        imported(confirmed_at=at("09-15T21:00")),
        assessed("mild"),
        assessed("severe", "report", assessed_at=at("09-20T10:00")),
        assessed("common", prevails=False),
        assessed("severe", "report", withdrawn=True),
        discharged("transferred", "09-30T10:00"),
        discharged(),
        revoked(),
        discharged("against_advice", "10-18T10:00"),
        imported(episode=2, confirmed_at=at("10-25T09:00")),
        assessed("critical", episode=2, assessed_at=at("10-26T10:00")),
        discharged("died", "11-02T10:00", episode=2),
        discharged("recovered", "11-20T10:00", episode=2),
        excluded(episode=2, withdrawn=True),
        imported(episode=2, confirmed_at=at("10-25T09:30")),
    ]


RECEIVED_AT = at("12-01T00:00")
"""When everything came: after all that the journeys tell."""


def small() -> Iterator[list[Message]]:
    """Journeys of a few messages, to be told in every order."""
    yield small_journey()


def full() -> Iterator[list[Message]]:
    """Whole journeys, to be told in any order."""
    yield full_journey()
