"""Questions that others may ask of primarycare's database; read only."""

from datetime import datetime
from typing import Any, Final

from msgspec import to_builtins
from msgspec.structs import asdict

from chassis.questions.question import CaseQuestion, Location, Questions, WorkListQuestion
from chassis.store.connection import Connection, sql
from chassis.store.pagination import Entry, Page, read_page
from services.primarycare import answers
from services.primarycare.domain import Conclusions, Facts
from services.primarycare.domain.aftercare import Aftercare
from services.primarycare.domain.alerts import Alert
from services.primarycare.domain.basis import Basis, bases
from services.primarycare.domain.linkage import Linkage, answers_to, conditions, deliveries


def case(facts: Facts, conclusions: Conclusions, now: datetime) -> dict[str, Any]:
    """Who near home knows of each discharge, who takes the patient on, and who has seen each alert."""
    on = {basis.key: basis for basis in bases(facts)}
    return {
        "aftercare": [
            {
                "episode": one.episode,
                "discharged_at": to_builtins(on[one.key].start.discharged_at),
                "primary_institution_id": one.primary_id,
                "notification": notification_state(on[one.key], one, now),
                "unplaced": to_builtins(asdict(one.unplaced)) if one.unplaced else None,
                "lies_in": on[one.key].lies_in,
                "confirmed": on[one.key].is_confirmed,
                **on[one.key].home.placed,
                "conditions": list(conditions(on[one.key])),
                "linkage": _linkage(facts, one.linkage) if one.linkage else None,
            }
            for one in conclusions.aftercare
        ],
        "alerts": [_alert(facts, alert) for alert in conclusions.alerts],
        "looks_again_at": to_builtins(conclusions.due),
    }


def place(facts: Facts, conclusions: Conclusions) -> Location | None:
    """Where the patient lives since the last discharge; of an alert without one where followup says it is."""
    if conclusions.aftercare:
        _, jurisdiction, district, *_ = conclusions.aftercare[-1].ground
    elif conclusions.alerts:
        first = next(alert for alert in facts.alerts if alert.alert_id == conclusions.alerts[0].alert_id)
        jurisdiction, district = first.jurisdiction, first.district
    else:
        return None
    return Location(jurisdiction, district or None) if jurisdiction else None


async def linkages(connection: Connection, page: Page) -> list[Entry]:
    """The linkages that nobody has taken on, by when an answer had to come: `domain.worklist.LinkageItem`s."""
    return await read_page(connection, sql("list_linkages", "services.primarycare.sql"), page)


async def alerts(connection: Connection, page: Page) -> list[Entry]:
    """The cases with an alert that nobody has acknowledged, by when the first of theirs had to be; items are
    `domain.worklist.AlertItem`s."""
    return await read_page(connection, sql("list_alerts", "services.primarycare.sql"), page)


async def unplaced(connection: Connection, page: Page) -> list[Entry]:
    """The discharges of which nobody near home is told, by when the municipal commission is: `UnplacedItem`s (P1)."""
    return await read_page(connection, sql("list_unplaced", "services.primarycare.sql"), page)


def notification_state(basis: Basis, one: Aftercare, now: datetime) -> str:
    """`waiting`: nobody near home is known; `unreached`: nobody was, until there was nothing left to be told of.

    `elsewhere`: the patient did not go home, and nobody near it is told. `commission`: nobody is known, and the
    municipal commission was told.
    """
    if not basis.goes_home:
        return "elsewhere"
    if basis.is_undone:
        return "taken_back"
    if one.primary_id is not None:
        return "notified"
    if one.unplaced is not None and one.unplaced.notified is not None and not one.unplaced.is_over:
        return "commission"
    return "waiting" if one.ended is None and now < one.waits_until else "unreached"


def linkage_state(found: Linkage) -> str:
    """What the linkage waits for, if for anything."""
    if found.ending is not None:
        return "closed"
    if found.accepted_by is not None:
        return "accepted"
    return "requested" if found.next_at is not None else "last_level"


def alert_state(found: Alert) -> str:
    """What the alert waits for, if for anything."""
    if found.ending is not None:
        return "closed"
    return "forwarded" if found.next_at is not None else "last_level"


def _linkage(facts: Facts, found: Linkage) -> dict[str, Any]:
    shown = _escalated(found) | {"state": linkage_state(found), "accepted_by": found.accepted_by}
    answers = answers_to(facts, found.linkage_id).values()
    return shown | {
        "linkage_id": found.linkage_id,
        "requests": to_builtins([asdict(request) for request in found.requests]),
        "answers": to_builtins([(one.institution_id, one.accepted, one.answered_at) for one in answers]),
        "deliveries": deliveries(facts, found),
    }


def _alert(facts: Facts, found: Alert) -> dict[str, Any]:
    raised = next(alert for alert in facts.alerts if alert.alert_id == found.alert_id)
    shown = _escalated(found) | {"state": alert_state(found), "recipients": list(found.recipients)}
    about = {"alert_id": found.alert_id, "why": raised.why, "day": raised.day, "round": raised.round}
    return shown | about | {"severity": found.severity, "acknowledged_by": found.acknowledged_by}


def _escalated(found: Linkage | Alert) -> dict[str, Any]:
    """How far it went, when the next level follows, and how it ended."""
    ending = to_builtins(asdict(found.ending)) if found.ending else None
    return {"level": len(found.steps), "next_at": to_builtins(found.next_at), "ending": ending}


QUESTIONS: Final[Questions] = (
    CaseQuestion(case, answers.Case, place),
    WorkListQuestion("linkages", linkages, answers.LinkageItem),
    WorkListQuestion("alerts", alerts, answers.AlertItem),
    WorkListQuestion("unplaced", unplaced, answers.UnplacedItem),
)
