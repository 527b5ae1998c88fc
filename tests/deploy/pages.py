"""Pages that a person follows, typed line by line as they stand there, and compared with what they say is printed."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import psutil

from tests.architecture.sample_repo import ROOT

_BLOCK: Final = re.compile(r"```console\n(.*?)\n *```", re.DOTALL)
_DIFFERS: Final = re.compile(r"\b[0-9a-f]{8,}\b|\d+(?:[.:,]\d+)*")
"""What is another one in each run: numbers, instants, addresses, digests."""


def commands(text: str) -> Iterator[str]:
    """What follows a `$` or a `>` in the console blocks."""
    for line in _lines(text):
        prompt, _, command = line.partition(" ")
        if prompt in ("$", ">"):
            yield command


def printed(text: str) -> list[str]:
    """What the console blocks show besides, but for `…`, which stands for lines that are left out."""
    return [line for line in _lines(text) if not line.startswith(("$", ">")) and line not in ("", "…")]


def _lines(text: str) -> Iterator[str]:
    for block in _BLOCK.findall(text):
        yield from (line.strip() for line in block.splitlines())


def missing(text: str, output: str) -> list[str]:
    """Lines that the page shows and the run did not print, whatever the numbers in them."""
    seen = {_plain(line) for line in output.splitlines()}
    return [line for line in printed(text) if _plain(line) not in seen]


def _plain(line: str) -> str:
    return " ".join(re.sub("─+", "─", _DIFFERS.sub("#", line)).split())


def follow(text: str, place: Path, replaced: Mapping[str, str], done: tuple[str, ...], limit: float) -> str:
    """Types all commands of a text in one shell in `place`, and ends what is left of it; what was printed.

    `replaced`: what the page calls something, and what it is here; `done`: commands that were carried out already.
    Fails where a command does.
    """
    script = "\n".join(["set -eu", "set -m", *(line for line in commands(text) if line not in done)])
    for named, here in replaced.items():
        assert named in script, f"{named} is not in the page any more"
        script = script.replace(named, here)
    given = {name: value for name, value in os.environ.items() if not name.startswith("AFTERWARD_")}
    given |= {"XDG_CONFIG_HOME": str(place.parent / "config"), "PYTHONPATH": str(ROOT), "PWD": str(place)}
    output = place.parent / "printed"
    with output.open("w") as out:
        shell = subprocess.Popen(
            ["bash", "-c", script], cwd=place, env=given, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        status = shell.wait(limit)
    finally:
        _end(shell.pid)
    written = output.read_text()
    logs = "".join(f"{log.name}: {log.read_text()[-2000:]}\n" for log in sorted(place.glob("*.log")))
    assert status == 0, f"{written}\n{logs}"
    return written


def checkout(place: Path, *rooms: str) -> Path:
    """A folder with what a page needs of a checkout."""
    place.mkdir()
    for room in (".venv", "docs", *rooms):
        (place / room).symlink_to(ROOT / room)
    return place


@contextmanager
def with_stack(place: Path) -> Iterator[Path]:
    """A checkout in which a page may start a stack, which is ended however the page ends."""
    try:
        yield checkout(place, "afterward", "deploy")
    finally:
        if (place / ".afterward" / "stack.json").exists():
            subprocess.run([ROOT / ".venv/bin/afterward", "down"], cwd=place, check=False, timeout=300)


def _end(session: int) -> None:
    """Ends a shell and all that it started."""
    ours = [one for one in psutil.process_iter() if _session_of(one.pid) == session]
    for process in ours:
        with suppress(psutil.Error):
            process.send_signal(signal.SIGCONT)
            process.send_signal(signal.SIGTERM)
    _, alive = psutil.wait_procs(ours, timeout=60)
    for process in alive:
        process.kill()


def _session_of(pid: int) -> int:
    with suppress(ProcessLookupError):
        return os.getsid(pid)
    return -1
