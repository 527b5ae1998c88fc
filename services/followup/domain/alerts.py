"""What a physician should see: one alert for each day and reason, restated as evidence comes (F4)."""

from collections import defaultdict
from collections.abc import Container, Iterator, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Final, NamedTuple
from uuid import UUID, uuid5

from msgspec import Struct

from schemas.calendar import local_date
from services.followup import policy
from services.followup.domain.basis import Basis
from services.followup.domain.evidence import Alarming, alarming
from services.followup.domain.facts import Facts, Retest

_ALERTS: Final = UUID("0f2b6d0e-55cf-5d5c-9d0b-8f6f0c6f3a11")
_WORST_FIRST: Final = ("urgent", "high", "routine")
_LAST_NUMBER: Final = 3660
"""The language knows no later day of a plan."""


class Alert(Struct, frozen=True, array_like=True):
    """Something a physician should see: one for each day and reason (F4).

    `since`: when the first of its evidence was reported. `received_at`: when that came to the bus; `closed`: when
    primary care's word did that it asks for nothing more.
    """

    alert_id: str
    why: str
    day: int
    severity: str
    evidence: tuple[str, ...]
    since: datetime
    received_at: datetime
    closed: datetime | None = None

    def open_at(self, at: datetime) -> bool:
        """Whether by what had come by then it was raised and not closed."""
        return self.received_at < at and (self.closed is None or self.closed >= at)


class Concern(NamedTuple):
    """Evidence: when it was reported, its name, when it came, the day and reason it speaks for, how severe."""

    at: datetime
    name: str
    received_at: datetime
    number: int
    why: str
    severity: str


class Watch:
    """The alerts of one plan; none for what happened after it was cancelled, at `cancelled_at`."""

    def __init__(
        self,
        basis: Basis,
        facts: Facts,
        retests: Sequence[Retest],
        cancelled_at: datetime | None,
    ) -> None:
        self._basis, self._facts, self._retests = basis, facts, retests
        self._cancelled_at = cancelled_at
        found = alarming(facts, basis.zone, basis.start.jurisdiction)
        self._found = [one for one in found if basis.until is None or one.at < basis.until]
        self._closed = {closing.alert_id: closing.received_at for closing in facts.closings if closing.stands}

    def alerts(self, asked: Container[date]) -> tuple[Alert, ...]:
        """Every alert, in the order of days; logs count for the days asked for, all else from the discharge on (F2)."""
        by_thing: dict[tuple[int, str], list[Concern]] = defaultdict(list)
        for concern in self._concerns(asked):
            late = self._cancelled_at is not None and concern.at > self._cancelled_at
            if not late and 0 <= concern.number <= _LAST_NUMBER:
                by_thing[concern.number, concern.why].append(concern)
        return tuple(self._alert(concerns) for _, concerns in sorted(by_thing.items()))

    def _alert(self, concerns: list[Concern]) -> Alert:
        concerns.sort()
        first = concerns[0]
        alert_id = alert_id_of(self._facts.case_id, self._basis.key, first.number, first.why)
        return Alert(
            alert_id,
            first.why,
            first.number,
            min((concern.severity for concern in concerns), key=_WORST_FIRST.index),
            tuple(dict.fromkeys(concern.name for concern in concerns)),
            first.at,
            min(concern.received_at for concern in concerns),
            self._closed.get(alert_id),
        )

    def _concerns(self, asked: Container[date]) -> Iterator[Concern]:
        yield from self._against_advice()
        for found in self._found:
            if found.on in asked if found.log else self._basis.holds(found.at):
                yield from self._reasons(found)
        for retest in self._retests:
            if retest.positive:
                on = local_date(retest.collected_at, self._basis.zone)
                yield self._concern(retest.resulted_at, retest.result_id, retest.received_at, on, "positive_test")

    def _against_advice(self) -> Iterator[Concern]:
        start = self._basis.start
        if start.kind == "against_advice":
            at, name = start.discharged_at, f"discharge@{start.discharged_at.isoformat()}"
            yield self._concern(at, name, at, self._basis.day_0, "against_advice")

    def _reasons(self, found: Alarming) -> Iterator[Concern]:
        for why, applies in (("fever", found.fever), ("symptoms", found.symptoms), ("went_out", found.went_out)):
            if applies:
                concern = self._concern(found.at, found.name, found.received_at, found.on, why)
                yield concern._replace(severity="urgent") if found.urgent and why == "symptoms" else concern

    def _concern(self, at: datetime, name: str, received_at: datetime, on: date, why: str) -> Concern:
        severity = policy.alarm(self._basis.start.jurisdiction, on).severities[why]
        return Concern(at, name, received_at, self._basis.number_on(on), why, severity)


@lru_cache(maxsize=4096)
def alert_id_of(case_id: str, plan: str, number: int, why: str) -> str:
    """Derived from what names the alert, so that more evidence restates the same one."""
    return str(uuid5(_ALERTS, f"{case_id}\n{plan}\n{number}\n{why}"))
