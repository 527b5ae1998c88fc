"""What stands, in forms that are the same for two runs of one story, or for every case with the same course.

What may differ between two runs in which nothing failed stays out of all of them:

- of a bulletin, what it restates (`before`): in between, a day may be stated once or three times, as its cases come;
- the tables of its public edition, which are suppressed for good once they are no more what they were (B5);
- the type of a standing bulletin: published or restated, it states the same of the day;
- of an envelope, what names the message that happened to complete the picture, and when: `id`, `causationid`,
  `correlationid`, `hops`, `sequence` and `recordedtime`.
"""

import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from schemas.envelope import Envelope
from schemas.events.bulletin import BulletinPublished, BulletinRestated
from schemas.folding import standing
from schemas.topics import registry
from tests.journeys.patient import Patient

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+(?:Z|[+-]\d\d:\d\d)")
_DAY = re.compile(r"\b\d{4}-\d\d-\d\d\b")
_UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
_LEFT_OUT = frozenset({"before"})
_LEFT_OUT_OF_PUBLIC = frozenset({"before", "discharges"})
_BULLETINS = frozenset({BulletinPublished.type_name(), BulletinRestated.type_name()})

Tree = dict[str, Any]


def is_without_bulletin(row: Mapping[str, Any] | None) -> bool:
    """Whether a row of `bulletin_day` is of a day without a bulletin: who asks for one depends on who came first."""
    return row is None or row.get("confirmed_imported", 0) is None


def day_of(kind: str, key: str) -> str | None:
    """The key of the day that a document of the bulletin is about, be it of the day or of its public edition."""
    return key.removesuffix("/public") if kind in {"day", "public_day"} else None


def by_subject(events: Iterable[Envelope]) -> Tree:
    """Subject → source, type and what names the thing → time and data of the standing event, in plain JSON."""
    tree: Tree = defaultdict(dict)
    for (source, (_kind, _subject, *names)), event in standing(events).items():
        form = {"time": event.time.isoformat(), "data": _data(event)}
        tree[event.subject][f"{source} {_type(event)} {names}"] = form
    return dict(tree)


def by_topic(events: Iterable[Envelope]) -> Tree:
    """Topic → what stands on it, by subject."""
    return {topic: by_subject(of_topic) for topic, of_topic in _on_topics(events).items()}


def nameless(events: Iterable[Envelope], day_0: datetime) -> Tree:
    """Topic → the standing events as texts in which no subject has its name, no id its digits, and time is counted
    from `day_0`: the same whatever the cases are called, and whenever their story begins."""
    return {
        topic: sorted(
            f"{_type(event)} {_text(Patient(event.subject, day_0), event)}" for event in standing(of_topic).values()
        )
        for topic, of_topic in _on_topics(events).items()
    }


def standing_of(patient: Patient, events: Iterable[Envelope]) -> Counter[str]:
    """The standing events about a patient: each as a text of who says what and since when.

    The patient's own id is left out, ids derived from it too, and time is counted from the day of arrival: what two
    patients have in common if the same was reported of both.
    """
    folded = standing(event for event in events if event.subject == patient.case_id)
    return Counter(_text(patient, event) for event in folded.values())


def digest(tree: Mapping[str, Any]) -> str:
    """A tree of plain JSON in 64 hexadecimal digits, whatever the order of its names."""
    return hashlib.sha256(json.dumps(tree, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _on_topics(events: Iterable[Envelope]) -> Mapping[str, list[Envelope]]:
    found: dict[str, list[Envelope]] = defaultdict(list)
    for event in events:
        known = registry().get(event.type)
        topic = known[1].name if known else f"{event.source.rpartition('/')[2]}.rejections.v1"
        found[topic].append(event)
    return dict(sorted(found.items()))


def _type(event: Envelope) -> str:
    return "bulletin" if event.type in _BULLETINS else event.type


def left_out_of(event: Envelope) -> frozenset[str]:
    """The fields of an event that may differ between two runs."""
    return _LEFT_OUT_OF_PUBLIC if event.data.get("edition") == "public" else _LEFT_OUT


def _data(event: Envelope) -> Mapping[str, Any]:
    left_out = left_out_of(event)
    return {name: value for name, value in event.data.items() if name not in left_out}


def _text(patient: Patient, event: Envelope) -> str:
    form: dict[str, Any] = {"by": event.source, "since": event.time.isoformat(), **_data(event)}
    text = json.dumps(form, sort_keys=True, ensure_ascii=False).replace(patient.case_id, "this case")
    text = _INSTANT.sub(lambda found: str(datetime.fromisoformat(found[0]) - patient.arrival), text)
    text = _DAY.sub(lambda found: f"day {(datetime.fromisoformat(found[0]).date() - patient.at(0).date()).days}", text)
    return _UUID.sub("an id of its own", text)
