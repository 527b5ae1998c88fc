"""The whole story, read back from its bytes once for all tests."""

import pytest

from afterward.story import SEED, reports
from afterward.story.telling import Telling
from tests.story.reading import Heard, hear


@pytest.fixture(scope="session")
def tellings() -> list[Telling]:
    return reports()


@pytest.fixture(scope="session")
def told_otherwise() -> list[Telling]:
    """The story of another seed."""
    return reports(SEED + 1)


@pytest.fixture(scope="session")
def heard(tellings: list[Telling]) -> list[Heard]:
    return [hear(telling) for telling in tellings]
