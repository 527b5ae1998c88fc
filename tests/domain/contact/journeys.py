"""What contact is told: events that somebody wants, and what the delivery worker says of it. October 2020 in
Shanghai."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from schemas.events.primarycare import AlertForwarded, PrimaryCareNotified
from schemas.message import Message
from schemas.reports.contact import ContactReported
from services.contact import policy
from services.contact.domain import Subscriber, Subscriptions
from services.contact.domain.case.facts import delivery_id_of
from services.contact.routes import case

CASE_ID = "case-1"
CENTRE, COMMISSION = "pd-01-centre", "sh-commission"
CLINIC, EVERYTHING, LISTS = "centre-webhook", "integrator", "call-lists"
"""Subscriptions: of one institution, of all, and of an event that nobody here tells of."""


def at(written: str) -> datetime:
    """`10-22T08:15` or `10-22T08:15:03` of 2020 in Shanghai."""
    return datetime.fromisoformat(f"2020-{written}+08:00")


SINCE = at("10-17T00:00")
SUBSCRIBERS = (
    Subscriber(CLINIC, frozenset({"AlertForwarded", "PrimaryCareNotified", "AlertEscalated"}), SINCE, CENTRE),
    Subscriber(EVERYTHING, frozenset({"AlertForwarded"}), SINCE),
    Subscriber(LISTS, frozenset({"CallRequested"}), SINCE),
)
KIND = case(SUBSCRIBERS)
CONTEXT = Subscriptions(frozenset({CLINIC, EVERYTHING, LISTS}))


RAISED_AT = at("10-22T08:15")
RECEIVED_AT = at("10-22T09:00")
"""When everything came."""
SETTLING = policy.settling(RECEIVED_AT.date()).after
"""How long an event waits for the next one about the same thing."""


def forwarded(**changed: Any) -> AlertForwarded:
    """A fever on day 5, sent to the centre."""
    about = {"case_id": CASE_ID, "episode": 1, "alert_id": "alert-1", "institution_id": CENTRE, "level": 0}
    what = {"why": "fever", "severity": "high", "day": 5}
    return AlertForwarded.model_validate({**about, **what, **changed})


def notified(**changed: Any) -> PrimaryCareNotified:
    """The centre hears of a discharge."""
    about = {"case_id": CASE_ID, "episode": 1, "institution_id": CENTRE}
    return PrimaryCareNotified.model_validate({**about, "disposition": "recovered", "destination": "home", **changed})


def event_id(number: int) -> str:
    """The id of the event that was told as the message of this number."""
    return f"00000000-0000-4000-8000-{number:012d}"


def delivery(event: int = 1, to: str = CLINIC) -> str:
    """The delivery of the event told as this number."""
    return delivery_id_of(event_id(event), to)


def reported(outcome: str, when: str, attempt: int = 1, event: int = 1, to: str = CLINIC) -> ContactReported:
    """The delivery worker's word on an attempt."""
    fields = {"delivery_id": delivery(event, to), "attempt": attempt, "outcome": outcome, "reported_at": at(when)}
    reason = "server_error" if outcome == "failed" else None
    return ContactReported.model_validate({"about": CASE_ID, **fields, "reason": reason})


def small() -> Iterator[list[Message]]:
    """Journeys of a few messages, to be told in every order."""
    yield [
        notified(),
        reported("failed", "10-22T09:00:01"),
        reported("failed", "10-22T09:00:08", 2),
        reported("delivered", "10-22T09:01:10", 3),
    ]
    yield [forwarded(), reported("failed", "10-22T09:00:01"), reported("gone", "10-22T09:00:02", to=EVERYTHING)]
    yield [
        notified(),
        reported("failed", "10-22T09:00:20"),
        reported("delivered", "10-22T09:00:02"),
        reported("failed", "10-22T09:00:09", 2),
        reported("gone", "10-22T09:00:12", 2),
    ]
    yield [notified(), reported("failed", "10-23T08:59:30"), forwarded(institution_id=COMMISSION)]


def full() -> Iterator[list[Message]]:
    """Whole journeys, to be told in any order."""
    yield [
        notified(),
        forwarded(),
        forwarded(institution_id=COMMISSION),
        reported("delivered", "10-22T09:00:01", event=1),
        reported("failed", "10-22T09:00:01", event=2),
        reported("failed", "10-22T09:00:07", 2, event=2),
        reported("failed", "10-22T09:00:01", event=2, to=EVERYTHING),
        reported("failed", "10-22T09:00:07", 2, event=2, to=EVERYTHING),
        reported("failed", "10-22T09:02:00", 3, event=2, to=EVERYTHING),
        reported("failed", "10-22T12:00:00", 4, event=2, to=EVERYTHING),
        reported("failed", "10-22T17:00:00", 5, event=2, to=EVERYTHING),
        reported("failed", "10-22T23:30:00", 6, event=2, to=EVERYTHING),
        reported("delivered", "10-23T09:10:00", 3, event=2),
        reported("gone", "10-22T09:00:02", event=3, to=EVERYTHING),
        reported("delivered", "10-22T09:00:05", event=99),
        forwarded(withdrawn=True),
    ]
