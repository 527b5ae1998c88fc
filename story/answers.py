"""What comes of what the services ask people for: the ids are the services', so it is answered as it comes."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final, NamedTuple

from schemas.envelope import Envelope
from schemas.events.followup import CallRequested, HomeVisitRequested
from schemas.events.primarycare import AlertForwarded, LinkageRequested
from schemas.reports.followup import CallReported
from schemas.reports.primarycare import AlertAcknowledged, LinkageAnswered
from schemas.values import CallOutcome
from story.chart import FROM_PATIENT
from story.home import AT_HOME_AXILLARY_C
from story.known import CHILD
from story.publication import SHANGHAI, Publication, Statement, dice, publication_of

_NO_ANSWER_SHARE: Final = 0.12
_MORNING_HOURS: Final = (9.0, 11.8)
_AFTERNOON_HOURS: Final = (13.0, 19.5)
_SOON: Final = timedelta(minutes=4)
_DECLINED_SHARE: Final = 0.12
_HOURS_TO_ANSWER: Final = (1.0, 6.0)
_MINUTES_TO_ACKNOWLEDGE: Final = (20.0, 50.0)
_LATEST_HOUR: Final = 23.6
"""The story's reports of a day are published just before midnight."""


class Answer(NamedTuple):
    """A report that answers an event. `asks_on`: somebody else will be asked at once because of it."""

    publication: Publication
    asks_on: bool = False


def answer(event: Envelope, seed: int) -> Answer | None:
    """The answer to an event that asks somebody for something; None for one that asks nobody.

    Raises KeyError where the data lack what their type must have.
    """
    answers = None if event.data.get("withdrawn") else _ANSWERS.get(event.type)
    return answers(event, seed) if answers else None


def answer_call(event_data: Mapping[str, Any], seed: int) -> Publication:
    """The report of the call (or visit) that the data of a `CallRequested` or `HomeVisitRequested` asks for.

    Made in the morning when it is due at noon, else in the afternoon; always on the civil day that ends with, or holds,
    `call_by`. Nearly every call reaches somebody, the third attempt, a visit and the child's guardian always answer.

    Raises:
        KeyError: the data name no case, no call, no attempt, or no time by which it is to be made.
    """
    call_id, case = str(event_data["call_id"]), str(event_data["case_id"])
    chance = dice(seed, "call", call_id)
    called_at = _called_at(chance, _due(event_data))
    outcome = _outcome(chance, case, int(event_data["attempt"]))
    reached = outcome == "reached"
    report = CallReported(
        case_id=case,
        call_id=call_id,
        called_at=called_at,
        outcome=outcome,
        temperature_c=round(chance.uniform(*AT_HOME_AXILLARY_C), 1) if reached else None,
        temperature_site="axillary" if reached else None,
        stayed_in=True if reached else None,
    )
    return publication_of(Statement(f"{seed}/{call_id}", report, FROM_PATIENT, called_at), called_at + _SOON)


def _due(event_data: Mapping[str, Any]) -> datetime:
    due = event_data["call_by"]
    return (due if isinstance(due, datetime) else datetime.fromisoformat(str(due))).astimezone(SHANGHAI)


def _called_at(chance: Random, due: datetime) -> datetime:
    at_noon = 9 < due.hour < 19
    earliest, latest = _MORNING_HOURS if at_noon else _AFTERNOON_HOURS
    day = (due - timedelta(seconds=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return min(day + timedelta(seconds=round(chance.uniform(earliest, latest) * 3600)), due - _SOON)


def _outcome(chance: Random, case: str, attempt: int) -> CallOutcome:
    answers = case == CHILD or attempt >= 3 or chance.random() >= _NO_ANSWER_SHARE
    return "reached" if answers else "no_answer"


def _called(event: Envelope, seed: int) -> Answer:
    return Answer(answer_call(event.data, seed))


def _linked(event: Envelope, seed: int) -> Answer | None:
    """Who is asked to take a patient on does so within hours, or names a reason why not."""
    asked = event.data
    if asked.get("institution_id") is None:
        return None
    chance = dice(seed, "linkage", asked["linkage_id"], asked["institution_id"])
    declines = chance.random() < _DECLINED_SHARE
    answered_at = _the_same_day(event.time, timedelta(hours=chance.uniform(*_HOURS_TO_ANSWER)))
    report = LinkageAnswered(
        case_id=asked["case_id"],
        linkage_id=asked["linkage_id"],
        institution_id=asked["institution_id"],
        answer="declined" if declines else "accepted",
        answered_at=answered_at,
        reason="no room this month" if declines else None,
    )
    name = f"{seed}/{asked['linkage_id']}/{asked['institution_id']}"
    source = f"/institutions/{asked['institution_id']}"
    return Answer(publication_of(Statement(name, report, source, answered_at), answered_at + _SOON), asks_on=declines)


def _acknowledged(event: Envelope, seed: int) -> Answer | None:
    """A physician has seen the alert within the hour; one that is sent for information asks for nothing."""
    sent = event.data
    if sent.get("respond_by") is None:
        return None
    chance = dice(seed, "alert", sent["alert_id"], sent["institution_id"])
    seen_at = _the_same_day(event.time, timedelta(minutes=chance.uniform(*_MINUTES_TO_ACKNOWLEDGE)))
    report = AlertAcknowledged(
        case_id=sent["case_id"],
        alert_id=sent["alert_id"],
        institution_id=sent["institution_id"],
        acknowledged_at=seen_at,
    )
    name = f"{seed}/{sent['alert_id']}/{sent['institution_id']}"
    source = f"/institutions/{sent['institution_id']}"
    return Answer(publication_of(Statement(name, report, source, seen_at), seen_at + _SOON))


def _the_same_day(asked_at: datetime, later: timedelta) -> datetime:
    """So much later, but on the civil day on which it was asked for."""
    asked_at = asked_at.astimezone(SHANGHAI).replace(microsecond=0)
    end = asked_at.replace(hour=0, minute=0, second=0) + timedelta(hours=_LATEST_HOUR)
    return max(min(asked_at + timedelta(seconds=round(later.total_seconds())), end), asked_at)


_ANSWERS: Final[Mapping[str, Callable[[Envelope, int], Answer | None]]] = {
    CallRequested.type_name(): _called,
    HomeVisitRequested.type_name(): _called,
    LinkageRequested.type_name(): _linked,
    AlertForwarded.type_name(): _acknowledged,
}
ASKING: Final = frozenset(_ANSWERS)
"""The types of the events that ask somebody for something."""
