"""The first line of a case: who it is, as far as anybody knows, whether it is one, and where the patient is."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

Known = Mapping[str, Any]

UNKNOWN: Final = "unknown"
NOT_CONFIRMED: Final[Mapping[str, str]] = {
    "nobody_reported": "neither an arrival nor a local case is reported",
    "before_the_arrival": "the positive is older than the arrival",
    "withdrawn": "withdrawn",
    "excluded": "excluded",
}
"""Why a positive confirms nobody, by what intake calls it, in the words of a header."""
STAGES: Final[Mapping[str, str]] = {
    "awaiting_admission": "awaiting admission",
    "transferred": "transferred",
    "discharged": "discharged",
    "died": "dead",
}
"""Of discharge's stages those that need no more words; one who is in hospital lies in a house."""


def who(case_id: str, known: Mapping[str, Known]) -> Iterator[str]:
    """The parts of the line. What a service does not know is said, where somebody has reported the person."""
    intake = known.get("intake") or {}
    yield case_id
    person = intake.get("person")
    if person:
        yield from _person(person)
    else:
        yield from _place(known)
    why = _no_case(intake)
    yield from [f"not a case: {why}"] if why else []
    yield from _whereabouts(known, is_a_case=why is None)


def _person(person: Known) -> Iterator[str]:
    yield from [person["sex"]] if "sex" in person else []
    nationality, age, home = person.get("nationality", UNKNOWN), person.get("age"), person.get("residence")
    yield "nationality unknown" if nationality == UNKNOWN else nationality
    yield f"{age['value']} {age['unit']}" if age else "age unknown"
    if home:
        district = home.get("district", UNKNOWN)
        yield (
            f"{home['jurisdiction']}, district unknown" if district == UNKNOWN else f"{home['jurisdiction']} {district}"
        )


def _place(known: Mapping[str, Known]) -> Iterator[str]:
    """Of somebody whom nobody has reported: where the house that admitted or discharged them lies."""
    places = ((known.get(service) or {}).get("place") for service in ("intake", "discharge"))
    place = next((place for place in places if place and place["jurisdiction"] != UNKNOWN), None)
    if place:
        yield " ".join(filter(None, (place["jurisdiction"], place.get("district"))))
    elif "status" in (known.get("intake") or {}):
        house = _house(known)
        yield f"place unknown: {house} is not in the directory" if house else "place unknown"


def _no_case(intake: Known) -> str | None:
    """Why nobody may count the patient as a case; None of a confirmed one, and while intake has said nothing."""
    status = intake.get("status")
    if status in {None, "confirmed"}:
        return None
    if intake.get("withdrawn_at"):
        return "withdrawn"
    if status == "excluded":
        return "excluded"
    reasons = [NOT_CONFIRMED[positive["reason"]] for positive in intake.get("unplaced", ())]
    return reasons[0] if reasons else "no positive"


def _whereabouts(known: Mapping[str, Known], *, is_a_case: bool) -> Iterator[str]:
    """The house in which the patient lies, or how the last stay ended."""
    if house := _lies_again_in(known):
        yield f"lies in {house}"
        return
    stage: str | None = (known.get("discharge") or {}).get("stage")
    if stage == "in_hospital":
        house = _house(known)
        yield f"lies in {house}" if house else "in hospital"
    elif stage is not None and stage in STAGES and (is_a_case or stage != "awaiting_admission"):
        yield STAGES[stage]
    elif stage is None and is_a_case:
        yield "not known to discharge"


def _lies_again_in(known: Mapping[str, Known]) -> str | None:
    """Where a plan is paused since its patient lies in a ward."""
    plans = (known.get("followup") or {}).get("plans", ())
    status: Known = plans[-1]["status"] if plans else {}
    return (status.get("institution_id") or None) if status.get("state") == "paused" else None


def _house(known: Mapping[str, Known]) -> str | None:
    """The house that admitted the patient last, else the one that reported the discharge."""
    discharge = known.get("discharge") or {}
    episodes = discharge.get("episodes", ())
    stays = [stay for episode in episodes for stay in episode["admissions"]]
    ends = [end for episode in episodes for end in episode["discharges"]] + list(discharge.get("waiting", ()))
    return next((each["institution_id"] for each in (*reversed(stays), *reversed(ends))), None)
