"""What an operator says to a service's store: no service says it, so the simulated store does not know it."""

from collections.abc import Mapping, Sequence

from tests.simulation.answers import Found, found
from tests.simulation.store import Transaction

OPERATORS: Mapping[str, tuple[str, ...]] = {"ask_replay": ("chassis.questions.sql",)}
"""By name, and where each is written."""


async def ask_replay(transaction: Transaction, every: bool, numbers: Sequence[int]) -> list[Found]:
    """Those parked records are to be judged again, with what waits behind them in their cases."""
    parked = dict(transaction.scan("parked"))
    behind = {(row["kind"], row["key"]) for number, row in parked.items() if number in numbers and row["kind"]}
    whole = [row for row in parked.values() if not row["cut"]]
    asked = [row for row in whole if every or row["id"] in numbers or (row["kind"], row["key"]) in behind]
    for row in asked:
        transaction.put("parked", row["id"], row | {"replay": True})
    return found("id kind key", asked)
