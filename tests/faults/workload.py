"""What the services are told in a run: whole journeys, drawn from a seed, in steps of a clock that stands still.

Everything of a step is published at one instant of that clock, so when it came is the same in every run, whatever
fails meanwhile. The journeys are those of the demo's story, moved into a few weeks; patients and others ask online
meanwhile. Beside them comes what a bus brings as well: reports to be refused, spoilt headers, older versions after
newer ones, and records that nobody can read.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import groupby
from random import Random
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from schemas.envelope import HEADERS
from schemas.reports.treatment import VitalSignsReported
from schemas.services import SERVICES
from schemas.topics import TOPICS
from story import Publication, _course
from story.cases import cases
from story.mishaps import delivered
from story.people import Case
from story.publication import SHANGHAI
from tests.journeys.stack import Sent, envelope
from tests.simulation.asked import online_care

BEGINS: date = date(2020, 4, 6)
"""The first day. (The protocol changes in March and in August: not within a run.)"""
EVENING = time(23, 55)
LONGEST_STAY = timedelta(days=30)
AFTERWARDS_DAYS = 4
"""Days without reports at the end: for what the clock alone still changes."""
SMALL: Mapping[str, int] = {"number": 6, "days_a_step": 7}
"""The size at which most scenarios run in `make thorough`: one undisturbed run serves them all."""
TINY: Mapping[str, int] = {"number": 3, "arriving_days": 2, "days_a_step": 10}
"""Where many runs are made, each to see one thing."""
_SPOILT_HEADERS = (*HEADERS, ("x-null", None), ("x-spoilt", b"\xff\xfe"))
_ORDINARY = "ordinary"


@dataclass(frozen=True, slots=True)
class Step:
    """An instant of the clock, and what is published at it, in that order."""

    at: datetime
    records: tuple[Sent, ...]


@dataclass(frozen=True, slots=True)
class Workload:
    """All steps of a run. `starts_at`: what the clock shows before the first; `before`: what is published then."""

    seed: int
    cases: int
    starts_at: datetime
    steps: tuple[Step, ...]
    before: tuple[Sent, ...] = ()

    @property
    def records(self) -> int:
        """How many records are published, answers to calls not counted."""
        return sum(len(step.records) for step in self.steps)


@cache
def workload(seed: int, number: int, *, arriving_days: int = 14, days_a_step: int = 1) -> Workload:
    """The journeys of `number` cases that arrive over `arriving_days`, published every `days_a_step` days."""
    chance = Random(f"faults/{seed}")
    chosen = _chosen(seed, number, chance)
    given: list[Publication] = []
    for place, case in enumerate(chosen):
        moved = _moved(case, BEGINS + timedelta(days=place * arriving_days // number))
        given += delivered(_course(seed, moved).statements, seed, case.name)
    given.sort()
    starts_at = datetime.combine(BEGINS - timedelta(days=1), time(), SHANGHAI)
    steps = list(_steps(given, chance, days_a_step))
    before, *asked = _asked(seed, [starts_at, *(step.at for step in steps if step.records)], chosen)
    return Workload(seed, number, starts_at, tuple(_strewn(seed, steps, asked)), tuple(before))


def _asked(seed: int, instants: Sequence[datetime], chosen: Sequence[Case]) -> list[list[Sent]]:
    """What is reported of online care at each of these instants; the channels before anybody comes, at the first."""
    given: list[list[Sent]] = [[] for _ in instants]
    for hop, report in online_care(Random(f"faults online/{seed}"), instants, [case.case_id for case in chosen]):
        given[hop].append(envelope(report, instants[hop]))
    return given


def _strewn(seed: int, steps: Iterable[Step], asked: Iterable[Sequence[Sent]]) -> Iterator[Step]:
    """The steps; among the records of each that has some, in any order, those of online care."""
    chance, left = Random(f"faults strewn/{seed}"), iter(asked)
    for step in steps:
        records = list(step.records)
        for sent in next(left) if records else ():
            records.insert(chance.randint(0, len(records)), sent)
        yield Step(step.at, tuple(records))


def _chosen(seed: int, number: int, chance: Random) -> list[Case]:
    """Those to whom something unusual happens come first: a third of all, where there are so many."""
    able = [case for case in cases(seed) if case.left_at - case.begins_at <= LONGEST_STAY]
    unusual = [case for case in able if case.twist != _ORDINARY or case.died]
    plain = [case for case in able if case.twist == _ORDINARY and not case.died]
    picked = chance.sample(unusual, min(len(unusual), max(1, number // 3)))
    picked += chance.sample(plain, number - len(picked))
    return chance.sample(picked, len(picked))


def _moved(case: Case, begins: date) -> Case:
    """The same journey, begun on another day."""
    by = timedelta(days=(begins - case.begins_at.astimezone(SHANGHAI).date()).days)
    journey = case.journey
    if journey is not None:
        journey = replace(journey, departed_on=journey.departed_on + by, arrived_at=journey.arrived_at + by)
    return replace(case, journey=journey, confirmed_at=case.confirmed_at + by, left_at=case.left_at + by)


def _steps(given: Sequence[Publication], chance: Random, days_a_step: int) -> Iterator[Step]:
    by_step = {at: list(group) for at, group in groupby(given, key=lambda one: _evening(one.publish_at, days_a_step))}
    at, last = min(by_step), max(by_step)
    junk = ["the first junk", "the second junk"]
    while at <= last:
        records = list(_with_mishaps(by_step.get(at, []), chance))
        if junk and records:
            name, middle = junk.pop(0), len(records) // 2
            records[middle:middle] = [_junk(service, name) for service in SERVICES]
        yield Step(at, tuple(records))
        at += timedelta(days=days_a_step)
    for _ in range(AFTERWARDS_DAYS // days_a_step):
        yield Step(at, ())
        at += timedelta(days=days_a_step)
    yield Step(at, tuple(_ending(given)))


def _ending(given: Sequence[Publication]) -> Iterator[Sent]:
    """Something for every service to refuse or to park, so that each has a last piece of work."""
    for service in SERVICES:
        yield _junk(service, "the last junk")
    newest = {publication.topic: publication for publication in given}
    for publication in newest.values():
        yield _changed(publication, "refused at last", case_id="somebody-else")


def _evening(instant: datetime, days_a_step: int) -> datetime:
    """The first evening of a step by which a report has been written."""
    written = instant.astimezone(SHANGHAI)
    day = written.date() + timedelta(days=written.time() > EVENING)
    days = (day - BEGINS).days
    return datetime.combine(BEGINS + timedelta(days=-(-days // days_a_step) * days_a_step), EVENING, SHANGHAI)


def _with_mishaps(given: Iterable[Publication], chance: Random) -> Iterator[Sent]:
    """The reports; now and then one to be refused, one with spoilt headers, and an older version after the newer."""
    for number, publication in enumerate(given):
        luck = chance.random()
        headers = _SPOILT_HEADERS if luck < 0.03 or number == 1 else HEADERS
        yield Sent(publication.topic, publication.key.encode(), publication.value, headers)
        if luck > 0.97 or number == 0:
            yield _changed(publication, "refused", case_id="somebody-else")
        if _TEMPERATURE.encode() in publication.value and luck < 0.15:
            yield _older(publication)


_TEMPERATURE = VitalSignsReported.type_name()


def _older(publication: Publication) -> Sent:
    """A version of the same measurement that was written down an hour before, and comes after."""
    written = json.loads(publication.value)["recordedtime"]
    earlier = datetime.fromisoformat(written) - timedelta(hours=1)
    return _changed(publication, "older", recordedtime=earlier.astimezone(UTC), temperature_c=41.1)


def _changed(publication: Publication, name: str, recordedtime: datetime | None = None, **data: Any) -> Sent:
    envelope = json.loads(publication.value)
    envelope["id"] = str(uuid5(NAMESPACE_URL, f"{name} {envelope['id']}"))
    if recordedtime is not None:
        envelope["recordedtime"] = recordedtime.isoformat()
    envelope["data"] |= data
    return Sent(publication.topic, publication.key.encode(), json.dumps(envelope).encode())


JUNK = b"nobody can read this"


def _junk(service: str, name: str) -> Sent:
    """A record that nobody can read, on a topic that this service reads."""
    topic = next(topic for topic in TOPICS if service in topic.consumers)
    return Sent(topic.name, f"{name} for {service}".encode(), JUNK)
