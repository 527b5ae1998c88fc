"""What other services have stated about a case, each thing once, as it now stands."""

from datetime import UTC, datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from chassis.judge import Receipt, place
from schemas.events.discharge import Discharged, DischargeRevoked
from schemas.events.intake import CaseExcluded, CaseImported, LocalCaseConfirmed
from schemas.events.treatment import SeverityAssessed

_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


class Confirmation(Struct, frozen=True, array_like=True):
    """The last word of intake on one episode: confirmed, or (`stands` false) excluded."""

    episode: int
    rank: str
    stands: bool = False
    origin: str = ""
    confirmed_at: datetime | None = None
    time_zone: str = "UTC"
    jurisdiction: str = ""
    origin_country: str | None = None
    nationality: str = ""
    age_months: int = 0

    @property
    def key(self) -> int:
        return self.episode

    @property
    def order(self) -> int:
        return self.episode


class Leaving(Struct, frozen=True, array_like=True):
    """The last word of discharge on one episode: how and when it ended, or (`stands` false) that it did not."""

    episode: int
    rank: str
    stands: bool = False
    at: datetime = _LONG_AGO
    disposition: str = ""

    @property
    def key(self) -> int:
        return self.episode

    @property
    def order(self) -> int:
        return self.episode


class Assessment(Struct, frozen=True, array_like=True):
    """The last word of treatment on the severity of one episode, by the rule or by a clinician."""

    episode: int
    by: str
    rank: str
    stands: bool = False
    severity: str = ""
    prevails: bool = False
    assessed_at: datetime | None = None

    @property
    def key(self) -> tuple[int, str]:
        return self.episode, self.by

    @property
    def order(self) -> tuple[int, str]:
        return self.episode, self.by

    @property
    def weight(self) -> tuple[bool, datetime, bool]:
        """Of two classes the weightier holds: the one that prevails, else the later, else the reported one (S3)."""
        return self.prevails, self.assessed_at or _LONG_AGO, self.by == "report"


class Facts(Struct, frozen=True, array_like=True):
    """All that is known of a case; each tuple holds one fact an episode (or episode and assessor), in that order."""

    confirmations: tuple[Confirmation, ...] = ()
    leavings: tuple[Leaving, ...] = ()
    assessments: tuple[Assessment, ...] = ()


def _placed(facts: Facts, field: str, fact: Confirmation | Leaving | Assessment) -> Facts:
    known: tuple[Any, ...] = getattr(facts, field)
    placed = place(known, fact)
    return facts if placed is known else replace(facts, **{field: placed})


def learn_confirmation(facts: Facts, event: CaseImported | LocalCaseConfirmed, receipt: Receipt) -> Facts:
    """B1: an arrival or a local case is confirmed; `origin` says which."""
    imported = isinstance(event, CaseImported)
    confirmation = Confirmation(
        episode=event.episode,
        rank=receipt.rank,
        stands=not event.withdrawn,
        origin="imported" if imported else "local",
        confirmed_at=event.confirmed_at,
        time_zone=event.time_zone,
        jurisdiction=event.jurisdiction,
        origin_country=event.origin_country if isinstance(event, CaseImported) else None,
        nationality=event.nationality,
        age_months=event.age.months,
    )
    return _placed(facts, "confirmations", confirmation)


def learn_exclusion(facts: Facts, event: CaseExcluded, receipt: Receipt) -> Facts:
    """I2: the episode never was. An exclusion that is withdrawn confirms nothing by itself either."""
    return _placed(facts, "confirmations", Confirmation(event.episode, receipt.rank))


def learn_discharge(facts: Facts, event: Discharged, receipt: Receipt) -> Facts:
    """D7: the end of a stay, whichever it is."""
    leaving = Leaving(event.episode, receipt.rank, not event.withdrawn, event.discharged_at, event.disposition)
    return _placed(facts, "leavings", leaving)


def learn_revocation(facts: Facts, event: DischargeRevoked, receipt: Receipt) -> Facts:
    """D8: the discharge is taken back."""
    return _placed(facts, "leavings", Leaving(event.episode, receipt.rank))


def learn_severity(facts: Facts, event: SeverityAssessed, receipt: Receipt) -> Facts:
    """S1 to S3: a class of the illness; one that names no episode is about the first."""
    assessment = Assessment(
        event.episode or 1,
        event.by,
        receipt.rank,
        not event.withdrawn,
        event.severity,
        bool(event.prevails),
        event.assessed_at,
    )
    return _placed(facts, "assessments", assessment)
