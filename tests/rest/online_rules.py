"""What holds of online care whatever is reported, in whatever order: judged from what was read and stated alone.

Of each promise that is broken a sentence. The roster and the requests are those that had been read by then, of two
versions the one written down later. What an expert has open is counted by channel, as the queues are.

Of two who wait in one class the one who asked first is served first, or at the same time: whoever is assigned leaves a
place on duty for each who stands before, and when all is at rest nobody waits where there is a place.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from schemas.envelope import Envelope
from schemas.instants import parse_instant
from services.consultation.policy import CLASSES, MOST_OPEN
from tests.rest.online_life import Seen

Data = Mapping[str, Any]
STANDING = ("ConsultationQueued", "ConsultationAssigned", "ConsultationClosed")
Place = tuple[int, datetime, str]
"""The class, when they asked, the consultation."""


class Witness:
    """Follows one service's reading and statements. `problems`: what must not be."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self._now = datetime.min.replace(tzinfo=UTC)
        self._shifts: dict[tuple[str, str, datetime], tuple[datetime, datetime | None]] = {}
        """(channel, expert, from) → when it was written down, and until when; None: taken back."""
        self._requests: dict[str, tuple[datetime, datetime]] = {}
        """Consultation → when it was written down, and when it was asked for."""
        self._stands: dict[str, tuple[str, Data]] = {}
        self._overdue: dict[str, dict[str | None, Data]] = defaultdict(dict)
        self._referred: dict[str, dict[str, Data]] = defaultdict(dict)

    def follow(self, seen: Iterable[Seen]) -> list[str]:
        """Everything, in order."""
        for at, message in seen:
            self._now = at
            if message is None:
                self.problems += self._at_rest()
            elif (name := message.type.split(".")[1]) in _FOLLOWED:
                getattr(self, _FOLLOWED[name])(name, message)
        return self.problems

    def _on_shift(self, name: str, message: Envelope) -> None:
        data, begins = message.data, parse_instant(message.data["from"])
        until = parse_instant(data["until"]) if name == "ExpertRostered" else None
        if until is not None and until <= begins:
            return
        key = data["channel_id"], data["expert_ref"], begins
        if key not in self._shifts or message.recordedtime > self._shifts[key][0]:
            self._shifts[key] = message.recordedtime, until

    def _on_request(self, _name: str, message: Envelope) -> None:
        known = self._requests.get(message.subject)
        if known is None or message.recordedtime > known[0]:
            self._requests[message.subject] = message.recordedtime, parse_instant(message.data["requested_at"])

    def _on_standing(self, name: str, message: Envelope) -> None:
        before = self._stands.pop(message.subject, None)
        if message.data.get("withdrawn"):
            return
        if name == "ConsultationAssigned" and (before is None or not _is_same(before[1], message.data)):
            self.problems += self._assigned(message, before)
        self._stands[message.subject] = name, message.data

    def _on_overdue(self, _name: str, message: Envelope) -> None:
        _put(self._overdue[message.subject], message.data.get("channel_id"), message.data)

    def _on_referral(self, _name: str, message: Envelope) -> None:
        _put(self._referred[message.subject], message.data["why"], message.data)

    def _assigned(self, message: Envelope, before: tuple[str, Data] | None) -> Iterator[str]:
        """To an expert on duty with room, who leaves a place for each who stands before; from nobody who is on duty."""
        data, at = message.data, parse_instant(message.data["assigned_at"])
        channel, expert = data["channel_id"], data["expert_ref"]
        on_duty = self._on_duty(channel, at)
        if expert not in on_duty:
            yield f"{message.subject} was assigned to {expert}, who was off duty in {channel} at {at}"
        if self._open(channel, expert) >= MOST_OPEN:
            yield f"{message.subject} was assigned to {expert}, who had {MOST_OPEN} open"
        had = before[1] if before and before[0] == "ConsultationAssigned" else {}
        if had.get("channel_id") == channel and had["expert_ref"] in on_duty:
            yield f"{message.subject} was assigned to {expert}, and {had['expert_ref']} had it on duty"
        place = self._place(message.subject, data)
        ahead = [one for one in self._waiting(channel) if one < place]
        if len(ahead) >= (free := self._free(channel, at)):
            yield f"{message.subject} took one of {free} places, and {ahead} stood before it"

    def _at_rest(self) -> Iterator[str]:
        for consultation, (name, data) in self._stands.items():
            channel = data.get("channel_id")
            if name == "ConsultationAssigned" and data["expert_ref"] not in self._on_duty(channel, self._now):
                yield f"{consultation} is with {data['expert_ref']}, who is off duty"
            if name == "ConsultationQueued" and channel is not None and self._free(channel, self._now):
                yield f"{consultation} waits in {channel}, where an expert on duty has room"
        for consultation in self._requests:
            yield from self._ends(consultation)

    def _ends(self, consultation: str) -> Iterator[str]:
        """Assigned, closed, or referred; or it waits no longer than it may; or it is overdue, and passed on."""
        name, data = self._stands.get(consultation, ("", {}))
        referred, overdue = self._referred[consultation], self._overdue[consultation]
        if not name and not any(one.get("institution_id") for one in referred.values()):
            yield f"{consultation} was asked for, and nothing is said of it"
        if name in ("ConsultationQueued", "ConsultationAssigned") and parse_instant(data["answer_by"]) <= self._now:
            late = overdue.get(data.get("channel_id"))
            if late is None and "no_channel" not in referred:
                yield f"{consultation} was to be answered by {data['answer_by']}, and is not overdue"
            if late is not None and late.get("passed_to") is None and not referred:
                yield f"{consultation} is overdue, and was not passed on"

    def _on_duty(self, channel: str | None, at: datetime) -> set[str]:
        return {
            expert
            for (where, expert, begins), (_, until) in self._shifts.items()
            if where == channel and until is not None and begins <= at < until
        }

    def _open(self, channel: str, expert: str) -> int:
        return sum(
            (name, data.get("channel_id"), data.get("expert_ref")) == ("ConsultationAssigned", channel, expert)
            for name, data in self._stands.values()
        )

    def _free(self, channel: str, at: datetime) -> int:
        return sum(max(0, MOST_OPEN - self._open(channel, expert)) for expert in self._on_duty(channel, at))

    def _waiting(self, channel: str) -> list[Place]:
        return sorted(
            self._place(consultation, data)
            for consultation, (name, data) in self._stands.items()
            if name == "ConsultationQueued" and data.get("channel_id") == channel
        )

    def _place(self, consultation: str, data: Data) -> Place:
        return CLASSES.index(data["priority"]), self._requests[consultation][1], consultation


_FOLLOWED = {
    "ExpertRostered": "_on_shift",
    "ExpertUnrostered": "_on_shift",
    "ConsultationRequested": "_on_request",
    **dict.fromkeys(STANDING, "_on_standing"),
    "ConsultationOverdue": "_on_overdue",
    "ReferredOffline": "_on_referral",
}


def _is_same(before: Data, after: Data) -> bool:
    return all(before.get(name) == after.get(name) for name in ("channel_id", "expert_ref", "assigned_at"))


def _put(stand: dict[Any, Data], name: Any, data: Data) -> None:
    """The last word on a thing."""
    stand.pop(name, None)
    if not data.get("withdrawn"):
        stand[name] = data


def of_prescriptions(stand: Iterable[Envelope]) -> Iterator[str]:
    """C6: each was delivered once at most: every delivery but the last one failed, and what has arrived stays there."""
    found: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for one in stand:
        name = one.type.split(".")[1]
        if name in ("MedicineDispatched", "MedicineDelivered", "DeliveryFailed"):
            found[one.subject][name].append(one.data["attempt"])
    for prescription, steps in found.items():
        sent, ended = sorted(steps["MedicineDispatched"]), sorted(steps["MedicineDelivered"] + steps["DeliveryFailed"])
        delivered = steps["MedicineDelivered"]
        if len(delivered) > 1 or (delivered and delivered != sent[-1:]):
            yield f"{prescription} was delivered in {delivered}, and dispatched in {sent}"
        if sent != list(range(1, len(sent) + 1)) or ended not in (sent, sent[:-1]):
            yield f"{prescription} was dispatched in {sent}, and these ended: {ended}"


def of_counts(stand: Iterable[Envelope]) -> Iterator[str]:
    """C7: a channel has no more people and experts than consultations, and its last bulletin counts what stands."""
    events = list(stand)
    counts = _counted(events)
    for jurisdiction, bulletin in _last_bulletins(events).items():
        for one in bulletin.get("online_care", ()):
            if max(one["people"], one["experts"], one["avoided_visits"]) > one["consultations"]:
                yield f"{jurisdiction} counts more people than consultations: {one}"
            shown = tuple(one[name] for name in COUNTED)
            if shown != (should := counts.pop((jurisdiction, one["channel_id"]), None)):
                yield f"{jurisdiction} counts {shown} in {one['channel_id']}, and {should} stand"
    yield from (f"{about} is in no bulletin: {left}" for about, left in counts.items() if left[0])


COUNTED = ("consultations", "people", "experts", "avoided_visits", "prescriptions_delivered")


def _counted(events: Iterable[Envelope]) -> dict[tuple[Any, Any], tuple[int, ...]]:
    held, delivered = defaultdict[Any, list[Data]](list), defaultdict[Any, set[str]](set)
    for one in events:
        where = one.data.get("jurisdiction"), one.data.get("channel_id")
        if one.type == "afterward.ConsultationClosed.v1" and one.data["outcome"] == "held" and where[1] is not None:
            held[where].append(one.data)
        if one.type == "afterward.MedicineDelivered.v1":
            delivered[where].add(one.subject)
    return {
        where: (
            len(closed),
            len({one["person_ref"] for one in closed}),
            len({one["expert_ref"] for one in closed}),
            sum(not one["refers"] for one in closed),
            len(delivered[where]),
        )
        for where, closed in held.items()
    }


def _last_bulletins(events: Iterable[Envelope]) -> dict[str, Data]:
    """Jurisdiction → the commission's bulletin of the last day."""
    of_commission = [one.data for one in events if one.data.get("edition") == "commission"]
    return {one["jurisdiction"]: one for one in sorted(of_commission, key=lambda one: one["date"])}
