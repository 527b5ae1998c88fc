"""What every invented report is drawn with: the dice, the clock, and few instants for everybody.

Instants come from few days and hours, so that much falls on one instant, on a midnight, or a second beside it.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import Any

BEGINS = datetime(2020, 9, 28, tzinfo=UTC)
SHANGHAI = timezone(timedelta(hours=8))
ZONES = (SHANGHAI, SHANGHAI, SHANGHAI, UTC, timezone(timedelta(hours=-5)), timezone(timedelta(hours=5, minutes=45)))
SECONDS = (0, 0, 0, 10 * 3600, 10 * 3600, 8 * 3600, 15 * 3600 + 59 * 60 + 59, 16 * 3600, 16 * 3600 + 1)
"""Of a day in UTC; 16:00 is midnight in Shanghai."""
DAYS = (4, 8, 16, 24)
"""How many a life is spread over: the fewer, the more falls together."""
FAST_CLOCK = 0.02
"""So many reports are written by a clock that is fast: by a little, which is borne, or by more, which is refused."""

HOSPITALS = ("CN-SH-SPHCC", "CN-SH-CHILDREN", "elsewhere")
HOUSES = (*HOSPITALS, "not-listed")
"""Where somebody lies, the directory knowing of it or not."""
OBSERVERS = ("/hospitals/CN-SH-SPHCC", "/hospitals/CN-SH-SPHCC", "/hospitals/CN-SH-CHILDREN")
"""Who publishes: two who see one minute see two things."""
CENTRES = ("pd-01-centre", "pd-02-centre")
SUBSCRIPTION = "a-clinic"
HOMES = (
    {"jurisdiction": "CN-SH", "district": "Pudong"},
    {"jurisdiction": "CN-SH", "district": "Minhang"},
    {"jurisdiction": "CN-SH", "district": "min hang"},
    {"jurisdiction": "CN-SH", "district": "unknown"},
    {"jurisdiction": "CN-SH"},
    {"jurisdiction": "US-NY", "district": "Queens"},
    {"jurisdiction": "JP-13", "district": "Tokyo"},
)
FEVER, COUGH, DYSPNOEA = "386661006", "49727002", "267036007"


@dataclass
class Pen:
    """`now`: when what is invented next comes. `collected`: result → when it was last said to have been collected.

    `consultations`: so many are told of.
    """

    dice: Random
    now: datetime = BEGINS
    days: int = DAYS[-1]
    collected: dict[str, datetime] = field(default_factory=dict)
    consultations: int = 4

    def instant(self) -> datetime:
        """An instant that has come, in some zone."""
        passed = (self.now - BEGINS) // timedelta(days=1)
        at = BEGINS + timedelta(days=self.dice.randint(0, min(self.days, passed)), seconds=self.dice.choice(SECONDS))
        if at > self.now:
            at = self.now - timedelta(hours=self.dice.choice([0, 1, 24]))
        if self.dice.random() < FAST_CLOCK:
            at = self.now + timedelta(minutes=self.dice.choice([4, 10]))
        return at.astimezone(self.dice.choice(ZONES))

    def consultation(self) -> str:
        """One of the consultations."""
        return f"q-{self.dice.randint(1, self.consultations)}"

    def next_consultation(self) -> str:
        """The consultation that is asked for next, which may have been asked for before."""
        return self.consultation()

    def temperature(self) -> dict[str, Any]:
        """Too low to count, normal, just a fever, or high."""
        celsius = self.dice.choice([34.0, 36.6, 36.6, 37.3, 38.9, 39.5])
        return {
            "temperature_c": celsius,
            "temperature_site": self.dice.choice(["axillary", "axillary", "oral", "rectal", "unknown"]),
        }
