"""Which step of which service belongs to which trace, and what is shown of it: where and which, never what.

A step is what one message, or the clock, makes of one case in one service. It is a span, and what it states names it in
its `traceparent`; so the next service's step hangs below it. A batch is a span of its own, with a link to each record
that led to a step. Ids are derived: whoever does the work again, and any other process, states the same bytes.

Nothing here knows how spans are sent (`chassis.process.span_export`), and nothing here is called where they are not.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from chassis.clock import real_ns
from chassis.consume.reader import Accepted, Record, Rejected
from chassis.decide.judge import Emitted
from chassis.ids import span_id, trace_id
from chassis.process.metrics import Metrics, Stages
from chassis.store.locked_row import LockedRow
from schemas.envelope import Envelope
from schemas.events.rejections import ReportRejected
from schemas.topics import registry

Value = str | int | float | Sequence[str]
Attributes = Mapping[str, Value]

MOST_LINKS: Final = 1_000
"""Links of a batch; a batch has that many records unless a setting says otherwise."""
_ALL_TRACES: Final = 1 << 64
_SAMPLED: Final = 1
_NOTHING: Final = {"0" * 32, "0" * 16}
"""What W3C says is no id."""


Mark = tuple[str, int]
"""A stage, and when it was over, in nanoseconds since 1970."""


class Place(NamedTuple):
    """Where a span stands: its trace, its own id, and the span it hangs below; hexadecimal digits, as W3C has them."""

    trace: str
    id: str
    parent: str | None = None

    @property
    def traceparent(self) -> str:
        """What a message says that this span led to."""
        return f"00-{self.trace}-{self.id}-01"


class Link(NamedTuple):
    """To another span, and to which record that is."""

    trace: str
    id: str
    about: Attributes = MappingProxyType({})


class Span(NamedTuple):
    """What is sent. `begun` and `ended` in nanoseconds since 1970; `reads`: from the bus."""

    name: str
    place: Place
    begun: int
    ended: int
    about: Attributes
    links: Sequence[Link] = ()
    marks: Sequence[Mark] = ()
    reads: bool = True


class Tracing:
    """Which traces a process takes part in. A publisher's own `traceparent` says it; else a share of all, by their id.

    `ratio`: that share, from 0 to 1. `send`: is handed each span when it is over, and neither waits nor raises.
    """

    def __init__(self, service: str, ratio: float, send: Callable[[Span], None]) -> None:
        self.service, self.send = service, send
        self._below = round(ratio * _ALL_TRACES)

    def place(self, key: str, given: str | None, cause: str, epoch: int = 0) -> Place | None:
        """Where a step stands that a cause leads to; None where its trace is not taken.

        `given`: the `traceparent` of the message. Without one, all that is about `key` is one trace.
        """
        if given is not None and not _NOTHING & {trace := given[3:35], parent := given[36:52]}:
            return Place(trace, span_id(self.service, cause, epoch), parent) if _is_sampled(given) else None
        trace = trace_id(key)
        if int(trace[16:], 16) >= self._below:
            return None
        return Place(trace, span_id(self.service, cause, epoch))

    def trail(self, metrics: Metrics, epoch: int) -> "Trail":
        """That of a batch which begins."""
        return Trail(self, metrics, epoch)

    def batch(
        self, parts: Sequence[Span], about: Attributes, marks: Sequence[Mark], begun: int, epoch: int = 0
    ) -> None:
        """Sends the spans of what a batch has done, and that of the batch, if it has any: each is linked to it.

        It is linked to the span that a record names, or where it names none, to what began with it.
        """
        if not parts:
            return
        first = f"batch {parts[0].place.id}"
        batch = Place(trace_id(f"{self.service} {first}"), span_id(self.service, first, epoch))
        to_batch = (Link(batch.trace, batch.id),)
        for part in parts:
            self.send(part._replace(links=to_batch))
        links = [Link(one.place.trace, one.place.parent or one.place.id, _place_of(one)) for one in parts[:MOST_LINKS]]
        self.send(Span(f"{self.service} batch", batch, begun, marks[-1][1], about, links, marks, reads=False))


def _is_sampled(given: str) -> bool:
    return bool(int(given[53:], 16) & _SAMPLED)


def _place_of(part: Span) -> Attributes:
    return {name: part.about[name] for name in _OF_PLACE if name in part.about}


class Watch(Stages):
    """The stages of a batch, and when each was over by the real clock."""

    __slots__ = ("begun", "marks")

    def __init__(self, metrics: Metrics) -> None:
        super().__init__(metrics)
        self.begun = real_ns()
        self.marks: list[Mark] = []

    def over(self, stage: str) -> None:
        super().over(stage)
        self.marks.append((stage, real_ns()))


class Step(NamedTuple):
    """A step of a case. It was taken if the case has come to `version`: what raised half-way has not."""

    place: Place
    case: LockedRow
    version: int
    item: Accepted | Rejected | None
    emitted: Sequence[Emitted]


class Trail:
    """The steps of one batch whose traces are taken, in the order in which they were made."""

    def __init__(self, tracing: Tracing, metrics: Metrics, epoch: int) -> None:
        self._tracing, self._epoch = tracing, epoch
        self.watch = Watch(metrics)
        self._steps: dict[str, Step] = {}

    def follow(
        self, case: LockedRow, version: int, item: Accepted | Rejected | None, emitted: Sequence[Emitted], cause: str
    ) -> str | None:
        """The `traceparent` of what a step states: its own, or what it would be if nothing were traced."""
        given = item.envelope.traceparent if item else None
        place = self._tracing.place(case.key, given, cause, self._epoch)
        if place is None:
            return given
        self._steps[place.id] = Step(place, case, version, item, emitted)  # one that is made again is the same
        return place.traceparent

    def committed(self, records: int, wakes: int, parked: int) -> None:
        """What was judged holds: the steps that were taken are shown, and the batch, which had so many."""
        begun, marks, service = self.watch.begun, self.watch.marks, self._tracing.service
        taken = (step for step in self._steps.values() if step.version <= step.case.version)
        parts = [
            Span(_name(service, step.item), step.place, begun, marks[-1][1], _about(step, begun)) for step in taken
        ]
        counts = {"afterward.records": records, "afterward.wakes": wakes, "afterward.parked": parked}
        self._tracing.batch(parts, counts, marks, begun, self._epoch)


def _name(service: str, item: Accepted | Rejected | None) -> str:
    return f"{service} wake" if item is None else name_of(service, item.envelope)


def name_of(service: str, envelope: Envelope) -> str:
    """What a span is called that a message led to: the service, and the type without its prefix and version."""
    return f"{service} {_known_type(envelope.type).split('.')[1]}"


def _about(step: Step, begun: int) -> Attributes:
    """What a span says of a step. A report that was refused may have anything as its subject: that is not repeated."""
    item, events = step.item, [one.event for one in step.emitted]
    states = sorted({type(event).type_name() for event in events})
    about: dict[str, Value] = {"afterward.events": len(events), "afterward.states": states}
    rejected = [event.code for event in events if isinstance(event, ReportRejected)]
    if rejected:
        about["afterward.rejected"] = rejected[0]
    if not isinstance(item, Rejected):
        about["cloudevents.event_subject"] = step.case.key
    return about if item is None else {**about, **about_record(item.record, item.envelope, begun)}


def about_record(record: Record, envelope: Envelope, begun: int) -> Attributes:
    """Where on the bus a record lies, which message it holds, and for how long it had lain there."""
    return {
        "messaging.system": "kafka",
        "messaging.destination.name": record.topic,
        "messaging.destination.partition.id": str(record.partition),
        "messaging.kafka.offset": record.offset,
        "cloudevents.event_id": envelope.id,
        "cloudevents.event_type": _known_type(envelope.type),
        "afterward.waited_seconds": max(0.0, begun / 1e9 - record.stamp / 1e3) if record.stamp else 0.0,
    }


_OF_PLACE: Final = (
    "messaging.destination.name",
    "messaging.destination.partition.id",
    "messaging.kafka.offset",
    "cloudevents.event_id",
)


def _known_type(name: str) -> str:
    """A type of message that there is. Of any other only that it is none: whoever sends it chooses its name."""
    return name if name in registry() else "afterward.Unknown.v0"
