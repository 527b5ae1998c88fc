"""To which institution a patient is referred who has to be seen (C2, C3, C5)."""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from schemas.places import same_district
from schemas.reference import LISTED_SYMPTOMS
from services.consultation.domain.consultation.facts import Request
from services.consultation.domain.institutions import Directory, Institution
from services.consultation.policy import CAPABILITY_OF

HOSPITAL, COMMUNITY_CENTRE = "hospital", "community_centre"


class Referral(Struct, frozen=True, array_like=True):
    """The patient is to be seen. `institution_id` None: none is known that can take the patient.

    `why`: `red_flag`, `no_channel`, `refer_offline` or `overdue`. `channel_id`: the channel that refers.
    """

    why: str
    at: datetime
    institution_id: str | None = None
    required: tuple[str, ...] = ()
    channel_id: str | None = None


def required_for(request: Request) -> tuple[str, ...]:
    """What an institution has to be capable of, to see the patient."""
    return tuple(CAPABILITY_OF[group] for group in request.belongs_to if group in CAPABILITY_OF)


def can_take(one: Institution, request: Request, why: str) -> bool:
    """Whether an institution can take the patient, who is referred for this reason.

    A community centre takes patients of its district with listed symptoms only, all of which it accepts; children if
    it sees them; nobody with a red flag, and nobody who needs what only hospitals have. A hospital takes all for whom
    it is capable.
    """
    if one.jurisdiction != request.jurisdiction or not one.can(required_for(request)):
        return False
    if one.kind == HOSPITAL:
        return True
    symptoms = set(request.symptoms)
    is_listed = bool(symptoms) and symptoms <= LISTED_SYMPTOMS.keys()
    return (
        one.kind == COMMUNITY_CENTRE
        and why != "red_flag"
        and is_listed
        and symptoms <= set(one.symptoms_accepted)
        and same_district(one.district, request.district)
    )


def refer(request: Request, ground: Referral, directory: Directory, stands: Referral | None) -> Referral:
    """The referral of a patient on a ground, with the institution.

    A choice that was announced stands while the institution can take the patient. Of several a community centre comes
    first, then those of the district, those that are open around the clock, and the id.
    """
    ground = replace(ground, required=required_for(request))
    able = [one for one in directory.in_jurisdiction(request.jurisdiction) if can_take(one, request, ground.why)]
    ids = {one.institution_id for one in able}
    if stands is not None and stands.institution_id in ids:
        return replace(ground, institution_id=stands.institution_id)
    chosen = min(able, key=lambda one: _preference(one, request), default=None)
    return replace(ground, institution_id=chosen.institution_id if chosen else None)


def _preference(one: Institution, request: Request) -> tuple[bool, bool, bool, str]:
    apart = not same_district(one.district, request.district)
    return one.kind != COMMUNITY_CENTRE, apart, not one.open_24h, one.institution_id
