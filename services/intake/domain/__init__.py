"""What intake decides: who is a confirmed case, in which episode, and where the patient is sent."""

from datetime import datetime

from msgspec import Struct, field

from chassis.judge import Clock
from services.intake.domain.confirmation import Episode, episodes
from services.intake.domain.facts import Facts
from services.intake.domain.institutions import World
from services.intake.domain.learning import (
    learn_admitted,
    learn_local_case_reported,
    learn_retested_positive,
    learn_test_result,
    learn_traveller_arrived,
)
from services.intake.domain.row import row
from services.intake.domain.standing import announce, standing
from services.intake.domain.transfer import Transfer, transfers

__all__ = [
    "Conclusions",
    "Facts",
    "announce",
    "conclude",
    "learn_admitted",
    "learn_local_case_reported",
    "learn_retested_positive",
    "learn_test_result",
    "learn_traveller_arrived",
    "row",
    "standing",
]


class Conclusions(Struct, frozen=True, array_like=True):
    """The episodes of a case, excluded ones too, and a transfer for each that stands."""

    episodes: tuple[Episode, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    due: datetime | None = None
    done: dict[str, str] = field(default_factory=dict)


def conclude(facts: Facts, announced: Conclusions, clock: Clock, world: World) -> Conclusions:
    """I1, I2, I5, and the transfer; an institution once chosen is remembered from what was announced."""
    known = episodes(facts)
    sent = tuple(transfers(facts, known, announced.transfers, clock, world))
    return Conclusions(known, sent, due=clock.due, done=clock.done)
