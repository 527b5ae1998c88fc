"""Every scenario at its small size, on Apache Kafka: the same rows as `make chaos`, fewer faults."""

import pytest

from tests.faults.harness import Harness
from tests.faults.running import all_scenarios, run_rows
from tests.faults.scenario import Row
from tests.faults.servers.running_servers import KAFKA

SMALL = [(name, row) for name, scenario in all_scenarios().items() for row in scenario.rows("small")]


@pytest.mark.timeout(600)
@pytest.mark.needs_kafka
@pytest.mark.parametrize("harness", [KAFKA], indirect=True)
@pytest.mark.parametrize(("name", "row"), SMALL, ids=[f"{name}: {row.name}" for name, row in SMALL])
async def test_what_is_promised_holds_whatever_fails(harness: Harness, name: str, row: Row) -> None:
    [entry] = await run_rows(harness, [(name, row)], tell=print)
    assert (entry.verdict, entry.complaints) == ("pass", [])
