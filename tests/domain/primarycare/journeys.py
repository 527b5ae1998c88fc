"""What primarycare is told: builders with believable defaults, and journeys. Times are of October 2020 in Shanghai."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from schemas.events.discharge import Discharged, DischargeRevoked, OtherStayEnded
from schemas.events.followup import FollowUpResumed, HealthAlertRaised, QuarantineCancelled, QuarantineStarted
from schemas.events.intake import CaseExcluded, LocalCaseConfirmed
from schemas.events.treatment import Admitted
from schemas.message import Message
from schemas.plans import plan_key
from schemas.reports.primarycare import AlertAcknowledged, CareDelivered, LinkageAnswered
from services.primarycare.domain.institutions import Directory, Institution
from services.primarycare.domain.linkage import linkage_id_of

CASE = "case-1"
CENTRE, SECOND, CLINIC = "pd-01-centre", "pd-02-centre", "pd-03-hospital"
DISTRICT_COMMISSION, MUNICIPAL_COMMISSION = "pd-04-commission", "sh-commission"
WARD = "CN-SH-SPHCC"
ALERT = "alert-1"


def at(written: str) -> datetime:
    """`10-17T10:00` of 2020 in Shanghai."""
    return datetime.fromisoformat(f"2020-{written}:00+08:00")


HOME_AT = at("10-17T10:00")
LINKAGE = linkage_id_of(CASE, plan_key(1, HOME_AT))


def institution(institution_id: str, kind: str, district: str = "Pudong", **changed: Any) -> Institution:
    """In Shanghai."""
    return Institution(institution_id, kind, changed.pop("jurisdiction", "CN-SH"), district, **changed)


ALL = (
    institution(CENTRE, "community_centre"),
    institution(SECOND, "community_centre"),
    institution(CLINIC, "hospital"),
    institution("pd-00-online", "internet_hospital"),
    institution(DISTRICT_COMMISSION, "health_commission"),
    institution(MUNICIPAL_COMMISSION, "health_commission", "Huangpu", capabilities=("municipal",)),
    institution("mh-01-centre", "community_centre", "Minhang"),
)
CONTEXT = Directory(ALL)
NOBODY = Directory(())


def needing(condition: str = "N18.6", **changed: Any) -> dict[str, Any]:
    """A dialysis patient's comorbidity."""
    return {"condition": condition, "active": True, "needs_regular_care": True, **changed}


def discharged(*comorbidities: dict[str, Any], **changed: Any) -> Discharged:
    """Home to Pudong, recovered, under the protocol with 14 days."""
    fields = {
        "case_id": CASE,
        "episode": 1,
        "institution_id": WARD,
        "discharged_at": HOME_AT,
        "disposition": "recovered",
        "destination": "home",
        "residence": {"jurisdiction": "CN-SH", "district": "Pudong"},
        "time_zone": "Asia/Shanghai",
        "protocol": "v8",
        "criteria_met": True,
        "comorbidities": comorbidities,
    }
    return Discharged.model_validate({**fields, **changed})


def revoked(when: str, **changed: Any) -> DischargeRevoked:
    """Cancelled by the hospital."""
    fields = {"episode": 1, "discharged_at": HOME_AT, "revoked_at": at(when), "why": "cancelled"}
    return DischargeRevoked.model_validate({"case_id": CASE, **fields, **changed})


def answered(institution_id: str, answer: str, when: str, **changed: Any) -> LinkageAnswered:
    fields = {"linkage_id": LINKAGE, "institution_id": institution_id, "answer": answer, "answered_at": at(when)}
    return LinkageAnswered.model_validate({"case_id": CASE, **fields, **changed})


def cared(when: str, kind: str = "visit", institution_id: str = CENTRE) -> CareDelivered:
    fields = {"linkage_id": LINKAGE, "institution_id": institution_id, "delivered_at": at(when), "kind": kind}
    return CareDelivered.model_validate({"case_id": CASE, **fields})


def raised(severity: str = "high", when: str = "10-22T08:15", **changed: Any) -> HealthAlertRaised:
    """A fever on day 5."""
    fields = {"episode": 1, "discharged_at": HOME_AT, "alert_id": ALERT, "why": "fever", "day": 5}
    evidence = {"severity": severity, "evidence": ("2020-10-22 am, 37.8 °C, ear",), "raised_at": at(when)}
    return HealthAlertRaised.model_validate({"case_id": CASE, **fields, **evidence, **changed})


def acknowledged(when: str, institution_id: str = CENTRE, alert_id: str = ALERT) -> AlertAcknowledged:
    fields = {"alert_id": alert_id, "institution_id": institution_id, "acknowledged_at": at(when)}
    return AlertAcknowledged.model_validate({"case_id": CASE, **fields})


def confirmed(**changed: Any) -> LocalCaseConfirmed:
    """The episode is a case."""
    person = {"person_ref": "p-1", "sex": "female", "jurisdiction": "CN-SH", "time_zone": "Asia/Shanghai"}
    lives = {"residence": {"jurisdiction": "CN-SH", "district": "Pudong"}}
    fields = {"case_id": CASE, "confirmed_at": at("10-01T15:00"), "episode": 1, **person, **lives}
    return LocalCaseConfirmed.model_validate({**fields, **changed})


def excluded(when: str, **changed: Any) -> CaseExcluded:
    """No result of it stands positive any more."""
    fields = {"episode": 1, "excluded_at": at(when), "why": "no_result"}
    return CaseExcluded.model_validate({"case_id": CASE, **fields, **changed})


def started(**changed: Any) -> QuarantineStarted:
    """Followup watches the patient in Pudong."""
    plan = {"episode": 1, "discharged_at": HOME_AT, "day_1": "2020-10-18", "days": 14, "last_day": "2020-10-31"}
    where = {"jurisdiction": "CN-SH", "district": "Pudong", "time_zone": "Asia/Shanghai", "protocol": "v8"}
    return QuarantineStarted.model_validate({"case_id": CASE, **plan, **where, **changed})


def ended(why: str, **changed: Any) -> QuarantineCancelled:
    """The plan ended before its time."""
    plan = {"episode": 1, "discharged_at": HOME_AT, "why": why}
    return QuarantineCancelled.model_validate({"case_id": CASE, **plan, **changed})


def resumed(**changed: Any) -> FollowUpResumed:
    """The plan goes on after all."""
    plan = {"episode": 1, "discharged_at": HOME_AT, "why": "contact"}
    return FollowUpResumed.model_validate({"case_id": CASE, **plan, **changed})


def admitted(when: str, institution_id: str = CLINIC, **changed: Any) -> Admitted:
    """The patient lies in a ward again."""
    fields = {"institution_id": institution_id, "admitted_at": at(when)}
    return Admitted.model_validate({"case_id": CASE, **fields, **changed})


def left(admitted_at: str, when: str, **changed: Any) -> OtherStayEnded:
    """And has left it."""
    stay = {"admitted_at": at(admitted_at), "ended_at": at(when), "disposition": "recovered"}
    fields = {"episode": 1, "institution_id": CLINIC, **stay}
    return OtherStayEnded.model_validate({"case_id": CASE, **fields, **changed})


RECEIVED_AT = at("10-23T09:00")
"""When everything came: some deadlines of the journeys lie before, some after."""


def small() -> Iterator[list[Message]]:
    """Journeys of a few messages, to be told in every order."""
    decline = answered(CENTRE, "declined", "10-17T15:00")
    yield [discharged(needing()), decline, answered(SECOND, "accepted", "10-18T09:00"), cared("10-20T10:00"), raised()]
    yield [
        discharged(needing()),
        decline,
        answered(SECOND, "declined", "10-17T16:00"),
        answered(CLINIC, "declined", "10-22T20:00"),
    ]
    yield [discharged(needing()), discharged(), revoked("10-20T08:00"), raised("urgent"), acknowledged("10-22T12:00")]


def full() -> Iterator[list[Message]]:
    """Whole journeys, to be told in any order."""
    again, died = at("11-02T10:00"), at("10-22T22:00")
    yield [
        discharged(),
        discharged(needing()),
        discharged(needing(), needing("E11.9", medicines_last_until="2020-10-25"), needing("I10", active=False)),
        answered(CENTRE, "declined", "10-17T15:00", reason="no dialysis here"),
        answered(CENTRE, "declined", "10-17T15:30"),
        answered(SECOND, "declined", "10-18T11:00"),
        answered(CLINIC, "accepted", "10-22T20:00"),
        answered("pd-00-online", "declined", "10-18T09:00"),
        cared("10-22T21:00", institution_id=CLINIC),
        cared("10-22T23:00", "medicine", CLINIC),
        raised("high"),
        raised("urgent", evidence=("2020-10-22 am, 37.8 °C, ear", "dyspnoea")),
        raised("routine", "10-19T20:00", alert_id="alert-2", why="went_out", day=2),
        raised("high", "10-21T20:00", alert_id="alert-3", why="symptoms", withdrawn=True),
        raised("high", "10-20T20:00", alert_id="alert-4", why="symptoms"),
        acknowledged("10-21T12:00", WARD, "alert-4"),
        acknowledged("10-21T10:00", CENTRE, "alert-4"),
        raised("urgent", "10-20T20:00", alert_id="alert-4", why="symptoms"),
        raised("urgent", "10-20T20:00", alert_id="alert-6", why="positive_test"),
        acknowledged("10-22T10:00", CENTRE, "alert-6"),
        revoked("10-20T08:00", withdrawn=True),
    ]
    yield [
        discharged(needing(), primary_institution_id=CLINIC),
        discharged(needing(), primary_institution_id=SECOND),
        answered(SECOND, "accepted", "10-18T11:00"),
        answered(SECOND, "declined", "10-19T11:00"),
        revoked("10-19T08:00"),
        discharged(needing(), episode=2, discharged_at=again, residence=None),
        discharged(episode=3, disposition="transferred", destination="hospital"),
        raised(),
        raised(alert_id="alert-5", episode=3),
        discharged(disposition="died", destination="home", discharged_at=died),
        acknowledged("10-23T08:00"),
    ]
    yield from course()


def course() -> Iterator[list[Message]]:
    """What becomes of a patient after the discharge, and of the case."""
    moved = {"district": "Minhang"}
    yield [
        confirmed(),
        discharged(needing()),
        started(),
        started(**moved),
        started(**moved, primary_institution_id=CLINIC),
        answered(CENTRE, "accepted", "10-18T11:00"),
        revoked("10-21T08:00", why="corrected"),
        revoked("10-21T08:00", why="corrected", withdrawn=True),
        raised("urgent", "10-21T08:00", why="recalled"),
        admitted("10-22T08:00"),
        admitted("10-22T10:00", WARD),
        admitted("10-22T10:00", WARD, withdrawn=True),
        left("10-22T08:00", "10-22T20:00"),
        ended("taken_over"),
        resumed(),
        ended("left_country"),
        acknowledged("10-22T08:00"),
    ]
    yield [
        discharged(needing(), residence={"jurisdiction": "CN-SH"}),
        confirmed(),
        raised("urgent", "10-21T08:00"),
        excluded("10-20T08:00"),
        confirmed(),
        excluded("10-22T08:00"),
        revoked("10-22T08:00", why="excluded"),
        raised("high", "10-21T08:00", alert_id="alert-2", jurisdiction="CN-SH", district="Pudong"),
    ]
