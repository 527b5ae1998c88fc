"""What one fixed piece of work costs on this machine, now: whoever reads a figure elsewhere can scale it by theirs.

The job of the throughput benchmark, one record after the other, by Python's own `json` and a dictionary. Nothing of the
engine is in it: it costs the same however fast the engine becomes.
"""

import json
from time import thread_time
from typing import Any

from bench import job
from bench.frame import median
from bench.peers.counting import judge

ROUNDS = 9
_RECORDS = [value for _, value in job.make_load(500).records]


def calibration() -> float:
    """Microseconds of processor time a record: the median of some rounds over the same records."""
    return median(_round() for _ in range(ROUNDS))


def _round() -> float:
    known: dict[str, Any] = {}
    begun = thread_time()
    for value in _RECORDS:
        report = json.loads(value)
        judged = judge(known.get(report["subject"]), report)
        if judged is not None:
            known[report["subject"]], event = judged
            json.dumps(event, separators=(",", ":")).encode()
    return 1e6 * (thread_time() - begun) / len(_RECORDS)
