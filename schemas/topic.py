"""What a topic is: both its ends, its messages, what each event is about, and how a broker is asked for it.

Retention. *Events* are kept for ever: a new service or integrator begins at the beginning and folds them into what
stands. *Reports* are kept for a year, longer than any episode with its follow-up and any outage: what follows from
them is in the events, and health records are kept no longer than they serve. *Rejections* are answers, and answered
within a quarter.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Literal

from schemas.events.rejections import ReportRejected
from schemas.message import Message, Report

PARTITIONS: Final = 6
"""Of every topic. Another number needs topics of the next `VERSION`: docs/operations/more-partitions.md."""
VERSION: Final = 1
"""In the names of all topics."""
PUBLISHERS: Final = "publishers"
"""Outside: hospitals, laboratories, ports, patients, health commissions, institutions near home."""
INTEGRATORS: Final = "integrators"
"""Outside: whoever subscribes."""

FOR_EVER: Final = -1
_YEAR_MS: Final = int(timedelta(days=365) / timedelta(milliseconds=1))
_QUARTER_MS: Final = int(timedelta(days=92) / timedelta(milliseconds=1))
_MIB: Final = 1024 * 1024


@dataclass(frozen=True)
class Thing:
    """What an event has the last word on: a kind of thing, and the fields that, with the subject, name one.

    An instant names by what it is, however it was written; a field that is absent names too.
    """

    kind: str
    fields: tuple[str, ...] = ()


def thing_defaults(event: type[Message], thing: Thing) -> dict[str, str]:
    """Field → the value that names the thing where an event does not say it, as those of before the field do not."""
    fields = {field.alias or name: field.default for name, field in event.model_fields.items()}
    fields = {name: fields[name] for name in thing.fields}
    return {name: default for name, default in fields.items() if isinstance(default, str)}


_REJECTION = Thing("rejection", ("report_id",))


@dataclass(frozen=True)
class Topic:
    """A topic with both its ends. `key` says in words what the record's key is; it equals the envelope's `subject`."""

    name: str
    direction: Literal["in", "out"]
    key: str
    messages: tuple[type[Message], ...]
    producer: str
    consumers: tuple[str, ...]
    retention_ms: int
    cleanup: Literal["delete", "compact"] = "delete"
    max_message_bytes: int = _MIB
    partitions: int = PARTITIONS
    things: Mapping[type[Message], Thing] = field(default_factory=dict, hash=False)
    """What each event is about; reports have none."""

    @property
    def source(self) -> str | None:
        """The envelope's `source` of all that is said here; None where many publish."""
        return None if self.producer == PUBLISHERS else f"/services/{self.producer}"

    @property
    def config(self) -> dict[str, str]:
        """As a broker is asked for it, in Kafka's own names; when a record came is the broker's word."""
        return {
            "cleanup.policy": self.cleanup,
            "max.message.bytes": str(self.max_message_bytes),
            "message.timestamp.type": "LogAppendTime",
            "retention.ms": str(self.retention_ms),
        }


def reports(service: str, *messages: type[Report], key: str = "case_id") -> Topic:
    """Takes 4 MiB although an envelope may have 256 KiB: what is too large is answered, not lost on the way."""
    name = f"{service}.reports.v{VERSION}"
    return Topic(name, "in", key, messages, PUBLISHERS, (service,), _YEAR_MS, max_message_bytes=4 * _MIB)


def events(service: str, things: Mapping[type[Message], Thing], *, to: tuple[str, ...], key: str = "case_id") -> Topic:
    name, consumers = f"{service}.events.v{VERSION}", (*to, INTEGRATORS)
    return Topic(name, "out", key, tuple(things), service, consumers, FOR_EVER, things=things)


def compacted(service: str, key: str, things: Mapping[type[Message], Thing], *, to: tuple[str, ...] = ()) -> Topic:
    """Events of which the newest of each key is all that stands."""
    name, consumers = f"{service}.events.v{VERSION}", (*to, INTEGRATORS)
    return Topic(name, "out", key, tuple(things), service, consumers, FOR_EVER, cleanup="compact", things=things)


def rejections(service: str) -> Topic:
    name, messages = f"{service}.rejections.v{VERSION}", (ReportRejected,)
    things: Mapping[type[Message], Thing] = {ReportRejected: _REJECTION}
    return Topic(name, "out", "subject of the report", messages, service, (INTEGRATORS,), _QUARTER_MS, things=things)
