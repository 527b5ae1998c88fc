"""What is said of a patient in aftercare: each consultation, as it stands (F4)."""

from collections.abc import Mapping

from chassis.decide.announcing import Announcer, Statement, Things, stating
from schemas.events.consultation import PatientConsulted
from services.consultation.domain.care.conclude import CareState, Conclusions
from services.consultation.domain.care.facts import Care, Facts


def _by_consultation(found: Conclusions) -> Mapping[str, Care]:
    return {one.consultation_id: one for one in found.consultations}


def _consulted(_after: CareState, consultation_id: str, one: Care) -> Statement:
    """A patient who was referred before anybody answered waits to be seen."""
    data = {
        "case_id": one.case_id,
        "consultation_id": consultation_id,
        "requested_at": one.requested_at,
        "symptoms": one.symptoms,
        "state": "waiting" if one.state == "referred" else one.state,
        "held_at": one.held_at,
        "refers": one.refers,
        "institution_id": one.institution_id,
        "jurisdiction": one.jurisdiction,
        "district": one.district,
        "time_zone": one.time_zone,
    }
    return Statement(PatientConsulted, one.held_at or one.requested_at, data)


announce: Announcer[Facts, Conclusions] = Announcer(
    {"consulted": Things(lambda state: state.conclusions, _by_consultation, _consulted)}
)
states = stating(PatientConsulted)
