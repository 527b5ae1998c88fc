"""Reports of the weeks at home: logs, calls, visits, and what institutions near home answer.

`about`: the data of the event that is answered; empty where nobody has asked.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from schemas.message import Report
from schemas.reports.contact import ContactReported, SubscriptionSwitched
from schemas.reports.followup import CallReported, DayReported, FollowUpEnded, ResidenceChanged, ReturnVisitReported
from schemas.reports.primarycare import AlertAcknowledged, CareDelivered, LinkageAnswered
from tests.rest.pen import CENTRES, COUGH, DYSPNOEA, HOMES, SHANGHAI, SUBSCRIPTION, Pen

About = Mapping[str, Any]


def log(pen: Pen, case: str) -> Report:
    """Of its own day, or told days later."""
    dice, at = pen.dice, pen.instant()
    fields: dict[str, Any] = {
        "case_id": case,
        "local_date": at.astimezone(SHANGHAI).date() - timedelta(days=dice.choice([0, 0, 0, 1, 3])),
        "slot": dice.choice(["am", "pm"]),
        **pen.temperature(),
        "symptoms": dice.choice([(), (), (COUGH,), (DYSPNOEA,)]),
        "stayed_in": dice.random() < 0.8,
        "channel": dice.choice(["app", "phone"]),
        "reporter": dice.choice(["patient", "staff"]),
        "reported_at": at,
    }
    return DayReported.model_validate(fields)


def visit(pen: Pen, case: str) -> Report:
    """Attended, or a no-show."""
    attended = pen.instant() if pen.dice.random() < 0.7 else None
    return ReturnVisitReported(case_id=case, visit=pen.dice.choice(["week_2", "week_4"]), attended_at=attended)


def moved(pen: Pen, case: str) -> Report:
    """The patient lives elsewhere from some instant on, which may lie ahead."""
    dice = pen.dice
    fields: dict[str, Any] = {
        "case_id": case,
        "from": pen.instant() + timedelta(days=dice.choice([0, 0, 5])),
        "residence": dice.choice([*HOMES, {"jurisdiction": "CN-BJ"}]),
        "time_zone": dice.choice([None, None, "America/New_York", "Pacific/Apia"]),
        "primary_institution_id": dice.choice([None, None, CENTRES[1]]),
    }
    return ResidenceChanged.model_validate(fields)


def ended(pen: Pen, case: str) -> Report:
    why = pen.dice.choice(["left_country", "taken_over", "refused_by_law"])
    return FollowUpEnded(case_id=case, ended_at=pen.instant(), why=why, by="district office")


def call(pen: Pen, case: str, about: About) -> Report:
    dice = pen.dice
    fields: dict[str, Any] = {
        "case_id": case,
        "call_id": about.get("call_id") or f"call-{dice.randint(1, 2)}",
        "called_at": pen.instant(),
        "outcome": dice.choice(["reached", "no_answer", "wrong_number", "refused"]),
        "symptoms": dice.choice([(), (COUGH,)]),
        "stayed_in": dice.choice([None, True, False]),
        **(pen.temperature() if dice.random() < 0.5 else {}),
    }
    return CallReported.model_validate(fields)


def answered(pen: Pen, case: str, about: About) -> Report:
    answer = pen.dice.choice(["accepted", "declined"])
    fields = {"case_id": case, **_linkage(pen, about), "answer": answer, "answered_at": pen.instant()}
    return LinkageAnswered.model_validate(fields)


def cared(pen: Pen, case: str, about: About) -> Report:
    kind = pen.dice.choice(["phone", "visit", "medicine"])
    fields = {"case_id": case, **_linkage(pen, about), "kind": kind, "delivered_at": pen.instant()}
    return CareDelivered.model_validate(fields)


def acknowledged(pen: Pen, case: str, about: About) -> Report:
    alert, by = about.get("alert_id") or "alert-1", about.get("institution_id") or CENTRES[0]
    return AlertAcknowledged(case_id=case, alert_id=alert, institution_id=by, acknowledged_at=pen.instant())


def delivered(pen: Pen, case: str, about: About) -> Report:
    """The delivery worker's word on an attempt to deliver an event."""
    outcome = pen.dice.choice(["delivered", "failed", "failed", "gone"])
    fields: dict[str, Any] = {
        "about": case,
        "delivery_id": about.get("delivery_id") or "delivery-1",
        "attempt": min(about.get("attempt", 1), 1_000),
        "outcome": outcome,
        "reported_at": pen.instant(),
        "reason": "timed_out" if outcome == "failed" else None,
    }
    return ContactReported.model_validate(fields)


def switched(pen: Pen, _case: str) -> Report:
    on = pen.dice.random() < 0.5
    return SubscriptionSwitched(subscription_id=SUBSCRIPTION, on=on, switched_at=pen.instant(), why="operator")


def _linkage(pen: Pen, about: About) -> dict[str, str]:
    by = about.get("institution_id") or pen.dice.choice(CENTRES)
    return {"linkage_id": about.get("linkage_id") or "linkage-1", "institution_id": by}
