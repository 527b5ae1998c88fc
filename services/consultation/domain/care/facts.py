"""What is known of a patient in aftercare: nothing of its own; the consultations under the case are handed in."""

from datetime import datetime

from msgspec import Struct


class Facts(Struct, frozen=True, array_like=True):
    """A patient in aftercare learns nothing from messages here: consultations name the case."""


class Care(Struct, frozen=True, array_like=True):
    """One consultation as it stands. `state`: `waiting`, `assigned`, `held`, `cancelled` or `referred`.

    `symptoms`: the codes of those that were reported. `refers`: the patient has to be seen, at `institution_id` if one
    is known. Place and zone are those of the request.
    """

    case_id: str
    consultation_id: str
    requested_at: datetime
    symptoms: tuple[str, ...] = ()
    state: str = "waiting"
    held_at: datetime | None = None
    refers: bool = False
    institution_id: str | None = None
    jurisdiction: str | None = None
    district: str | None = None
    time_zone: str | None = None
