"""What comes of judging an item: a value, which the unit of work adds to the batch once nothing has raised."""

from dataclasses import dataclass, field

from chassis.decide.judge import AnyState
from chassis.publish.archive import OutboxEvent
from chassis.store.inbox import Met, entries, met
from chassis.store.locked_row import LockedRow, TableRow
from chassis.store.parked import Parked
from chassis.store.quota import Reports
from chassis.store.settling import Lost


@dataclass(slots=True, eq=False)
class Outcome:
    """A case as it is once an item of it has been judged, and all that this causes.

    It begins as the case is, and the case knows nothing of it before it is added: what raises half-way is let go of,
    and has happened nowhere.
    `context`: that of the rules; in the end, as the next case must see it, with what this one has taken.
    `parked`: messages that were answered, and are kept with their bytes as well.
    `lost`: what there is to settle of the case, if anything (`chassis.store.settling`).
    `prompts`, `repeated`, `reused`: how many messages a report asked for, were left out, and came under the id of
    another one. `rejected`: the codes of those that were answered.
    """

    case: LockedRow
    context: object
    lost: Lost | None
    state: AnyState
    version: int
    unprompted: int
    reports: Reports
    touched: bool = False
    more_seen: bytearray = field(default_factory=bytearray)
    rows: tuple[TableRow, TableRow] | None = None
    emitted: list[OutboxEvent] = field(default_factory=list)
    wakes: set[tuple[str, str]] = field(default_factory=set)
    parked: list[Parked] = field(default_factory=list)
    settles: bool = False
    prompts: int = 0
    repeated: int = 0
    reused: int = 0
    rejected: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, case: LockedRow, context: object, lost: Lost | None) -> "Outcome":
        """That of a case of which nothing has been judged yet."""
        return cls(case, context, lost, case.state, case.version, case.unprompted, case.reports)

    def meet(self, message_id: str, content: bytes) -> Met:
        """Whether a message of this id, and of this content, has been judged before; from now on it has."""
        found = met((self.case.seen, self.case.more_seen, self.more_seen), message_id, content)
        if found != "repeated":
            self.more_seen += entries(message_id, content)
        return found

    def finish(self) -> "Outcome":
        """With what the service draws from the state as it is now: the row of the small table, and what the case takes
        of the context. What a rule raises here still parks this case alone."""
        case, aggregate = self.case, self.case.aggregate
        if self.state is not case.state:
            self.rows = case.drawn(self.state)
            if aggregate.adds_up is not None:
                self.context = aggregate.adds_up(self.context, case.state, self.state)
        return self

    def keep(self) -> None:
        """The case becomes what it is here."""
        case = self.case
        case.state, case.version, case.unprompted, case.reports = (
            self.state,
            self.version,
            self.unprompted,
            self.reports,
        )
        case.touched = case.touched or self.touched
        case.more_seen += self.more_seen
        case.rows = self.rows or case.rows
