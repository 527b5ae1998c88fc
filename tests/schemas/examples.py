"""The examples of every message, as fixtures: valid ones by name, invalid ones with the error that they must give."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.message import Message
from schemas.topics import TOPICS

EXAMPLES = Path(__file__).parents[2] / "schemas" / "examples"
MESSAGES: dict[str, type[Message]] = {message.__name__: message for topic in TOPICS for message in topic.messages}
NAMES = sorted(MESSAGES)


def valid(name: str) -> bytes:
    """The record's value of the valid example of a message."""
    return (EXAMPLES / "valid" / f"{name}.json").read_bytes()


@dataclass(frozen=True)
class Rejected:
    """An envelope whose data are wrong, with the code and the path that say so."""

    name: str
    what: str
    envelope: dict[str, Any]
    code: str
    at: str


def refused() -> list[Rejected]:
    """Every invalid example."""
    return [_refused(path) for path in sorted((EXAMPLES / "invalid").glob("*/*.json"))]


def _refused(path: Path) -> Rejected:
    parsed = json.loads(path.read_bytes())
    return Rejected(path.parent.name, path.stem, parsed["envelope"], parsed["error"]["code"], parsed["error"]["at"])
