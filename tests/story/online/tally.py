"""What the raw reports of online care say, counted without any code of the story or of the services."""

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

Data = dict[str, Any]

CHANNEL_OF = {"CN-ZJ": "zj-green-channel", "CN-HN": "hn-childrens-channel"}
"""Where a request is held that leaves the channel open: each place has one."""


class Story(NamedTuple):
    """The data of the reports, each once, in the order of what happened."""

    requests: dict[str, Data]
    completed: dict[str, Data]
    cancelled: dict[str, Data]
    shifts: list[Data]
    reviews: dict[str, Data]
    deliveries: dict[str, list[Data]]
    institutions: dict[str, Data]
    channels: dict[str, Data]


def parse(values: Iterable[bytes]) -> Story:
    """Raises AssertionError where a thing that happens once is reported twice."""
    envelopes = {envelope["id"]: envelope for envelope in map(json.loads, values)}.values()
    by_type: defaultdict[str, list[Data]] = defaultdict(list)
    for envelope in sorted(envelopes, key=lambda each: (each["time"], each["recordedtime"])):
        by_type[envelope["type"].split(".")[1]].append({**envelope["data"], "recorded": envelope["recordedtime"]})
    deliveries: defaultdict[str, list[Data]] = defaultdict(list)
    for step in by_type["DeliveryReported"]:
        deliveries[step["prescription_id"]].append(step)
    return Story(
        _once(by_type["ConsultationRequested"], "consultation_id"),
        _once(by_type["ConsultationCompleted"], "consultation_id"),
        _once(by_type["ConsultationCancelled"], "consultation_id"),
        by_type["ExpertRostered"],
        _once(by_type["PrescriptionReviewed"], "prescription_id"),
        deliveries,
        _once(by_type["InstitutionDeclared"], "institution_id"),
        _once(by_type["ChannelOpened"], "channel_id"),
    )


def tally(story: Story, channel: str, day: date) -> dict[str, int]:
    """Consultations held, people and experts of a channel up to the end of a civil day."""
    held = [
        (story.requests[name]["person_ref"], done["expert_ref"])
        for name, done in story.completed.items()
        if channel_of(story, name) == channel and instant(done["completed_at"]).date() <= day
    ]
    return {
        "consultations": len(held),
        "people": len({person for person, _ in held}),
        "experts": len({expert for _, expert in held}),
    }


def channel_of(story: Story, consultation: str) -> str | None:
    """The channel that a request names, else the one of its place; None where there is none."""
    request = story.requests[consultation]
    return request.get("channel_id") or CHANNEL_OF.get(request["jurisdiction"])


Span = tuple[datetime, datetime]


def uncovered(shifts: Iterable[Span], begins_at: datetime, ends_at: datetime) -> list[Span]:
    """From and until of each time without anybody on duty."""
    gaps, covered_to = [], begins_at
    for from_, until in sorted(shifts):
        if covered_to < from_ and covered_to < ends_at:
            gaps.append((covered_to, min(from_, ends_at)))
        covered_to = max(covered_to, until)
    return gaps if covered_to >= ends_at else [*gaps, (covered_to, ends_at)]


def minutes_between(earlier: str, later: str) -> float:
    """From one instant to another."""
    return (instant(later) - instant(earlier)) / timedelta(minutes=1)


def instant(written: str) -> datetime:
    """An instant of the story, which is written in the time of the place."""
    assert written.endswith("+08:00")
    return datetime.fromisoformat(written)


def _once(things: list[Data], name: str) -> dict[str, Data]:
    by_name = {thing[name]: thing for thing in things}
    assert len(by_name) == len(things)
    return by_name
