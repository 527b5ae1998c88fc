"""Two relays that both believe to own a shard: whatever they send when, all of it is on the bus in the end, and the
newest of each topic comes last. The store is the simulated one, which `tests/simulation/test_statements` holds to
PostgreSQL.
"""

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

from hypothesis import example, given, settings
from hypothesis import strategies as st

from chassis.publish.fresh import Unsent
from chassis.publish.positions import Positions
from chassis.store.connection import columns, sql
from tests.simulation.statements import statement_of
from tests.simulation.store import Store, Transaction

SHARD = 0
TOPICS = ("a", "b")
Step = tuple[str, int, int]
"""What is done, by which of the two, and a number that says how much of it."""
STEPS = st.lists(
    st.tuples(
        st.sampled_from(("state", "look", "send", "send", "fail", "acknowledge", "acknowledge", "republish", "forgo")),
        st.integers(0, 1),
        st.integers(0, 11),
    ),
    max_size=40,
)


class House:
    """A store, a bus, and two relays without a connection of their own."""

    def __init__(self) -> None:
        self.store = Store(cast("Any", None), "treatment")
        self.bus: list[Unsent] = []
        self.relays = [Positions(), Positions()]
        self.stated = 0

    async def ask(self, name: str, *arguments: Any) -> Any:
        transaction = Transaction(cast("Any", SimpleNamespace(store=self.store, hold=_granted)))
        answer = await statement_of(sql(name))(transaction, *arguments)
        transaction.commit()
        return answer

    async def do(self, step: Step) -> None:
        what, by, number = step
        relay = self.relays[by]
        match what:
            case "state":
                await self.state(1 + number % 4)
            case "look":
                await self.acknowledge(relay)
                relay.found(await self.ask("read_shards", [SHARD]))
            case "send":
                await self.send(relay, 1 + number, TOPICS)
            case "fail":
                await self.send(relay, 1 + number, TOPICS[number % 2 :][:1])
            case "acknowledge":
                await self.acknowledge(relay)
            case "republish" if not number % 3:
                await self.ask("republish", None)
            case "forgo" if not relay.claims:
                relay.lose()

    async def state(self, count: int) -> None:
        places = [(1, nth) for nth in range(1, count + 1)]
        topics = [TOPICS[(self.stated + nth) % 2] for nth in range(count)]
        self.stated += count
        given_ = (["c"] * count, [f"e{self.stated}-{nth}" for nth in range(count)], [b""] * count)
        await self.ask("append_events", cast("Any", 0), [SHARD], [count], 0, *columns(places, 2), topics, *given_)

    async def send(self, relay: Positions, at_most: int, taken: Sequence[str]) -> None:
        """The bus takes the events of these topics; of the others none after this."""
        if SHARD not in list(relay):
            return
        rows = await self.ask("read_unsent", [SHARD], [relay[SHARD].sent], at_most)
        tried = [Unsent(*row) for row in rows]
        there = [event for event in tried if event.topic in taken]
        self.bus += there
        relay.note(tried, {(event.shard, event.id) for event in there})

    async def acknowledge(self, relay: Positions) -> None:
        claims = sorted(relay.claims.items())
        if claims:
            given_ = ((shard, one.after, one.upto, one.asked, one.gap) for shard, one in claims)
            relay.acknowledged(await self.ask("acknowledge", *columns(given_, 5)))

    async def come_to_rest(self) -> None:
        """The second one tells what it has sent and sleeps; the first sends what is left."""
        await self.acknowledge(self.relays[1])
        for _ in range(100):
            await self.do(("look", 0, 0))
            (row,) = await self.ask("read_shards", [SHARD])
            if (row["acknowledged"] if row["again"] is None else row["again"]) == row["last"]:
                return
            await self.do(("send", 0, 6))
        raise AssertionError("it never comes to rest")


async def _granted(_lock: object) -> bool:
    return True


_UNKNOWN: list[Step] = [
    ("state", 0, 0), ("look", 0, 0), ("send", 0, 3), ("republish", 0, 0), ("look", 1, 0), ("state", 0, 2),
    ("send", 1, 7), ("fail", 0, 1), ("acknowledge", 0, 0),
]  # fmt: skip
"""The first does not know that all is being said again, and says something old behind what the second has said."""
_OVERTAKEN: list[Step] = [
    ("state", 0, 2), ("look", 0, 0), ("send", 0, 9), ("acknowledge", 0, 0), ("look", 1, 0), ("state", 0, 1),
    ("send", 0, 9), ("look", 0, 0), ("send", 1, 1), ("state", 0, 1), ("acknowledge", 1, 0), ("send", 0, 3),
    ("send", 1, 5),
]  # fmt: skip
"""The second says all of it again since it came late, and ends behind something new that the first has said."""


@settings(max_examples=1_500, deadline=None)
@given(STEPS)
@example([("state", 0, 2), ("look", 0, 0), ("fail", 0, 6), ("send", 0, 10)])  # a gap that is mended before it is known
@example(_UNKNOWN)
@example(_OVERTAKEN)
def test_all_is_on_the_bus_in_order_and_the_newest_comes_last(steps: list[Step]) -> None:
    house = House()

    async def live() -> None:
        for step in steps:
            await house.do(step)
        await house.come_to_rest()

    asyncio.run(live())
    for topic in TOPICS:
        archived = [row["id"] for row in house.store.rows("archive") if row["topic"] == topic]
        heard = [event.id for event in house.bus if event.topic == topic]
        assert list(dict.fromkeys(heard)) == archived
        assert heard[-1:] == archived[-1:]
