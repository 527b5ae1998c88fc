"""The judge: SHA-256 over a canonical dump of what every service knows and concluded, and of what a stranger holds.

Two runs of one workload must give the same digest, whatever failed in one of them. So everything stays out that is
allowed to differ between two runs in which nothing failed:

- ids of events, and what names the message that happened to complete the picture: `id`, `causationid`,
  `correlationid`, `sequence` and `recordedtime` of an envelope;
- ranks that count (`rank`, `tie` of what was learnt from an event): an event's `sequence` is the version of its row,
  and that counts messages in the order in which they were judged. A rank made of a *report* stays in: its publisher
  made it;
- when something came (`received_at`), which is the broker's word; what follows from it is in the conclusions;
- of a discharge, where it was said to be before its last word, and since when that is known (`places`, `primaries`,
  `placed_at`): primary care lets nothing follow from it once followup has read the last word; and what it named when
  (`named_when`): whom an escalation names follows from it, and is in the conclusions;
- of what was stated for a moment and then taken back, the tombstone that its reader keeps (`tests.simulation`);
- which days had to follow a bulletin (`later`): in between, a day may be said once or three times, as its cases come;
- what the public editions of a day had shown by then (`public_tables`), and their tables, for the same reason;
- who had a request for online care when its time was over (`tests.simulation.whose`): every request of a workload is
  closed in the end, and nothing else that is compared says who has it;
- days without a bulletin: whether one was ever asked for depends on who came first;
- of what a stranger holds, what `tests.journeys.standing` leaves out.

Everything else is in: instants at which things became true, what is due next (`due`), what was found at each deadline
(`done`), what is parked and why, and the read models.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec

from schemas.envelope import read
from tests.faults.judging.snapshot import Held, Snapshot
from tests.journeys.standing import by_subject, day_of, is_without_bulletin
from tests.simulation.tombstones import counts_for_nothing
from tests.simulation.whose import conclusions_without_experts, data_without_expert

EVENT_RANK_LENGTH = 16
"""An event's rank is its sequence in 16 hexadecimal digits; that of a report goes on with its id (`reader`)."""
_RECEIPT = frozenset({"received_at"})
_EARLIER = frozenset({"places", "primaries", "placed_at", "named_when"})
_RANKS = frozenset({"rank", "tie"})
_LEFT_OUT_OF_CONCLUSIONS: Mapping[tuple[str, str], frozenset[str]] = {
    ("bulletin", "day"): frozenset({"later"}),
    ("bulletin", "public_day"): frozenset({"public_tables"}),
}
_CONSULTATIONS = ("consultation", "consultation")

Tree = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """The first place at which two dumps are not the same. `path`: from the service down to the field."""

    path: tuple[str, ...]
    expected: Any
    found: Any

    def __str__(self) -> str:
        return f"{' / '.join(self.path)}: expected {_short(self.expected)}, found {_short(self.found)}"


def dump(left: Snapshot) -> dict[str, Any]:
    """Service → kind → key → facts and conclusions, and under `standing` what a stranger has folded, in plain JSON."""
    given = {service: _service(service, held) for service, held in left.services.items()}
    heard = (read(record.value, record.headers) for record in left.bus)
    compared = [event._replace(data=data_without_expert(event.type, event.data)) for event in heard]
    return {**given, "standing": by_subject(compared)}


def differences(expected: Any, found: Any, path: tuple[str, ...] = ()) -> Iterator[Difference]:
    """Every place at which two dumps are not the same, in the order of their keys."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in sorted({**expected, **found}):
            yield from differences(expected.get(key), found.get(key), (*path, key))
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for place, (one, other) in enumerate(zip(expected, found, strict=True)):
            yield from differences(one, other, (*path, str(place)))
    elif expected != found:
        yield Difference(path, expected, found)


def _service(service: str, held: Held) -> dict[str, Any]:
    days = {row["key"]: row for row in held.tables.get("bulletin_day", ())}
    given: dict[str, Any] = {
        kind: {
            key: {"facts": plain(facts), "conclusions": _conclusions(service, kind, conclusions)}
            for key, (facts, conclusions) in documents.items()
            if (day := day_of(kind, key)) is None or not is_without_bulletin(days.get(day))
        }
        for kind, documents in held.documents.items()
    }
    given["parked"] = sorted(([_parked(row) for row in held.parked]), key=str)
    given["blocked"] = sorted(f"{kind}/{key}" for kind, key in held.blocked)
    given["tables"] = {
        name: [plain(row) for row in rows if not is_without_bulletin(row)] for name, rows in held.tables.items()
    }
    return given


def _conclusions(service: str, kind: str, conclusions: Any) -> Any:
    left_out = _LEFT_OUT_OF_CONCLUSIONS.get((service, kind), frozenset())
    compared = {name: value for name, value in plain(conclusions).items() if name not in left_out}
    return conclusions_without_experts(compared) if (service, kind) == _CONSULTATIONS else compared


def _parked(row: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: row[name] for name in ("reason", "kind", "key", "topic")}
    return {**given, "record": hashlib.sha256(bytes(row["value"] or b"")).hexdigest()}


def plain(value: Any, name: str = "") -> Any:
    """A value as plain JSON with the names of its fields; what the head of this module leaves out is left out."""
    if isinstance(value, msgspec.Struct):
        fields = ((field, getattr(value, field)) for field in value.__struct_fields__)
        return {field: plain(one, field) for field, one in fields if not _is_left_out(field, one)}
    if isinstance(value, Mapping):
        if name == "quiet":  # what counts for nothing: name → rank
            return sorted(value)
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [plain(one) for one in value if not counts_for_nothing(one)]
    return value.isoformat() if isinstance(value, datetime | date) else value


def _is_left_out(field: str, value: Any) -> bool:
    return field in _RECEIPT | _EARLIER or (field in _RANKS and len(value) <= EVENT_RANK_LENGTH)


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 300 else f"{text[:300]}…"
