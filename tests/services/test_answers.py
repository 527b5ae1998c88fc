"""Every answer of every service is by its model, with nothing left over, and the models say no more than what is met.

Told: lives that chance has invented, in other words than it chose; two days of online care; stays; and situations.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from random import Random
from typing import Any, Final, Literal

import pytest
from msgspec import Struct
from pydantic import ValidationError

from afterward.cli.worklist import ASKED_OF
from chassis.questions.answer import Answer, item_model
from chassis.questions.question import CaseQuestion, Location, WorkListQuestion
from chassis.store.locked_row import LockedRow
from schemas.instants import parse_instant
from schemas.services import EVERY_SERVICE
from tests.rest.house import House, Service
from tests.rest.lives import REPORTS, Author
from tests.rest.online_life import OnlineLife
from tests.rest.run import Publication
from tests.services.answered import COLUMNS, Given, answers_about, overheard, questions_of, row_of
from tests.services.embellished import embellishing
from tests.services.met import sayable, stated
from tests.services.stays import Stays
from tests.situations.play import AFTERWARDS, LONG_BEFORE, Play, lines

LIVES, ONLINE_LIVES = range(10), range(3)
SITUATIONS = (
    "no-retest-ever",
    "one-person-two-cases",
    "readmitted-same-episode-moves-the-figures",
    "refuses-for-ever",
    "revoked-and-nobody-waits",
    "v10-closes-the-linkage-on-the-day",
)
FIRST_EDITION: Final = "only in documents that the first edition stored"
ASKS_FOR_NOTHING: Final = "a routine alert asks for no answer, so no list has it"
NEVER_MET = {
    "bulletin.Event.omitted": "an event that is cut says what; the bulletin is never so large",
    "bulletin.Event.withdrawn": "a bulletin is restated, never withdrawn",
    "consultation.Consultation.jurisdiction=null": FIRST_EDITION,
    "consultation.Consultation.time_zone=null": FIRST_EDITION,
    "consultation.Declaration.received_at=null": FIRST_EDITION,
    "consultation.Issue.jurisdiction=null": FIRST_EDITION,
    "consultation.Issue.known_at=null": FIRST_EDITION,
    "consultation.Item.channel_id=null": "who may prescribe is on duty in a channel",
    "discharge.Violation.unmet=persistently_positive": "an exception is never missing",
    "followup.Plan.place=null": FIRST_EDITION,
    "followup.SilentSlot.state=skipped": "no zone has left out a date since 2011",
    "intake.Case.place=null": FIRST_EDITION,
    "intake.Unplaced.reason=excluded": "a local case stands until its authority takes it back",
    "primarycare.Aftercare.time_zone=null": FIRST_EDITION,
    "primarycare.AlertItem.severity=routine": ASKS_FOR_NOTHING,
    "primarycare.AlertItem.why=went_out": ASKS_FOR_NOTHING,
    "primarycare.LinkageEnding.why=plan_ended": FIRST_EDITION,
}
PLACED_BY_ROW = {"intake", "treatment", "followup", "primarycare"}
"""Services of which a case's row says where it is, for the work lists: who may read those may read the case."""


class Heard:
    """What was answered: how often, what of it is not by its model or not the same again, and all that was stated."""

    def __init__(self) -> None:
        self.answers, self.stated = 0, set[str]()
        self.problems: set[str] = set()
        self.placed_otherwise: set[str] = set()

    def hear(self, service: Service, case: LockedRow, now: datetime) -> None:
        """All that is answered of a thing."""
        for given in answers_about(service, case, now):
            self.answers += 1
            self.problems |= set(self._problems(given))
        if service.name in PLACED_BY_ROW and case.aggregate.name == "case":
            self._compare_place(service, case)

    def _problems(self, given: Given) -> Iterator[str]:
        try:
            answer = given.model.validate_python(given.answer)
        except ValidationError as error:
            yield from (f"{given.service}: {one['loc']}: {one['msg']}: {one['input']!r}" for one in error.errors())
            return
        self.stated |= set(stated(answer, given.service))
        if json.loads(answer.model_dump_json(exclude_unset=True)) != json.loads(json.dumps(given.answer)):
            yield f"{given.service}: {type(answer).__name__} is not the same: {given.answer}"

    def _compare_place(self, service: Service, case: LockedRow) -> None:
        row = row_of(case)
        (asked,) = (one for one in questions_of(service.name) if isinstance(one, CaseQuestion))
        found = asked.place(case.state.facts, case.state.conclusions)
        if row is not None and found != _location(row["jurisdiction"], row["district"]):
            self.placed_otherwise.add(f"{service.name}: {found}, {row['jurisdiction']}/{row['district']}")


def _location(jurisdiction: str, district: str) -> Location | None:
    return Location(jurisdiction, district or None) if jurisdiction != "unknown" else None


@pytest.fixture(scope="module")
def heard() -> Heard:
    """All that was heard while everything was told."""
    heard = Heard()
    for seed in LIVES:
        _live(heard, seed)
    for seed in ONLINE_LIVES:
        online = OnlineLife(seed)
        embellishing(overheard(online.house, heard.hear), seed)
        online.play()
    stays = Stays()
    overheard(stays.play, heard.hear)
    stays.tell()
    for name in SITUATIONS:
        _situation(heard, name)
    return heard


def _live(heard: Heard, seed: int) -> None:
    author, given = Author(Random(f"life {seed}")), Publication(seed, f"order {seed}")
    house: House = embellishing(overheard(given.house, heard.hear), seed)
    given.play(author.first())
    while not given.outcome.problem and given.outcome.reports < REPORTS:
        given.play(author.next(house.asked))
    assert not given.end().problem


def _situation(heard: Heard, name: str) -> None:
    play = Play(LONG_BEFORE)
    overheard(play, heard.hear)
    for line in map(json.loads, lines(f"situations/{name}.jsonl")):
        play.give(json.dumps(line["envelope"]).encode(), parse_instant(line["came"]))
    play.pass_to(play.now + AFTERWARDS)


@pytest.mark.timeout(900)
@pytest.mark.wide
def test_every_answer_is_by_its_model_and_the_same_again_when_the_model_says_it(heard: Heard) -> None:
    assert heard.problems == set()
    assert heard.answers > 5_000


@pytest.mark.timeout(900)
@pytest.mark.wide
def test_every_field_every_word_and_every_null_of_a_model_is_met_but_for_those_with_a_reason(heard: Heard) -> None:
    everything = {path for service in EVERY_SERVICE for path in _sayable(service)}
    assert everything - heard.stated == NEVER_MET.keys()


@pytest.mark.timeout(900)
@pytest.mark.wide
def test_where_a_case_is_for_its_readers_is_where_the_work_lists_have_it(heard: Heard) -> None:
    assert heard.placed_otherwise == set()


def _sayable(service: str) -> Iterator[str]:
    for question in questions_of(service):
        yield from sayable(question.item if isinstance(question, WorkListQuestion) else question.answer, service)


@pytest.mark.parametrize("service", EVERY_SERVICE)
def test_a_service_is_asked_about_cases_once_and_the_directory_about_institutions(service: str) -> None:
    cases = [one for one in questions_of(service) if isinstance(one, CaseQuestion)]
    assert len(cases) == (0 if service == "directory" else 1)


def test_the_work_lists_are_those_of_the_command_line() -> None:
    lists = {
        (service, one.name)
        for service in EVERY_SERVICE
        for one in questions_of(service)
        if isinstance(one, WorkListQuestion)
    }
    assert lists == {(service, str(of)) for of, services in ASKED_OF.items() for service in services}
    assert lists == COLUMNS.keys()


class Line(Struct, rename={"from_at": "from"}):
    """A line of a list."""

    from_at: datetime
    why: str
    kind: str = "line"
    more: int = 0


def test_the_model_of_an_item_has_its_fields_and_the_vocabularies_that_are_closed() -> None:
    model = item_model(Line, kind=Literal["line"], why=Literal["late", "lost"])
    line: dict[str, Any] = {"from": "2020-10-17T10:00:00Z", "why": "late", "kind": "line", "more": 2}
    assert model.model_validate(line).model_dump(mode="json") == line
    assert model.model_validate({name: line[name] for name in ("from", "why", "kind")}).model_dump()["more"] == 0
    for wrong in ({"why": "other"}, {"kind": "other"}, {"unheard": "of"}, {"more": "many"}):
        with pytest.raises(ValidationError):
            model.model_validate(line | wrong)
    assert issubclass(model, Answer)
    assert model.__doc__ == "A line of a list."


def test_what_an_item_does_not_have_cannot_be_closed() -> None:
    with pytest.raises(TypeError, match="Line has no whence"):
        item_model(Line, whence=Literal["here"])
