"""What happens on the way to an answer: it is bounded, recorded before it leaves, and honest where there is none."""

import asyncio
import json
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from chassis.questions.application import LARGEST_BODY_BYTES, QuestionsApplication
from chassis.questions.pool import READ_ONLY, Pool
from chassis.store.connection import connect
from tests.questions import issuer
from tests.questions.asked import LATE, NOBODY, Heard, client, hear
from tests.questions.conftest import HeardBy
from tests.questions.test_matrix import bearer, is_problem


@pytest.fixture
async def discharge(database: str) -> Heard:
    """The discharge service with a journey, for this test alone."""
    return await hear(database, "discharge")


async def recorded(heard: Heard) -> list[dict[str, Any]]:
    connection = await connect(heard.dsn, 20)
    rows = [dict(row) for row in await connection.fetch("SELECT * FROM access_log ORDER BY id")]
    await connection.close()
    return rows


async def test_who_reads_a_case_and_why_is_recorded(discharge: Heard, tmp_path: Path) -> None:
    (case_id,) = discharge.keys["case"]
    async with client(discharge.application(issuer.authentication(tmp_path))) as asking:
        headers = {"authorization": bearer(sub="clinic-7"), "purpose-of-use": "PUBHLTH"}
        answer = (await asking.get(f"/v1/cases/{case_id}", headers=headers)).json()
        assert (answer["case_id"], answer["service"], answer["blocked"]) == (case_id, "discharge", False)
        assert answer["known"]["episodes"]
    (row,) = await recorded(discharge)
    assert (row["who"], row["means"], row["what"]) == ("clinic-7", "token", f"GET /v1/cases/{case_id}")
    assert (row["purpose"], row["outcome"], row["cases"]) == ("PUBHLTH", "answered", [case_id])


@pytest.mark.parametrize("given", [{}, {"purpose-of-use": "CURIOSITY"}])
async def test_a_case_is_read_for_a_purpose(discharge: Heard, tmp_path: Path, given: dict[str, str]) -> None:
    (case_id,) = discharge.keys["case"]
    async with client(discharge.application(issuer.authentication(tmp_path))) as asking:
        response = await asking.get(f"/v1/cases/{case_id}", headers={"authorization": bearer(), **given})
        assert is_problem(response, 422, "malformed" if given else "no_purpose")
        assert "CURIOSITY" not in response.text
    assert not await recorded(discharge)


async def test_who_cannot_be_recorded_gets_no_answer(discharge: Heard) -> None:
    (case_id,) = discharge.keys["case"]
    connection = await connect(discharge.dsn, 20)
    await connection.execute("ALTER TABLE access_log RENAME TO elsewhere")
    async with client(discharge.application()) as asking:
        assert is_problem(await asking.get(f"/v1/cases/{case_id}"), 503, "store_away")
    await connection.execute("ALTER TABLE elsewhere RENAME TO access_log")
    await connection.close()


@pytest.mark.parametrize(
    "change", ["UPDATE access_log SET who = 'nobody'", "DELETE FROM access_log", "TRUNCATE access_log"]
)
async def test_the_record_of_access_is_never_changed(discharge: Heard, change: str) -> None:
    async with client(discharge.application()) as asking:
        await asking.get(f"/v1/cases/{discharge.keys['case'][0]}")
    connection = await connect(discharge.dsn, 20)
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
        await connection.execute(change)
    await connection.close()
    assert len(await recorded(discharge)) == 1


async def test_the_record_is_listed_a_page_at_a_time(discharge: Heard) -> None:
    (case_id,) = discharge.keys["case"]
    async with client(discharge.application()) as asking:
        for _ in range(3):
            await asking.get(f"/v1/cases/{case_id}")
        first = (await asking.get("/v1/audit", params={"case_id": case_id, "limit": 2})).json()
        assert [entry["cases"] for entry in first["entries"]] == [[case_id]] * 2
        rest = (await asking.get("/v1/audit", params={"case_id": case_id, "after": first["next"]})).json()
        assert (len(rest["entries"]), rest["next"]) == (1, None)
        assert (await asking.get("/v1/audit", params={"who": "somebody else"})).json()["entries"] == []
        assert (await asking.get("/v1/audit", params={"since": "2199-01-01T00:00:00Z"})).json()["entries"] == []


async def test_what_the_service_has_not_heard_of_is_said_plainly(discharge: Heard) -> None:
    async with client(discharge.application()) as asking:
        assert is_problem(await asking.get("/v1/cases/nobody"), 404, "not_known")
        assert is_problem(await asking.get("/v1/laundry"), 404, "no_such_path")
        assert is_problem(await asking.get("/v1"), 404, "no_such_path")
        refused = await asking.delete("/v1/parked")
        assert is_problem(refused, 405, "wrong_method")
        assert refused.headers["allow"] == "GET"


@pytest.mark.parametrize(
    ("path", "at"),
    [
        ("/v1/parked?limit=1001", "query.limit"),
        ("/v1/parked?limit=Zhang", "query.limit"),
        ("/v1/parked?Zhang=1", "query"),
        ("/v1/parked/Zhang", "path.id"),
        ("/v1/audit?since=Zhang", "query.since"),
        ("/v1/cases/Zhang%20San", "path.case_id"),
        ("/v1/cases/Zhang%00", "path.case_id"),
    ],
)
async def test_what_is_wrong_is_named_and_not_repeated(discharge: Heard, path: str, at: str) -> None:
    async with client(discharge.application()) as asking:
        response = await asking.get(path)
        assert is_problem(response, 422, "malformed")
        assert {error["at"] for error in response.json()["errors"]} == {at}
        assert "Zhang" not in response.text


@pytest.mark.parametrize("is_declared", [True, False])
async def test_no_more_is_read_than_a_question_takes(discharge: Heard, is_declared: bool) -> None:
    body = json.dumps({"why": "x" * LARGEST_BODY_BYTES}).encode()

    async def parts() -> Any:
        yield body

    async with client(discharge.application()) as asking:
        content = body if is_declared else parts()
        response = await asking.post(
            "/v1/parked/1/discard", content=content, headers={"content-type": "application/json"}
        )
        assert is_problem(response, 413, "too_large")


@pytest.mark.parametrize(
    ("who", "host", "is_answered"),
    [
        ("127.0.0.1", "localhost:8080", True),
        ("::1", "[::1]:8080", True),
        ("192.0.2.7", "localhost", False),
        ("127.0.0.1", "page.example", False),
    ],
)
async def test_without_authentication_only_this_machine_is_answered(
    discharge: Heard, who: str, host: str, is_answered: bool
) -> None:
    application = discharge.application()
    transport = httpx.ASGITransport(application, client=(who, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://any") as asking:
        response = await asking.get("/v1/parked", headers={"host": host})
        assert response.status_code == 200 if is_answered else is_problem(response, 403, "not_local")
    application.close()


def at(dsn: str, connections: int = 1, wait: float = 20) -> QuestionsApplication:
    from services.directory.routes import AGGREGATES  # noqa: PLC0415
    from services.directory.views import QUESTIONS  # noqa: PLC0415
    from tests.chassis.engine_fixture import Now  # noqa: PLC0415

    pool = Pool(partial(connect, dsn, wait, **READ_ONLY), connections, wait)
    return QuestionsApplication("directory", AGGREGATES, QUESTIONS, pool, Now(LATE), NOBODY)


async def test_a_database_that_is_away_is_said_to_be_and_asked_again() -> None:
    async with client(at("postgresql://127.0.0.1:1/nowhere")) as asking:
        response = await asking.get("/v1/parked")
        assert is_problem(response, 503, "store_away")
        assert int(response.headers["retry-after"]) > 0


async def test_whoever_finds_all_connections_lent_is_asked_to_come_again(
    discharge: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.questions.pool.WAIT_SECONDS", 0.2)
    application = discharge.application(connections=1)
    async with client(application) as asking, application.pool.lent():
        response = await asking.get("/v1/parked")
        assert is_problem(response, 503, "busy")
        assert int(response.headers["retry-after"]) > 0


async def test_a_question_cannot_write(discharge: Heard) -> None:
    async with discharge.application().pool.lent() as connection:
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await connection.execute("DELETE FROM state")


async def test_questions_at_the_same_time_share_what_is_built_once(discharge: Heard) -> None:
    async with client(discharge.application()) as asking:
        answers = await asyncio.gather(*(asking.get("/v1/parked") for _ in range(20)))
        assert {answer.status_code for answer in answers} == {200}


async def test_the_document_is_there_for_everybody(heard_by: HeardBy, tmp_path: Path) -> None:
    heard = await asyncio.to_thread(heard_by, "directory")
    async with client(heard.application(issuer.authentication(tmp_path))) as asking:
        assert (await asking.get("/v1/openapi.json")).json() == heard.document
