"""Records that nobody should have sent: spoilt bytes, spoilt headers, JSON bombs, reports that are wrong.

Each is about a case of its own, `poison-<n>`, so that what came of it can be counted. A *kind* is a function from a
valid report's envelope to what is sent instead; `ANSWERED` can be read and are rejected, `KEPT` cannot and are parked.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from schemas.envelope import HEADERS, MAX_ENVELOPE_BYTES, Headers
from schemas.topics import TOPICS
from tests.journeys.stack import Sent

NAME = "poison-"
REPORTS = tuple(topic.name for topic in TOPICS if topic.direction == "in")
DEPTH, DEEPEST = 2_000, 100_000
LARGE_BYTES, LARGEST_BYTES = MAX_ENVELOPE_BYTES + 10_000, 3 << 20
LARGE_AT_MOST, EVERY = 20, 50
"""Of the large ones there are so many at most, and one among so many."""

Tree = dict[str, Any]
Aggregate = Callable[[Tree, Random], tuple[bytes | None, Headers]]


def _written(envelope: Tree) -> bytes:
    return json.dumps(envelope).encode()


def _cut_short(envelope: Tree, chance: Random) -> tuple[bytes, Headers]:
    value = _written(envelope)
    return value[: chance.randrange(1, len(value))], HEADERS


def _not_text(envelope: Tree, chance: Random) -> tuple[bytes, Headers]:
    value = _written(envelope)
    place = chance.randrange(len(value))
    return value[:place] + chance.choice((b"\xff", b"\xc0\x80", b"\xed\xa0\x80")) + value[place:], HEADERS


def _deep(envelope: Tree, chance: Random, depth: int = DEPTH) -> tuple[bytes, Headers]:
    opened = chance.choice((b"[", b'{"a":'))
    return _written(envelope)[:-1] + b', "deep": ' + opened * depth, HEADERS


def _no_number(envelope: Tree, chance: Random) -> tuple[bytes, Headers]:
    envelope["data"]["temperature_c"] = float(chance.choice(("nan", "inf", "-inf")))
    return _written(envelope), HEADERS


def _key_twice(envelope: Tree, _chance: Random) -> tuple[bytes, Headers]:
    return _written(envelope)[:-1] + b', "id": "not an id"}', HEADERS


def _empty(_envelope: Tree, chance: Random) -> tuple[bytes | None, Headers]:
    return chance.choice((None, b"", b" ", b"null", b"[]", b'"text"')), HEADERS


def _spoilt_headers(envelope: Tree, chance: Random) -> tuple[bytes, Headers]:
    spoilt = chance.choice((None, b"", b"\xff\xfe"))
    named = {f"ce_{name}": str(value).encode() for name, value in envelope.items() if name != "data"}
    named[chance.choice(("ce_id", "ce_type", "ce_source", "ce_specversion"))] = spoilt  # type: ignore[assignment]
    return _written(envelope["data"]), (("content-type", b"application/json"), *named.items())


def _unknown_type(envelope: Tree, chance: Random) -> tuple[bytes, Headers]:
    return _written({**envelope, "type": f"elsewhere.Unknown{chance.randrange(10)}"}), HEADERS


def _no_object(envelope: Tree, chance: Random) -> tuple[bytes, Headers]:
    return _written({**envelope, "data": chance.choice((None, 7, "text", []))}), HEADERS


def _somebody_elses(envelope: Tree, _chance: Random) -> tuple[bytes, Headers]:
    """The subject is not the case; said by a key that stands there twice."""
    return _written(envelope)[:-2] + b', "case_id": "somebody-else"}}', HEADERS


def _wrong_field(envelope: Tree, chance: Random) -> tuple[bytes, Headers]:
    name = chance.choice(sorted(envelope["data"]))
    return _written({**envelope, "data": {**envelope["data"], name: {"not": ["what", "was", "asked"]}}}), HEADERS


def _large(envelope: Tree, _chance: Random) -> tuple[bytes, Headers]:
    return _written({**envelope, "padding": "x" * LARGE_BYTES}), HEADERS


def _largest(_envelope: Tree, chance: Random) -> tuple[bytes, Headers]:
    return chance.randbytes(LARGEST_BYTES), HEADERS


def _deepest(envelope: Tree, chance: Random) -> tuple[bytes, Headers]:
    return _deep(envelope, chance, DEEPEST)


KEPT: Sequence[Aggregate] = (
    _cut_short, _not_text, _deep, _no_number, _key_twice, _empty, _spoilt_headers, _unknown_type,
)  # fmt: skip
ANSWERED: Sequence[Aggregate] = (_no_object, _somebody_elses, _wrong_field)
LARGE: Sequence[Aggregate] = (_large, _largest, _deepest)


def poison(seed: int, number: int, good: Sequence[Sent]) -> Iterator[Sent]:
    """As many records, made of good ones, all kinds in turn. `good`: reports that can be read."""
    chance = Random(f"poison/{seed}")
    for place in range(number):
        aggregates: Sequence[Aggregate] = (*KEPT, *ANSWERED)
        if place % EVERY == 0 and place // EVERY < LARGE_AT_MOST:
            aggregates = LARGE
        aggregate = aggregates[place // (EVERY if aggregates is LARGE else 1) % len(aggregates)]
        yield spoilt_by(aggregate, chance.choice(good), place, seed)


def spoilt_by(aggregate: Aggregate, report: Sent, place: int, seed: int) -> Sent:
    """What this kind makes of a report that can be read, about a case of its own."""
    chance = Random(f"poison/{seed}/{place}")
    name = f"{NAME}{place}"
    envelope = json.loads(report.value or b"")
    envelope |= {"id": str(uuid5(NAMESPACE_URL, name)), "subject": name, "partitionkey": name}
    envelope["data"]["case_id"] = name
    value, headers = aggregate(envelope, chance)
    return Sent(report.topic, name.encode(), value, headers)


def readable(records: Sequence[Sent]) -> Mapping[str, Sent]:
    """Of these the reports that are about the case they name: id → record."""
    found: dict[str, Sent] = {}
    for sent in records:
        try:
            envelope = json.loads(sent.value or b"")
        except ValueError:
            continue
        if envelope["data"].get("case_id") == envelope["subject"]:
            found.setdefault(envelope["id"], sent)
    return found
