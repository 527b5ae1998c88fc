"""What operators do over HTTP: what is parked is looked at, put back in or taken out, and events are said again."""

import json
from typing import Any

import pytest

from chassis.store.connection import Connection, connect
from tests.outbox import ALL_SENT
from tests.questions.asked import Heard, client, hear
from tests.questions.test_matrix import is_problem

PARK = """
INSERT INTO parked (digest, reason, parked_at, replay, kind, key, topic, partition, record_offset, received_at,
                    record_key, headers, value, cut)
VALUES ($1, $2, now(), false, $3, $4, 'discharge.reports.v1', 4, 17, now(), 'k', $5, $6, $7) RETURNING id
"""
HEADERS = json.dumps([["content-type", b"text/plain".hex()], ["nothing", None]])


@pytest.fixture
async def discharge(database: str) -> Heard:
    """The discharge service with a journey, for this test alone."""
    return await hear(database, "discharge")


@pytest.fixture
async def connection(discharge: Heard) -> Any:
    """A connection of the test's own."""
    connected = await connect(discharge.dsn, 20)
    yield connected
    await connected.close()


async def park(
    connection: Connection, name: str, reason: str, key: str | None = None, *, value: bytes = b"{}", cut: bool = False
) -> int:
    """The number under which something is parked."""
    kind = None if key is None else "case"
    number: int = await connection.fetchval(PARK, name.encode(), reason, kind, key, HEADERS, value, cut)
    return number


async def test_what_is_parked_is_listed_a_page_at_a_time_and_shown_with_its_bytes(
    discharge: Heard, connection: Connection
) -> None:
    (case_id,) = discharge.keys["case"]
    first = await park(connection, "a", "not_cloudevents", value=b"caf\xe9\n")
    second = await park(connection, "b", "case_is_parked", case_id)
    async with client(discharge.application()) as asking:
        page = (await asking.get("/v1/parked", params={"limit": 1})).json()
        assert ([one["id"] for one in page["entries"]], page["next"]) == ([first], first)
        page = (await asking.get("/v1/parked", params={"after": first})).json()
        assert ([one["id"] for one in page["entries"]], page["next"]) == ([second], None)
        shown = (await asking.get(f"/v1/parked/{first}")).json()
        assert (shown["value"], shown["record_key"], shown["bytes"]) == ("caf\\xe9\n", "k", 5)
        assert shown["headers"] == [["content-type", "text/plain"], ["nothing", None]]
        assert is_problem(await asking.get("/v1/parked/999"), 404, "not_known")
        entries = (await asking.get("/v1/audit", params={"case_id": case_id})).json()["entries"]
        assert [entry["what"] for entry in entries] == ["GET /v1/parked"]


async def test_what_goes_back_in_is_counted_and_what_was_cut_is_not(discharge: Heard, connection: Connection) -> None:
    (case_id,) = discharge.keys["case"]
    whole, behind, cut = [
        await park(connection, "a", "raised", case_id),
        await park(connection, "b", "case_is_parked", case_id),
        await park(connection, "c", "not_cloudevents", cut=True),
    ]
    async with client(discharge.application()) as asking:
        assert is_problem(await asking.post("/v1/parked/replay", json={"ids": [cut]}), 409, "conflict")
        assert is_problem(await asking.post("/v1/parked/replay", json={"ids": [999]}), 404, "not_known")
        bodies: list[dict[str, Any]] = [{}, {"ids": []}, {"all": False}, {"ids": [1], "all": True}]
        for body in bodies:
            assert is_problem(await asking.post("/v1/parked/replay", json=body), 422, "malformed")
        assert (await asking.post("/v1/parked/replay", json={"ids": [whole]})).json() == {"replayed": 2}
        assert (await asking.post("/v1/parked/replay", json={"all": True})).json() == {"replayed": 2}
    rows = await connection.fetch("SELECT id FROM parked WHERE replay ORDER BY id")
    assert [row["id"] for row in rows] == [whole, behind]
    done = await connection.fetchrow("SELECT * FROM access_log WHERE outcome = 'done' ORDER BY id LIMIT 1")
    assert (done["who"], done["what"], done["cases"]) == ("local", "POST /v1/parked/replay", [case_id])


async def test_what_is_taken_out_frees_its_case_and_says_who_did_so(discharge: Heard, connection: Connection) -> None:
    (case_id,) = discharge.keys["case"]
    await connection.execute("UPDATE state SET blocked = true WHERE kind = 'case'")
    cause = await park(connection, "a", "raised", case_id)
    async with client(discharge.application()) as asking:
        assert (await asking.get(f"/v1/cases/{case_id}")).json()["blocked"]
        for why in ("", " ", "two\nlines", "x" * 501):
            refused = await asking.post(f"/v1/parked/{cause}/discard", json={"why": why})
            assert is_problem(refused, 422, "malformed")
        done = (await asking.post(f"/v1/parked/{cause}/discard", json={"why": "sent twice"})).json()
        assert done == {"id": cause, "key": case_id, "replayed": 0, "still_parked": 0}
        gone = await asking.post(f"/v1/parked/{cause}/discard", json={"why": "sent twice"})
        assert is_problem(gone, 404, "not_known")
        assert not (await asking.get(f"/v1/cases/{case_id}")).json()["blocked"]
        (listed,) = (await asking.get("/v1/parked", params={"discarded": True})).json()["entries"]
        assert (listed["id"], listed["discarded_by"], listed["why"]) == (cause, "local", "sent twice")


async def test_what_is_on_its_way_back_in_is_not_taken_out(discharge: Heard, connection: Connection) -> None:
    number = await park(connection, "a", "not_cloudevents")
    async with client(discharge.application()) as asking:
        await asking.post("/v1/parked/replay", json={"all": True})
        refused = await asking.post(f"/v1/parked/{number}/discard", json={"why": "late"})
        assert is_problem(refused, 409, "conflict")


async def test_events_are_said_again_from_an_instant_on(discharge: Heard, connection: Connection) -> None:
    await connection.execute(ALL_SENT)
    archived = await connection.fetchval("SELECT count(*) FROM archive")
    assert archived
    async with client(discharge.application()) as asking:
        never = await asking.post("/v1/republish", json={"since": "2199-01-01T00:00:00Z"})
        assert never.json() == {"republished": 0}
        assert (await asking.post("/v1/republish", json={})).json() == {"republished": archived}
    assert await connection.fetchval("SELECT count(*) FROM outbox") == archived
