"""Who may ask what, cell by cell: each way to be nobody or somebody else, at each endpoint of each service."""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from chassis.clock import real_now
from chassis.questions.authentication import CERTIFICATE, Authentication
from chassis.questions.certificates import Certificates, parse
from chassis.questions.reread import Reread
from schemas.services import EVERY_SERVICE
from tests.questions import issuer
from tests.questions.asked import Heard, client
from tests.questions.conftest import HeardBy
from tests.questions.issuer import token

pytestmark = pytest.mark.timeout(600)
NOW = int(real_now().timestamp())
HOUR = int(timedelta(hours=1).total_seconds())

NOBODY: Mapping[str, Callable[[], str | None]] = {
    "no token": lambda: None,
    "malformed": lambda: "Bearer a.b",
    "another scheme": lambda: "Basic cmVhZGVyOnB3",
    "not ASCII": lambda: "Bearer \xff",
    "expired": lambda: bearer(exp=NOW - HOUR, iat=NOW - 2 * HOUR),
    "without an end": lambda: bearer(exp=None),
    "not yet valid": lambda: bearer(nbf=NOW + HOUR),
    "wrong issuer": lambda: bearer(iss="https://other.example"),
    "without an issuer": lambda: bearer(iss=None),
    "wrong audience": lambda: bearer(aud="laundry"),
    "without an audience": lambda: bearer(aud=None),
    "without a subject": lambda: bearer(sub=None),
    "a subject of two lines": lambda: bearer(sub="a\nb"),
    "wrong key": lambda: f"Bearer {token(key=issuer.STRANGER)}",
    "algorithm none": lambda: f"Bearer {issuer.unsigned()}",
    "public key as a secret": lambda: f"Bearer {issuer.signed_with_the_public_key()}",
    "places that are no list": lambda: bearer(jurisdictions="CN-SH"),
    "districts without jurisdictions": lambda: bearer(districts=["Pudong"]),
}
"""How a request may come that nobody is to be answered: 401 at every endpoint."""
WITHOUT = {
    "read:cases": "read:worklists operate",
    "read:worklists": "read:cases operate",
    "operate": "read:cases read:worklists forget",
    "forget": "read:cases read:worklists operate",
}


def bearer(**claims: Any) -> str:
    return f"Bearer {token(**claims)}"


class Cell(NamedTuple):
    """An endpoint with a request that is well formed."""

    method: str
    path: str
    scope: str
    query: dict[str, str]
    body: Any


def cells(heard: Heard) -> Iterator[Cell]:
    """All endpoints of a service."""
    for path, operations in heard.document["paths"].items():
        for method, operation in operations.items():
            (scope,) = operation["security"][0]["bearer"]
            query = {"jurisdiction": "CN-SH"} if "/worklists/" in path else {}
            yield Cell(method.upper(), _filled(heard, path), scope, query, BODIES.get(path))


BODIES = {
    "/v1/parked/replay": {"ids": [999]},
    "/v1/parked/{id}/discard": {"why": "a test"},
    "/v1/republish": {"since": "2199-01-01T00:00:00Z"},
    "/v1/route": {"jurisdiction": "CN-SH"},
    "/v1/persons/find": {"person_ref": "p-nobody"},
    "/v1/persons/forget": {"person_ref": "p-nobody", "why": "a test"},
    "/v1/persons/hold": {"person_ref": "p-nobody", "why": "a test"},
    "/v1/persons/release": {"person_ref": "p-nobody"},
}


def _filled(heard: Heard, path: str) -> str:
    values = {"jurisdiction": "CN-SH", "date": "2020-10-20", "id": "999"}
    for name in ("case", "channel", "prescription", "institution", "consultation"):
        values[f"{name}_id"] = heard.keys.get(name, ["nobody"])[0]
    return path.format(**values)


async def ask(asking: httpx.AsyncClient, cell: Cell, **headers: str) -> httpx.Response:
    body = {} if cell.body is None else {"json": cell.body}
    given = {"purpose-of-use": "TREAT", **headers}
    encoded = [(name.encode(), value.encode("latin-1")) for name, value in given.items()]
    return await asking.request(cell.method, cell.path, params=cell.query, headers=encoded, **body)


def is_problem(response: httpx.Response, status: int, kind: str) -> bool:
    """Whether it is that problem, and says nothing that it should not."""
    details = response.json() if response.headers["content-type"] == "application/problem+json" else {}
    assert (response.status_code, details.get("type", "").rpartition(":")[2]) == (status, kind), response.text
    return bool(details["status"] == status and details["title"] and details["detail"])


@pytest.mark.parametrize("service", EVERY_SERVICE)
async def test_nobody_is_answered_without_saying_who_they_are(heard_by: HeardBy, service: str, tmp_path: Path) -> None:
    heard = await asyncio.to_thread(heard_by, service)
    async with client(heard.application(issuer.authentication(tmp_path))) as asking:
        for why, given in NOBODY.items():
            for cell in cells(heard):
                shown = given()
                response = await ask(asking, cell, **({} if shown is None else {"authorization": shown}))
                kind = "not_authenticated" if shown is None else "bad_token"
                assert is_problem(response, 401, kind), (why, cell)
                assert response.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("service", EVERY_SERVICE)
async def test_each_question_needs_its_scope(heard_by: HeardBy, service: str, tmp_path: Path) -> None:
    heard = await asyncio.to_thread(heard_by, service)
    async with client(heard.application(issuer.authentication(tmp_path))) as asking:
        for cell in cells(heard):
            lacking = await ask(asking, cell, authorization=bearer(scope=WITHOUT[cell.scope]))
            assert is_problem(lacking, 403, "missing_scope")
            assert cell.scope in lacking.headers["www-authenticate"]
            having = await ask(asking, cell, authorization=bearer(scope=cell.scope))
            assert having.status_code in {200, 404}, (cell, having.text)


@pytest.mark.parametrize("algorithm", sorted(issuer.KEYS))
async def test_each_algorithm_of_the_issuer_is_accepted(heard_by: HeardBy, algorithm: str, tmp_path: Path) -> None:
    heard = await asyncio.to_thread(heard_by, "discharge")
    async with client(heard.application(issuer.authentication(tmp_path))) as asking:
        response = await asking.get("/v1/parked", headers={"authorization": f"Bearer {token(algorithm)}"})
        assert response.status_code == 200


CERTIFIED = {
    "subject": ((("commonName", "clinic"),),),
    "notAfter": "Jan  1 00:00:00 2200 GMT",
}
READERS = {"clinic": {"scopes": ["read:worklists", "operate"]}, "other": {"scopes": ["operate"]}}


def certificates(folder: Path) -> Authentication:
    file = folder / "readers.json"
    file.write_text(json.dumps(READERS))
    return Authentication(None, Certificates(Reread(file, parse, "AFTERWARD_HTTP_READERS_FILE")))


@pytest.mark.parametrize(
    "shown",
    [
        None,
        {},
        {**CERTIFIED, "subject": ((("commonName", "stranger"),),)},
        {**CERTIFIED, "subject": ((("organizationName", "clinic"),),)},
        {**CERTIFIED, "subject": ((("commonName", "clinic"),), (("commonName", "other"),))},
        {**CERTIFIED, "notAfter": "Jan  1 00:00:00 2020 GMT"},
    ],
)
async def test_a_certificate_without_an_entry_is_nobody(heard_by: HeardBy, shown: Any, tmp_path: Path) -> None:
    heard = await asyncio.to_thread(heard_by, "discharge")
    async with client(heard.application(certificates(tmp_path)), **{CERTIFICATE: shown}) as asking:
        for cell in cells(heard):
            assert is_problem(await ask(asking, cell), 401, "not_authenticated")


async def test_a_certificate_may_ask_what_its_entry_says(heard_by: HeardBy, tmp_path: Path) -> None:
    heard = await asyncio.to_thread(heard_by, "discharge")
    async with client(heard.application(certificates(tmp_path)), **{CERTIFICATE: CERTIFIED}) as asking:
        for cell in cells(heard):
            response = await ask(asking, cell)
            if cell.scope in {"read:cases", "forget"}:
                assert is_problem(response, 403, "missing_scope")
            else:
                assert response.status_code in {200, 404}
