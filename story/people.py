"""Who: the people of the story, where they came from, and how ill they were."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Final, Literal

from schemas.values import Age, Residence, Severity, Sex
from story.publication import named

JURISDICTION: Final = "CN-SH"
ADULT_YEARS: Final = 18
_FOUND_WITHIN: Final = timedelta(days=2)

FEVER, COUGH, DRY_COUGH, FATIGUE = "386661006", "49727002", "11833005", "84229001"
SORE_THROAT, RUNNY_NOSE, MUSCLE_PAIN, DYSPNOEA = "162397003", "64531003", "68962001", "267036007"
DIARRHOEA, REDUCED_SMELL = "62315008", "44169009"

Twist = Literal[
    "ordinary",
    "approval_missing",
    "negatives_too_close",
    "temperature_unmeasured",
    "revoked_by_correction",
    "revoked_by_late_result",
    "cancelled",
    "positive_on_day_7",
    "positive_on_day_14",
]
"""What is out of the ordinary in a case: a discharge against the rule, one undone, or a re-test that is positive."""

_DISTRICTS: Final = ("Pudong", "Minhang", "Xuhui", "Changning", "Jing'an", "Putuo", "Yangpu", "Songjiang", "Jiading")
_ELSEWHERE: Final = (("CN-ZJ", "Lucheng"), ("CN-JS", "Gusu"), ("CN-FJ", "Mawei"), ("CN-AH", "Shushan"))
_ADULT_AGES: Final = ((18, 24, 3), (25, 39, 5), (40, 54, 3), (55, 68, 1))
_LOCAL_AGES: Final = ((18, 29, 2), (30, 49, 6), (50, 65, 5), (66, 84, 3))
_MILD_SYMPTOMS: Final = (COUGH, DRY_COUGH, SORE_THROAT, RUNNY_NOSE, FATIGUE, MUSCLE_PAIN, REDUCED_SMELL, DIARRHOEA)


@dataclass(frozen=True, slots=True)
class Person:
    """Who a case is, as far as anybody on the bus may know."""

    ref: str
    sex: Sex
    age: Age
    nationality: str
    residence: Residence

    @property
    def is_child(self) -> bool:
        return self.age.months < ADULT_YEARS * 12


@dataclass(frozen=True, slots=True)
class Journey:
    """How somebody came to Shanghai."""

    origin: str
    transit: tuple[str, ...]
    flight: str
    departed_on: date
    arrived_at: datetime
    party_id: str | None = None
    purpose: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One person's story in outline. `left_at`: when the last stay ended, alive or not."""

    name: str
    case_id: str
    person: Person
    journey: Journey | None
    confirmed_at: datetime
    left_at: datetime
    severity: Severity
    symptoms: tuple[str, ...]
    died: bool = False
    twist: Twist = "ordinary"

    @property
    def begins_at(self) -> datetime:
        """Nothing is said of the case before: on arrival, or (local) within days before the confirmation."""
        return self.journey.arrived_at if self.journey else self.confirmed_at - _FOUND_WITHIN

    @property
    def goes_home(self) -> bool:
        """Who lives in Shanghai spends the fourteen days at home, others at an isolation site."""
        return self.person.residence.jurisdiction == JURISDICTION


def adult(name: str, dice: Random, nationality: str = "CN", ages: tuple[int, int] | None = None) -> Person:
    """A traveller of working or studying age, or of the `ages` given (years, both included)."""
    years = dice.randint(*(ages or _years(dice, _ADULT_AGES)))
    return Person(_ref(name), _sex(dice), Age(value=years, unit="a"), nationality, _residence(dice, 0.35))


def traveller(name: str, dice: Random, nationality: str) -> Person:
    """Mostly adults, a few children; none as young as the child of the story."""
    ages = (3, 16) if dice.random() < 0.03 else None
    return adult(name, dice, nationality, ages)


def resident(name: str, dice: Random, *, elderly: bool) -> Person:
    """Somebody of Shanghai, of whatever age; `elderly`: 62 and older."""
    ages = (62, 89) if elderly else _years(dice, _LOCAL_AGES)
    if not elderly and dice.random() < 0.03:
        ages = (4, 15)
    return Person(_ref(name), _sex(dice), Age(value=dice.randint(*ages), unit="a"), "CN", _residence(dice, 0.05))


def child_of_13_months(name: str) -> Person:
    """The youngest of the imported child cases of the bulletin of 17 October 2020."""
    residence = Residence(jurisdiction=JURISDICTION, district="Minhang")
    return Person(_ref(name), "female", Age(value=13, unit="mo"), "CN", residence)


def severity(dice: Random, *, severe_share: float) -> Severity:
    """How ill: every third case mild, most common, `severe_share` of all severe; critical are only those who die."""
    chance = dice.random()
    if chance < severe_share:
        return "severe"
    return "mild" if chance < 0.35 else "common"


def symptoms(dice: Random, severity: Severity) -> tuple[str, ...]:
    """What is felt at the time of the admission, as SNOMED CT codes; never nothing, or the case would be no case."""
    felt = tuple(dice.sample(_MILD_SYMPTOMS, dice.randint(1, 3)))
    if severity in {"severe", "critical"}:
        return (FEVER, DYSPNOEA, *felt)
    return (FEVER, *felt) if dice.random() < 0.6 else felt


def _ref(name: str) -> str:
    return f"p-{named('person', name).hex[:16]}"


def _sex(dice: Random) -> Sex:
    return "male" if dice.random() < 0.54 else "female"


def _years(dice: Random, bands: tuple[tuple[int, int, int], ...]) -> tuple[int, int]:
    youngest, oldest, _ = dice.choices(bands, [weight for *_, weight in bands])[0]
    return youngest, oldest


def _residence(dice: Random, elsewhere_share: float) -> Residence:
    if dice.random() < elsewhere_share:
        jurisdiction, district = dice.choice(_ELSEWHERE)
        return Residence(jurisdiction=jurisdiction, district=district)
    return Residence(jurisdiction=JURISDICTION, district=dice.choice(_DISTRICTS))
