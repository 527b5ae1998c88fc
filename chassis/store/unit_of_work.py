"""What is judged in one batch and what comes of it, before anything is written."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from chassis.consume.reader import Accepted, Keyed, Record, Rejected, Wake
from chassis.consume.watermarks import NEVER
from chassis.decide.judge import Emitted, Judged, Rejection, judge_learnt, judge_message, judge_tick, overdue
from chassis.ids import partition_of
from chassis.publish.events import EmittedEvents
from chassis.store.locked_row import Before, LockedRow
from chassis.store.parked import Parked
from chassis.store.quota import LIMITS, Limits
from chassis.store.settling import Lost, Row, but_for, last_words
from schemas.events.rejections import ReportRejected
from schemas.limits import within_limits

A_MOMENT = timedelta(minutes=1)
"""Messages of one case that came within it may be concluded upon once."""

ORDINARY_HOPS = 16
"""So many events may lie between a report and what follows from it; in lives told to all services it is 7 at most. An
event within them neither asks nor counts: whoever corrects a result a thousand times asks for each. A circle goes on
beyond them."""

ID_REUSED = Rejection(
    "id_reused", "another report about the same subject came under this id; send it under an id of its own"
)
BLOCKED = "case_is_parked"
ILLEGIBLE = "document_not_understood"
TICK_TOPIC = "tick:"
"""A tick that raised is parked under this topic: there are no bytes to put back, only a row to wake."""

Counts = tuple[int, int, int, int]


class AnswersItself(Exception):
    """The breaker: a case was judged over and over, and no report had asked for it. Services answer each other, or a
    rule asks the clock for ever; either would go on without end, so the case is parked.
    """


class UnitOfWork:
    """The cases of one batch, judged one item after the other, and all that comes of it."""

    def __init__(
        self,
        service: str,
        now: datetime,
        partitions: int,
        limits: Limits = LIMITS,
        epoch: int = 0,
    ) -> None:
        self.service = service
        self.epoch = epoch
        self._limits = limits
        self._statements = EmittedEvents(service, now, epoch)
        self.now = now
        self.partitions = partitions
        self.emitted = self._statements.all
        self.parked: list[Parked] = []
        self.parked_whole = limits.parked_whole
        self.wakes: set[tuple[str, str]] = set()
        self.unparked: list[int] = []
        self.unblocked: set[tuple[str, str]] = set()
        self.unsettled: dict[Row, Lost] = {}
        self.settled: list[Row] = []
        self.errors: list[tuple[str, Exception]] = []
        self.rejected = self.repeated = self.reused = self.prompts = self.broken = 0

    def judge(self, case: LockedRow, item: Keyed, watermark: datetime | None, context: Any) -> None:
        """Judges one item; a rule that raises parks the case, and the other cases of the batch go on."""
        parked_id = item.parked_id if isinstance(item, Wake) else item.record.parked_id
        if case.blocked and parked_id is None:
            return self.block(case, item, BLOCKED)
        if not case.legible:
            return self.block(case, item, ILLEGIBLE)
        before = self._mark(case)
        try:
            self._judge(case, item, watermark, context)
            if case.state is not before[0].state:
                case.draw_row()
        except Exception as error:  # a rule may raise anything
            self._undo(case, before)
            self.errors.append((case.aggregate.name, error))
            self.broken += isinstance(error, AnswersItself)
            self.block(case, item, f"rule_raised:{type(error).__name__}")
        else:
            if parked_id is not None:
                self.unparked.append(parked_id)
                self.unblocked.add((case.aggregate.name, case.key))
        return None

    def judge_together(
        self, case: LockedRow, items: Sequence[Accepted | Rejected], watermark: datetime | None, context: Any
    ) -> bool:
        """Learns messages of one case one after the other, and concludes once: an event tells the difference they make.

        False: nothing was done, since they have to be judged each in turn. A deadline lies among them, a rule raises,
        or they did not come in one moment: what one of them asks for may have its deadline before the next one.
        """
        behind = min(watermark or NEVER, items[-1].record.received_at)
        if case.blocked or not case.legible or items[-1].record.received_at - items[0].record.received_at > A_MOMENT:
            return False
        before = self._mark(case)
        try:
            done = self._judge_together(case, items, behind, context)
            if done and case.state is not before[0].state:
                case.draw_row()
        except Exception:  # whatever a rule raises: it will again, when the message is alone that makes it raise
            done = False
        if not done:
            self._undo(case, before)
        return done

    def _judge_together(
        self, case: LockedRow, items: Sequence[Accepted | Rejected], behind: datetime, context: Any
    ) -> bool:
        due = case.state.conclusions.due
        if due is not None and due <= behind:
            return False
        facts, last = case.state.facts, None
        for item in items:
            learnt = self._learn(case, facts, item)
            if learnt is not facts and isinstance(item, Accepted):
                facts, last = learnt, item
        if last is None:
            return True
        judged = judge_learnt(case.aggregate, case.state, facts, last.receipt.received_at, behind, context)
        if judged is not None:
            self._step(case, judged, last)
        return judged is not None

    def _learn(self, case: LockedRow, facts: Any, item: Accepted | Rejected) -> Any:
        """The facts with what a message says, or the very same ones: it was seen already, refused, or says nothing."""
        if not self._is_new(case, item):
            return facts
        learnt: Any = self._too_many(case, item)
        if learnt is None and isinstance(item, Accepted):
            learnt = item.route.learn(facts, item.message, item.receipt)
        elif isinstance(item, Rejected):
            learnt = learnt or item.rejection
        if not isinstance(learnt, Rejection):
            return learnt
        self._reject(case, item, learnt)
        return facts

    def _mark(self, case: LockedRow) -> tuple[Before, int, Counts]:
        return case.mark(), len(self.emitted), (self.rejected, self.repeated, self.reused, self.prompts)

    def _undo(self, case: LockedRow, mark: tuple[Before, int, Counts]) -> None:
        before, emitted, (self.rejected, self.repeated, self.reused, self.prompts) = mark
        case.undo(before)
        del self.emitted[emitted:]

    def block(self, case: LockedRow, item: Keyed, reason: str) -> None:
        """Parks an item behind which the case waits from now on; its `due` rests."""
        case.blocked = case.touched = True
        record = item.record if not isinstance(item, Wake) else _tick_record(item)
        self.parked.append(Parked(record, reason, case.aggregate.name, case.key))

    def wake_rows(self) -> Iterator[tuple[str, str, int]]:
        """The rows to be woken, as `add_wakes` takes them."""
        for aggregate, key in sorted(self.wakes):
            yield aggregate, key, partition_of(key, self.partitions)

    def _judge(self, case: LockedRow, item: Keyed, watermark: datetime | None, context: Any) -> None:
        if isinstance(item, Wake):
            return self._wake(case, item, watermark or item.due or self.now, context)
        if not self._is_new(case, item):
            return None
        rejection = self._too_many(case, item)
        if isinstance(item, Rejected):
            self._reject(case, item, rejection or item.rejection)
            return None
        if rejection is not None:
            self._reject(case, item, rejection)
            return None
        receipt = item.receipt
        behind = min(watermark or NEVER, receipt.received_at)
        for judged in overdue(case.aggregate, case.state, behind, context):
            self._step(case, judged, None)
        judged = judge_message(case.aggregate, case.state, item.route.learn, item.message, receipt, behind, context)
        if judged.rejection:
            self._reject(case, item, judged.rejection)
        elif judged.state is not case.state:
            self._step(case, judged, item)
        return None

    def _is_new(self, case: LockedRow, item: Accepted | Rejected) -> bool:
        """Whether no message of this id has been judged; a repetition is left out, another content answered."""
        asks = _asks(item)
        if asks:
            case.unprompted = 0
        found = case.meet(item.envelope.id, item.content)
        if found == "repeated":
            self.repeated += 1
            return False
        self.prompts += asks
        if found == "reused":
            self.reused += 1
            self._reject(case, item, ID_REUSED, cause=f"{item.envelope.id}:{item.content.hex()}")
        return found == "new"

    def _wake(self, case: LockedRow, wake: Wake, watermark: datetime, context: Any) -> None:
        if wake.settles:
            return self._settle(case)
        if _asks(wake):
            case.unprompted = 0
        for judged in overdue(case.aggregate, case.state, watermark, context):
            self._step(case, judged, None)
        if wake.due is None:
            self._step(case, judge_tick(case.aggregate, case.state, watermark, context), None)
        return None

    def _settle(self, case: LockedRow) -> None:
        """Says what readers have to hear so that of the lost time they hold nothing but what stands."""
        row = case.aggregate.name, case.key
        if row not in self.unsettled:
            return
        words = tuple(last_words(case.aggregate, case.state, self.unsettled[row]))
        if words:
            case.version += 1
            case.touched = True
            self._statements.add(case, words, None)
        self.settled.append(row)
        del self.unsettled[row]

    def _step(self, case: LockedRow, judged: Judged, item: Accepted | None) -> None:
        before, case.state = case.state, judged.state
        case.version += 1
        counts = item is None or _asks(item) or item.envelope.hops > ORDINARY_HOPS
        case.unprompted += counts
        case.touched = True
        if counts and case.unprompted > self._limits.unprompted_steps:
            raise AnswersItself(f"{case.unprompted} steps without a report")
        if case.aggregate.wakes is not None:
            self.wakes.update(case.aggregate.wakes(before, case.state))
        lost = self.unsettled.get((case.aggregate.name, case.key))
        self._statements.add(case, but_for(lost, case.key, judged.emitted) if lost else judged.emitted, item)

    def _too_many(self, case: LockedRow, item: Accepted | Rejected) -> Rejection | None:
        """Counts a report, and says so when it is one too many. What was parked and put back does not count again."""
        if not item.is_report or item.record.parked_id is not None:
            return None
        case.reports = case.reports.one_more(item.record.received_at)
        return case.reports.rejection(self._limits.reports_per_hour)

    def _reject(
        self, case: LockedRow, item: Accepted | Rejected, rejection: Rejection, cause: str | None = None
    ) -> None:
        envelope = item.envelope
        case.version += 1
        case.touched = True
        self.rejected += 1
        if isinstance(item, Rejected) and item.parked is not None:
            self.parked.append(Parked(item.record, item.parked))
        event = within_limits(ReportRejected)(
            report_id=envelope.id,
            report_type=envelope.type,
            source=envelope.source,
            code=rejection.code,
            reason=rejection.reason,
            at=rejection.at,
        )
        self._statements.add(case, (Emitted(event, item.record.received_at),), item, cause)


def _asks(item: Keyed) -> bool:
    """Whether a report asks for this step: it is one, follows from one directly, or an operator or another row asks.

    What the clock has caused elsewhere is caused by nothing: two clocks could ask each other for ever.
    """
    if isinstance(item, Wake):
        return item.due is None
    if item.is_report or item.record.parked_id is not None:
        return True
    return item.envelope.causationid is not None and not item.envelope.hops


def _tick_record(wake: Wake) -> Record:
    received_at = wake.due or NEVER
    return Record(f"{TICK_TOPIC}{wake.aggregate.name}", wake.partition, 0, wake.key.encode(), None, (), received_at)
