"""docs/operations/deploying.md, line by line, on a Kafka and a PostgreSQL started by hand, leads to a judged stay."""

import asyncio
import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psutil
import pytest

from afterward.stack.kafka import Kafka, available
from afterward.stack.ports import free_port
from afterward.stack.postgres import Postgres
from tests.architecture.sample_repo import ROOT
from tests.backends import note_bus
from tests.certificates import Authority
from tests.secured import kafka_options, secret_file
from tests.tls_front import TlsFront

pytestmark = [pytest.mark.needs_kafka, pytest.mark.thorough, pytest.mark.timeout(1800)]

PAGE = ROOT / "docs" / "operations" / "deploying.md"
SECTION = "## On your own Kafka and PostgreSQL"
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
    place = tmp_path / "checkout"
    place.mkdir()
    (place / "docs").symlink_to(ROOT / "docs")
    (place / ".venv").symlink_to(ROOT / ".venv")
    (place / "ca.crt").write_bytes(authority.file.read_bytes())
    secret_file(place / "admin.password", "the administrator's")
    secret_file(place / "postgres.password", unquote(urlsplit(postgres.dsn()).password or ""))
    yield {
        "place": str(place),
        "kafka.example:9093": kafka.address("SASL_SSL"),
        "postgres.example": f"127.0.0.1:{front.port}",
        "--replication 3": "--replication 1",
        "port=8080": f"port={_free_ports()}",
    }
    front.stop()
    asyncio.run(postgres.stop())
    asyncio.run(kafka.stop())


def test_the_page_leads_from_nothing_to_a_judged_stay(servers: dict[str, str], tmp_path: Path) -> None:
    place = Path(servers.pop("place"))
    lines = [line for line in commands(PAGE.read_text()) if line not in DONE]
    script = "\n".join(["set -eu", "set -m", *lines])
    for named, here in servers.items():
        assert named in script, f"{named} is not in the page any more"
        script = script.replace(named, here)
    given = {name: value for name, value in os.environ.items() if not name.startswith("AFTERWARD_")}
    given |= {"XDG_CONFIG_HOME": str(tmp_path / "config"), "PYTHONPATH": str(ROOT)}
    shown = tmp_path / "shown"
    with shown.open("w") as out:
        shell = subprocess.Popen(
            ["bash", "-c", script], cwd=place, env=given, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        status = shell.wait(1500)
    finally:
        _end(shell.pid)
    written = shown.read_text()
    logs = "".join(f"{log.name}: {log.read_text()[-2000:]}\n" for log in sorted(place.glob("*.log")))
    assert status == 0, f"{written}\n{logs}"
    case = written[written.rindex("sh-2020-1001") :]
    assert "discharged" in case, written
    assert "not authorized" not in written


def commands(page: str) -> Iterator[str]:
    """What follows a `$` or a `>` in the console blocks of the section."""
    section = page[page.index(SECTION) :]
    for block in re.findall(r"```console\n(.*?)\n *```", section, re.DOTALL):
        for line in block.splitlines():
            prompt, _, command = line.strip().partition(" ")
            assert prompt in ("$", ">"), f"no prompt before: {line}"
            yield command


def _free_ports() -> int:
    """The first of ten that nobody has, one after the other."""
    first = free_port()
    while any(_is_taken(port) for port in range(first, first + 10)):
        first = free_port()
    return first


def _is_taken(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def _end(session: int) -> None:
    """Ends a shell and all that it started."""
    ours = [one for one in psutil.process_iter() if _session_of(one.pid) == session]
    for process in ours:
        with suppress(psutil.Error):
            process.send_signal(signal.SIGTERM)
    _, alive = psutil.wait_procs(ours, timeout=60)
    for process in alive:
        process.kill()


def _session_of(pid: int) -> int:
    with suppress(ProcessLookupError):
        return os.getsid(pid)
    return -1
