"""Every answer that the services of a house would give, each with its model."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import Any, Final, NamedTuple

import msgspec
from pydantic import BaseModel, TypeAdapter

from chassis.questions.question import CaseQuestion, Questions, ThingQuestion, WorkListQuestion
from chassis.store.locked_row import LockedRow
from services.bulletin.answers import Bulletin
from services.bulletin.domain import day as commission
from services.bulletin.domain import public_day as public
from services.consultation import views as consultation
from services.consultation.answers import Channel, Route
from services.consultation.domain.consultation import Channel as Open
from services.consultation.domain.consultation import Channels
from services.consultation.domain.consultation.explaining import request_of, routed
from services.consultation.domain.institutions import Directory, Institution
from tests.rest.house import House, Service

COLUMNS: Final[Mapping[tuple[str, str], tuple[str, str]]] = {
    ("intake", "transfers"): ("case", "transfer"),
    ("intake", "unplaced"): ("case", "unplaced"),
    ("intake", "duplicates"): ("case", "duplicate"),
    ("treatment", "not-understood"): ("case", "not_understood"),
    ("followup", "calls"): ("case", "call"),
    ("followup", "visits"): ("case", "visit"),
    ("followup", "not-understood"): ("case", "word"),
    ("primarycare", "linkages"): ("case", "linkage"),
    ("primarycare", "alerts"): ("case", "alert"),
    ("primarycare", "unplaced"): ("case", "unplaced"),
    ("consultation", "consultations"): ("consultation", "item"),
    ("consultation", "rosters"): ("channel", "gap"),
    ("consultation", "prescriptions"): ("prescription", "review"),
    ("consultation", "deliveries"): ("prescription", "delivery"),
}
"""(service, work list) → the kind of thing whose row it reads, and the column with the item."""


class Given(NamedTuple):
    """An answer, as its view gives it, and what it has to be."""

    service: str
    answer: Mapping[str, Any]
    model: TypeAdapter[BaseModel]


@cache
def adapter(model: Any) -> TypeAdapter[BaseModel]:
    """Reads an answer; it takes long to make."""
    return TypeAdapter(model)


def row_of(case: LockedRow) -> dict[str, Any] | None:
    """The row of a thing in its small table, by column; None: it has none."""
    if case.aggregate.table is None or not case.rows or case.rows[1] is None:
        return None
    return dict(zip(case.aggregate.table.columns, case.rows[1], strict=True))


def questions_of(service: str) -> Questions:
    """The table of a service."""
    table: Questions = import_module(f"services.{service}.views").QUESTIONS
    return table


def overheard(house: House, hear: Callable[[Service, LockedRow, datetime], None]) -> House:
    """The house, of which is heard: each service and thing that has just been judged, and when."""
    judge = house._judge

    def judge_and_tell(service: Service, case: LockedRow, *how: Any) -> None:
        judge(service, case, *how)
        hear(service, case, house.now)

    setattr(house, "_judge", judge_and_tell)  # noqa: B010 - of this one house
    return house


def answers_about(service: Service, case: LockedRow, now: datetime) -> Iterator[Given]:
    """All that a service answers of a thing, and what its row says on work lists."""
    kind, known = case.aggregate.name, (case.state.facts, case.state.conclusions)
    for question in questions_of(service.name):
        if isinstance(question, CaseQuestion | ThingQuestion) and question.kind == kind:
            answer: Any = question.view(*known, now)
            yield Given(service.name, answer, adapter(question.answer))
        elif isinstance(question, WorkListQuestion):
            yield from _items(service, case, question)
    yield from _others(service, case, now)


def _items(service: Service, case: LockedRow, question: WorkListQuestion) -> Iterator[Given]:
    kind, column = COLUMNS[service.name, question.name]
    row = row_of(case) if kind == case.aggregate.name else None
    if row is not None and row[column] is not None:
        yield Given(service.name, msgspec.json.decode(row[column]), adapter(question.item))


def _others(service: Service, case: LockedRow, now: datetime) -> Iterator[Given]:
    kind, conclusions = case.aggregate.name, case.state.conclusions
    if kind in {"day", "public_day"}:
        stands = commission.bulletin(conclusions) if kind == "day" else public.bulletin(conclusions)
        if stands is not None:
            yield Given(service.name, stands.model_dump(mode="json", exclude_none=True), adapter(Bulletin))
    elif kind == "channel" and service.name == "consultation" and case.state.facts.channel_id:
        shown = consultation.roster(case.state.facts, conclusions, now)
        yield Given(service.name, shown | {"counts": _counts(service, case.key)}, adapter(Channel))
    elif kind == "consultation" and service.name == "consultation" and case.state.facts.request is not None:
        yield Given(service.name, _route(service, case.state.facts.request, now), adapter(Route))


def _counts(service: Service, channel_id: str) -> dict[str, int]:
    """As `count_channel.sql` counts."""
    rows = [row for row in service.rows("consultation") if row["channel_id"] == channel_id]
    held = [row for row in rows if row["held_by"] is not None]
    return {
        "consultations": len(held),
        "people": len({row["person_ref"] for row in held}),
        "experts": len({row["held_by"] for row in held}),
        "avoided_visits": sum(not row["refers"] for row in held),
        "waiting": sum(row["waiting"] for row in rows),
        "assigned": sum(row["assigned"] for row in rows),
    }


def _route(service: Service, request: Any, now: datetime) -> dict[str, Any]:
    """Where the patient of a request would be sent who asks once more."""
    entries = (row for row in service.rows("channel") if row["is_open"])
    channels = Channels(msgspec.json.decode(row["entry"], type=Open) for row in entries)
    directory = Directory(msgspec.json.decode(row["entry"], type=Institution) for row in service.rows("institution"))
    asked: dict[str, Any] = {
        "jurisdiction": request.jurisdiction,
        "district": request.district,
        "groups": list(request.groups),
        "symptoms": list(request.symptoms),
        "red_flags": list(request.red_flags),
    }
    if request.age_months is not None:
        years, months = divmod(request.age_months, 12)
        asked["age"] = {"value": months, "unit": "mo"} if not years else {"value": years, "unit": "a"}
    return routed(request_of(asked, now), channels, directory)
