"""One embedded stack for the whole command line, to which the stay of one child has been published as a file."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from subprocess import CompletedProcess
from typing import Protocol

import pytest

from schemas.message import Report
from tests.backends import note_bus
from tests.journeys.patient import SHANGHAI, Patient
from tests.journeys.stack import Stack, afterward, envelope, running_stack

NOON_OF_THE_DISCHARGE = "2020-09-26T12:00:00+08:00"


class Command(Protocol):
    """The command line with the data directory of the running stack."""

    def __call__(self, *arguments: str, given: bytes = b"") -> CompletedProcess[str]: ...


@pytest.fixture(scope="session")
def child() -> Patient:
    """Arrived on 14 September 2020, went home on the 26th."""
    return Patient("cli-child", datetime(2020, 9, 14, tzinfo=SHANGHAI))


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory, child: Patient) -> Iterator[Stack]:
    """A running stack, at rest after the child's stay."""
    folder = tmp_path_factory.mktemp("cli")
    with running_stack(folder / "data", "embedded", NOON_OF_THE_DISCHARGE) as started:
        note_bus(started.running.bus)
        afterward(started.data_dir, "publish", str(lines_of(folder / "stay.jsonl", child.stay())))
        waited = afterward(started.data_dir, "wait")
        assert waited.returncode == 0, waited.stderr
        yield started


@pytest.fixture
def command(stack: Stack) -> Command:
    """Calls the command line about the running stack."""

    def call(*arguments: str, given: bytes = b"") -> CompletedProcess[str]:
        return afterward(stack.data_dir, *arguments, given=given)

    return call


def lines_of(file: Path, reports: Iterable[Report]) -> Path:
    """A file with an envelope a line."""
    file.write_bytes(b"".join((envelope(report).value or b"") + b"\n" for report in reports))
    return file
