"""Why somebody reads a case: HL7's codes for the purpose of use, as the header `Purpose-Of-Use` has them."""

from enum import StrEnum
from typing import Final

HEADER: Final = "Purpose-Of-Use"


class Purpose(StrEnum):
    """Codes of HL7's PurposeOfUse (http://terminology.hl7.org/CodeSystem/v3-ActReason) that fit reading of cases."""

    TREATMENT = "TREAT"
    EMERGENCY = "ETREAT"
    CARE_MANAGEMENT = "CAREMGT"
    COORDINATION = "COORDINATION"
    PUBLIC_HEALTH = "PUBHLTH"
    THREAT = "THREAT"
    OPERATIONS = "HOPERAT"
    ADMINISTRATION = "HSYSADMIN"
    QUALITY = "QUALIMP"
    RESEARCH = "HRESCH"
    LEGAL = "HLEGAL"
    COMPLIANCE = "HCOMPL"
    PATIENT = "PATRQT"
    FAMILY = "FAMRQT"
