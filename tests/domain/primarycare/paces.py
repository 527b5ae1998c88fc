"""A case read at different paces: each topic in its own order, but one ahead of the other, as consumers do."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from chassis.decide.judge import Receipt, judge_message, overdue
from schemas.message import Message
from schemas.topics import registry
from services.primarycare.domain.conclude import CaseState
from services.primarycare.routes import CASE
from tests.domain.primarycare.journeys import CONTEXT, HOME_AT

MOMENT = timedelta(microseconds=1)
END = HOME_AT + timedelta(days=40)


class Arrival(NamedTuple):
    """A message, when it came to the bus, and its place on its topic."""

    at: datetime
    message: Any
    number: int

    @property
    def topic(self) -> str:
        return registry()[self.message.type_name()][1].name

    @property
    def receipt(self) -> Receipt:
        name, rank = self.message.type_name(), f"{self.number:032x}"
        return Receipt(f"00000000-0000-4000-8000-{self.number:012d}", name, "/tests", self.at, self.at, rank)


def course(*messages: tuple[datetime, Message]) -> list[Arrival]:
    """Messages in the order in which they came."""
    return [Arrival(at, one, number) for number, (at, one) in enumerate(sorted(messages, key=lambda one: one[0]), 1)]


def punctual(arrivals: Sequence[Arrival]) -> CaseState:
    """Every record is read as it comes."""
    return _read(list(arrivals))


def lagging(arrivals: Sequence[Arrival], random: Random) -> CaseState:
    """Some topics are read ahead of others, by as much as chance has it."""
    left: dict[str, list[Arrival]] = {}
    for one in arrivals:
        left.setdefault(one.topic, []).append(one)
    order = []
    while any(left.values()):
        topic = random.choice([name for name, records in left.items() if records])
        ahead = random.randint(1, 4)
        order.extend(left[topic][:ahead])
        del left[topic][:ahead]
    return _read(order)


def _read(order: Sequence[Arrival]) -> CaseState:
    state = CASE.begin()
    for number, one in enumerate(order):
        state = _gone_on(state, _watermark(order[number:]))
        learn = CASE.by_type[one.message.type_name()].learn
        watermark = _watermark(order[number + 1 :])
        judged = judge_message(CASE, state, learn, one.message, one.receipt, watermark, CONTEXT)
        assert judged.rejection is None
        state = judged.state
    return _gone_on(state, END)


def _watermark(unread: Sequence[Arrival]) -> datetime:
    """Every record received up to this instant has been read."""
    return min((one.at for one in unread), default=END) - MOMENT


def _gone_on(state: CaseState, watermark: datetime) -> CaseState:
    for judged in overdue(CASE, state, watermark, CONTEXT):
        state = judged.state
    return state


def hours(end: datetime) -> Iterator[datetime]:
    """The whole hours since the discharge, on which everything happens in these courses."""
    at = HOME_AT
    while at < end:
        at += timedelta(hours=1)
        yield at


def concluded(state: CaseState) -> Mapping[str, Any]:
    """What was concluded, without the clock's memory."""
    return {"aftercare": state.conclusions.aftercare, "alerts": state.conclusions.alerts}
