"""The whole story, read back from its bytes once for all tests."""

import pytest

from story import SEED, reports
from story.publication import Publication
from tests.story.reading import Heard, hear


@pytest.fixture(scope="session")
def publications() -> list[Publication]:
    return reports()


@pytest.fixture(scope="session")
def of_another_seed() -> list[Publication]:
    """The story of another seed."""
    return reports(SEED + 1)


@pytest.fixture(scope="session")
def heard(publications: list[Publication]) -> list[Heard]:
    return [hear(publication) for publication in publications]
