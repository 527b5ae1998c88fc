"""The small job that every peer does: count a case's consecutive negatives, and say so once for each record.

Records are minimal CloudEvents that carry a TestResultReported; about two in a hundred come a second time, byte for
byte, and must be ignored. What must come out is worked out here, without any of the peers.
"""

import json
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from aiokafka import ConsumerRecord

from schemas.topics import events_topic, report_topic

REPORTS = report_topic("afterward.TestResultReported.v1").name
RESULTS = events_topic("treatment").name

CASES_A_RECORD = 5
REPEATED = 0.02
_NEGATIVE = 0.7
_REPEATED_WITHIN = 2_000


class WrongResults(Exception):
    """A peer lost a record, judged one twice, or counted wrongly; the message says how many."""


@dataclass(frozen=True, slots=True)
class Load:
    """Records of (key, value), and what each must lead to: record id → (case, consecutive negatives)."""

    records: Sequence[tuple[str, bytes]]
    expected: Mapping[str, tuple[str, int]]

    @property
    def mean_bytes(self) -> float:
        """Of a record's value."""
        return sum(len(value) for _, value in self.records) / len(self.records)


def make_load(records: int, seed: int = 7) -> Load:
    """So many records over a fifth as many cases, in one order, with repeats soon after what they repeat."""
    choose = random.Random(seed)
    cases = [f"c{number}" for number in range(records // CASES_A_RECORD)]
    made: list[tuple[str, bytes]] = []
    expected: dict[str, tuple[str, int]] = {}
    negatives: Counter[str] = Counter()
    while len(made) < records:
        if made and choose.random() < REPEATED:
            made.append(choose.choice(made[-_REPEATED_WITHIN:]))
            continue
        case, negative = choose.choice(cases), choose.random() < _NEGATIVE
        negatives[case] = negatives[case] + 1 if negative else 0
        identity = str(UUID(int=choose.getrandbits(128), version=4))
        expected[identity] = case, negatives[case]
        made.append((case, _record(identity, case, len(made), "not_detected" if negative else "detected")))
    return Load(made, expected)


def _record(identity: str, case: str, number: int, result: str) -> bytes:
    when = f"2020-10-{1 + number // 86_400 % 28:02}T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}Z"
    data = {
        "case_id": case,
        "result_id": f"r{number}",
        "specimen_id": f"s{number}",
        "specimen_type": "sputum",
        "test": "94500-6",
        "result": result,
        "collected_at": when,
        "resulted_at": when,
        "lab": "L7",
        "setting": "hospital",
        "status": "final",
    }
    envelope = {
        "specversion": "1.0",
        "id": identity,
        "source": "/l7",
        "type": "afterward.TestResultReported.v1",
        "subject": case,
        "time": when,
        "data": data,
    }
    return json.dumps(envelope, separators=(",", ":")).encode()


def check(load: Load, results: Iterable[ConsumerRecord[bytes, bytes]]) -> dict[int, int]:
    """Partition → offset of its last result, once each record has led to exactly one result, the right one.

    A result names its record in `causationid`, and the count in the first of its `criteria`. Raises WrongResults.
    """
    found: Counter[str] = Counter()
    wrong, last = 0, dict[int, int]()
    for record in results:
        event = json.loads(record.value or b"")
        cause, case, emitted = event["causationid"], event["subject"], event["data"]["criteria"][0]
        found[cause] += 1
        wrong += (case, emitted) != (load.expected[cause][0], f"negatives:{load.expected[cause][1]}")
        last[record.partition] = max(record.offset, last.get(record.partition, 0))
    lost, twice = len(load.expected.keys() - found.keys()), sum(times > 1 for times in found.values())
    if lost or twice or wrong:
        raise WrongResults(f"of {len(load.expected):,} results {lost:,} lost, {twice:,} twice, {wrong:,} wrong")
    return last


def check_copies(load: Load, results: Iterable[ConsumerRecord[bytes, bytes]]) -> dict[int, int]:
    """As `check`, for who only copies: every record has come out, as it went in. Raises WrongResults."""
    wanted = Counter(value for _, value in load.records)
    last: dict[int, int] = {}
    for record in results:
        wanted[record.value or b""] -= 1
        last[record.partition] = max(record.offset, last.get(record.partition, 0))
    if wrong := sum(times != 0 for times in wanted.values()):
        raise WrongResults(f"of {len(load.records):,} records {wrong:,} lost, changed or too many")
    return last
