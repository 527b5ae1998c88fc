"""How one item of a batch is judged, or several of one case at once. Nothing here changes what it is handed."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from chassis.consume.reader import Accepted, Keyed, Rejected, Wake
from chassis.consume.watermarks import NEVER
from chassis.decide.judge import AnyState, Emitted, Judged, Rejection, judge_learnt, judge_message, judge_tick, overdue
from chassis.publish.archive import OutboxEvent
from chassis.publish.events import Wording
from chassis.publish.traces import Trail
from chassis.store.inbox import entries, met
from chassis.store.locked_row import LockedRow, TableRow
from chassis.store.outcome import Outcome
from chassis.store.parked import Parked
from chassis.store.quota import Limits, Reports
from chassis.store.settling import Lost, but_for, last_words
from schemas.events.rejections import ReportRejected
from schemas.limits import within_limits

ORDINARY_HOPS = 16
"""So many events may lie between a report and what follows from it; in lives told to all services it is 7 at most. An
event within them neither asks nor counts: whoever corrects a result a thousand times asks for each. A circle goes on
beyond them."""

ID_REUSED = Rejection(
    "id_reused", "another report about the same subject came under this id; send it under an id of its own"
)


class AnswersItself(Exception):
    """The breaker: a case was judged over and over, and no report had asked for it. Services answer each other, or a
    rule asks the clock for ever; either would go on without end, so the case is parked.
    """


class Ordinary(NamedTuple):
    """What has come of an ordinary message: the case as it is then, and what it causes. `asks`: as a report does."""

    state: AnyState
    version: int
    unprompted: int
    reports: Reports
    memory: bytes
    asks: bool
    emitted: Sequence[OutboxEvent] = ()
    wakes: Iterable[tuple[str, str]] = ()
    rows: tuple[TableRow, TableRow] | None = None


class Judging:
    """Judges in the name of one service, at one instant, in one epoch. `trail`: see `Wording`."""

    def __init__(self, service: str, now: datetime, limits: Limits, epoch: int, trail: Trail | None = None) -> None:
        self._now = now
        self._limits = limits
        self._wording = Wording(service, now, epoch, trail)

    def alone(
        self, case: LockedRow, item: Keyed, watermark: datetime | None, context: object, lost: Lost | None
    ) -> Outcome:
        """What comes of one item. Raises whatever a rule raises, and AnswersItself."""
        outcome = Outcome.of(case, context, lost)
        if isinstance(item, Wake):
            self._wake(outcome, item, watermark or item.due or self._now)
        elif self._is_new(outcome, item):
            rejection = self._too_many(outcome, item)
            if isinstance(item, Rejected):
                self._reject(outcome, item, rejection or item.rejection)
            elif rejection is not None:
                self._reject(outcome, item, rejection)
            else:
                self._accept(outcome, item, min(watermark or NEVER, item.receipt.received_at))
        return outcome.finish()

    def ordinarily(
        self, case: LockedRow, item: Accepted, watermark: datetime | None, context: object
    ) -> Ordinary | None:
        """What comes of a message like nearly all, in one go; None: whatever is to be done, `alone` does it.

        Such a message was never met, nothing is overdue before it, and it is neither refused nor too many. What it does
        is what `alone` does with it: a test holds the two together. Raises whatever a rule raises.
        """
        aggregate, state, envelope, received_at = case.aggregate, case.state, item.envelope, item.receipt.received_at
        behind = received_at if watermark is None or watermark > received_at else watermark
        reports = case.reports.one_more(item.record.received_at) if item.is_report else case.reports
        if not self._is_ordinary(case, item, behind, reports):
            return None
        judged = judge_message(aggregate, state, item.route.learn, item.message, item.receipt, behind, context)
        if judged.rejection is not None:
            return None
        asks, memory = _asks(item), entries(envelope.id, item.content)
        unprompted = 0 if asks else case.unprompted
        if judged.state is state:
            return Ordinary(state, case.version, unprompted, reports, memory, asks)
        if asks or envelope.hops > ORDINARY_HOPS:
            unprompted += 1
            if unprompted > self._limits.unprompted_steps:
                return None
        wakes = tuple(aggregate.wakes(state, judged.state)) if aggregate.wakes is not None else ()
        emitted, version = self._wording.events(case, case.version + 1, judged.emitted, item)
        rows = case.drawn(judged.state)
        return Ordinary(judged.state, version, unprompted, reports, memory, asks, emitted, wakes, rows)

    def _is_ordinary(self, case: LockedRow, item: Accepted, behind: datetime, reports: Reports) -> bool:
        """Whether it was never met, nothing is overdue before it, it is not too many, and no world adds up."""
        due = case.state.conclusions.due
        if (due is not None and due <= behind) or case.aggregate.adds_up is not None:
            return False
        if item.is_report and reports.number > self._limits.reports_per_hour:
            return False
        return met((case.seen, case.more_seen), item.envelope.id, item.content) == "new"

    def together(
        self,
        case: LockedRow,
        items: Sequence[Accepted | Rejected],
        behind: datetime,
        context: object,
        lost: Lost | None,
    ) -> Outcome | None:
        """What comes of messages that are learnt one after the other and concluded upon once.

        None: a deadline lies among them, so they have to be judged each in turn. Raises as `alone` does.
        """
        due = case.state.conclusions.due
        if due is not None and due <= behind:
            return None
        outcome = Outcome.of(case, context, lost)
        facts, last = case.state.facts, None
        for item in items:
            learnt = self._learn(outcome, facts, item)
            if learnt is not facts and isinstance(item, Accepted):
                facts, last = learnt, item
        if last is not None:
            judged = judge_learnt(case.aggregate, case.state, facts, last.receipt.received_at, behind, context)
            if judged is None:
                return None
            self._step(outcome, judged, last)
        return outcome.finish()

    def _learn(self, outcome: Outcome, facts: object, item: Accepted | Rejected) -> object:
        """The facts with what a message says, or the very same ones: it was seen already, refused, or says nothing."""
        if not self._is_new(outcome, item):
            return facts
        learnt: object = self._too_many(outcome, item)
        if learnt is None and isinstance(item, Accepted):
            learnt = item.route.learn(facts, item.message, item.receipt)
        elif isinstance(item, Rejected):
            learnt = learnt or item.rejection
        if not isinstance(learnt, Rejection):
            return learnt
        self._reject(outcome, item, learnt)
        return facts

    def _is_new(self, outcome: Outcome, item: Accepted | Rejected) -> bool:
        """Whether no message of this id has been judged; a repetition is left out, another content answered."""
        asks = _asks(item)
        if asks:
            outcome.unprompted = 0
        found = outcome.meet(_remembered_as(item), item.content)
        if found == "repeated":
            outcome.repeated += 1
            return False
        outcome.prompts += asks
        if found == "reused":
            outcome.reused += 1
            self._reject(outcome, item, ID_REUSED, cause=f"{item.envelope.id}:{item.content.hex()}")
        return found == "new"

    def _accept(self, outcome: Outcome, item: Accepted, behind: datetime) -> None:
        aggregate, context = outcome.case.aggregate, outcome.context
        for judged in overdue(aggregate, outcome.state, behind, context):
            self._step(outcome, judged, None)
        judged = judge_message(aggregate, outcome.state, item.route.learn, item.message, item.receipt, behind, context)
        if judged.rejection:
            self._reject(outcome, item, judged.rejection)
        elif judged.state is not outcome.state:
            self._step(outcome, judged, item)

    def _wake(self, outcome: Outcome, wake: Wake, watermark: datetime) -> None:
        aggregate, context = outcome.case.aggregate, outcome.context
        if wake.settles:
            return self._settle(outcome)
        if _asks(wake):
            outcome.unprompted = 0
        for judged in overdue(aggregate, outcome.state, watermark, context):
            self._step(outcome, judged, None)
        if wake.due is None:
            self._step(outcome, judge_tick(aggregate, outcome.state, watermark, context), None)
        return None

    def _settle(self, outcome: Outcome) -> None:
        """Says what readers have to hear so that of the lost time they hold nothing but what stands."""
        if outcome.lost is None:
            return
        words = tuple(last_words(outcome.case.aggregate, outcome.state, outcome.lost))
        if words:
            outcome.version += 1
            self._emit(outcome, words, None)
        outcome.settles = True

    def _step(self, outcome: Outcome, judged: Judged[Any, Any], item: Accepted | None) -> None:
        case, before, outcome.state = outcome.case, outcome.state, judged.state
        outcome.version += 1
        counts = item is None or _asks(item) or item.envelope.hops > ORDINARY_HOPS
        outcome.unprompted += counts
        if counts and outcome.unprompted > self._limits.unprompted_steps:
            raise AnswersItself(f"{outcome.unprompted} steps without a report")
        if case.aggregate.wakes is not None:
            outcome.wakes.update(case.aggregate.wakes(before, judged.state))
        lost = outcome.lost
        self._emit(outcome, but_for(lost, case.key, judged.emitted) if lost else judged.emitted, item)

    def _too_many(self, outcome: Outcome, item: Accepted | Rejected) -> Rejection | None:
        """Counts a report, and says so when it is one too many. What was parked and put back does not count again."""
        if not item.is_report or item.record.parked_id is not None:
            return None
        outcome.reports = outcome.reports.one_more(item.record.received_at)
        return outcome.reports.rejection(self._limits.reports_per_hour)

    def _reject(
        self, outcome: Outcome, item: Accepted | Rejected, rejection: Rejection, cause: str | None = None
    ) -> None:
        envelope = item.envelope
        outcome.version += 1
        outcome.rejected.append(rejection.code)
        if isinstance(item, Rejected) and item.parked is not None:
            outcome.parked.append(Parked(item.record, item.parked))
        event = within_limits(ReportRejected)(
            report_id=envelope.id,
            report_type=envelope.type,
            source=envelope.source,
            code=rejection.code,
            reason=rejection.reason,
            at=rejection.at,
        )
        self._emit(outcome, (Emitted(event, item.record.received_at),), item, cause)

    def _emit(
        self,
        outcome: Outcome,
        emitted: tuple[Emitted, ...],
        item: Accepted | Rejected | None,
        caused_by: str | None = None,
    ) -> None:
        outcome.touched = True
        events, outcome.version = self._wording.events(outcome.case, outcome.version, emitted, item, caused_by)
        outcome.emitted += events


def _remembered_as(item: Accepted | Rejected) -> str:
    """The id by which a case remembers a message.

    One that was answered and is parked until a later version knows its type is to be judged then, under its own.
    """
    is_kept = isinstance(item, Rejected) and item.parked is not None
    return f"{item.envelope.id} parked" if is_kept else item.envelope.id


def _asks(item: Keyed) -> bool:
    """Whether a report asks for this step: it is one, follows from one directly, or an operator or another row asks.

    What the clock has caused elsewhere is caused by nothing: two clocks could ask each other for ever.
    """
    if isinstance(item, Wake):
        return item.due is None
    if item.is_report or item.record.parked_id is not None:
        return True
    return item.envelope.causationid is not None and not item.envelope.hops
