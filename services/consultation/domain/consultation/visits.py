"""The channels in which a request lies, one after another: each has its time to answer, then the next one has (C2)."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from chassis.decide.judge import Clock
from services.consultation.domain.consultation.facts import Facts, Request
from services.consultation.domain.consultation.routing import Channels
from services.consultation.policy import answer_within


class Visit(Struct, frozen=True, array_like=True):
    """The request lies in a channel, or (None) in none that is known, and is to be answered by `answer_by`.

    `asked`: the version of the request for which the channel was chosen. `overdue`: nobody answered; `had_by`: the
    expert who had it then.
    """

    channel_id: str | None
    since: datetime
    answer_by: datetime
    asked: str
    overdue: bool = False
    had_by: str | None = None


def visits_of(
    facts: Facts,
    request: Request,
    priority: str,
    stand: Sequence[Visit],
    had_by: str | None,
    clock: Clock,
    channels: Channels,
) -> tuple[Visit, ...]:
    """The channels in which the request was, the last one now.

    A channel that was chosen stands while it is open and has time left. One that closes is left for the next that fits,
    which has what is left of the time; one in which nobody answers (*policy*: 5, 15 or 60 minutes) for the next that
    fits, which has its own. Where no other fits the request stays.
    """
    within = answer_within(request.jurisdiction, request.requested_at.date(), priority)
    visits = _begun(request, stand, channels)
    while True:
        last = visits[-1]
        if not last.overdue:
            last = visits[-1] = replace(
                _in_open_channel(facts, request, visits, channels), answer_by=last.since + within
            )
            if not _lapses(facts, last, len(visits), clock):
                return tuple(visits)
            last = visits[-1] = replace(last, overdue=True, had_by=had_by if len(visits) == len(stand) else None)
        following = channels.choose(request, _tried(visits))
        if following is None or (facts.heard_at is not None and facts.heard_at <= last.answer_by):
            return tuple(visits)
        visits.append(Visit(following, last.answer_by, last.answer_by + within, request.rank))


def _begun(request: Request, stand: Sequence[Visit], channels: Channels) -> list[Visit]:
    """What stands; the first channel is chosen anew for another version of the request, until its time is over."""
    if stand and (stand[0].overdue or stand[0].asked == request.rank):
        return list(stand)
    return [Visit(channels.choose(request), request.asked_at, request.asked_at, request.rank)]


def _in_open_channel(facts: Facts, request: Request, visits: Sequence[Visit], channels: Channels) -> Visit:
    """While it is open, a channel that is; one that is over is where it would have gone when it ended (C7)."""
    last = visits[-1]
    if last.channel_id is None and facts.closed_at is not None:
        return replace(last, channel_id=channels.choose(request, _tried(visits), facts.closed_at))
    if facts.closed_at is not None or (last.channel_id is not None and channels.entry(last.channel_id) is not None):
        return last
    return replace(last, channel_id=channels.choose(request, _tried(visits)))


def _tried(visits: Sequence[Visit]) -> list[str | None]:
    return [visit.channel_id for visit in visits]


def _lapses(facts: Facts, last: Visit, number: int, clock: Clock) -> bool:
    """Whether the time is over without a word that the consultation is."""
    if facts.heard_at is not None and facts.heard_at <= last.answer_by:
        return False
    return clock.lapsed(f"answer {number}", last.answer_by, answered=False)
