"""What the services concluded of online care beside what was published: the figures agree, or the demo fails."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from schemas.envelope import Envelope
from schemas.events.consultation import ConsultationClosed, MedicineDelivered, ReferredOffline
from schemas.folding import standing
from schemas.instants import parse_instant
from story.online import CHILDS_PRESCRIPTION, ITS_CENTRE, LISTED_ONLY, published
from story.publication import SHANGHAI


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that is known from outside: what was published, in words that name what is counted, and what the events
    say of it."""

    what: str
    published: str
    found: str
    agrees: bool


def checks(consultations: Iterable[Envelope], heard: Iterable[Envelope]) -> Iterator[Check]:
    """Every published figure, the child's medicine, and the referral in Beijing.

    `consultations`: all that was said of how each one stands; `heard`: all that was said of those whom the demo shows.
    """
    closed = [event.data for event in standing(consultations).values() if event.type == ConsultationClosed.type_name()]
    for figure in published():
        found = count(closed, figure.day).get(figure.channel_id, {}).get(figure.figure, 0)
        yield Check(figure.channel_id, figure.words, f"{found:,}", figure.least <= found <= figure.most)
    stands = list(standing(heard).values())
    delivered = len(_of(stands, MedicineDelivered.type_name(), CHILDS_PRESCRIPTION))
    yield Check("the child's medicine", "delivered once", f"{delivered:,}", delivered == 1)
    referred = [data.get("institution_id") for data in _of(stands, ReferredOffline.type_name(), LISTED_ONLY)]
    is_there = referred == [ITS_CENTRE]
    where = "there" if is_there else ", ".join(map(str, referred)) or "nowhere"
    yield Check("Beijing, no channel", f"to {ITS_CENTRE}", where, is_there)


def count(closed: Iterable[Mapping[str, Any]], day: date) -> dict[str, dict[str, int]]:
    """Channel → consultations held up to the end of a civil day, distinct people and distinct experts (C7).

    `closed`: the data of the `ConsultationClosed` that stand.
    """
    held: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for data in closed:
        if data["outcome"] == "held" and parse_instant(data["closed_at"]).astimezone(SHANGHAI).date() <= day:
            held[str(data.get("channel_id"))].append(data)
    return {
        channel: {
            "consultations": len(there),
            "people": len({data["person_ref"] for data in there}),
            "experts": len({data["expert_ref"] for data in there}),
        }
        for channel, there in held.items()
    }


def _of(events: Iterable[Envelope], event_type: str, subject: str) -> list[Mapping[str, Any]]:
    return [event.data for event in events if (event.type, event.subject) == (event_type, subject)]
