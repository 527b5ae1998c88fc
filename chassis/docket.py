"""What is judged in one batch and what comes of it, before anything is written."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from chassis.case import Case
from chassis.ids import event_id, partition_of
from chassis.judge import Judged, Rejection, Said, judge_message, judge_tick, overdue
from chassis.parked import Parked
from chassis.progress import NEVER
from chassis.reading import Keyed, Record, Refused, Taught, Wake
from chassis.settling import Row, Unsettled, last_words, things_said
from chassis.stating import encoded, numbered
from schemas.events.rejections import ReportRejected
from schemas.limits import within_limits
from schemas.message import Message
from schemas.topics import registry

UNPROMPTED_STEPS = 2_000
"""Default of the breaker: so often a case may be judged without a report that asks for it."""

ID_REUSED = Rejection(
    "id_reused", "another report about the same subject came under this id; send it under an id of its own"
)
STUCK = "case_is_parked"
ILLEGIBLE = "document_not_understood"
TICK_TOPIC = "tick:"
"""A tick that raised is parked under this topic: there are no bytes to put back, only a row to wake."""


class AnswersItself(Exception):
    """The breaker: a case was judged over and over, and no report had asked for it. Services answer each other, or a
    rule asks the clock for ever; either would go on without end, so the case is parked.
    """


class Statement(NamedTuple):
    """An event as it will stand in the archive."""

    topic: str
    key: str
    partition: int
    id: str
    message: bytes


class Docket:
    """The cases of one batch, judged one item after the other, and all that comes of it."""

    def __init__(
        self,
        service: str,
        now: datetime,
        partitions: int,
        unprompted_steps: int = UNPROMPTED_STEPS,
        epoch: int = 0,
    ) -> None:
        self.service = service
        self.epoch = epoch
        self._unprompted_steps = unprompted_steps
        self._source = f"/services/{service}"
        self._stated_as: dict[type[Message], tuple[str, str]] = {}
        self.now = now
        self.partitions = partitions
        self.said: list[Statement] = []
        self.parked: list[Parked] = []
        self.wakes: set[tuple[str, str]] = set()
        self.unparked: list[int] = []
        self.freed: set[tuple[str, str]] = set()
        self.unsettled: Mapping[Row, Unsettled] = {}
        self.settled: list[Row] = []
        self.errors: list[tuple[str, Exception]] = []
        self.rejected = self.repeated = self.reused = self.prompts = self.broken = 0

    def judge(self, case: Case, item: Keyed, read_to: datetime | None, world: Any) -> None:
        """Judges one item; a rule that raises parks the case, and the other cases of the batch go on."""
        parked_id = item.parked_id if isinstance(item, Wake) else item.record.parked_id
        if case.stuck and parked_id is None:
            return self.stick(case, item, STUCK)
        if not case.legible:
            return self.stick(case, item, ILLEGIBLE)
        before, seen_before, said_before = (case.state, case.version), len(case.more_seen), len(self.said)
        unprompted_before = case.unprompted
        try:
            self._judge(case, item, read_to, world)
            if case.state is not before[0]:
                case.draw_row()
        except Exception as error:  # a rule may raise anything
            (case.state, case.version), case.more_seen[seen_before:] = before, b""
            case.unprompted = unprompted_before
            del self.said[said_before:]
            self.errors.append((case.kind.name, error))
            self.broken += isinstance(error, AnswersItself)
            self.stick(case, item, f"rule_raised:{type(error).__name__}")
        else:
            if parked_id is not None:
                self.unparked.append(parked_id)
                self.freed.add((case.kind.name, case.key))
        return None

    def stick(self, case: Case, item: Keyed, reason: str) -> None:
        """Parks an item behind which the case waits from now on; its `due` rests."""
        case.stuck = case.touched = True
        record = item.record if not isinstance(item, Wake) else _tick_record(item)
        self.parked.append(Parked(record, reason, case.kind.name, case.key))

    def wake_rows(self) -> Iterator[tuple[str, str, int]]:
        """The rows to be woken, as `add_wakes` takes them."""
        for kind, key in sorted(self.wakes):
            yield kind, key, partition_of(key, self.partitions)

    def _judge(self, case: Case, item: Keyed, read_to: datetime | None, world: Any) -> None:
        if _asks(item):
            case.unprompted = 0
        if isinstance(item, Wake):
            return self._wake(case, item, read_to or item.due or self.now, world)
        if not self._is_new(case, item):
            return None
        if isinstance(item, Refused):
            self._refuse(case, item, item.rejection)
            return None
        receipt = item.receipt
        behind = min(read_to or NEVER, receipt.came)
        for judged in overdue(case.kind, case.state, behind, world):
            self._step(case, judged, None)
        judged = judge_message(case.kind, case.state, item.route.learn, item.message, receipt, behind, world)
        if judged.rejection:
            self._refuse(case, item, judged.rejection)
        elif judged.state is not case.state:
            self._step(case, judged, item)
        return None

    def _is_new(self, case: Case, item: Taught | Refused) -> bool:
        """Whether no message of this id has been judged; a repetition is left out, another content answered."""
        found = case.meet(item.envelope.id, item.content)
        self.repeated += found == "repeated"
        self.prompts += found != "repeated" and _asks(item)
        if found == "reused":
            self.reused += 1
            self._refuse(case, item, ID_REUSED, cause=f"{item.envelope.id}:{item.content.hex()}")
        return found == "new"

    def _wake(self, case: Case, wake: Wake, read_to: datetime, world: Any) -> None:
        if wake.settles:
            return self._settle(case)
        for judged in overdue(case.kind, case.state, read_to, world):
            self._step(case, judged, None)
        if wake.due is None:
            self._step(case, judge_tick(case.kind, case.state, read_to, world), None)
        return None

    def _settle(self, case: Case) -> None:
        """Says what readers have to hear so that of the lost time they hold nothing but what stands."""
        row = case.kind.name, case.key
        if row not in self.unsettled:
            return
        lost, said = self.unsettled[row]
        ours = (statement.message for statement in self.said if statement.key == case.key)
        over = said.union(things_said(ours, self.epoch))
        open_ = {about: heard for about, heard in lost.items() if about not in over}
        words = list(last_words(case.kind, case.state, open_)) if open_ else []
        if words:
            case.version += 1
            case.touched = True
            self._say(case, tuple(words), None)
        self.settled.append(row)

    def _step(self, case: Case, judged: Judged, item: Taught | None) -> None:
        before, case.state = case.state, judged.state
        case.version += 1
        case.unprompted += 1
        case.touched = True
        if case.unprompted > self._unprompted_steps:
            raise AnswersItself(f"{case.unprompted} steps without a report")
        if case.kind.wakes is not None:
            self.wakes.update(case.kind.wakes(before, case.state))
        self._say(case, judged.said, item)

    def _refuse(self, case: Case, item: Taught | Refused, rejection: Rejection, cause: str | None = None) -> None:
        envelope = item.envelope
        case.version += 1
        case.touched = True
        self.rejected += 1
        event = within_limits(ReportRejected)(
            report_id=envelope.id,
            report_type=envelope.type,
            source=envelope.source,
            code=rejection.code,
            reason=rejection.reason,
            at=rejection.at,
        )
        self._say(case, (Said(event, item.record.came),), item, cause)

    def _say(
        self, case: Case, said: tuple[Said, ...], item: Taught | Refused | None, caused_by: str | None = None
    ) -> None:
        """What a step says; beyond the events of one version the case takes the next for those that follow.

        `caused_by`: what the events' ids derive from, where the id of the message has been used before.
        """
        cause = caused_by or (
            item.envelope.id if item else f"{self.service}:{case.kind.name}/{case.key}@{case.version}"
        )
        first = case.version
        for index, (event, time) in enumerate(said):
            type_name, topic = self._stated(type(event))
            identity = event_id(cause, case.key, type_name, index, self.epoch)
            case.version, sequence = numbered(first, index, self.epoch)
            attributes: dict[str, Any] = {
                "id": identity,
                "source": self._source,
                "subject": case.key,
                "time": time,
                "sequence": sequence,
                "recordedtime": self.now,
                "causationid": item.envelope.id if item else None,
                "correlationid": (item.envelope.correlationid or item.envelope.id) if item else None,
                "traceparent": item.envelope.traceparent if item else None,
                "hops": _hops(item),
            }
            message = encoded(event, attributes)
            self.said.append(Statement(topic, case.key, case.partition, identity, message))

    def _stated(self, model: type[Message]) -> tuple[str, str]:
        """The type of an event, and the topic on which this service states it."""
        if model not in self._stated_as:
            name = model.type_name()
            rejected = issubclass(model, ReportRejected)
            topic = f"{self.service}.rejections.v1" if rejected else registry()[name][1].name
            self._stated_as[model] = name, topic
        return self._stated_as[model]


def _asks(item: Keyed) -> bool:
    """Whether a report asks for this step: it is one, follows from one directly, or an operator or another row asks."""
    if isinstance(item, Wake):
        return item.due is None
    return item.is_report or not item.envelope.hops or item.record.parked_id is not None


def _hops(item: Taught | Refused | None) -> int | None:
    """How many events lie between a report, or the clock, and an event that this causes; None where there is none."""
    return None if item is None or item.is_report else item.envelope.hops + 1


def _tick_record(wake: Wake) -> Record:
    came = wake.due or NEVER
    return Record(f"{TICK_TOPIC}{wake.kind.name}", wake.partition, 0, wake.key.encode(), None, (), came)
