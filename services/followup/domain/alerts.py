"""What a physician should see, in all of aftercare: alerts for each day and reason (F4)."""

from collections import defaultdict
from collections.abc import Container, Iterator, Sequence
from datetime import date, datetime
from typing import Final

from services.followup import policy
from services.followup.domain.basis import Basis
from services.followup.domain.escalation import Refusal
from services.followup.domain.evidence import Alarming, alarming
from services.followup.domain.facts import Facts, Retest
from services.followup.domain.rounds import Alert, Concern, alert_id_of, rounds

_LAST_NUMBER: Final = 3660
"""The language knows no later day of a plan."""


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
        self._found = [one for one in alarming(basis, facts) if basis.holds(one.at)]
        self._drawn: tuple[tuple[frozenset[date], Refusal | None], tuple[Alert, ...]] | None = None
        self._closings = {closing.alert_id: closing for closing in facts.closings if closing.stands}

    def alerts(self, asked: frozenset[date], refusal: Refusal | None) -> tuple[Alert, ...]:
        """Every alert, in the order of days. `asked`: the plan's days, on which the patient is to stay in."""
        if self._drawn is None or self._drawn[0] != (asked, refusal):
            self._drawn = (asked, refusal), self._all(asked, refusal)
        return self._drawn[1]

    def _all(self, asked: frozenset[date], refusal: Refusal | None) -> tuple[Alert, ...]:
        by_thing: dict[tuple[int, str], list[Concern]] = defaultdict(list)
        for concern in self._concerns(asked, refusal):
            late = self._cancelled_at is not None and concern.at > self._cancelled_at
            if not late and concern.number <= _LAST_NUMBER:
                by_thing[concern.number, concern.why].append(concern)
        return tuple(
            alert
            for (number, why), concerns in sorted(by_thing.items())
            for alert in rounds(concerns, lambda which: self._name(number, why, which), self._closings)  # noqa: B023
        )

    def _name(self, number: int, why: str, which: int) -> str:
        return alert_id_of(self._facts.case_id, self._basis.key, number, why, which)

    def _concerns(self, asked: Container[date], refusal: Refusal | None) -> Iterator[Concern]:
        yield from self._discharge()
        for found in self._found:
            yield from self._reasons(found, asked)
        for retest in self._retests:
            if retest.speaks and retest.positive:
                on = self._basis.date_of(retest.collected_at)
                yield self._concern(retest.resulted_at, retest.result_id, retest.received_at, on, "positive_test")
        if refusal is not None:
            on = self._basis.date_of(refusal.at)
            for call in refusal.calls:
                yield self._concern(refusal.at, call, refusal.at, on, "refuses")

    def _discharge(self) -> Iterator[Concern]:
        """Against advice (D7), or undone by a correction (D8)."""
        start, stop = self._basis.start, self._basis.stop
        name = f"discharge@{start.discharged_at.isoformat()}"
        if start.kind == "against_advice":
            at = start.discharged_at
            yield self._concern(at, name, at, self._basis.day_0, "against_advice")
        if stop is not None and stop.kind == "recalled":
            yield self._concern(stop.at, name, stop.known_at or stop.at, self._basis.date_of(stop.at), "recalled")

    def _reasons(self, found: Alarming, asked: Container[date]) -> Iterator[Concern]:
        if found.fever:
            yield self._concern(found.at, found.name, found.received_at, found.on, "fever")._replace(high=found.high)
        if found.symptoms or found.refers:
            why = "consultation" if found.consulted else "symptoms"
            concern = self._concern(found.at, found.name, found.received_at, found.on, why)._replace(high=found.refers)
            yield concern._replace(severity="urgent") if found.urgent else concern
        if found.went_out and found.on in asked:
            yield self._concern(found.at, found.name, found.received_at, found.on, "went_out")

    def _concern(self, at: datetime, name: str, received_at: datetime, on: date, why: str) -> Concern:
        severity = policy.alarm(self._basis.start.jurisdiction, on).severities[why]
        return Concern(at, name, received_at, max(self._basis.number_on(on), 0), why, severity)
