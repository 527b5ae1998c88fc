"""What was refused, and whether its publisher has said it again as it should be."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from schemas.envelope import Envelope
from schemas.topics import registry

_NAMING: Final = frozenset({"local_date", "slot", "visit", "condition", "category", "lab"})
"""Besides ids and the clinical time: names of fields that tell two reports of one type apart."""


@dataclass(frozen=True, slots=True)
class Refused:
    """One report that was refused. `corrected_by`: the id of the later report that says it as it should be.

    `is_known`: whether whoever asks may read the reports to this service, without which no correction is seen.
    """

    at: datetime
    case: str
    report_type: str
    report_id: str
    source: str
    code: str
    reason: str
    field: str | None = None
    corrected_by: str | None = None
    is_known: bool = True

    @property
    def state(self) -> str:
        """`open`, `corrected by` which report, or that this cannot be told."""
        if not self.is_known:
            return "open or corrected: not known"
        return f"corrected by {self.corrected_by}" if self.corrected_by else "open"


def refused(rejections: Iterable[Envelope], reports: Iterable[Envelope], unread: Collection[str] = ()) -> list[Refused]:
    """Every report that was refused, in the order of the answers, and what has corrected it since.

    `rejections` and `reports`: what lies on the topics of these, each in order. A report corrects another of the same
    type, source and subject that names the same thing (the field at fault apart), came later and was not refused.
    `unread`: topics of reports that could not be read.
    """
    answers = {answer.data["report_id"]: answer for answer in rejections if answer.data.get("withdrawn") is not True}
    by_thing: dict[tuple[str, str, str], list[Envelope]] = {}
    for report in reports:
        by_thing.setdefault((report.type, report.source, report.subject), []).append(report)
    found = (_with_correction(answer, by_thing, answers) for answer in answers.values())
    return [replace(one, is_known=_topic_of(one.report_type) not in unread) for one in found]


def _topic_of(report_type: str) -> str | None:
    return registry()[report_type][1].name if report_type in registry() else None


def _with_correction(
    answer: Envelope, by_thing: Mapping[tuple[str, str, str], list[Envelope]], answers: Mapping[str, Envelope]
) -> Refused:
    data = answer.data
    one = Refused(
        answer.time,
        answer.subject,
        data["report_type"],
        data["report_id"],
        data["source"],
        data["code"],
        data["reason"],
        data.get("at"),
    )
    alike = by_thing.get((one.report_type, one.source, one.case), [])
    place = next((place for place, report in enumerate(alike) if report.id == one.report_id), None)
    if place is None:
        return one
    named = _named(alike[place], one.field)
    later = (report for report in alike[place + 1 :] if report.id not in answers)
    return replace(one, corrected_by=next((report.id for report in later if _named(report, one.field) == named), None))


def _named(report: Envelope, at_fault: str | None) -> Mapping[str, Any]:
    """What tells a report from others of its type, as far as it can be read."""
    data = report.data if isinstance(report.data, Mapping) else {}
    return {name: data.get(name) for name in naming_fields(report.type) if name != at_fault}


def naming_fields(report_type: str) -> Iterator[str]:
    """Names of the fields that tell one report of a type from another; none of a type that nobody knows."""
    model = registry()[report_type][0] if report_type in registry() else None
    for name in model.model_fields if model else ():
        if name in _NAMING or name.endswith("_id") or name == getattr(model, "clinical_time", None):
            yield name
