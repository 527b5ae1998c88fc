"""Events as they will stand in the archive: which id each has, and which number."""

from datetime import datetime

from chassis.consume.reader import Accepted, Rejected
from chassis.decide.judge import Emitted
from chassis.ids import event_id
from chassis.publish.archive import OutboxEvent, encoded, numbered
from chassis.publish.encoding import Attributes
from chassis.publish.traces import Trail
from chassis.store.locked_row import LockedRow
from schemas.events.rejections import ReportRejected
from schemas.message import Message
from schemas.topic import VERSION
from schemas.topics import registry


class Wording:
    """How a service words what it says, in one epoch. `trail`: whose traces are taken; None where none are."""

    def __init__(self, service: str, now: datetime, epoch: int, trail: Trail | None = None) -> None:
        self.service, self.now, self.epoch = service, now, epoch
        self._trail = trail
        self._source = f"/services/{service}"
        self._stated_as: dict[type[Message], tuple[str, str]] = {}

    def events(
        self,
        case: LockedRow,
        version: int,
        emitted: tuple[Emitted, ...],
        item: Accepted | Rejected | None,
        caused_by: str | None = None,
    ) -> tuple[list[OutboxEvent], int]:
        """What a step says that made a case this version, and the version that it has then: beyond the events of one
        version it takes the next for those that follow.

        `caused_by`: what the events' ids derive from, where the id of the message has been used before.
        """
        cause = caused_by or (
            item.envelope.id if item else f"{self.service}:{case.aggregate.name}/{case.key}@{version}"
        )
        trace = item.envelope.traceparent if item else None
        if self._trail is not None:
            trace = self._trail.follow(case, version, item, emitted, cause)
        first, events = version, []
        for index, (event, time) in enumerate(emitted):
            type_name, topic = self._stated(type(event))
            identity = event_id(cause, case.key, type_name, index, self.epoch)
            version, sequence = numbered(first, index, self.epoch)
            attributes = Attributes(
                identity,
                self._source,
                case.key,
                time,
                self.now,
                sequence,
                item.envelope.id if item else None,
                (item.envelope.correlationid or item.envelope.id) if item else None,
                trace,
                _hops(item),
            )
            message = encoded(event, attributes)
            events.append(OutboxEvent(topic, case.key, case.partition, identity, message))
        return events, version

    def _stated(self, model: type[Message]) -> tuple[str, str]:
        """The type of an event, and the topic on which this service states it."""
        if model not in self._stated_as:
            name = model.type_name()
            rejected = issubclass(model, ReportRejected)
            topic = f"{self.service}.rejections.v{VERSION}" if rejected else registry()[name][1].name
            self._stated_as[model] = name, topic
        return self._stated_as[model]


def _hops(item: Accepted | Rejected | None) -> int | None:
    """How many events lie between a report, or the clock, and an event that this causes; None where there is none."""
    return None if item is None or item.is_report else item.envelope.hops + 1
