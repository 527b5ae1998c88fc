"""A workload is drawn from its seed alone, and brings what a bus brings as well."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from schemas.envelope import HEADERS
from schemas.message import Report
from schemas.reports.consultation import (
    ChannelOpened,
    ConsultationCancelled,
    ConsultationCompleted,
    ConsultationRequested,
    ExpertRostered,
)
from schemas.services import SERVICES
from tests.faults.workload import JUNK, SMALL, workload
from tests.journeys.stack import Sent

ROOT = Path(__file__).parents[2]
HASHED = """
import hashlib
from tests.faults.workload import SMALL, workload
told = workload({seed}, **SMALL)
print(len(told.steps), hashlib.sha256(repr((told.starts_at, told.steps)).encode()).hexdigest())
"""


def _hashed(seed: int, hash_seed: str) -> str:
    """How many steps a workload has, and the hash of all that is told in them, drawn in a process of its own."""
    environment = os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", HASHED.format(seed=seed)]
    done = subprocess.run(command, capture_output=True, check=True, text=True, env=environment, cwd=ROOT, timeout=120)
    return done.stdout


def test_the_same_seed_tells_the_same_bytes_at_the_same_instants_in_another_process() -> None:
    once, again = _hashed(7, "1"), _hashed(7, "2")
    assert once == again
    assert once.startswith(f"{len(workload(7, **SMALL).steps)} ")
    assert _hashed(8, "1") != once


def test_another_seed_tells_of_others() -> None:
    assert not set(workload(7, **SMALL).steps) & set(workload(8, **SMALL).steps)


def test_every_service_is_given_junk_twice_and_at_last() -> None:
    steps = workload(7, **SMALL).steps
    junk = [sent.key for step in steps for sent in step.records if sent.value == JUNK]
    assert len(junk) == len(set(junk)) == 3 * len(SERVICES)
    assert sum(sent.value == JUNK for sent in steps[-1].records) == len(SERVICES)


def test_there_are_spoilt_headers_refused_reports_and_older_versions_that_come_later() -> None:
    records = [sent for step in workload(7, **SMALL).steps for sent in step.records]
    assert any(sent.headers != HEADERS for sent in records)
    assert any(b"somebody-else" in (sent.value or b"") for sent in records)
    assert any(b"41.1" in (sent.value or b"") for sent in records)


def test_people_ask_online_and_every_request_is_closed_in_the_end() -> None:
    given = workload(7, **SMALL)
    records = [sent for step in given.steps for sent in step.records]
    assert {json.loads(sent.value or b"")["type"] for sent in given.before} == {
        ChannelOpened.type_name(),
        ExpertRostered.type_name(),
    }
    asked = _subjects(records, ConsultationRequested)
    assert len(asked) > 10
    assert _subjects(records, ConsultationCompleted) | _subjects(records, ConsultationCancelled) == asked


def _subjects(records: Iterable[Sent], report: type[Report]) -> set[str]:
    named = report.type_name()
    read = (json.loads(sent.value or b"") for sent in records if sent.value != JUNK)
    return {envelope["subject"] for envelope in read if envelope["type"] == named}


def test_the_clock_only_goes_forward() -> None:
    given = workload(7, **SMALL)
    instants = [given.starts_at, *(step.at for step in given.steps)]
    assert instants == sorted(set(instants))
