"""The corpus: documents as they were stored, which every later version of the code must understand.

python -m tests.documents.corpus               adds the documents that today's code makes of the lives; none is ever
                                               taken away
python -m tests.documents.corpus --release     writes some of them into a folder of the version of pyproject.toml, with
                                               its migrations and the shapes of its documents (`make release`)
"""

import json
import shutil
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

from afterward.documents import in_code
from afterward.release import every_migration, version
from chassis.decide.judge import AnyState
from tests.documents.lives import every_life

CORPUS = Path(__file__).parent / "corpus"
EDITION = "edition.json"
OF_A_RELEASE = 12
"""So many documents of a kind are kept of a release: from the first of the lives to the last."""
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
    _write(name, list(dict.fromkeys([*read(name), *made])))


def _write(name: str, every: Sequence[Stored]) -> None:
    path = CORPUS / f"{name}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(_LINES.encode((one.judged, msgspec.Raw(one.document))) + b"\n" for one in every))


def write_release(name: str) -> None:
    """The folder of a release: what it had in its databases, and documents as it stored them."""
    shutil.rmtree(CORPUS / name, ignore_errors=True)
    for lived in every_life():
        every = list(dict.fromkeys(stored(state) for state in lived.states() if state.judged is not None))
        places = sorted({round(n * (len(every) - 1) / (OF_A_RELEASE - 1)) for n in range(OF_A_RELEASE)})
        _write(f"{name}/{lived.name}", [every[place] for place in places])
    packages: dict[str, list[str]] = {}
    for migration in every_migration():
        package, script = migration.name.split("/")
        packages.setdefault(package.removeprefix("services."), []).append(script)
    edition = {"migrations": packages, "shapes": msgspec.to_builtins(in_code())}
    (CORPUS / name / EDITION).write_text(json.dumps(edition, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] == ["--release"]:
        write_release(version())
        sys.exit()
    for lived in every_life():
        _add(lived.name, (stored(state) for state in lived.states() if state.judged is not None))
