"""The job as the Python peers do it: count, ignore repeats, and say as much as this engine says.

Standard library only: the peers run in environments of their own.
"""

from typing import Any

Known = dict[str, Any]
"""What is kept of a case: `negatives` in a row, and the ids `seen`."""


def judge(known: Known | None, report: dict[str, Any]) -> tuple[Known, dict[str, Any]] | None:
    """(what is known now, the result event); None for a repeated id."""
    seen = known["seen"] if known else []
    if report["id"] in seen:
        return None
    so_far = known["negatives"] if known else 0
    negatives = so_far + 1 if report["data"]["result"] == "not_detected" else 0
    return {"negatives": negatives, "seen": [*seen, report["id"]]}, result(report, negatives, len(seen) + 1)


def result(report: dict[str, Any], negatives: int, version: int) -> dict[str, Any]:
    """A SeverityAssessed with the attributes that this engine gives its events."""
    case, cause = report["subject"], report["id"]
    return {
        "specversion": "1.0",
        "id": f"{cause}/1",
        "source": "/services/treatment",
        "type": "afterward.SeverityAssessed.v1",
        "subject": case,
        "partitionkey": case,
        "time": report["time"],
        "recordedtime": report["time"],
        "sequence": f"{version}000",
        "causationid": cause,
        "correlationid": cause,
        "datacontenttype": "application/json",
        "dataschema": "urn:afterward:schema:SeverityAssessed.v1",
        "data": {
            "case_id": case,
            "severity": "mild",
            "criteria": [f"negatives:{negatives}"],
            "protocol": "bench",
            "by": "rule",
        },
    }
