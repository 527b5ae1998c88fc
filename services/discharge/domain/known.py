"""What was known of an episode at an instant (D0).

A fact counts by its clinical time, a test result from its `resulted_at` on, in the version then in force. So judging an
old instant again gives the same answer, unless a fact about that time has been added.
"""

from datetime import datetime
from functools import cached_property

from services.discharge.domain.calendar import civil_time
from services.discharge.domain.chart import Chart
from services.discharge.domain.episodes import Episode
from services.discharge.domain.facts import Approval
from services.discharge.domain.swabs import Swabs
from services.discharge.domain.thermometer import Temperatures
from services.discharge.domain.timeline import up_to
from services.discharge.policy import Protocol, protocol_on


class Known:
    """An episode up to `instant`, and the protocol then in force.

    `local`: the same instant as the episode's zone has it, by which everything is looked up.
    """

    def __init__(self, chart: Chart, instant: datetime) -> None:
        self.chart, self.instant = chart, instant
        self.local = civil_time(instant, chart.episode.zone)
        self.protocol: Protocol = protocol_on(self.local.date(), chart.episode.jurisdiction)

    @property
    def episode(self) -> Episode:
        return self.chart.episode

    @property
    def approvals(self) -> tuple[Approval, ...]:
        return up_to(self.chart.approvals, self.local)

    @cached_property
    def temperatures(self) -> Temperatures | None:
        """The temperatures as D1 reads them; None while none was measured."""
        return self.chart.thermometer.read(self.local, self.protocol)

    @cached_property
    def swabs(self) -> Swabs | None:
        """The tests as D4 reads them; None where the protocol has no such criterion."""
        rule = self.protocol.two_negatives
        return self.chart.swabs(rule).at(self.local) if rule else None

    @property
    def override_from(self) -> datetime | None:
        """When the panel first gave its override (D5); None while it has not."""
        return self._by_now(self.chart.override_from)

    @property
    def symptomatic_from(self) -> datetime | None:
        """When a symptom was first told of apart from the observations, at confirmation or admission."""
        return self._by_now(self.chart.symptomatic_from)

    @property
    def within_reach(self) -> bool:
        """Whether the criteria may be, or may ever have been, met: cheap, and true of few days of a stay.

        Not without two tests that may be negative in some version, unless the panel overrode D4 or it is not required.
        """
        if self.protocol.two_negatives is None or self.override_from is not None:
            return True
        return self._by_now(self.chart.maybe_negative_from) is not None

    def _by_now(self, at: datetime | None) -> datetime | None:
        return at if at is not None and at <= self.local else None
