"""Every scenario at its small size, on Apache Kafka: the same rows as `make chaos`, fewer faults.

A row takes a quarter of a minute. Of every day is one where services are killed; CI has those where all is read a
second time, and where a harness that sees nothing would be found out, too; `make thorough` has the others.
"""

import pytest

from tests.faults.harness import Harness
from tests.faults.running import all_scenarios, run_rows
from tests.faults.scenario import Row
from tests.faults.servers.running_servers import KAFKA

EVERY_DAY = ("kills", "seed 7")
WIDE = {("replay", "seed 7"), ("variants", "nothing is left out, seed 7")}


def when(name: str, row: Row) -> tuple[pytest.MarkDecorator, ...]:
    """The mark of a row; none of one of every day."""
    if (name, row.name) == EVERY_DAY:
        return ()
    return (pytest.mark.wide if (name, row.name) in WIDE else pytest.mark.thorough,)


SMALL = [
    pytest.param(name, row, id=f"{name}: {row.name}", marks=when(name, row))
    for name, scenario in all_scenarios().items()
    for row in scenario.rows("small")
]


def test_the_rows_of_every_day_are_some_of_all() -> None:
    marks = [mark.name for parameter in SMALL for mark in parameter.marks]
    assert (len(SMALL) - len(marks), marks.count("wide")) == (1, len(WIDE))


@pytest.mark.timeout(600)
@pytest.mark.needs_kafka
@pytest.mark.parametrize("harness", [KAFKA], indirect=True)
@pytest.mark.parametrize(("name", "row"), SMALL)
async def test_what_is_promised_holds_whatever_fails(harness: Harness, name: str, row: Row) -> None:
    [entry] = await run_rows(harness, [(name, row)], tell=print)
    assert (entry.verdict, entry.complaints) == ("pass", [])
