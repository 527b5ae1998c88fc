"""What stands of a case, told in a form that is the same for every case with the same course."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from schemas.envelope import Envelope
from schemas.folding import standing
from tests.journeys.patient import Patient

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+(?:Z|[+-]\d\d:\d\d)")
_DAY = re.compile(r"\b\d{4}-\d\d-\d\d\b")
_UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")


def standing_of(patient: Patient, events: Iterable[Envelope]) -> Counter[str]:
    """The standing events about a patient: each as a text of who says what and since when.

    The patient's own id is left out, ids derived from it too, and time is counted from the day of arrival: what two
    patients have in common if the same was reported of both.
    """
    folded = standing(event for event in events if event.subject == patient.case_id)
    return Counter(_plain(patient, event) for event in folded.values())


def _plain(patient: Patient, event: Envelope) -> str:
    said: dict[str, Any] = {"by": event.source, "since": event.time.isoformat(), **event.data}
    text = json.dumps(said, sort_keys=True, ensure_ascii=False).replace(patient.case_id, "this case")
    text = _INSTANT.sub(lambda found: str(datetime.fromisoformat(found[0]) - patient.arrival), text)
    text = _DAY.sub(lambda found: f"day {(datetime.fromisoformat(found[0]).date() - patient.at(0).date()).days}", text)
    return _UUID.sub("an id of its own", text)
