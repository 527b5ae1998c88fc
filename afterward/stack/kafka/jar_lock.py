"""Jars as they were when they were chosen: Maven compares with what the repository says of itself, this with a lock.

A line of a lock: SHA-256 of the file in hexadecimal, `group:artifact:version`, and the licence.
"""

import hashlib
from pathlib import Path
from typing import Final

KAFKA_LOCK: Final = Path(__file__).with_name("jars.lock")


def differences(folder: Path, lock: Path) -> list[str]:
    """What in the folder is not as the lock has it, a sentence each; empty where all is."""
    pinned = {}
    for line in lock.read_text(encoding="utf-8").splitlines():
        digest, coordinates, _ = line.split(maxsplit=2)
        _, artifact, version = coordinates.split(":")
        pinned[f"{artifact}-{version}.jar"] = digest
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.jar")}
    return [
        *(f"{name} is missing" for name in sorted(pinned.keys() - found.keys())),
        *(f"{name} is in no lock" for name in sorted(found.keys() - pinned.keys())),
        *(
            f"{name} has another content"
            for name in sorted(pinned.keys() & found.keys())
            if pinned[name] != found[name]
        ),
    ]
