"""What follows for a consultation: which channel it is in, who has it, what nobody has answered in time, and where the
patient is referred (C2, C3, C5)."""

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from chassis.decide.judge import Clock, State
from services.consultation.domain.consultation.facts import Facts, Request
from services.consultation.domain.consultation.queue import Assignment, Online, place_of
from services.consultation.domain.consultation.referral import Referral, refer
from services.consultation.domain.consultation.routing import class_of
from services.consultation.domain.consultation.visits import Visit, visits_of
from services.consultation.policy import LOOK_AGAIN


class Conclusions(Struct, frozen=True, array_like=True):
    """How the request stands. `visits`: the channels in which it was, the last one now; none while nothing is asked.

    `prescribed`: the version of the completion whose prescription a prescriber on duty wrote, as was found once (C6);
    `unprescribed`: the one of which the roster says otherwise. Neither: nobody has looked yet.
    `stood_in`: the channel in which it is, once it was looked at in the queue there.
    """

    priority: str = ""
    visits: tuple[Visit, ...] = ()
    assigned: Assignment | None = None
    referrals: tuple[Referral, ...] = ()
    prescribed: str = ""
    due: datetime | None = None
    done: dict[str, str] = {}
    unprescribed: str = ""
    stood_in: str | None = None

    @property
    def visit(self) -> Visit | None:
        """Where the request is now."""
        return self.visits[-1] if self.visits else None

    @property
    def channel_id(self) -> str | None:
        """The channel in which the request is now."""
        return self.visits[-1].channel_id if self.visits else None


ConsultationState = State[Facts, Conclusions]


def conclude(facts: Facts, announced: Conclusions, clock: Clock, context: Online) -> Conclusions:
    """How the request stands, as of the clock. What is chosen stands until its ground is gone: a channel while it is
    open and answers in time, an expert while on duty, an institution while it can take the patient.
    """
    request = facts.request
    if request is None:
        return Conclusions(due=clock.due, done=clock.done)
    priority = class_of(request)
    had_by = announced.assigned.expert_ref if announced.assigned else None
    visits = visits_of(facts, request, priority, announced.visits, had_by, clock, context.channels)
    assigned = None
    if facts.closed_at is None and visits[-1].channel_id is not None:
        assigned = _assigned(facts, request, priority, visits[-1], announced, clock, context)
    prescribed, unprescribed = _prescribed(facts, visits[-1], announced, context)
    referrals = tuple(_referrals(facts, request, priority, visits, announced, context))
    if visits[-1].channel_id is None or unprescribed or any(one.institution_id is None for one in referrals):
        clock.passed(max(request.asked_at, facts.heard_at or request.asked_at) + LOOK_AGAIN)
    return Conclusions(
        priority,
        visits,
        assigned,
        referrals,
        prescribed,
        due=clock.due,
        done=clock.done,
        unprescribed=unprescribed,
        stood_in=_stood_in(visits[-1].channel_id, announced, context),
    )


def _stood_in(channel_id: str | None, announced: Conclusions, context: Online) -> str | None:
    """The channel, where its queue is at hand, or was since the consultation came."""
    if context.queue(channel_id) is not None:
        return channel_id
    return announced.stood_in if announced.channel_id == channel_id else None


def _assigned(
    facts: Facts,
    request: Request,
    priority: str,
    visit: Visit,
    announced: Conclusions,
    clock: Clock,
    context: Online,
) -> Assignment | None:
    """C3: who has it stays while on duty; else the next expert, where it is its turn."""
    queue, has = context.queue(visit.channel_id), announced.assigned
    if has is not None and announced.channel_id == visit.channel_id:
        if queue is not None:
            until = queue.roster.on_duty(clock.now).get(has.expert_ref)
            has = replace(has, until=until) if until is not None else None
        if has is not None and not clock.passed(has.until):
            return has
    if queue is None:
        return None
    place = place_of(priority, request.requested_at, facts.consultation_id)
    taken = queue.take(place, clock.now)
    if taken is not None:
        clock.passed(taken.until)
    elif queue.is_near(place) and (change := queue.roster.next_begin(clock.now)) is not None:
        clock.passed(change)
    return taken


def _referrals(
    facts: Facts,
    request: Request,
    priority: str,
    visits: tuple[Visit, ...],
    announced: Conclusions,
    context: Online,
) -> Iterator[Referral]:
    """C2, C3, C5: red flags at once, who has no channel or has to be seen, and whom no channel answered."""
    stands = {referral.why: referral for referral in announced.referrals}
    last, held = visits[-1], facts.completion
    first, here = visits[0].channel_id, last.channel_id
    grounds = (
        Referral("red_flag", request.requested_at, channel_id=first) if priority == "red_flag" else None,
        Referral("no_channel", last.since) if here is None else None,
        Referral("refer_offline", held.completed_at, channel_id=here) if held and held.refers else None,
        Referral("overdue", last.answer_by, channel_id=here) if here and last.overdue else None,
    )
    for ground in grounds:
        if ground is not None:
            yield refer(request, ground, context.directory, stands.get(ground.why))


def _prescribed(facts: Facts, visit: Visit, announced: Conclusions, context: Online) -> tuple[str, str]:
    """C6: whether a prescriber on duty wrote the prescription: the completion's version in the first place, if one did,
    in the second, if none did. By the channel's roster, once that is at hand; in no channel nobody is on duty.

    Nothing is found while the channel may still be another: as long as an answer is late that nobody has found late.
    """
    held, queue = facts.completion, context.queue(visit.channel_id)
    if held is None or held.prescription_id is None:
        return "", ""
    if announced.prescribed == held.rank:
        return held.rank, ""
    if not (visit.overdue or (facts.heard_at is not None and facts.heard_at <= visit.answer_by)):
        return "", ""  # it came late, and where it lay by then the clock has yet to find
    if queue is None:
        looked_at = visit.channel_id is None or announced.unprescribed == held.rank
        return "", held.rank if looked_at else ""
    proven = queue.prescribes(held.expert_ref, held.completed_at)
    return (held.rank, "") if proven else ("", held.rank)
