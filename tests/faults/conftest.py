"""One harness for each bus, shared by all scenarios at the small sizes; each row finds it clean."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.backends import note_bus
from tests.faults.harness import Harness


@pytest.fixture(scope="package")
def harness(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harness]:
    """The servers of the backend that is asked for, and the forkserver of its services."""
    made = Harness(tmp_path_factory.mktemp("faults") / "ground", request.param)
    asyncio.run(made.__aenter__())
    note_bus(made.servers.bus.name)
    yield made
    asyncio.run(made.__aexit__(None, None, None))
