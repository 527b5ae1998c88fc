"""No valid message makes a rule raise, whatever it says and however many there are: a rule that raises blocks its case
for good. Each service is told what its schema allows, at the limits of every field; what it says is read again."""

from datetime import timedelta
from itertools import islice
from random import Random
from types import GenericAlias

import msgspec
import pytest

from chassis.decide.aggregate import AnyAggregate
from schemas.message import Message
from schemas.services import EVERY_SERVICE
from tests.properties.published import Published, aggregates_of, context_of
from tests.properties.weird import RECEIVED_AT, Weird

SEEDS = range(15)
MESSAGES = 30

EVERY_KIND = [(service, kind) for service in EVERY_SERVICE for kind in aggregates_of(service)]
every_aggregate = pytest.mark.parametrize(
    ("service", "kind"), EVERY_KIND, ids=[f"{service}-{kind.name}" for service, kind in EVERY_KIND]
)


def invented(kind: AnyAggregate, dice: Random, key: str, number: int = MESSAGES) -> list[Message]:
    """Weird messages of all types that a kind learns from, in no order."""
    weird, models = Weird(dice, key), [route.message for route in kind.learns]
    drawn = (weird.message(dice.choice(models)) for _ in range(number * 3))
    return list(islice((message for message in drawn if message is not None), number))


@every_aggregate
@pytest.mark.parametrize("seed", SEEDS)
def test_no_valid_message_makes_a_rule_raise(service: str, kind: AnyAggregate, seed: int) -> None:
    dice = Random(f"{service} {kind.name} {seed}")
    key = dice.choice(["c", "c" * 128])
    given = Published(kind, context_of(service, kind), key).tell(invented(kind, dice, key))
    for days in (0, 1, 30, 400):
        given.until(RECEIVED_AT + timedelta(days=days))

    stored = msgspec.json.encode((given.state.facts, given.state.conclusions))
    shape = GenericAlias(tuple, (kind.facts, kind.conclusions))
    facts, conclusions = msgspec.json.decode(stored, type=shape)
    assert (facts, conclusions) == (given.state.facts, given.state.conclusions)


@every_aggregate
def test_what_is_invented_is_nearly_always_valid_and_says_something(service: str, kind: AnyAggregate) -> None:
    """A guard that cannot fail guards nothing: what every schema refuses would make no rule raise."""
    dice = Random(f"{service} {kind.name}")
    models = [route.message for route in kind.learns]
    valid = {model: sum(Weird(dice, "c").message(model) is not None for _ in range(40)) for model in models}
    assert min(valid.values()) >= 10, {model.__name__: number for model, number in valid.items()}
    messages = invented(kind, dice, "c", 2 * MESSAGES)
    given = Published(kind, context_of(service, kind), "c").tell(messages)
    assert given.state != kind.begin()
