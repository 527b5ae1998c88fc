"""What other services have stated about a case, each thing once, as it now stands."""

from datetime import UTC, datetime

from msgspec import Struct

_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


class Confirmation(Struct, frozen=True, array_like=True):
    """The last word of intake on one episode: confirmed, or (`stands` false) excluded.

    `has_symptoms`: some were reported on arrival.
    """

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
    age_is_known: bool = True
    has_symptoms: bool = False

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
    """The last word of treatment on the severity of one episode, by the rule or by a clinician.

    `history`: the classes that held, with the instant since when.
    """

    episode: int
    by: str
    rank: str
    stands: bool = False
    severity: str = ""
    prevails: bool = False
    assessed_at: datetime | None = None
    history: tuple[tuple[datetime, str], ...] = ()

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

    @property
    def classes(self) -> tuple[tuple[datetime, str], ...]:
        """The classes and since when; of an event from before they had a history, the one it names."""
        return self.history or ((self.assessed_at or _LONG_AGO, self.severity),)


class Facts(Struct, frozen=True, array_like=True):
    """All that is known of a case; each tuple holds one fact an episode (or episode and assessor), in that order."""

    confirmations: tuple[Confirmation, ...] = ()
    leavings: tuple[Leaving, ...] = ()
    assessments: tuple[Assessment, ...] = ()
