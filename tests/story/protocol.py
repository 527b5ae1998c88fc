"""The criteria of trial versions 6 to 8, read plainly, to see which discharges of the story meet them.

Much simpler than the service's rules: nothing here knows of lateness, of `since` or of other versions.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from tests.story.reading import Heard

Data = dict[str, Any]


def unmet(course: Sequence[Heard], discharged_at: datetime) -> set[str]:
    """What a discharge lacked, of what had been found out by then. `course`: the reports of one case."""
    known = [given for given in course if all(instant <= discharged_at for instant in given.instants)]
    of: dict[str, list[Data]] = {}
    for given in sorted(known, key=lambda given: max(given.instants, default=given.publication.publish_at)):
        of.setdefault(given.kind, []).append(given.data)
    judged = {
        "temperature": _temperature(of["VitalSignsReported"], discharged_at),
        "respiratory": of["SymptomsReported"][-1]["respiratory"] in {"none", "improved"},
        "imaging": _imaging(of["ImagingReported"]),
        "two_negatives": _negatives(of["TestResultReported"]),
        "approval": _approved(of.get("DischargeApproved", []), discharged_at),
    }
    return {name for name, met in judged.items() if not met}


def _at(instant: str) -> datetime:
    return datetime.fromisoformat(instant)


def _approved(approvals: list[Data], discharged_at: datetime) -> bool:
    return any(discharged_at - _at(approval["approved_at"]) < timedelta(days=1) for approval in approvals)


def _temperature(measured: list[Data], discharged_at: datetime) -> bool:
    normal_since = next((_at(d["measured_at"]) for d in reversed(measured) if d["temperature_c"] >= 37.3), None)
    counted_from = normal_since or _at(measured[0]["measured_at"])
    days: set[date] = {_at(d["measured_at"]).date() for d in measured}
    before = {discharged_at.date() - timedelta(days=number) for number in (1, 2, 3)}
    return discharged_at - counted_from > timedelta(hours=72) and before <= days


def _imaging(studies: list[Data]) -> bool:
    return studies[-1]["change"] == "improved" or not any(study["pneumonia"] for study in studies)


def _negatives(results: list[Data]) -> bool:
    in_force = {result["result_id"]: result for result in results}.values()
    counted = [r for r in in_force if r["status"] in {"final", "corrected"} and r["result"] != "inconclusive"]
    run: list[datetime] = []
    for result in sorted(counted, key=lambda result: _at(result["collected_at"]), reverse=True):
        if result["result"] == "detected":
            break
        run.append(_at(result["collected_at"]))
    return len(run) >= 2 and run[0] - run[-1] >= timedelta(hours=24)
