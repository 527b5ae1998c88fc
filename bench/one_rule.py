"""This engine with a service of one rule, ready for `faststream run bench.one_rule:app`."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from faststream import BaseMiddleware
from msgspec import Struct

from bench.first import first_record
from chassis.decide.aggregate import Aggregate, on
from chassis.decide.judge import AnyState, Clock, Emitted, Receipt
from chassis.process.service import Service
from schemas.events.treatment import SeverityAssessed
from schemas.reports.treatment import TestResultReported

SERVICE = "treatment"


class Facts(Struct, frozen=True, array_like=True):
    """How many results in a row were negative, and of when the last one is."""

    negatives: int = 0
    case_id: str = ""
    at: datetime | None = None


class Conclusions(Struct, frozen=True, array_like=True):
    """Nothing follows but what is said."""

    due: datetime | None = None
    done: Mapping[str, str] = {}


def learn(facts: Facts, report: TestResultReported, _receipt: Receipt) -> Facts:
    """One result more."""
    negatives = facts.negatives + 1 if report.result == "not_detected" else 0
    return Facts(negatives, report.case_id, report.collected_at)


def conclude(_facts: Facts, before: Conclusions, _clock: Clock, _context: Any) -> Conclusions:
    """As before."""
    return before


def announce(_before: AnyState, after: AnyState) -> Iterator[Emitted]:
    """The count, once for each result."""
    facts = after.facts
    emitted = SeverityAssessed(
        case_id=facts.case_id, severity="mild", criteria=(f"negatives:{facts.negatives}",), protocol="bench", by="rule"
    )
    yield Emitted(emitted, facts.at)


AGGREGATES = (Aggregate("case", Facts, Conclusions, conclude, announce, learns=(on(TestResultReported, learn),)),)


class NoteFirst(BaseMiddleware):
    """Writes down when the first fetch came."""

    async def on_receive(self) -> None:
        first_record()
        await super().on_receive()


service = Service(SERVICE, AGGREGATES)
service.broker.add_middleware(NoteFirst)
app = service.app
