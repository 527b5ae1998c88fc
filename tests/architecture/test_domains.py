"""Whoever has opened one domain has opened all: what a kind of thing does lies in files of the same names."""

from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest

from chassis.decide.aggregate import Aggregate, AnyAggregate, ReadModel
from chassis.store.replicas import Replica
from schemas.services import EVERY_SERVICE
from schemas.topics import published_by
from services.intake.routes import CASE as WITH_A_TABLE
from services.treatment.routes import CASE

ROWS = ("worklist", "read_model")
"""Where the row of a kind's table is drawn: of a list that somebody works off, or of what others are judged by."""


def misplaced(kind: AnyAggregate) -> Iterator[str]:
    """What of a kind of thing does not lie where a reader looks for it, a sentence each."""
    room, _, file = kind.facts.__module__.rpartition(".")
    if file != "facts":
        yield f"{kind.name}: its facts lie in {kind.facts.__module__}"
    for name, step in (("conclude", kind.conclude), ("announce", kind.announce)):
        if getattr(found(f"{room}.{name}"), name, None) is not step:
            yield f"{kind.name}: {name} does not lie in {room}.{name}"
    for route in kind.learns:
        if route.learn.__module__ != f"{room}.learn":
            yield f"{kind.name}: what it learns from {route.message.__name__} lies in {route.learn.__module__}"
    if kind.table is not None and kind.table.row.__module__ not in {f"{room}.{name}" for name in ROWS}:
        yield f"{kind.name}: its row is drawn in {kind.table.row.__module__}"


def found(name: str) -> ModuleType | None:
    """The module of this name, if there is one."""
    try:
        return import_module(name)
    except ModuleNotFoundError:
        return None


def aggregates_of(service: str) -> list[AnyAggregate]:
    """The kinds that a service judges by rules of its own; a copy of the directory is judged by the chassis."""
    kinds: list[AnyAggregate] = import_module(f"services.{service}.routes").AGGREGATES
    return [kind for kind in kinds if not kind.facts.__module__.startswith(Replica.__module__)]


@pytest.mark.parametrize("service", EVERY_SERVICE)
def test_every_domain_has_the_same_files(service: str) -> None:
    kinds = aggregates_of(service)
    assert kinds, "a service that judges nothing is not one"
    assert [sentence for kind in kinds for sentence in misplaced(kind)] == []


@pytest.mark.parametrize("service", EVERY_SERVICE)
def test_of_the_kinds_that_say_anything_one_states_whatever_the_others_do_not(service: str) -> None:
    """Otherwise a word that a restored store does not know is settled as if it were of another kind."""
    speaking = [kind for kind in import_module(f"services.{service}.routes").AGGREGATES if not kind.is_silent]
    assert [kind.name for kind in speaking if kind.states is None] == [speaking[0].name]
    for name in (message.type_name() for topic in published_by(service) for message in topic.messages):
        assert sum(kind.states(name, "key") for kind in speaking[1:]) <= 1, f"{name} is stated by two"


TREATED: AnyAggregate = CASE


def _elsewhere(*_: Any) -> Any:
    """A step that lies in no domain."""


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (replace(TREATED, facts=Aggregate), "its facts lie in chassis.decide.aggregate"),
        (replace(TREATED, conclude=_elsewhere), "conclude does not lie in services.treatment.domain.conclude"),
        (replace(TREATED, announce=_elsewhere), "announce does not lie in services.treatment.domain.announce"),
        (
            replace(TREATED, learns=(replace(TREATED.learns[0], learn=_elsewhere),)),
            "what it learns from PatientAdmitted lies in tests.architecture.test_domains",
        ),
        (
            replace(WITH_A_TABLE, table=replace(WITH_A_TABLE.table or ReadModel("", {}, _elsewhere), row=_elsewhere)),
            "its row is drawn in tests.architecture.test_domains",
        ),
    ],
)
def test_what_lies_elsewhere_is_found(kind: AnyAggregate, sentence: str) -> None:
    assert any(sentence in one for one in misplaced(kind))
