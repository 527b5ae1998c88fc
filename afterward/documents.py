"""Writes documents.lock.json, the shape of every stored document of every service; or says what has drifted.

python -m afterward.documents                writes the lock, if fields with defaults were appended and nothing else
python -m afterward.documents --check        writes nothing; exits 1 when the lock is not what the code stores
python -m afterward.documents --accept WHY   writes whatever was changed, and keeps why: stored documents of the old
                                             shape then need a converter (docs/operations/upgrading.md)
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import msgspec

from chassis.store.upgrading.documents import Part, Shape, changes, fingerprint, shape_of
from schemas.publishing.complaints import complain
from schemas.services import EVERY_SERVICE

LOCK: Final = Path(__file__).parent.parent / "documents.lock.json"
COMMAND: Final = "python -m afterward.documents"


class LockedKind(msgspec.Struct, frozen=True):
    """The documents of one kind of thing, and what names their shape in a database."""

    fingerprint: str
    parts: dict[str, Part]


class Lock(msgspec.Struct, frozen=True):
    """Service → kind → its documents. `accepted`: what was changed beyond appending, and why nobody minded."""

    services: dict[str, dict[str, LockedKind]] = {}
    accepted: tuple[str, ...] = ()


def main(arguments: list[str] | None = None) -> int:
    """The exit code: 0 when the lock is written or nothing has drifted; 1 otherwise, with a line for each reason."""
    options = _options().parse_args(arguments)
    locked, stored = read(), in_code()
    refused = list(refusals(locked.services, stored))
    accepted = (*locked.accepted, f"{options.accept}: {'; '.join(refused)}") if refused else locked.accepted
    text = written(Lock(stored, accepted))
    if options.check:
        drifted = not LOCK.exists() or LOCK.read_text(encoding="utf-8") != written(Lock(stored, locked.accepted))
        return complain(refused or ([f"{LOCK.name} has drifted: run `{COMMAND}`"] if drifted else []))
    if refused and not options.accept:
        return complain([*refused, f"Stored documents would be misread. If there are none: `{COMMAND} --accept 'why'`"])
    LOCK.write_text(text, encoding="utf-8")
    return 0


def read() -> Lock:
    """The lock as it stands; an empty one where there is none."""
    return msgspec.json.decode(LOCK.read_bytes(), type=Lock) if LOCK.exists() else Lock()


def in_code() -> dict[str, dict[str, LockedKind]]:
    """What the code stores."""
    return {service: dict(_kinds(service)) for service in EVERY_SERVICE}


def _kinds(service: str) -> Iterator[tuple[str, LockedKind]]:
    for aggregate in import_module(f"services.{service}.routes").AGGREGATES:
        shape = shape_of(aggregate)
        yield aggregate.name, LockedKind(fingerprint(shape), dict(shape))


Locked = Mapping[str, Mapping[str, LockedKind]]


def refusals(before: Locked, after: Locked) -> Iterator[str]:
    """A sentence for whatever was done to stored documents beyond appending fields that have a default."""
    for service, aggregates in before.items():
        for name, aggregate in aggregates.items():
            now = after.get(service, {}).get(name)
            parts: Shape = now.parts if now else {}
            found = changes(aggregate.parts, parts) if now else ["nothing of this name is stored any more"]
            yield from (f"{service}, {name}: {sentence}" for sentence in found)


def written(lock: Lock) -> str:
    """The lock as text: a line for each field, so that a difference shows where it is."""
    plain: Any = msgspec.to_builtins(lock)
    return json.dumps(plain, indent=1, ensure_ascii=False) + "\n"


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=COMMAND, description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when the lock has drifted")
    parser.add_argument("--accept", metavar="WHY", help="write changes beyond appending too, and keep why")
    return parser


if __name__ == "__main__":
    sys.exit(main())
