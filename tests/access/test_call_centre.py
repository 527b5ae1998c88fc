"""The call centre of the integrators' page with all doors locked: as the matrix has it, over TLS, known by name."""

import asyncio
import json
import os
import ssl
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from aiokafka import AIOKafkaProducer

from afterward.stack.ports import free_port
from chassis.clock import real_now
from chassis.process.access_settings import variables
from chassis.store.migrate import migrate
from services.followup.routes import AGGREGATES
from tests.access.conftest import Cluster, password_of
from tests.certificates import Authority
from tests.journeys.call_centre import LIMIT_SECONDS, in_node, in_python, running
from tests.questions import issuer
from tests.secured import secret_file

pytestmark = [pytest.mark.needs_kafka, pytest.mark.thorough, pytest.mark.timeout(600)]
CENTRE, CASE = "callcentre-1", "sh-2020-1001"
EVENTS = Path(__file__).parents[2] / "docs" / "examples" / "folding" / "events.jsonl"
SCOPES = ["read:cases", "read:worklists"]


def settings_of(ready: Cluster, dsn: str, folder: Path) -> dict[str, str]:
    """Followup's: it shows a certificate, and takes those of the authority as well as the issuer's tokens."""
    shown = ready.authority.issue("followup", "localhost", "127.0.0.1")
    (folder / "readers.json").write_text(json.dumps({CENTRE: {"scopes": SCOPES, "jurisdictions": ["CN-SH"]}}))
    (folder / "publishers.json").write_text(json.dumps({"/callcentres/1": ["followup.reports.v1"]}))
    given = {
        "DATABASE_DSN": dsn,
        "HTTP_CERTIFICATE_FILE": shown.certificate,
        "HTTP_KEY_FILE": shown.key,
        "HTTP_CLIENT_CA_FILE": ready.authority.file,
        "HTTP_READERS_FILE": folder / "readers.json",
        "OIDC_ISSUER": issuer.ISSUER,
        "OIDC_AUDIENCE": issuer.AUDIENCE,
        "OIDC_JWKS_FILE": issuer.published(folder),
        "PUBLISHERS_FILE": folder / "publishers.json",
    }
    return variables(ready.access("followup")) | {f"AFTERWARD_{name}": str(value) for name, value in given.items()}


@asynccontextmanager
async def followup(settings: Mapping[str, str], authority: Authority, log: Path) -> AsyncIterator[str]:
    """Its process, once it is healthy: where it answers."""
    port = free_port()
    where = ["--host", "127.0.0.1", "--port", str(port)]
    command = [sys.executable, "-m", "faststream", "run", "services.followup.app:app", *where]
    with log.open("wb") as opened:
        process = await asyncio.create_subprocess_exec(
            *command, env={**os.environ, **settings}, stdout=opened, stderr=opened
        )
    try:
        async with httpx.AsyncClient(verify=trusting(authority)) as client:
            await healthy(client, f"https://localhost:{port}/health", log)
        yield f"https://localhost:{port}"
    finally:
        process.terminate()
        await process.wait()


def trusting(authority: Authority) -> ssl.SSLContext:
    """What a reader connects with."""
    return ssl.create_default_context(cafile=authority.file)


async def healthy(client: httpx.AsyncClient, address: str, log: Path) -> None:
    """Returns once it is. Fails with what it logged."""
    try:
        async with asyncio.timeout(LIMIT_SECONDS):
            while True:
                try:
                    if (await client.get(address)).is_success:
                        return
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.2)
    except TimeoutError:
        fail_with(log)


def fail_with(log: Path) -> None:
    pytest.fail(log.read_text())


async def tell(ready: Cluster) -> None:
    """Publishes what other services say of a patient who went home long ago, as each of them."""
    lines = [(json.loads(line), line) for line in EVENTS.read_bytes().splitlines()]
    for service in ("treatment", "discharge"):
        async with AIOKafkaProducer(acks="all", **ready.access(service).options()) as producer:
            for event, line in lines:
                if event["source"] == f"/services/{service}":
                    await producer.send_and_wait(f"{service}.events.v1", line, key=event["subject"].encode())


async def test_with_a_certificate_and_with_a_token_it_phones_as_who_it_is(
    ready: Cluster, database: str, tmp_path: Path
) -> None:
    folder = tmp_path / "followup"
    folder.mkdir()
    await migrate(database, "followup", AGGREGATES)
    shown, authority = ready.authority.issue(CENTRE), ready.authority
    later = int(real_now().timestamp()) + 3600
    shows = issuer.token(sub=CENTRE, scope=" ".join(SCOPES), jurisdictions=["CN-SH"], exp=later)
    token = secret_file(tmp_path / "token", shows)
    async with followup(settings_of(ready, database, folder), authority, tmp_path / "log") as address:
        await tell(ready)
        settings = {
            "CALLCENTRE_NAME": "1",
            "CALLCENTRE_JURISDICTION": "CN-SH",
            "CALLCENTRE_JOURNAL": str(tmp_path / "calls.jsonl"),
            "KAFKA_BOOTSTRAP_SERVERS": ready.access(CENTRE).bootstrap_servers,
            "KAFKA_PASSWORD_FILE": str(secret_file(tmp_path / "password", password_of(CENTRE))),
            "KAFKA_CA_FILE": str(authority.file),
            "FOLLOWUP_URL": address,
        }
        by_certificate = {
            "FOLLOWUP_CA_FILE": str(authority.file),
            "FOLLOWUP_CERTIFICATE_FILE": str(shown.certificate),
            "FOLLOWUP_KEY_FILE": str(shown.key),
        }
        async with running(in_python(), settings | by_certificate) as centre:
            await centre.prints(f"{CASE}: call 1 of 3")
            await centre.is_typed("no_answer")
            await centre.prints(f"{CASE}: call 1 is closed: no_answer")
        by_token = {"FOLLOWUP_TOKEN_FILE": str(token), "NODE_EXTRA_CA_CERTS": str(authority.file)}
        async with running(in_node(tmp_path), settings | by_token) as centre:
            await centre.prints(f"{CASE}: call 2 of 3")
            await centre.is_typed("reached")
            await centre.prints(f"{CASE}: call 2 is closed: reached")
            await centre.prints("0 to be called")
