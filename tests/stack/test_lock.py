"""One data directory is one stack: the second is refused in words, and a crash leaves nothing locked."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from afterward.stack.lock import AlreadyRunning, held, holder, make_private, refuse_second

HOLDS = """
import sys, time, pathlib
from afterward.stack.lock import held
with held(pathlib.Path(sys.argv[1])):
    print('held', flush=True)
    time.sleep(600)
"""

LOOKS = """
import sys, pathlib
from afterward.stack.lock import holder
while True:
    holder(pathlib.Path(sys.argv[1]))
"""


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A data directory that does not exist yet."""
    return tmp_path / "data"


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_who_holds_it_is_said_and_nobody_once_it_is_let_go(data_dir: Path) -> None:
    assert holder(data_dir) is None
    with held(data_dir):
        assert holder(data_dir) == os.getpid()
        with pytest.raises(AlreadyRunning, match=rf"process {os.getpid()}\): `afterward down` ends it"), held(data_dir):
            raise AssertionError
        with pytest.raises(AlreadyRunning):
            refuse_second(data_dir)
    assert holder(data_dir) is None
    refuse_second(data_dir)


def test_whoever_only_looks_keeps_nobody_from_it(data_dir: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", LOOKS, str(data_dir)]) as other:
        for _ in range(300):
            with held(data_dir):
                pass
        other.kill()


def test_a_crash_lets_go_of_it(data_dir: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDS, str(data_dir)], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        assert holder(data_dir) == other.pid
        other.send_signal(signal.SIGKILL)
    with held(data_dir):
        assert holder(data_dir) == os.getpid()


def test_a_data_directory_is_its_owners_alone_also_one_of_before(data_dir: Path) -> None:
    make_private(data_dir)
    assert mode(data_dir) == 0o700
    data_dir.chmod(0o755)
    (data_dir / "passwords.json").touch()
    make_private(data_dir)
    assert mode(data_dir) == 0o700


def test_a_directory_of_other_things_is_left_as_it_is(data_dir: Path) -> None:
    data_dir.mkdir()
    data_dir.chmod(0o755)
    (data_dir / "thesis.tex").touch()
    make_private(data_dir)
    assert mode(data_dir) == 0o755


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as somebody else")
def test_roots_postgresql_that_keeps_its_data_within_still_reaches_them(data_dir: Path) -> None:
    (data_dir / "postgres").mkdir(parents=True)
    (data_dir / "passwords.json").touch()
    os.chown(data_dir / "postgres", 65534, 65534)
    make_private(data_dir)
    assert mode(data_dir) == 0o711
