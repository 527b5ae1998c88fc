"""Judging a criterion as of an instant, without announcing anything."""

from datetime import datetime

from chassis.decide.judge import Receipt
from schemas.message import Message
from services.discharge.domain import Facts
from services.discharge.domain.conclusions import Criterion
from services.discharge.domain.criteria import judge_as_of
from services.discharge.domain.episodes import episodes
from services.discharge.routes import CASE
from tests.domain.discharge.journeys import at


def learnt(messages: list[Message]) -> Facts:
    """What is known after these messages, each ranking above those before."""
    facts = CASE.begin().facts
    for rank, message in enumerate(messages):
        receipt = Receipt(f"id-{rank}", message.type_name(), "/tests", at(60), at(60), f"{rank:08}")
        known = CASE.by_type[message.type_name()].learn(facts, message, receipt)
        assert isinstance(known, Facts)
        facts = known
    return facts


def judged(messages: list[Message], instant: datetime) -> dict[str, Criterion]:
    """The criteria of the last episode by name, as of an instant."""
    facts = learnt(messages)
    return {criterion.name: criterion for criterion in judge_as_of(facts, episodes(facts, None)[-1], instant).criteria}
