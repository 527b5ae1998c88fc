"""What becomes of a delivery: asked for, failed and asked for again after growing pauses, and how it ends."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from msgspec import Struct

from chassis.decide.judge import Clock
from services.contact import policy
from services.contact.domain.case.facts import Facts, Outcome, Wanted, delivery_id_of
from services.contact.domain.case.settling import Settled, settled
from services.contact.domain.case.subscribers import Subscriptions

SETTLING: Final = "settling"
SUPERSEDED: Final = "superseded"
ASKED: Final = "asked"
FAILED: Final = "failed"
DELIVERED: Final = "delivered"
GONE: Final = "gone"
GIVEN_UP: Final = "given_up"
UNANSWERED: Final = "unanswered"
UNSUBSCRIBED: Final = "unsubscribed"

UNDER_WAY: Final = frozenset({ASKED, FAILED})
AWAITED: Final = frozenset({ASKED, UNANSWERED})
"""States in which the delivery worker may still say what became of the last attempt, and have begun it or not."""


class Delivery(Struct, frozen=True, array_like=True):
    """One event on its way to one subscription.

    `state`: `settling`: another word about the same thing may follow. `superseded`: one did, or the thing was taken
    back before anybody had heard of it. `asked`: the delivery worker has been asked for attempt `attempt`. `failed`:
    that attempt failed, and another is to come. The others are ends. `asked_at`: when the last attempt was asked for,
    None where none was. `since`: when this state began.
    """

    delivery_id: str
    event_id: str
    subscription_id: str
    state: str
    attempt: int
    asked_at: datetime | None
    since: datetime

    @property
    def is_announced(self) -> bool:
        """Whether the delivery worker was asked for it, or what is known of it is an end."""
        return self.state not in {SETTLING, SUPERSEDED} or self.attempt > 0


Outcomes = Mapping[int, Outcome]
"""Attempt → what became of it."""


def deliveries(
    facts: Facts, announced: Iterable[Delivery], clock: Clock, context: Subscriptions
) -> tuple[Delivery, ...]:
    """A delivery for each event and each subscription that wanted it when it came."""
    reported: dict[str, dict[int, Outcome]] = defaultdict(dict)
    for outcome in facts.outcomes:
        reported[outcome.delivery_id][outcome.attempt] = outcome
    before = {delivery.delivery_id: delivery for delivery in announced}
    when = settled(facts.events)
    courses = [_Course(event, name, reported, clock, when) for event in facts.events for name in event.to]
    return tuple(course.stands(before.get(course.delivery_id), context) for course in courses)


class _Course:
    """The attempts of one delivery, one after the other, as far as they are known and the clock has gone."""

    def __init__(
        self,
        event: Wanted,
        subscription_id: str,
        reported: Mapping[str, Outcomes],
        clock: Clock,
        when: Mapping[str, Settled],
    ) -> None:
        self.delivery_id = delivery_id_of(event.event_id, subscription_id)
        self._settled = when[self.delivery_id]
        self._event, self._subscription_id, self._clock = event, subscription_id, clock
        self._outcomes = reported.get(self.delivery_id, {})
        self._terms = policy.retrying(event.received_at.date())

    def stands(self, before: Delivery | None, context: Subscriptions) -> Delivery:
        """Where the delivery stands. What the receiver has said holds, whatever else was found.

        A subscription that is off ends what is under way, for good: switched on again, it begins with what comes then.
        """
        answered = self._answered()
        if answered is not None:
            return answered
        if before is not None and before.state == UNSUBSCRIBED:
            return before
        if self._settled.superseded:
            return self._delivery(SUPERSEDED, max(self._outcomes, default=0), None, self._event.received_at)
        if self._subscription_id not in context.on and (before is None or before.state in {SETTLING, *UNDER_WAY}):
            attempt, asked_at = (before.attempt, before.asked_at) if before else (0, None)
            return self._delivery(UNSUBSCRIBED, attempt, asked_at, self._clock.now)
        if self._is_settling():
            return self._delivery(SETTLING, 0, None, self._event.received_at)
        return self._under_way()

    def _is_settling(self) -> bool:
        """Whether another word may follow, or lies unread; what the delivery worker has tried was asked for.

        An event of the first edition was asked for as it came.
        """
        if self._outcomes:
            return False
        what = f"settled {self.delivery_id}"
        return bool(self._event.thing) and self._clock.found(what, self._settled.at, "") is None

    def _answered(self) -> Delivery | None:
        """By the first attempt that the receiver has taken, else by the first to which it said that it is gone."""
        for state in (DELIVERED, GONE):
            for attempt, outcome in sorted(self._outcomes.items()):
                if outcome.outcome == state:
                    return self._delivery(state, attempt, None, outcome.reported_at)
        return None

    def _under_way(self) -> Delivery:
        """The last attempt: the first is asked for as the event has settled, each next a pause after the failure.

        One that would begin too late begins at the end of the time there is, and is the last.
        """
        attempt, asked_at = 1, self._settled.at
        last_at = self._event.received_at + self._terms.give_up_after
        while (failed := self._outcomes.get(attempt)) is not None:
            if max(asked_at, failed.reported_at) >= last_at:
                return self._delivery(GIVEN_UP, attempt, asked_at, failed.reported_at)
            again_at = min(failed.reported_at + self._terms.pause(attempt), last_at)
            if not self._clock.passed(again_at):
                return self._delivery(FAILED, attempt, asked_at, failed.reported_at)
            attempt, asked_at = attempt + 1, again_at
        return self._awaited(attempt, asked_at)

    def _awaited(self, attempt: int, asked_at: datetime) -> Delivery:
        unanswered_at = asked_at + self._terms.answer_within
        if self._clock.passed(unanswered_at):
            return self._delivery(UNANSWERED, attempt, asked_at, unanswered_at)
        return self._delivery(ASKED, attempt, asked_at, asked_at)

    def _delivery(self, state: str, attempt: int, asked_at: datetime | None, since: datetime) -> Delivery:
        return Delivery(self.delivery_id, self._event.event_id, self._subscription_id, state, attempt, asked_at, since)
