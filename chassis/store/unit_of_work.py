"""What is judged in one batch and what comes of it, before anything is written."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from chassis.consume.reader import Accepted, Keyed, Record, Rejected, Wake
from chassis.consume.watermarks import NEVER
from chassis.ids import partition_of
from chassis.publish.archive import OutboxEvent
from chassis.publish.fresh import Unsent
from chassis.publish.traces import Trail
from chassis.store.judging import AnswersItself, Judging
from chassis.store.locked_row import LockedRow
from chassis.store.outcome import Outcome
from chassis.store.parked import Parked
from chassis.store.quota import LIMITS, Limits
from chassis.store.settling import Lost, Row

A_MOMENT = timedelta(minutes=1)
"""Messages of one case that came within it may be concluded upon once."""

BLOCKED = "case_is_parked"
ILLEGIBLE = "document_not_understood"
TICK_TOPIC = "tick:"
"""A tick that raised is parked under this topic: there are no bytes to put back, only a row to wake."""


class Raised(NamedTuple):
    """What a rule raised, on which case, over which message; `place`: where on the bus that lies, as a log has it."""

    aggregate: str
    key: str
    error: Exception
    event_id: str | None
    place: dict[str, str | int]

    @classmethod
    def on(cls, case: LockedRow, item: Keyed, error: Exception) -> "Raised":
        """Over a message, or over the clock, which lies nowhere."""
        if isinstance(item, Wake):
            return cls(case.aggregate.name, case.key, error, None, {})
        record = item.record
        place: dict[str, str | int] = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
        return cls(case.aggregate.name, case.key, error, item.envelope.id, place)


class UnitOfWork:
    """The cases of one batch, judged one item after the other, and all that comes of it."""

    def __init__(
        self,
        service: str,
        now: datetime,
        partitions: int,
        limits: Limits = LIMITS,
        epoch: int = 0,
        trail: Trail | None = None,
    ) -> None:
        self.epoch = epoch
        self.now = now
        self.partitions = partitions
        self._judging = Judging(service, now, limits, epoch, trail)
        self.emitted: list[OutboxEvent] = []
        self.stated: list[Unsent] = []
        """What was emitted, as the archive has it once this is committed."""
        self.parked: list[Parked] = []
        self.parked_whole = limits.parked_whole
        self.wakes: set[Row] = set()
        self.unparked: list[int] = []
        self.unblocked: set[Row] = set()
        self.unsettled: dict[Row, Lost] = {}
        self.settled: list[Row] = []
        self.errors: list[Raised] = []
        self.rejected: list[str] = []
        self.repeated = self.reused = self.prompts = self.broken = self.erased = 0

    def judge_ordinary(self, case: LockedRow, item: Keyed, watermark: datetime | None, context: object) -> bool:
        """Judges an item if it is like nearly all, as `judge` would; False: nothing was done, it is for `judge`."""
        if type(item) is not Accepted or item.record.parked_id is not None:
            return False
        if case.blocked or not case.legible or self.unsettled:
            return False
        try:
            found = self._judging.ordinarily(case, item, watermark, context)
        except Exception:  # whatever a rule raises: it does so again, where it is parked for it
            return False
        if found is None:
            return False
        case.touched = case.touched or found.state is not case.state
        case.state, case.version, case.unprompted, case.reports, memory, asks, emitted, wakes, rows = found
        case.more_seen += memory
        case.rows = rows or case.rows
        self.prompts += asks
        self.emitted += emitted
        self.wakes.update(wakes)
        return True

    def judge(self, case: LockedRow, item: Keyed, watermark: datetime | None, context: object) -> Outcome | None:
        """Judges one item. What has come of it; None where it was parked.

        A rule that raises parks the case, and the other cases of the batch go on.
        """
        parked_id = item.parked_id if isinstance(item, Wake) else item.record.parked_id
        if case.blocked and parked_id is None:
            self.block(case, item, BLOCKED)
            return None
        if not case.legible:
            self.block(case, item, ILLEGIBLE)
            return None
        row = case.aggregate.name, case.key
        try:
            outcome = self._judging.alone(case, item, watermark, context, self.unsettled.get(row))
        except Exception as error:  # a rule may raise anything
            self.errors.append(Raised.on(case, item, error))
            self.broken += isinstance(error, AnswersItself)
            self.block(case, item, f"rule_raised:{type(error).__name__}")
            return None
        self._add(case, outcome)
        if parked_id is not None:
            self.unparked.append(parked_id)
            self.unblocked.add(row)
        return outcome

    def judge_together(
        self, case: LockedRow, items: Sequence[Accepted | Rejected], watermark: datetime | None, context: object
    ) -> Outcome | None:
        """Learns messages of one case one after the other, and concludes once: an event tells the difference they make.

        None: nothing was done, since they have to be judged each in turn. A deadline lies among them, a rule raises,
        or they did not come in one moment: what one of them asks for may have its deadline before the next one.
        """
        last_received_at = items[-1].record.received_at
        if case.blocked or not case.legible or last_received_at - items[0].record.received_at > A_MOMENT:
            return None
        lost = self.unsettled.get((case.aggregate.name, case.key))
        try:
            outcome = self._judging.together(case, items, min(watermark or NEVER, last_received_at), context, lost)
        except Exception:  # whatever a rule raises: it will again, when the message is alone that makes it raise
            return None
        if outcome is not None:
            self._add(case, outcome)
        return outcome

    def _add(self, case: LockedRow, outcome: Outcome) -> None:
        """Nothing has raised: the case is what it has become, and what follows from it belongs to the batch."""
        outcome.keep()
        self.emitted += outcome.emitted
        self.parked += outcome.parked
        self.wakes |= outcome.wakes
        self.rejected += outcome.rejected
        self.repeated += outcome.repeated
        self.reused += outcome.reused
        self.prompts += outcome.prompts
        if outcome.settles:
            row = case.aggregate.name, case.key
            self.settled.append(row)
            del self.unsettled[row]

    def block(self, case: LockedRow, item: Keyed, reason: str) -> None:
        """Parks an item behind which the case waits from now on; its `due` rests."""
        case.blocked = case.touched = True
        record = item.record if not isinstance(item, Wake) else _tick_record(item)
        self.parked.append(Parked(record, reason, case.aggregate.name, case.key))

    def wake_rows(self) -> Iterator[tuple[str, str, int]]:
        """The rows to be woken, as `add_wakes` takes them."""
        for aggregate, key in sorted(self.wakes):
            yield aggregate, key, partition_of(key, self.partitions)


def _tick_record(wake: Wake) -> Record:
    received_at = wake.due or NEVER
    return Record(f"{TICK_TOPIC}{wake.aggregate.name}", wake.partition, 0, wake.key.encode(), None, (), received_at)
