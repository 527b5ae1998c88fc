"""Only a field with a default may be appended to what is stored: seen to refuse everything else."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from importlib import import_module
from typing import Any, Literal

import msgspec
import pytest
from msgspec import NODEFAULT, Struct, defstruct, field

from chassis.decide.aggregate import AnyAggregate
from chassis.store.upgrading.documents import changes, fingerprint, shape_of
from schemas.services import EVERY_SERVICE
from tests.chassis.toy import BEGIN, PATIENT

Fields = list[tuple[str, Any] | tuple[str, Any, Any]]

WAS: Fields = [("name", str), ("count", int), ("seen", datetime | None, None), ("tags", tuple[str, ...], ())]


def stored(fields: Fields, **config: Any) -> AnyAggregate:
    """A kind that keeps many things of these fields."""
    thing = defstruct("Thing", fields, array_like=config.pop("array_like", True), **config)
    facts = defstruct("Facts", [("things", tuple[thing, ...], ())], array_like=True)  # type: ignore[valid-type]
    return replace(PATIENT, facts=facts)


def done_to(after: AnyAggregate, before: AnyAggregate | None = None) -> list[str]:
    """What was done to the stored things beyond appending."""
    return changes(shape_of(before or stored(WAS)), shape_of(after))


def test_nothing_was_done_to_what_is_as_it_was() -> None:
    assert done_to(stored(WAS)) == []
    assert fingerprint(shape_of(stored(WAS))) == fingerprint(shape_of(stored(WAS)))


class Inner(Struct, frozen=True, array_like=True):
    """A thing within the thing."""

    a: int = 0


@pytest.mark.parametrize(
    "appended",
    [
        ("more", str, ""),
        ("more", datetime | None, None),
        ("more", dict[str, int], field(default_factory=dict)),
        ("more", tuple[Inner, ...], ()),
        ("more", Inner, Inner()),
    ],
    ids=repr,
)
def test_a_field_with_a_default_may_be_appended(appended: Any) -> None:
    after = stored([*WAS, appended])
    assert done_to(after) == []
    assert fingerprint(shape_of(after)) != fingerprint(shape_of(stored(WAS))), "and it is another shape"
    assert done_to(stored(WAS), before=after), "which is not to be taken away again"


REFUSED: Mapping[str, tuple[Fields, str]] = {
    "an insertion": (
        [("first", str, ""), *[(*one, None)[:3] for one in WAS]],
        r"field 1: was `name: text`, is now `fir",
    ),
    "an insertion before the last": (
        [*WAS[:3], ("more", str, ""), WAS[3]],
        r"field 4: was `tags: \[text\] = \[\]`, is n",
    ),
    "a removal": ([*WAS[:2], WAS[3]], r"field 3: was `seen: .*`, is now `tags"),
    "a removal of the last": (WAS[:3], r"field 4: was `tags: \[text\] = \[\]`, is gone"),
    "a reordering": ([WAS[1], WAS[0], *WAS[2:]], r"field 1: was `name: text`, is now `count: integer`"),
    "another type": ([WAS[0], ("count", float), *WAS[2:]], r"was `count: integer`, is now `count: number`"),
    "another type within": ([*WAS[:3], ("tags", tuple[int, ...], ())], r"is now `tags: \[integer\]"),
    "no null any more": ([*WAS[:2], ("seen", datetime, BEGIN), WAS[3]], r"was `seen: instant \| null = null`"),
    "fewer words": ([("name", Literal["a"]), *WAS[1:]], r"is now `name: one of \"a\"`"),
    "a default that is lost": ([*WAS[:3], ("tags", tuple[str, ...])], r"is now `tags: \[text\]`"),
    "another default": ([*WAS[:2], ("seen", datetime | None, BEGIN), WAS[3]], r"is now `seen: .* = \"2020"),
    "another name": ([("title", str), *WAS[1:]], r"was `name: text`, is now `title: text`"),
    "appending without a default": ([*WAS[:2], ("more", str)], "was `seen"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_whatever_else_is_done_to_a_stored_struct_is_refused(what: str) -> None:
    fields, words = REFUSED[what]
    found = "; ".join(done_to(stored(fields, kw_only=True)))
    assert re.search(words, found), found


def test_a_field_appended_without_a_default_is_refused() -> None:
    before, after = stored([("name", str)]), stored([("name", str), ("more", str)])
    assert done_to(after, before) == ["facts.things[]: `more: text` was appended without a default"]


def test_a_struct_that_is_written_in_another_form_is_refused() -> None:
    assert done_to(stored(WAS, array_like=False)) == ["facts.things[] was written as array, and is now as object"]
    tagged = done_to(stored(WAS, tag="thing"))
    assert any("facts.things[] is gone" in sentence for sentence in tagged)


def test_a_struct_may_be_called_otherwise_and_lie_elsewhere() -> None:
    """Nothing stored tells what a class is called."""
    renamed = defstruct("Renamed", WAS, array_like=True)
    facts = defstruct("Memory", [("things", tuple[renamed, ...], ())], array_like=True)  # type: ignore[valid-type]
    after = replace(PATIENT, facts=facts)
    assert done_to(after) == []
    assert fingerprint(shape_of(after)) == fingerprint(shape_of(stored(WAS)))


class Longer(Struct, frozen=True, array_like=True):
    """As `Inner`, with one more."""

    a: int = 0
    b: int = 0


def test_appending_to_a_struct_that_is_itself_a_default_is_appending() -> None:
    before, after = (stored([*WAS, ("inner", inner, inner())]) for inner in (Inner, Longer))
    assert done_to(after, before) == []


@pytest.mark.parametrize("within", [tuple[Inner, ...], dict[str, Inner], Inner | None, tuple[int, Inner]], ids=repr)
def test_what_lies_within_is_looked_at_wherever_it_lies(within: Any) -> None:
    class Shorter(Struct, array_like=True):
        pass

    before = stored([("inner", within)])
    (place,) = (place for place, part in shape_of(before).items() if part.struct == "Inner")
    exchanged = {**shape_of(before), place: shape_of(stored([("x", Shorter)]))["facts.things[].x"]}
    assert changes(shape_of(before), exchanged) == [f"{place}, field 1: was `a: integer = 0`, is gone"]


def _changed(struct: type[Struct], change: Callable[[Fields], Fields]) -> type:
    """A copy of a Struct with other fields."""
    fields: Fields = [_declared(one) for one in msgspec.structs.fields(struct)]
    made: type = defstruct(struct.__name__, change(fields), array_like=struct.__struct_config__.array_like)
    return made


def _declared(one: msgspec.structs.FieldInfo) -> Any:
    default = one.default if one.default is not NODEFAULT else field(default_factory=one.default_factory)
    return (one.name, one.type) if one.required else (one.name, one.type, default)


REAL: Sequence[AnyAggregate] = [
    aggregate
    for service in EVERY_SERVICE
    for aggregate in import_module(f"services.{service}.routes").AGGREGATES
    if aggregate.name == "case" and aggregate.learns
]
every_case = pytest.mark.parametrize("aggregate", REAL, ids=lambda aggregate: aggregate.facts.__module__.split(".")[1])

HARM: Mapping[str, Callable[[Fields], Fields]] = {
    "insertion": lambda fields: [*fields[:1], ("inserted", str, ""), *fields[1:]],
    "removal": lambda fields: [fields[0], *fields[2:]],
    "reordering": lambda fields: [fields[0], fields[2], fields[1], *fields[3:]],
    "type": lambda fields: [*fields[:-1], (fields[-1][0], int, 0)],
    "lost default": lambda fields: [(fields[0][0], fields[0][1]), *fields[1:]],
}


@every_case
@pytest.mark.parametrize("harm", HARM)
def test_the_real_facts_are_guarded(aggregate: AnyAggregate, harm: str) -> None:
    harmed = replace(aggregate, facts=_changed(aggregate.facts, HARM[harm]))
    assert changes(shape_of(aggregate), shape_of(harmed))


@every_case
def test_to_the_real_facts_fields_may_be_appended(aggregate: AnyAggregate) -> None:
    for appended in ([], [("appended", str, "")]):
        facts = _changed(aggregate.facts, lambda fields, more=appended: [*fields, *more])  # type: ignore[misc]
        assert not changes(shape_of(aggregate), shape_of(replace(aggregate, facts=facts)))
