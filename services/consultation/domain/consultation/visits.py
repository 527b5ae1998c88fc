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
    expert who had it then. `left`: the channels that closed while it lay there, one after another.
    """

    channel_id: str | None
    since: datetime
    answer_by: datetime
    asked: str
    overdue: bool = False
    had_by: str | None = None
    left: tuple[str, ...] = ()


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
    fits, and was open by then, which has its own. Where no other fits the request stays, until the channel closes.
    """
    within = answer_within(request.jurisdiction, request.requested_at.date(), priority)
    visits = _begun(request, stand, channels)
    while True:
        last = visits[-1]
        if last.overdue:
            following = _after_closing(facts, request, visits, channels)
        else:
            last = visits[-1] = replace(_placed(facts, request, visits, channels), answer_by=last.since + within)
            if len(visits) > 1 and last.channel_id == visits[-2].channel_id:
                return tuple(visits[:-1])  # it was over before the channel in which it was overdue closed
            if not _lapses(facts, last, len(visits), clock):
                return tuple(visits)
            last = visits[-1] = replace(last, overdue=True, had_by=had_by if len(visits) == len(stand) else None)
            following = _after_lapse(request, visits, channels)
        if following is None:
            return tuple(visits)
        visits.append(replace(following, answer_by=following.since + within))


def _begun(request: Request, stand: Sequence[Visit], channels: Channels) -> list[Visit]:
    """What stands; the first channel is chosen anew for another version of the request, until its time is over."""
    if stand and (stand[0].overdue or stand[0].asked == request.rank):
        return list(stand)
    return [Visit(channels.choose(request), request.asked_at, request.asked_at, request.rank)]


def _placed(facts: Facts, request: Request, visits: Sequence[Visit], channels: Channels) -> Visit:
    """In its channel while that is open, else in the next that fits. Who is over lies where it lay then (C7)."""
    last = visits[-1]
    places = last.left if last.channel_id is None else (*last.left, last.channel_id)
    for number in range(0 if facts.closed_at else len(last.left), len(places)):
        if not _is_left(facts, places[number], channels):
            return replace(last, channel_id=places[number], left=places[:number])
    return replace(last, channel_id=channels.choose(request, _tried(visits), facts.closed_at), left=places)


def _after_lapse(request: Request, visits: Sequence[Visit], channels: Channels) -> Visit | None:
    """The next channel that fits, of those that were open when the time was over: found then, once."""
    last = visits[-1]
    following = channels.choose(request, _tried(visits), last.answer_by)
    return Visit(following, last.answer_by, last.answer_by, request.rank) if following else None


def _after_closing(facts: Facts, request: Request, visits: Sequence[Visit], channels: Channels) -> Visit | None:
    """Where a request goes that is overdue, once the channel in which it stayed closes: to the next that fits, or none.

    Its time begins with the closing.
    """
    last = visits[-1]
    if last.channel_id is None or not _is_left(facts, last.channel_id, channels):
        return None
    closing = channels.closed(last.channel_id)
    since = max(last.answer_by, closing.closed_at) if closing and closing.closed_at else last.answer_by
    following = channels.choose(request, _tried(visits), facts.closed_at)
    since = since.astimezone(last.answer_by.tzinfo)
    return Visit(following, since, since, request.rank, left=(last.channel_id,))


def _is_left(facts: Facts, channel_id: str, channels: Channels) -> bool:
    """Whether a request is in a channel no more, as that has closed.

    Not one that was over by the closing, or of which that was known when the closing came.
    """
    closing = channels.closed(channel_id)
    if facts.closed_at is None or facts.heard_at is None:
        return channels.entry(channel_id) is None
    if closing is None or closing.closed_at is None or facts.closed_at <= closing.closed_at:
        return False
    return closing.closing_received_at is None or facts.heard_at > closing.closing_received_at


def _tried(visits: Sequence[Visit]) -> list[str | None]:
    return [visit.channel_id for visit in visits]


def _lapses(facts: Facts, last: Visit, number: int, clock: Clock) -> bool:
    """Whether the time is over without a word that the consultation is."""
    if facts.heard_at is not None and facts.heard_at <= last.answer_by:
        return False
    return clock.lapsed(f"answer {number}", last.answer_by, answered=False)
