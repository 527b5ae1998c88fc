"""One whole stack for each bus, shared by all journeys: each tells of cases of its own, on the clock as it finds it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from tests.backends import NEEDS_KAFKA, in_containers, note_bus
from tests.journeys.afterwards import DAY_0, STORIES
from tests.journeys.patient import SHANGHAI, Patient
from tests.journeys.side_by_side import Listener, Published
from tests.journeys.stack import A_DAY, Stack, running_stack

STARTS_AT = "2020-09-14T00:00:00+08:00"
BACKENDS = ["embedded", pytest.param("apache-kafka", marks=pytest.mark.needs_kafka)]

EVERY_DAY = {"test_child.py", "test_killed.py"}
"""What is told on Apache Kafka every day as well; `WIDE` in CI, the other stories when there is time."""
WIDE = {"test_bad_input.py"}

on_the_embedded_bus = pytest.mark.parametrize("stack", BACKENDS[:1], indirect=True)
"""For what holds of that bus only: it keeps nothing on disk."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what is not of every day, before the mark is asked for."""
    for item in items:
        here = item.path.parent == Path(__file__).parent
        if here and item.get_closest_marker(NEEDS_KAFKA) and item.path.name not in EVERY_DAY:
            item.add_marker("wide" if item.path.name in WIDE else "thorough")


@pytest.fixture(scope="package", params=BACKENDS)
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A running stack whose clock stands still; what one journey told lies on it when the next begins."""
    folder = tmp_path_factory.mktemp("journeys")
    with servers(request.param) as (bus, options), running_stack(folder / "data", bus, STARTS_AT, *options) as started:
        if bus == request.param:
            note_bus(started.running.bus)
        yield started


@contextmanager
def servers(backend: str) -> Iterator[tuple[str, list[str]]]:
    """What `afterward up` is told of a backend: its bus, and further options where both servers are in containers."""
    if backend == "embedded" or not in_containers():
        yield backend, []
        return
    from tests import containers  # noqa: PLC0415 - most runs never need it

    with containers.kafka() as kafka, containers.postgres() as dsn:
        yield kafka.bootstrap_servers, ["--postgres", dsn]


@pytest.fixture(scope="package")
def published_side_by_side(request: pytest.FixtureRequest, stack: Stack) -> Published:
    """The stories of the weeks after the ward that were chosen, told once on each bus, all at the same time.

    A test that is no story and asks for this needs all of them.
    Their days are those of one calendar, so they come first: their files are the first by name.
    """
    assert stack.now().date() < DAY_0, f"the stack's clock shows {stack.now()}: the stories begin on {DAY_0}"
    functions = [item for item in request.session.items if isinstance(item, pytest.Function)]
    names = {item.originalname for item in functions if "published_side_by_side" in item.fixturenames}
    every = not names <= STORIES.keys()
    chosen = {name: story for name, story in STORIES.items() if every or name in names}

    async def tell() -> Published:
        async with Listener(stack.running.bootstrap_servers) as listener:
            return await Published(chosen).tell(stack, listener.listen)

    return asyncio.run(tell())


@pytest.fixture
async def child(request: pytest.FixtureRequest, stack: Stack) -> Patient:
    """A child who will arrive on the day after the clock's."""
    tomorrow = stack.now().astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0) + A_DAY
    await stack.until(tomorrow)
    return Patient(name_of(request), tomorrow)


@pytest.fixture
async def home_today(request: pytest.FixtureRequest, stack: Stack) -> Patient:
    """A child of whom nothing has been told, and who went home this morning: her whole stay can be told at once."""
    now = stack.now().astimezone(SHANGHAI)
    tomorrow_noon = now.replace(hour=12, minute=0, second=0, microsecond=0) + A_DAY
    await stack.until(tomorrow_noon)
    return Patient(name_of(request), tomorrow_noon - timedelta(days=12, hours=12))


def name_of(request: pytest.FixtureRequest) -> str:
    """A case id that no other test has."""
    return "".join(letter if letter.isalnum() else "-" for letter in request.node.name)[:100].strip("-")
