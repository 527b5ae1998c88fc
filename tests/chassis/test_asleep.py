"""A process that is frozen while it has locked something does not keep it: the server ends its transaction."""

from collections.abc import Mapping
from typing import Any

import asyncpg
import pytest

from chassis.process.service import Service
from chassis.process.settings import Settings
from chassis.store import migrate as migrating
from chassis.store.connection import STORE_FAILED
from chassis.store.migrate import ServerTooOld, migrate
from tests.chassis.engine_fixture import SERVICE
from tests.chassis.fake_producer import GENEROUS_SECONDS
from tests.chassis.toy import WARD

PUT = "INSERT INTO state (kind, key, partition) VALUES ('ward', 'somewhere', 0)"
"""Whoever puts the same key waits for the other to end."""
SOON: Mapping[str, Mapping[str, Any]] = {
    "between two statements": {"shard_session_timeout_seconds": 1},
    "within a statement": {"statement_timeout_seconds": 1},
}


@pytest.mark.parametrize("asleep", SOON)
async def test_another_takes_over_what_a_sleeper_has_locked(dsn: str, asleep: str) -> None:
    given: dict[str, Any] = {"database_dsn": dsn, **SOON[asleep]}
    frozen = await Service(SERVICE, [WARD], Settings(**given)).connect()  # as a service's worker connects
    other = await asyncpg.connect(dsn, command_timeout=GENEROUS_SECONDS)
    try:
        await frozen.execute("BEGIN")
        await frozen.execute(PUT)
        if asleep == "within a statement":
            await frozen.prepare("SELECT 1")  # the server has heard what is asked, and waits for whoever is to ask it
        await other.execute(PUT)
        with pytest.raises(STORE_FAILED):
            await frozen.execute("COMMIT")
    finally:
        frozen.terminate()
        other.terminate()


async def test_a_server_that_cannot_end_transactions_is_refused(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrating, "OLDEST_SERVER", 1_000)
    with pytest.raises(ServerTooOld, match=f"the PostgreSQL of {SERVICE} is .* 1000 or newer is needed"):
        await migrate(database, SERVICE, [WARD])
