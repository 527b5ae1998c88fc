"""What follows for a case: its episodes, and where each one's patient is sent."""

from datetime import datetime

from msgspec import Struct, field

from chassis.decide.judge import Clock, State
from services.intake.domain.confirmation import Episode, episodes
from services.intake.domain.facts import Facts
from services.intake.domain.institutions import Institutions
from services.intake.domain.transfer import Transfer, transfers


class Conclusions(Struct, frozen=True, array_like=True):
    """The episodes of a case, excluded ones too, and a transfer for each that stands."""

    episodes: tuple[Episode, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    due: datetime | None = None
    done: dict[str, str] = field(default_factory=dict)


CaseState = State[Facts, Conclusions]


def conclude(facts: Facts, announced: Conclusions, clock: Clock, context: Institutions) -> Conclusions:
    """I1, I2, I5, and the transfer; an institution once chosen is remembered from what was announced."""
    known = episodes(facts)
    sent = transfers(facts, known, announced.transfers, clock, context)
    return Conclusions(known, sent, due=clock.due, done=clock.done)


def with_sent(context: Institutions, before: CaseState, after: CaseState) -> Institutions:
    """The context of the next case: with the patients whom this case has just sent somewhere."""
    known = {transfer.episode: transfer.sent for transfer in before.conclusions.transfers}
    for transfer in after.conclusions.transfers:
        if transfer.sent is not None and transfer.sent != known.get(transfer.episode):
            context = context.with_sent(*transfer.sent)
    return context
