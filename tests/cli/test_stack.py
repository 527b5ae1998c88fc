"""up and down: what an operator is told when a stack runs already, does not run, or is asked for in a wrong way."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from afterward.cli.console import verb
from afterward.cli.status import complaints, unwatched
from afterward.stack.lock import held
from afterward.stack.plan import MOST_PROCESSES
from afterward.stack.postgres.databases import CONNECTIONS
from chassis.clock import VirtualTime
from schemas.topic import PARTITIONS
from tests.cli.conftest import Command
from tests.journeys.stack import Stack, afterward

pytestmark = pytest.mark.timeout(600)

CONNECTIONS_OF_A_PROCESS = 8
"""Of a service: some, as `afterward.stack.postgres.databases` counts them."""


def test_a_second_stack_in_one_data_directory_is_refused_in_a_line(command: Command, stack: Stack) -> None:
    done = command("up", "--detach")
    assert done.returncode == 1
    assert done.stderr == (
        f"afterward: a stack runs in {stack.data_dir} already (process {stack.running.supervisor}): "
        "`afterward down` ends it\n"
    )


def test_below_the_table_stands_what_is_wrong_and_what_all_warn_of_once() -> None:
    full = "the disk is 93 % full: make room"
    services = {
        "intake": {"healthy": True, "warnings": [full]},
        "treatment": {"healthy": False, "bus": "no fetch was answered for 12 s", "warnings": [full]},
        "discharge": {"healthy": False, "error": "URLError"},
        "followup": {"healthy": False, "partitions": []},
    }
    assert complaints(services) == [
        "treatment: no fetch was answered for 12 s",
        "discharge: does not answer (URLError)",
        "followup: has no partitions",
        full,
    ]


def test_of_a_stack_whose_supervisor_was_killed_it_is_said_that_nobody_watches_it(tmp_path: Path) -> None:
    with held(tmp_path):
        assert unwatched(tmp_path) == []
    (emitted,) = unwatched(tmp_path)
    assert emitted.startswith("nobody watches this stack: what dies is not started again")


def test_what_a_command_writes_is_its_owners_alone(tmp_path: Path) -> None:
    async def sets_a_clock() -> None:
        VirtualTime(tmp_path / "clock.json").step_to(datetime(2020, 10, 15, tzinfo=UTC), 0)

    before = os.umask(0o022)
    try:
        verb(sets_a_clock)()
    finally:
        os.umask(before)
    assert (tmp_path / "clock.json").stat().st_mode & 0o777 == 0o600


def test_a_command_without_a_stack_says_how_to_start_one(tmp_path: Path) -> None:
    done = afterward(tmp_path / "none", "status")
    assert done.returncode == 1
    assert done.stderr.startswith(f"afterward: no stack runs in {tmp_path / 'none'}: start one with `afterward up")


def test_down_without_a_stack_says_so_and_is_no_failure(tmp_path: Path) -> None:
    done = afterward(tmp_path / "none", "down")
    assert (done.returncode, done.stdout) == (0, f"no stack runs in {tmp_path / 'none'}\n")


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("ward=2", "--processes ward=2: no such service; there are directory, "),
        ("discharge", "--processes discharge: a service has from 1 to 5, as in discharge=2"),
        ("discharge=0", "--processes discharge=0: a service has from 1 to 5"),
        ("discharge=6", "--processes discharge=6: a service has from 1 to 5"),
    ],
)
def test_processes_that_cannot_be_are_refused_before_anything_starts(tmp_path: Path, asked: str, says: str) -> None:
    done = afterward(tmp_path / "data", "up", "--processes", asked)
    assert (done.returncode, says in done.stderr) == (1, True), done.stderr
    assert not (tmp_path / "data").exists()


def test_as_many_processes_as_may_be_have_partitions_and_connections() -> None:
    assert MOST_PROCESSES <= PARTITIONS
    assert MOST_PROCESSES * CONNECTIONS_OF_A_PROCESS <= CONNECTIONS


@pytest.mark.parametrize(
    "clock", ["today@step", "2020-09-14T00:00:00@step", "2020-09-14T00:00:00Z", "2020-09-14T00:00:00Z@0"]
)
def test_a_clock_that_cannot_be_understood_is_refused_before_anything_is_started(tmp_path: Path, clock: str) -> None:
    done = afterward(tmp_path / "data", "up", "--detach", "--clock", clock)
    assert done.returncode == 1
    assert done.stderr.startswith("afterward: --clock takes INSTANT@SPEED or INSTANT@step")
    assert not (tmp_path / "data").exists()
