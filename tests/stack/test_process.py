"""A detached process is found again by whoever knows its folder, and by its own pid only."""

import json
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from afterward.stack.process import Daemon, StartFailed
from afterward.stack.services import ServiceDaemon

SLEEPS = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)",
]


async def answers() -> bool:
    return True


async def is_silent() -> bool:
    return False


def test_another_instance_finds_it_and_ends_it(tmp_path: Path) -> None:
    Daemon("sleeper", tmp_path).spawn(SLEEPS, port=1234)
    other = Daemon("sleeper", tmp_path)
    assert (other.is_running, other.last_port) == (True, 1234)
    other.kill()
    assert (other.is_running, other.last_port) == (False, 1234)


def test_what_it_has_of_our_environment_holds_nothing_of_an_administrator(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AFTERWARD_POSTGRES", "postgresql://admin:secret@db/postgres")
    monkeypatch.setenv("PGPASSWORD", "secret")
    server, service = Daemon("server", tmp_path), ServiceDaemon("intake", tmp_path, {"AFTERWARD_WORKERS": "1"})
    server.spawn(SLEEPS, port=1)
    service.spawn()
    for daemon in (server, Daemon("service-intake", tmp_path)):
        assert daemon.pid is not None
        given = psutil.Process(daemon.pid).environ()
        daemon.kill()
        assert "secret" not in "".join(given.values())
        assert given["PATH"] == os.environ["PATH"]


def test_it_does_not_share_our_terminal_signals(tmp_path: Path) -> None:
    daemon = Daemon("sleeper", tmp_path)
    daemon.spawn(SLEEPS, port=1)
    assert daemon.pid is not None
    assert os.getsid(daemon.pid) != os.getsid(0)
    daemon.kill()


def test_a_stranger_who_got_its_pid_is_neither_taken_for_it_nor_ended(tmp_path: Path) -> None:
    stranger, daemon = Daemon("stranger", tmp_path), Daemon("daemon", tmp_path)
    stranger.spawn(SLEEPS, port=1)
    footprint = json.loads((tmp_path / "stranger.pid").read_text())
    other = {"started": footprint["started"] - 60, "command": ["postgres", "-D", "/data"]}
    (tmp_path / "daemon.pid").write_text(json.dumps(footprint | other))
    daemon.kill()
    assert not daemon.is_running
    assert stranger.is_running
    stranger.kill()


def test_it_is_still_known_after_the_machines_clock_was_put_right(tmp_path: Path) -> None:
    daemon = Daemon("daemon", tmp_path)
    daemon.spawn(SLEEPS, port=1)
    footprint = json.loads((tmp_path / "daemon.pid").read_text())
    (tmp_path / "daemon.pid").write_text(json.dumps(footprint | {"started": footprint["started"] - 3_600}))
    assert daemon.is_running
    daemon.kill()


def test_a_torn_pid_file_means_that_nothing_runs(tmp_path: Path) -> None:
    (tmp_path / "torn.pid").write_text('{"pid": 1')
    assert not Daemon("torn", tmp_path).is_running


async def test_a_process_that_ignores_the_request_is_killed(tmp_path: Path) -> None:
    daemon = Daemon("stubborn", tmp_path)
    daemon.spawn(STUBBORN, port=1)

    async def has_set_its_handler() -> bool:
        return daemon.log.read_bytes() != b""

    await daemon.until(has_set_its_handler, limit_seconds=20)
    await daemon.stop(signal.SIGTERM, patience_seconds=0.2)
    assert not daemon.is_running


async def test_nothing_happens_when_what_is_stopped_does_not_run(tmp_path: Path) -> None:
    await Daemon("nobody", tmp_path).stop()


async def test_one_that_ends_while_starting_is_named_with_its_last_words(tmp_path: Path) -> None:
    daemon = Daemon("failing", tmp_path)
    daemon.spawn([sys.executable, "-c", "raise SystemExit('the disk is full')"], port=1)
    with pytest.raises(StartFailed, match=r"failing ended while starting(.|\n)*failing\.log(.|\n)*the disk is full"):
        await daemon.until(is_silent, limit_seconds=20)


async def test_one_that_stays_silent_is_named_when_the_time_is_up(tmp_path: Path) -> None:
    daemon = Daemon("silent", tmp_path)
    daemon.spawn(SLEEPS, port=1)
    with pytest.raises(StartFailed, match=r"silent did not answer within 0\.2 s"):
        await daemon.until(is_silent, limit_seconds=0.2)
    await daemon.until(answers, limit_seconds=1)
    daemon.kill()
