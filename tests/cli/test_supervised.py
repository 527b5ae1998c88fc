"""A stack of its own that loses its servers, is started twice and ended half-way: what an operator sees of it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import psutil
import pytest

from afterward.stack.lock import holder
from afterward.stack.postgres import Postgres
from afterward.stack.supervisor import forget
from afterward.stack.tansu import Tansu
from tests.journeys.patient import SHANGHAI, Patient
from tests.journeys.stack import LIMIT_SECONDS, Stack, afterward, running_stack

pytestmark = [pytest.mark.timeout(600), pytest.mark.wide]

NOON = "2020-09-26T12:00:00+08:00"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack whose processes these tests end."""
    data_dir = tmp_path_factory.mktemp("supervised") / "data"
    with running_stack(data_dir, "embedded", NOON, "--processes", "treatment=2") as started:
        yield started


def within(limit_seconds: float, holds: Callable[[], bool], what: str) -> None:
    """Returns once something holds."""
    until = time.monotonic() + limit_seconds
    while not holds():
        assert time.monotonic() < until, f"not within {limit_seconds} s: {what}"
        time.sleep(0.05)


def log_of(stack: Stack) -> str:
    return (stack.data_dir.parent / "data-up.log").read_text()


def of_the_stack(data_dir: Path) -> list[psutil.Process]:
    """Every process that has anything of a data directory open, or was told of it."""
    return [
        process
        for process in psutil.process_iter(["cmdline", "environ"])
        if str(data_dir) in " ".join(process.info["cmdline"] or ())
        or str(data_dir) in " ".join((process.info["environ"] or {}).values())
    ]


def is_asked_to_end(process: subprocess.Popen[bytes]) -> bool:
    """Whether SIGTERM waits for a process that is stopped."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{process.pid}/status").read_text().splitlines())
    return bool(int(status["ShdPnd"], 16) & 1 << (signal.SIGTERM - 1))


async def test_a_postgresql_that_dies_is_started_again_and_nothing_is_lost(stack: Stack) -> None:
    child = Patient("postgres-dies", stack.now().astimezone(SHANGHAI).replace(hour=0) - timedelta(days=1))
    pid = Postgres(stack.data_dir).pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await stack.publish_reports(child.arrived())
    within(LIMIT_SECONDS, lambda: Postgres(stack.data_dir).pid not in {None, pid}, "another PostgreSQL")
    await stack.tell(child.swabbed("first", child.at(0, 8), "detected"))
    emitted = [
        (event.type.split(".")[1], event.data.get("code"), event.data.get("report_type"))
        for event in await stack.events(child.case_id)
    ]
    assert "CaseImported" in [name for name, *_ in emitted], emitted
    assert "PostgreSQL 18 (embedded) has died; it is started again" in log_of(stack)


async def test_a_bus_that_dies_is_started_again_and_what_was_stated_is_on_it(stack: Stack) -> None:
    child = Patient("bus-dies", stack.now().astimezone(SHANGHAI).replace(hour=0) - timedelta(days=1))
    await stack.tell(child.arrived(), child.swabbed("first", child.at(0, 8), "detected"))
    before = {event.id for event in await stack.events(child.case_id)}
    Tansu(stack.data_dir).kill()
    within(
        LIMIT_SECONDS,
        lambda: log_of(stack).count("runs again") > log_of(stack).count("PostgreSQL 18 (embedded) runs"),
        "the bus",
    )
    await stack.quiet()
    assert {event.id for event in await stack.events(child.case_id)} >= before
    await stack.tell(child.admitted())
    assert "Admitted" in " ".join(event.type for event in await stack.events(child.case_id))
    assert "the embedded bus keeps nothing on disk" in log_of(stack)


async def test_processes_of_one_service_divide_its_partitions_and_each_is_started_again(stack: Stack) -> None:
    def parts() -> dict[str, int]:
        asked = json.loads(afterward(stack.data_dir, "status", "--json").stdout)["services"]
        return {name: len(one.get("partitions", ())) for name, one in asked.items() if name.startswith("treatment")}

    within(LIMIT_SECONDS, lambda: parts() == {"treatment 1": 3, "treatment 2": 3}, "half of the partitions each")
    second = stack.running.services["treatment-2"].pid
    os.kill(second, signal.SIGKILL)
    within(LIMIT_SECONDS, lambda: stack.running.services["treatment-2"].pid != second, "another second process")
    children = [Patient(f"of-two-{number}", datetime.fromisoformat(NOON)) for number in range(12)]
    await stack.tell(*(child.swabbed("first", child.at(0, 8), "detected") for child in children))
    assert parts() == {"treatment 1": 3, "treatment 2": 3}
    assert "treatment-2 has died; started again" in log_of(stack)


def test_what_a_stack_keeps_is_its_owners_alone(stack: Stack) -> None:
    assert stack.data_dir.stat().st_mode & 0o777 == 0o700
    postgres = (stack.data_dir / "postgres").resolve()
    beside = [path for path in stack.data_dir.parent.iterdir() if path.name.startswith("data-up")]
    inside = [path for path in stack.data_dir.rglob("*") if not path.is_symlink()]
    assert beside
    assert {path.name for path in [*inside, *beside, postgres] if path.stat().st_mode & 0o077} == set()
    umasks = {line for process in of_the_stack(stack.data_dir) for line in status(process) if line.startswith("Umask")}
    assert umasks == {"Umask:\t0077"}


def status(process: psutil.Process) -> list[str]:
    try:
        return Path(f"/proc/{process.pid}/status").read_text().splitlines()
    except OSError:
        return []


def test_no_command_line_on_disk_or_among_the_processes_holds_a_password(stack: Stack) -> None:
    secrets = [*json.loads((stack.data_dir / "passwords.json").read_text()).values()]
    secrets.append((stack.data_dir / "postgres.password").read_text())
    lines = [" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])]
    written = [path.read_text() for path in stack.data_dir.parent.rglob("*.pid")]
    logs = [path.read_text(errors="replace") for path in stack.data_dir.parent.rglob("*.log")]
    assert not [secret for secret in secrets if any(secret in text for text in (*lines, *written, *logs))]


def test_an_administrators_dsn_goes_to_the_supervisor_by_the_environment(stack: Stack, tmp_path: Path) -> None:
    """A second stack on the first one's PostgreSQL: its servers and services would do; that it begins is enough."""
    dsn = Postgres(stack.data_dir).dsn()
    options = ["--postgres", dsn, "--data-dir", str(tmp_path / "data"), "--bus", "127.0.0.1:1"]
    for detach in (["--detach"], []):
        done = subprocess.run(
            [sys.executable, "-m", "afterward.cli", "up", *detach, *options],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, "no Kafka answers at 127.0.0.1:1" in done.stderr) == (1, True), done.stderr
    record = json.loads((tmp_path / "data-up.pid").read_text())
    assert "postgresql://" not in json.dumps(record)


def test_down_during_a_start_says_what_it_did(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    command = [sys.executable, "-m", "afterward.cli", "up", "--data-dir", str(data_dir)]
    starting = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        within(LIMIT_SECONDS, lambda: Postgres(data_dir).is_running, "PostgreSQL")
        starting.send_signal(signal.SIGSTOP)  # on a busy machine it would be ready before the others have begun
        assert holder(data_dir) == starting.pid
        second = afterward(data_dir, "up", "--detach")
        assert (second.returncode, f"(process {starting.pid}): `afterward down` ends it" in second.stderr) == (1, True)
        with subprocess.Popen([*command[:3], "down", *command[4:]], stdout=subprocess.PIPE, text=True) as down:
            within(LIMIT_SECONDS, lambda: is_asked_to_end(starting), "down asks the start to end")
            starting.send_signal(signal.SIGCONT)
            done, _ = down.communicate(timeout=LIMIT_SECONDS)
        under_way = f"a start was under way there (process {starting.pid}), and was ended before it was ready"
        assert done == f"down: {data_dir}; {under_way}\n"
        assert of_the_stack(data_dir) == []
        assert afterward(data_dir, "down").stdout == f"no stack runs in {data_dir}\n"
    finally:
        starting.kill()
        starting.wait()
        afterward(data_dir, "down")
        forget(data_dir)


def test_two_starts_at_once_make_one_stack(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    command = [sys.executable, "-m", "afterward.cli", "up", "--detach", "--data-dir", str(data_dir)]
    try:
        both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]
        emitted = [each.communicate(timeout=LIMIT_SECONDS) for each in both]
        assert sorted(each.returncode for each in both) == [0, 1], emitted
        assert b"already (process" in b"".join(errors for _, errors in emitted)
        assert afterward(data_dir, "status").returncode == 0
    finally:
        afterward(data_dir, "down")
        forget(data_dir)
