"""What contact learns: an event that somebody wants, and what became of an attempt. Nothing is refused."""

from collections.abc import Collection, Sequence

from msgspec.structs import replace

from chassis.decide.judge import Learn, Receipt
from chassis.decide.ordered_facts import place
from schemas.folding import thing
from schemas.message import CaseEvent
from schemas.reports.contact import ContactReported
from services.contact.domain.case.facts import Facts, Outcome, Wanted, delivery_id_of
from services.contact.domain.case.settling import settled
from services.contact.domain.case.subscribers import Subscriber


def learner(subscribers: Sequence[Subscriber]) -> Learn[Facts]:
    """How an event is learnt while these subscribe; one that none of them wants is passed over."""

    def learn(facts: Facts, event: CaseEvent, receipt: Receipt) -> Facts:
        to = tuple(sorted(one.id for one in subscribers if one.wants(event, receipt.recorded)))
        if not to:
            return facts
        data = event.model_dump(mode="json", exclude_none=True)
        wanted = Wanted(
            event_id=receipt.id,
            type=receipt.type,
            sequence=int(receipt.rank[:16], 16),  # an event's rank is its sequence, in 16 hexadecimal digits
            recorded_at=receipt.recorded,
            received_at=receipt.received_at,
            to=to,
            data=data,
            thing="\n".join(map(str, thing(receipt.type, event.case_id, data))),
            withdrawn=event.withdrawn is True,
            urgent=data.get("severity") == "urgent",
        )
        events = place(facts.events, wanted)
        if events is facts.events:
            return facts
        return _lightened(replace(facts, about=event.case_id, events=events))

    return learn


def learn_reported(facts: Facts, report: ContactReported, receipt: Receipt) -> Facts:
    """What became of an attempt; the event may be learnt later."""
    outcome = Outcome(
        report.delivery_id, report.attempt, report.outcome, report.reported_at, receipt.rank, report.reason
    )
    outcomes = place(facts.outcomes, outcome)
    if outcomes is facts.outcomes:
        return facts
    return _lightened(replace(facts, about=report.about, outcomes=outcomes))


def _lightened(facts: Facts) -> Facts:
    """Without the data of events that nobody has to be told any more."""
    ended = {outcome.delivery_id for outcome in facts.outcomes if outcome.is_final}
    ended |= {delivery_id for delivery_id, one in settled(facts.events).items() if one.superseded}
    return replace(facts, events=tuple(_without_data(event, ended) for event in facts.events))


def _without_data(event: Wanted, ended: Collection[str]) -> Wanted:
    over = event.data is None or all(delivery_id_of(event.event_id, name) in ended for name in event.to)
    return replace(event, data=None) if over and event.data is not None else event
