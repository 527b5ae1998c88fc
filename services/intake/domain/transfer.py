"""What a transfer is: the way of a patient to an institution, as far as it has been chosen and gone (I3, I4)."""

from datetime import date, datetime
from typing import Final, NamedTuple

from msgspec import Struct

CONFIRMED: Final = "confirmed"
"""The first transfer of an episode, to a designated institution."""
ONWARD: Final = "onward"
"""From one house to the next, which a hospital has reported."""
RECALLED: Final = "recalled"
"""Back to the ward, after a result was corrected."""
ELSEWHERE: Final = "elsewhere"
"""Why it is asked about: another institution than the one that was asked has admitted."""


class Transfer(Struct, frozen=True, array_like=True):
    """The way of one episode to an institution. `to_institution_id` None: nobody is known yet, it waits; of a transfer
    onward: whichever admits.

    `jurisdiction` and `required_capabilities` are the ground of the choice: while the institution meets them, a choice
    stands. `overdue`: how often the time to admit has passed, and `overdue_at` when last (I4). `chosen_on`: the civil
    day of the choice, `chosen_at`: the instant; of who lay there before, of the admission. `asked_late_at`: set where
    the time to admit was over before anybody could be asked. `kind` and `leaves_at` name it within its episode.
    `admitted_by`: the other institution about which is asked; `ended_at`: when that was asked for long enough.
    """

    episode: int
    jurisdiction: str
    to_institution_id: str | None
    required_capabilities: tuple[str, ...]
    why: tuple[str, ...]
    requested_at: datetime
    respond_by: datetime
    party_id: str | None = None
    admitted_at: datetime | None = None
    overdue: int = 0
    chosen_on: date | None = None
    asked_late_at: datetime | None = None
    overdue_at: datetime | None = None
    kind: str = CONFIRMED
    leaves_at: datetime | None = None
    admitted_by: str | None = None
    ended_at: datetime | None = None
    chosen_at: datetime | None = None

    @property
    def name(self) -> tuple[int, str, datetime | None]:
        """What names it within its case."""
        return self.episode, self.kind, self.leaves_at

    @property
    def sent(self) -> tuple[str, date] | None:
        """Where the patient is sent, and on which civil day that was chosen; None: nobody is known yet."""
        return (self.to_institution_id, self.chosen_on) if self.to_institution_id and self.chosen_on else None

    @property
    def follows_from_an_admission(self) -> bool:
        """Whether the patient lay there before anybody was asked: without the admission nobody was asked."""
        return self.admitted_at is not None and self.chosen_at is not None and self.chosen_at >= self.admitted_at

    @property
    def is_open(self) -> bool:
        """Whether the patient is still awaited, or nobody is known yet."""
        return self.admitted_at is None and self.ended_at is None

    @property
    def is_stated(self) -> bool:
        """Whether it is said: not while it waits for an institution, and not when it has ended without an admission."""
        return self.ended_at is None and (self.to_institution_id is not None or self.kind == ONWARD)


class Choice(NamedTuple):
    """An institution, the day and the instant at which it was chosen, and when it was asked, if that was late."""

    institution_id: str | None = None
    on: date | None = None
    at: datetime | None = None
    asked_late_at: datetime | None = None
