"""All services in one process, wired as `topics.py` says: no bus, no database, no clock but the one that is set.

Each service is its real `Reader`, its real aggregates and a real `UnitOfWork`; what that emits is a record for whoever
the drawing names as a consumer. Order holds by topic and key, and nothing else does: which line moves next is drawn.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from importlib import import_module
from random import Random
from typing import Any

import msgspec

from chassis.consume.reader import Accepted, Reader, Record, Unprocessable, Wake
from chassis.decide.aggregate import AnyAggregate
from chassis.ids import partition_of
from chassis.store.locked_row import LockedRow
from chassis.store.quota import Reports
from chassis.store.unit_of_work import UnitOfWork
from schemas.envelope import HEADERS, Envelope, encode, read
from schemas.folding import ThingKey, thing
from schemas.message import Report
from schemas.services import EVERY_SERVICE
from schemas.topic import INTEGRATORS, PARTITIONS
from schemas.topics import report_topic, topic_named
from services.bulletin.domain.day import Counts
from services.contact.domain import Subscriber, Subscriptions
from services.contact.routes import case as published_to
from services.discharge import context as discharge
from services.intake.domain import institutions as intake
from services.primarycare.domain import institutions as primarycare
from tests.rest.beyond import concerned, online_care
from tests.rest.pen import SUBSCRIPTION
from tests.simulation.counting import count_days

PACES = (1.0, 1.0, 0.2, 0.01)
"""In half of all houses some services are far slower than others, so that what they say lies unread for long."""
TOLERANCE = timedelta(minutes=5)
A_MOMENT = timedelta(microseconds=1)
BETWEEN_RECORDS = timedelta(milliseconds=1)
SUBSCRIBER = Subscriber(
    SUBSCRIPTION,
    frozenset({"CaseImported", "CaseExcluded", "Discharged", "DischargeRevoked", "RetestedPositive", "AlertForwarded"}),
    datetime.fromisoformat("2019-12-01T00:00:00+00:00"),
)


class NoRest(Exception):
    """The services answer each other without end. The message says who said what, how often."""


class RuleRaised(Exception):
    """A rule raised on valid reports. The message names the service, the message and the error."""


@cache
def aggregates_of(service: str) -> Sequence[AnyAggregate]:
    """As `services/<name>/app.py` hands them over; contact with somebody who subscribes to what may be taken back."""
    aggregates: Sequence[AnyAggregate] = import_module(f"services.{service}.routes").AGGREGATES
    return (published_to((SUBSCRIBER,)), *aggregates[1:]) if service == "contact" else aggregates


@cache
def reader_of(service: str) -> Reader:
    """Reads the records of a service. It remembers nothing, and takes long to make."""
    return Reader(aggregates_of(service), TOLERANCE)


@dataclass
class Service:
    """One service: what it keeps, what waits for it, and what it has asked to be judged again."""

    name: str
    cases: dict[tuple[str, str], LockedRow] = field(default_factory=dict)
    waiting: dict[tuple[str, str], deque[Record]] = field(default_factory=lambda: defaultdict(deque))
    """(topic, key) → what has not been read yet, in order."""
    woken: dict[tuple[str, str], None] = field(default_factory=dict)

    @property
    def aggregates(self) -> Sequence[AnyAggregate]:
        """Its kinds of things."""
        return aggregates_of(self.name)

    @property
    def lines(self) -> list[tuple[str, str]]:
        """The lines in which something waits."""
        return [line for line, records in self.waiting.items() if records]

    def case(self, aggregate: AnyAggregate, key: str) -> LockedRow:
        """The row of a thing; made when it is first asked for."""
        known = self.cases.get((aggregate.name, key))
        if known is None:
            begins = aggregate.begin()
            known = self.cases[aggregate.name, key] = LockedRow(
                aggregate, key, partition_of(key, PARTITIONS), loaded_version=0, loaded=begins, state=begins, version=0,
                blocked=False, unprompted=0, reports=Reports(), seen=b"",
            )  # fmt: skip
        return known

    def rows(self, kind_name: str) -> Iterator[dict[str, Any]]:
        """The rows of a kind's small table, as they stand."""
        aggregate = next(aggregate for aggregate in self.aggregates if aggregate.name == kind_name)
        assert aggregate.table is not None
        for (name, key), case in self.cases.items():
            if name == kind_name and case.rows and case.rows[1] is not None:
                yield {"key": key, **dict(zip(aggregate.table.columns, case.rows[1], strict=True))}

    def watermark(self, now: datetime) -> datetime:
        """Up to when all has been read that came."""
        firsts = (records[0].received_at for records in self.waiting.values() if records)
        return min((received_at - A_MOMENT for received_at in firsts), default=now)


class House:
    """Every service, what has been said, and the clock."""

    def __init__(self, now: datetime, dice: Random) -> None:
        self.now, self.dice = now, dice
        self.services = {name: Service(name) for name in EVERY_SERVICE}
        self.last: dict[tuple[str, ThingKey], Envelope] = {}
        """The last word of each service on each thing."""
        self.emitted: Counter[str] = Counter()
        self._pace = dict.fromkeys(self.services, 1.0)
        if dice.random() < 0.5:
            self._pace = {name: dice.choice(PACES) for name in self.services}
        self._offsets: Counter[str] = Counter()
        self._reports = 0

    def report(self, report: Report, recorded: datetime | None = None, source: str = "/tests") -> None:
        """A report comes to its topic."""
        self._reports += 1
        identity = f"00000000-0000-4000-8000-{self._reports:012d}"
        given = recorded or self.now
        value = encode(report, id=identity, source=source, subject=report.key, time=given, recordedtime=given)
        self._append(report_topic(report.type_name()).name, report.key, value)

    def step_to(self, now: datetime) -> None:
        """The clock goes on; what is due by then is judged when the services are told to go on."""
        self.now = max(now, self.now)

    def rest(self, most: int, awake: Iterable[str] = EVERY_SERVICE) -> int:
        """Everybody who is awake goes on, in drawn order, until nobody has anything to do. How many events that took.

        Raises:
            NoRest: it took more than `most`.
            RuleRaised: a rule raised.
        """
        services = [self.services[name] for name in awake]
        before, emitted = self.emitted.total(), Counter(self.emitted)
        while busy := [(service, moves) for service in services if (moves := list(self._moves(service)))]:
            (moves,) = self.dice.choices([moves for _, moves in busy], [self._pace[one.name] for one, _ in busy])
            self.dice.choice(moves)()
            if self.emitted.total() - before > most:
                given = ", ".join(f"{name} {times}" for name, times in (self.emitted - emitted).most_common(8))
                raise NoRest(f"more than {most} events: {given}")
        return self.emitted.total() - before

    def asked(self, *names: str) -> list[Envelope]:
        """The events of these names that stand."""
        wanted = {f"afterward.{name}.v1" for name in names}
        return [one for one in self.last.values() if one.type in wanted and not one.data.get("withdrawn")]

    @property
    def standing(self) -> dict[tuple[str, ThingKey], Any]:
        """What a stranger holds who has folded all that was said."""
        return {about: (one.data, one.time) for about, one in self.last.items() if not one.data.get("withdrawn")}

    def _moves(self, service: Service) -> Iterator[Callable[[], None]]:
        """What a service may do next: read the head of a line, else judge what is woken, or due."""
        for line in service.lines:
            yield lambda line=line: self._read(service, line)  # type: ignore[misc]
        for about in service.woken:
            yield lambda about=about: self._wake(service, about)  # type: ignore[misc]
        watermark = service.watermark(self.now)
        for case in service.cases.values():
            due = case.state.conclusions.due
            if due is not None and due <= watermark:
                yield lambda case=case, due=due: self._tick(service, case, due)  # type: ignore[misc]

    def _read(self, service: Service, line: tuple[str, str]) -> None:
        watermark = service.watermark(self.now)
        record = service.waiting[line].popleft()
        item = reader_of(service.name).read(record)
        if isinstance(item, Unprocessable):
            raise RuleRaised(f"{service.name} cannot judge what the others say: {item.reason}: {record.value!r}")
        if item is not None:
            given = item.message.type_name() if isinstance(item, Accepted) else f"refused {item.envelope.type}"
            self._judge(service, service.case(item.aggregate, item.key), item, watermark, given)

    def _wake(self, service: Service, about: tuple[str, str]) -> None:
        del service.woken[about]
        aggregate = next(aggregate for aggregate in service.aggregates if aggregate.name == about[0])
        case = service.case(aggregate, about[1])
        wake = Wake(aggregate, case.key, case.partition)
        self._judge(service, case, wake, service.watermark(self.now), "a wake")

    def _tick(self, service: Service, case: LockedRow, due: datetime) -> None:
        wake = Wake(case.aggregate, case.key, case.partition, due)
        self._judge(service, case, wake, service.watermark(self.now), "a tick")

    def _judge(self, service: Service, case: LockedRow, item: Any, watermark: datetime, given: str) -> None:
        unit, was = UnitOfWork(service.name, self.now, PARTITIONS), case.rows[1] if case.rows else None
        unit.judge(case, item, watermark, self._context(service, case))
        if unit.errors or unit.parked:
            error = unit.errors[0].error if unit.errors else None
            what = error or unit.parked[0].reason
            raise RuleRaised(f"{service.name}, {case.aggregate.name}, told {given}: {what!r}") from error
        service.woken |= dict.fromkeys(sorted(unit.wakes))
        service.woken |= dict.fromkeys(concerned(service, case, was))
        for statement in unit.emitted:
            self._append(statement.topic, statement.key, statement.message)

    def _append(self, topic_name: str, key: str, value: bytes) -> None:
        topic = topic_named(topic_name)
        record = Record(topic_name, partition_of(key, PARTITIONS), self._offsets[topic_name], key.encode(), value,
                        HEADERS, self.now)  # fmt: skip
        self._offsets[topic_name] += 1
        self.now += BETWEEN_RECORDS
        for consumer in topic.consumers:
            if consumer != INTEGRATORS:
                self.services[consumer].waiting[topic_name, key].append(record)
        if topic.direction == "out":
            envelope = read(value, HEADERS)
            self.emitted[envelope.type.split(".")[1]] += 1
            self.last[envelope.source, thing(envelope.type, envelope.subject, envelope.data)] = envelope

    def _context(self, service: Service, case: LockedRow) -> Any:
        """What the engine asks of the store before a case is judged, from the same rows."""
        if case.aggregate.context is None:
            return None
        if service.name == "contact":
            off = {row["key"] for row in service.rows("subscription") if not row["is_on"]}
            return Subscriptions(frozenset({SUBSCRIPTION} - off))
        if case.aggregate.name == "public_day":
            day = service.cases.get(("day", case.key.removesuffix("/public")))
            return day and day.state.conclusions
        if service.name == "bulletin":
            return _counted(service, case.key)
        entries = [row["entry"].encode() for row in service.rows("institution")]
        if service.name == "discharge":
            return discharge.directory([msgspec.json.decode(one, type=discharge.Institution) for one in entries])
        if service.name == "primarycare":
            return primarycare.Directory([msgspec.json.decode(one, type=primarycare.Institution) for one in entries])
        if service.name == "consultation":
            return online_care(service, case)
        known = intake.directory([msgspec.json.decode(one, type=intake.Institution) for one in entries])
        rows = list(service.rows("case"))
        sent = Counter((row["to_institution_id"], row["chosen_on"]) for row in rows if row["chosen_on"])
        relatives = (
            intake.Relative(
                row["key"],
                row["party_id"],
                row["person_ref"],
                row["to_institution_id"],
                tuple(msgspec.json.decode(row["required"])),
                row["course_from"],
                row["course_until"],
                row["chosen_at"],
            )
            for row in rows
        )
        return intake.Institutions(known, sent, relatives=intake.relatives_of(relatives))


def _counted(service: Service, key: str) -> Counts:
    jurisdiction, day = key.split("/")
    asked = [(key, jurisdiction, date.fromisoformat(day))]
    wakes = [{"kind": aggregate, "key": woken} for aggregate, woken in service.woken]
    cases, days, held, delivered = (list(service.rows(kind)) for kind in ("case", "day", "consultation", "delivery"))
    ((_, counts),) = count_days(asked, cases, days, wakes, held, delivered)
    return msgspec.json.decode(counts, type=Counts)
