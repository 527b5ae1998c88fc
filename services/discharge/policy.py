"""The numbers that discharge decides by: effective-dated, each with its source.

The protocol in force at the clinical date decides, so that a replay years later gives the same answer.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from typing import Final, NamedTuple

from schemas import reference


class TwoNegatives(NamedTuple):
    """How far apart the first and the last of the negatives are collected, and of what (D4).

    `apart`: at least so long; None where it is enough that the civil days differ. `specimens`: the types that count;
    saliva is none (*default*).
    """

    apart: timedelta | None
    specimens: frozenset[str] = reference.RESPIRATORY_SPECIMENS


class Protocol(NamedTuple):
    """One trial version of the Diagnosis and Treatment Protocol, as far as it concerns discharge.

    `normal_for`: the temperature has been normal for longer than this, and was measured on each of the `measured_days`
    civil days before (D1). `persistent_after`: still detected longer than this after the first positive, the panel may
    override D4 (D5).
    """

    name: str
    normal_for: timedelta
    measured_days: int
    two_negatives: TwoNegatives | None
    persistent_after: timedelta | None

    @property
    def plan_days(self) -> int:
        """The civil days of the plan after discharge (D8, F1)."""
        return _read_by_all(self.name).plan_days

    @property
    def negative_from_ct(self) -> float | None:
        """A test whose Ct values of the viral genes all reach it is negative (D4, D5); None: none is."""
        return _read_by_all(self.name).negative_from_ct


@cache
def _read_by_all(version: str) -> reference.Protocol:
    """The version as far as several services read it."""
    return next(row.value for row in reference.PROTOCOLS if row.value.version == version)


_HOURS_24, _HOURS_72, _DAYS_28 = timedelta(hours=24), timedelta(hours=72), timedelta(days=28)

PROTOCOLS: Final[Mapping[str, Protocol]] = {
    protocol.name: protocol
    for protocol in (
        Protocol("v6", _HOURS_72, 3, TwoNegatives(None), None),
        Protocol("v7", _HOURS_72, 3, TwoNegatives(_HOURS_24), None),
        Protocol("v8", _HOURS_72, 3, TwoNegatives(_HOURS_24), _DAYS_28),
        Protocol("v9", _HOURS_72, 3, TwoNegatives(_HOURS_24), _DAYS_28),
        Protocol("v10", _HOURS_24, 1, None, None),
    )
}
"""The criteria of each version: Diagnosis and Treatment Protocol for COVID-19, trial versions 6 to 10.

When and where each is in force: `schemas.reference.PROTOCOLS`.
"""

NATIONAL: Final = "CN"
"""Whose protocol holds while the jurisdiction is not known yet (*default*)."""

CONFLICT_AFTER: Final = timedelta(hours=24)
"""How long a discharge that no admission explains waits before it is answered (*default*)."""

LOOK_AGAIN_AFTER: Final = timedelta(hours=24)
"""How often a case whose place nobody knows is looked at again by itself (*default*)."""

DEFAULT_TIME_ZONE: Final = reference.TIME_ZONES[NATIONAL]
"""Of a case of which nobody knows where it is (*default*)."""


@cache
def protocol_on(day: date, jurisdiction: str | None) -> Protocol:
    """The protocol in force on a civil day."""
    return PROTOCOLS[reference.protocol_on(jurisdiction or NATIONAL, day).version]


@cache
def in_force_from(protocol: Protocol, jurisdiction: str | None) -> date | None:
    """The civil day from which a protocol has been in force; None for the first, which holds before its day too."""
    since = _starts(jurisdiction)[protocol.name]
    return None if since == reference.ALWAYS else since


@cache
def next_protocol_from(protocol: Protocol, jurisdiction: str | None) -> date | None:
    """The civil day from which the protocol that follows is in force; None for the last."""
    starts = _starts(jurisdiction)
    return min((since for since in starts.values() if since > starts[protocol.name]), default=None)


def _starts(jurisdiction: str | None) -> Mapping[str, date]:
    starts: dict[str, date] = {}
    for row in reference.PROTOCOLS:
        if (jurisdiction or NATIONAL).startswith(row.prefix):
            starts.setdefault(row.value.version, row.since)
    return starts
