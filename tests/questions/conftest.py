"""Services that have heard something, each once a run."""

from collections.abc import Callable

import pytest

from afterward.stack.postgres import Postgres
from tests.questions.asked import Heard, heard_in

HeardBy = Callable[[str], Heard]


@pytest.fixture(scope="session")
def heard_by(postgres: Postgres) -> HeardBy:
    """Service → its database in which a journey is known; shared, so a test changes nothing that another looks at."""
    known: dict[str, Heard] = {}

    def find(service: str) -> Heard:
        if service not in known:
            known[service] = heard_in(postgres.dsn(), service, 0)
        return known[service]

    return find
