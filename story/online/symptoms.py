"""What people complain of: SNOMED CT codes, the 11 of Beijing's list of 12 December 2022 (C1) before all others."""

from random import Random
from typing import Final

FEVER = "386661006"
DYSPNOEA = "267036007"
OEDEMA = "267038008"
_OFTEN: Final = {
    FEVER: 0.78,
    "11833005": 0.5,  # dry cough
    "162397003": 0.46,  # sore throat
    "84229001": 0.4,  # fatigue
    "68962001": 0.36,  # muscle pain
    "68235000": 0.24,  # nasal congestion
    "64531003": 0.2,  # runny nose
    "62315008": 0.08,  # diarrhoea
    "36955009": 0.06,  # reduced taste
    "44169009": 0.06,  # reduced smell
    "9826008": 0.01,  # conjunctivitis
}
"""The listed symptoms, and how large a share of those who ask has each."""
LISTED: Final = tuple(_OFTEN)
_OTHERS: Final = ("25064002", "422400008", "49727002")
"""Headache, vomiting, cough: not on the list."""
_OTHER_SHARE: Final = 0.09


def complaints(chance: Random) -> tuple[str, ...]:
    """At least one listed symptom, and for some another that is not."""
    listed = [code for code, share in _OFTEN.items() if chance.random() < share] or [FEVER]
    return (*listed, chance.choice(_OTHERS)) if chance.random() < _OTHER_SHARE else tuple(listed)
