"""What becomes of a prescription: a pharmacist's word within minutes, then the way to the patient, at times twice."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Final, Protocol

from schemas.message import Report
from schemas.reports.consultation import DeliveryReported, DeliveryStatus, PrescriptionReviewed
from story.publication import named

_PHARMACIES: Final = 6
_MINUTES_TO_REVIEW: Final = (2.0, 17.0, 6.0)
"""The limit is 30 minutes (C6)."""
_REJECTED_SHARE: Final = 0.03
_FAILED_SHARE: Final = 0.025
_REASONS: Final = ("dose too high for the age", "interacts with a regular medicine", "two medicines with one agent")
_NOT_DELIVERED: Final = ("nobody_home", "address_unclear")
_FOR_CHILDREN: Final = ("ibuprofen suspension", "paracetamol suspension", "honeysuckle oral liquid")
_FOR_ADULTS: Final = ("ibuprofen", "paracetamol", "dextromethorphan", "ambroxol", "lianhua qingwen granules")

Step = tuple[DeliveryStatus, timedelta]


class Writes(Protocol):
    """What is written about one consultation (`consultations.Record`)."""

    @property
    def dice(self) -> Random: ...
    @property
    def consultation_id(self) -> str: ...
    @property
    def prescription_id(self) -> str: ...
    def write(self, report: Report, source: str) -> None: ...
    def minutes(self, shortest: float, longest: float, usual: float | None = None) -> timedelta: ...


def items(chance: Random, child: bool) -> tuple[str, ...]:
    """One or two medicines."""
    return tuple(chance.sample(_FOR_CHILDREN if child else _FOR_ADULTS, chance.choice((1, 1, 2))))


def dispensed(record: Writes, issued_at: datetime) -> None:
    """The review, and what follows it where the pharmacist approves."""
    chance = record.dice
    rejected = chance.random() < _REJECTED_SHARE
    reviewed_at = issued_at + record.minutes(*_MINUTES_TO_REVIEW)
    reviewed(record, reviewed_at, chance.choice(_REASONS) if rejected else None)
    if not rejected:
        on_its_way(record, reviewed_at, _way(record))


def reviewed(record: Writes, moment: datetime, reason: str | None = None) -> None:
    """A pharmacist's word: approved, or rejected for a reason."""
    pharmacy = record.dice.randrange(_PHARMACIES)
    report = PrescriptionReviewed(
        prescription_id=record.prescription_id,
        consultation_id=record.consultation_id,
        pharmacist_ref=f"e-{named('pharmacist', pharmacy).hex[:12]}",
        decision="rejected" if reason else "approved",
        reason=reason,
        reviewed_at=moment,
    )
    record.write(report, _source(pharmacy))


def on_its_way(record: Writes, moment: datetime, steps: Iterator[Step]) -> None:
    """Each step of the delivery, so long after the one before."""
    pharmacy = record.dice.randrange(_PHARMACIES)
    for status, later in steps:
        moment += later
        report = DeliveryReported(
            prescription_id=record.prescription_id,
            consultation_id=record.consultation_id,
            status=status,
            reported_at=moment,
            reason=record.dice.choice(_NOT_DELIVERED) if status == "failed" else None,
        )
        record.write(report, _source(pharmacy))


def _way(record: Writes) -> Iterator[Step]:
    """Dispensed and sent within two hours, at the patient's within three more; a failure makes it set out again."""
    yield "dispensed", record.minutes(6, 40)
    yield "dispatched", record.minutes(5, 75, 20)
    if record.dice.random() < _FAILED_SHARE:
        yield "failed", record.minutes(30, 170)
        yield "dispatched", record.minutes(40, 100)
    yield "delivered", record.minutes(20, 170, 55)


def _source(pharmacy: int) -> str:
    return f"/pharmacies/{named('pharmacy', pharmacy).hex[:8]}"
