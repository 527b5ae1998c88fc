"""Everything of others that a lock file pins: Python distributions, jars, npm packages."""

import json
import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Final, NamedTuple

from afterward.stack.kafka.jar_lock import KAFKA_LOCK
from tests.architecture.sample_repo import ROOT
from tests.supply.licences import of_distribution

EVERYTHING: Final = ROOT / "requirements.lock"
SHIPPED: Final = ROOT / "requirements.runtime.lock"
PEERS: Final = tuple(sorted((ROOT / "bench" / "peers").glob("*.in")))
"""What the peers of the benchmarks are made from, each in an environment of its own; the `.txt` beside is its lock."""
NODE_LOCKS: Final = (ROOT / "schemas/package-lock.json", ROOT / "docs/examples/callcentre/package-lock.json")
JAR_LOCKS: Final = (KAFKA_LOCK, ROOT / "bench/peers/streams.lock")
_PINNED: Final = re.compile(r"^([\w.-]+)(?:\[[\w,-]+\])?==([^\s;]+)((?:.*\\\n)*.*)", re.MULTILINE)


class Part(NamedTuple):
    """Something of others. `ecosystem`: as in a package URL; `licence`: SPDX, empty where none is known."""

    ecosystem: str
    name: str
    version: str
    hashes: tuple[str, ...]
    licence: str = ""


def python_parts(lock: Path) -> list[Part]:
    """What a lock of pip pins; `hashes` are SHA-256 in hexadecimal, one for each file that may be installed."""
    parts = []
    for name, version, rest in _PINNED.findall(lock.read_text(encoding="utf-8")):
        parts.append(Part("pypi", name, version, tuple(re.findall(r"--hash=sha256:([0-9a-f]{64})", rest))))
    return parts


def licensed(parts: list[Part]) -> Iterator[Part]:
    """The same with the licences that distributions state. Raises PackageNotFoundError for one not installed."""
    for part in parts:
        yield part._replace(licence=of_distribution(metadata.distribution(part.name).metadata))


def jar_parts(lock: Path) -> list[Part]:
    """What Maven may fetch; the name is `group:artifact`."""
    parts = []
    for line in lock.read_text(encoding="utf-8").splitlines():
        digest, coordinates, licence = line.split(maxsplit=2)
        name, _, version = coordinates.rpartition(":")
        parts.append(Part("maven", name, version, (digest,), licence))
    return parts


def node_parts(lock: Path) -> list[Part]:
    """What npm may fetch; `hashes` are its own integrity strings (`sha512-…`)."""
    parts = []
    for path, entry in json.loads(lock.read_text(encoding="utf-8"))["packages"].items():
        if path:
            name = path.rpartition("node_modules/")[2]
            parts.append(Part("npm", name, entry["version"], (entry["integrity"],), entry.get("license", "")))
    return parts
