"""The corpus: documents as they were stored, which every later version of the code must understand.

python -m tests.documents.corpus     adds the documents that today's code makes of the lives; none is ever taken away
"""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

from chassis.decide.judge import AnyState
from tests.documents.lives import every_life

CORPUS = Path(__file__).parent / "corpus"
_LINE = msgspec.json.Decoder(tuple[datetime, msgspec.Raw])
_LINES = msgspec.json.Encoder()


class Stored(NamedTuple):
    """A line of the corpus: when the case was judged, and its document as the engine wrote it."""

    judged: datetime
    document: bytes


def read(name: str) -> list[Stored]:
    """The documents of `<service>/<kind>`, in the order in which they were added; none where there is no file."""
    path = CORPUS / f"{name}.jsonl"
    lines = path.read_bytes().splitlines() if path.exists() else []
    return [Stored(judged, bytes(document)) for judged, document in map(_LINE.decode, lines)]


def stored(state: AnyState) -> Stored:
    """A state as `chassis.store.locked_row.LockedRow.saved` writes it."""
    assert state.judged is not None
    return Stored(state.judged, msgspec.json.encode((state.facts, state.conclusions)))


def _add(name: str, made: Iterable[Stored]) -> None:
    path = CORPUS / f"{name}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    every = dict.fromkeys([*read(name), *made])
    path.write_bytes(b"".join(_LINES.encode((one.judged, msgspec.Raw(one.document))) + b"\n" for one in every))


if __name__ == "__main__":
    for lived in every_life():
        _add(lived.name, (stored(state) for state in lived.states() if state.judged is not None))
