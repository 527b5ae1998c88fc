"""What comes of the calls that followup asks for: their ids are the service's, so they are answered as they come."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from afterward.story.chart import FROM_PATIENT
from afterward.story.home import AT_HOME_AXILLARY_C
from afterward.story.known import CHILD
from afterward.story.telling import SHANGHAI, Statement, Telling, dice, tell
from schemas.reports.followup import CallReported
from schemas.values import CallOutcome

_NO_ANSWER_SHARE: Final = 0.12
_MORNING_HOURS: Final = (9.0, 11.8)
_AFTERNOON_HOURS: Final = (13.0, 19.5)
_SOON: Final = timedelta(minutes=4)


def answer_call(event_data: Mapping[str, Any], seed: int) -> Telling:
    """The report of the call (or visit) that the data of a `CallRequested` or `HomeVisitRequested` asks for.

    Made in the morning when it is due at noon, else in the afternoon; always on the civil day that ends with, or holds,
    `call_by`. Nearly every call reaches somebody, the third attempt, a visit and the child's guardian always answer.

    Raises:
        KeyError: the data name no case, no call, or no time by which it is to be made.
    """
    call_id, case = str(event_data["call_id"]), str(event_data["case_id"])
    chance = dice(seed, "call", call_id)
    called_at = _called_at(chance, _due(event_data))
    outcome = _outcome(chance, case, int(event_data.get("attempt", 3)))
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
    return tell(Statement(f"{seed}/{call_id}", report, FROM_PATIENT, called_at), called_at + _SOON)


def _due(event_data: Mapping[str, Any]) -> datetime:
    due = event_data.get("call_by") or event_data["visit_by"]
    return (due if isinstance(due, datetime) else datetime.fromisoformat(str(due))).astimezone(SHANGHAI)


def _called_at(chance: Random, due: datetime) -> datetime:
    at_noon = 9 < due.hour < 19
    earliest, latest = _MORNING_HOURS if at_noon else _AFTERNOON_HOURS
    day = (due - timedelta(seconds=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return min(day + timedelta(seconds=round(chance.uniform(earliest, latest) * 3600)), due - _SOON)


def _outcome(chance: Random, case: str, attempt: int) -> CallOutcome:
    answers = case == CHILD or attempt >= 3 or chance.random() >= _NO_ANSWER_SHARE
    return "reached" if answers else "no_answer"
