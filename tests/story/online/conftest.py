"""The story of online care, read back from its bytes once for all tests."""

import pytest

from story.online import SEED, reports
from story.publication import Publication
from tests.story.online.tally import Story, parse
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
    """Every report as its schema reads it."""
    return [hear(publication) for publication in publications]


@pytest.fixture(scope="session")
def story(publications: list[Publication]) -> Story:
    """The reports by what they are about, each once."""
    return parse(publication.value for publication in publications)
