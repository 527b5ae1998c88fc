"""The log of a real process: JSON in each line from the first on, and no line a second while its servers are away."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from time import monotonic, sleep

import pytest

from afterward.stack.ports import LOOPBACK, free_port

LOOKS = 12
"""So often the process is asked how it is while bus and database are away; each look takes half a second at least."""


def environment(**settings: str) -> dict[str, str]:
    """That of a process whose bus and database nobody listens for."""
    away = {"BOOTSTRAP_SERVERS": f"{LOOPBACK}:1", "DATABASE_DSN": f"postgresql://x@{LOOPBACK}:1/x", **settings}
    return {**os.environ, **{f"AFTERWARD_{name}": value for name, value in away.items()}}


def asked(url: str) -> int | None:
    """The status of an answer; None: there is none."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own process
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


def log_of(file: Path, **settings: str) -> list[str]:
    """What a process of treatment has logged once it was asked for its health so often, and ended in order."""
    port, deadline = free_port(), monotonic() + 120
    command = [sys.executable, "-m", "faststream", "run", "services.treatment.app:app"]
    with file.open("wb") as log:
        process = subprocess.Popen(
            [*command, "--host", LOOPBACK, "--port", str(port)], stdout=log, stderr=log, env=environment(**settings)
        )
        try:
            while asked(f"http://{LOOPBACK}:{port}/health") is None:
                assert process.poll() is None
                assert monotonic() < deadline
                sleep(0.1)
            for _ in range(LOOKS):
                assert asked(f"http://{LOOPBACK}:{port}/health") == 503
                sleep(0.5)
        finally:
            process.terminate()
            process.wait(60)
    return file.read_text(encoding="utf-8").splitlines()


@pytest.mark.timeout(240)
def test_every_line_is_json_and_servers_that_are_away_are_told_of_once(tmp_path: Path) -> None:
    lines = [json.loads(line) for line in log_of(tmp_path / "log", LOG_FORMAT="json")]
    assert {line["service"] for line in lines} == {"treatment"}
    wrong = [line for line in lines if line["level"] not in {"info", "debug"}]
    assert sum("the database fails" in line["message"] for line in wrong) == 1
    assert len(wrong) <= 3, wrong
    from_libraries = [line for line in lines if not line["logger"].startswith("afterward")]
    assert len(from_libraries) <= 12, "its start and its end, and nothing a second"


@pytest.mark.timeout(240)
def test_text_has_no_colour_outside_a_terminal_and_the_level_holds(tmp_path: Path) -> None:
    lines = log_of(tmp_path / "log", LOG_FORMAT="text", LOG_LEVEL="WARNING")
    assert not [line for line in lines if "\x1b" in line]
    assert not [line for line in lines if " INFO " in line]
    assert [line for line in lines if "the database fails" in line]
