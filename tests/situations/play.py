"""A file of records played to all services: each record comes at its own instant, each deadline passes at its own.

Between two records the clock stops at every instant at which some case is due, so that nobody is judged late. After the
last one it goes on for `AFTERWARDS`. What a report answers is asked for by the services that are here now: a call or an
alert of an id that nobody knows stands for the one that is asked for first.
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any

from chassis.consume.reader import Record
from schemas.envelope import HEADERS, Envelope, read
from schemas.instants import parse_instant
from schemas.topic import INTEGRATORS
from schemas.topics import report_topic, topic_named
from tests.rest.house import House

HERE = Path(__file__).parent
SEED = HERE.parents[1] / "afterward" / "seed" / "institutions.jsonl"
AFTERWARDS = timedelta(weeks=6)
LONG_BEFORE = datetime.fromisoformat("2019-12-01T00:00:00+08:00")
WHEN_PUBLISHED = datetime.fromisoformat("2020-10-21T12:00:00+08:00")
"""When the public reports come, all together."""
MOST = 400
"""So many events may follow from one record or one deadline."""
ANSWERS = {
    "afterward.CallReported.v1": ("call_id", ("CallRequested", "HomeVisitRequested")),
    "afterward.AlertAcknowledged.v1": ("alert_id", ("AlertForwarded", "AlertEscalated")),
    "afterward.LinkageAnswered.v1": ("linkage_id", ("LinkageRequested", "LinkageEscalated")),
    "afterward.CareDelivered.v1": ("linkage_id", ("LinkageAccepted",)),
}
"""Type of a report → the field that names what it answers, and the events that ask for it."""


class Play(House):
    """A house in which time passes by itself, and which remembers all that was stated and what it was given to read."""

    def __init__(self, now: datetime) -> None:
        super().__init__(now, Random("situations"))
        self.stated: list[Envelope] = []
        self.unanswerable: list[Envelope] = []
        """The answers that were left out, since nobody asked for them."""
        self.given: dict[str, list[Record]] = defaultdict(list)
        """Service → all that was given to it to read, in the order in which it came."""
        self._named: dict[str, str] = {}

    def give(self, line: bytes, at: datetime) -> None:
        """A record comes, and everybody does what follows from it; an answer that nobody asks for is left out."""
        self.pass_to(at)
        envelope = read(line, HEADERS)
        if envelope.type in ANSWERS:
            answering = self._answering(json.loads(line))
            if answering is None:
                self.unanswerable.append(envelope)
                return
            line = json.dumps(answering).encode()
        self._append(report_topic(envelope.type).name, envelope.subject, line)
        self.rest(MOST)

    def pass_to(self, at: datetime) -> None:
        """The clock goes on to `at`, and stops wherever something is due."""
        while (due := self._next_due()) is not None and due <= at:
            self.step_to(due)
            self.rest(MOST)
        self.step_to(at)

    def standing_of(self, name: str, subject: str = "") -> list[dict[str, Any]]:
        """The data of the events of a name that stand, of one subject or of all, in the order in which they came."""
        return [dict(one.data) for one in self.asked(name) if subject in ("", one.subject)]

    def stated_of(self, name: str, subject: str = "") -> list[Envelope]:
        """Every event of a name, also those that no longer stand, in order."""
        wanted = f"afterward.{name}.v1"
        return [one for one in self.stated if one.type == wanted and subject in ("", one.subject)]

    def refusals(self, subject: str = "") -> list[dict[str, Any]]:
        """What was answered to reports that were refused."""
        return [dict(one.data) for one in self.stated_of("ReportRejected", subject)]

    def row(self, service: str, key: str) -> dict[str, Any]:
        """The row of a case from which the work lists are read; empty where it has none."""
        return next((row for row in self.services[service].rows("case") if row["key"] == key), {})

    def view(self, service: str, key: str) -> dict[str, Any]:
        """What a service shows of a case."""
        known = self.services[service]
        aggregate = next(one for one in known.aggregates if one.name == "case")
        state = known.case(aggregate, key).state
        shown: dict[str, Any] = views_of(service).case(state.facts, state.conclusions, self.now)
        return shown

    def _next_due(self) -> datetime | None:
        dues = (case.state.conclusions.due for service in self.services.values() for case in service.cases.values())
        return min((due for due in dues if due is not None), default=None)

    def _append(self, topic_name: str, key: str, value: bytes) -> None:
        super()._append(topic_name, key, value)
        for consumer in topic_named(topic_name).consumers:
            if consumer != INTEGRATORS:
                self.given[consumer].append(self.services[consumer].waiting[topic_name, key][-1])
        if not topic_name.endswith(".reports.v1"):
            self.stated.append(read(value, HEADERS))

    def _answering(self, envelope: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The report under the id of what is asked for now; None where it answers something, and nothing is asked."""
        field, names = ANSWERS[envelope["type"]]
        given = envelope["data"][field]
        if given not in self._named:
            asked = [one.data[field] for one in self.asked(*names) if one.subject == envelope["subject"]]
            open_ones = list(dict.fromkeys(one for one in asked if one not in self._named.values()))
            if not open_ones:
                return None
            self._named[given] = given if given in asked else open_ones[0]
        return {**envelope, "data": {**envelope["data"], field: self._named[given]}}


@cache
def views_of(service: str) -> Any:
    """The module that shows a service's cases."""
    return import_module(f"services.{service}.views")


def lines(name: str) -> list[bytes]:
    """The lines of a file as they lie there."""
    (path,) = (HERE / "inputs").glob(name)
    return [line for line in path.read_bytes().splitlines() if line.strip()]


@cache
def situation(name: str) -> Play:
    """A situation, played once to its end and some weeks more."""
    play = Play(LONG_BEFORE)
    for line in map(json.loads, lines(f"situations/{name}.jsonl")):
        play.give(json.dumps(line["envelope"]).encode(), parse_instant(line["came"]))
    play.pass_to(play.now + AFTERWARDS)
    return play


@cache
def public_report(number: str) -> Play:
    """The records of a public report, told together, and some weeks more. Nobody is to change the play."""
    play = after_public_report(number)
    play.pass_to(play.now + AFTERWARDS)
    return play


def after_public_report(number: str) -> Play:
    """A stack of its own on which the records of a public report have just been told."""
    play = Play(LONG_BEFORE)
    for line in SEED.read_bytes().splitlines():
        play.give(line, LONG_BEFORE)
    for line in lines(f"public_reports/{number}-*.jsonl"):
        play.give(line, WHEN_PUBLISHED)
    return play
