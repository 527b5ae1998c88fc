"""An event written in one compiled step has the bytes that the language's own writer gives."""

import json
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from chassis.publish.encoding import Attributes, struct_of, written
from schemas.envelope import encode
from schemas.events.contact import ContactRequested
from schemas.limits import within_limits
from schemas.message import Event
from tests.schemas.anything import INSTANTS, anything
from tests.schemas.examples import MESSAGES, valid
from tests.schemas.overfull import AN_INSTANT, overfull

EVENTS = {name: model for name, model in MESSAGES.items() if issubclass(model, Event)}
ID = "0a1b2c3d-0000-4000-8000-00000000000a"
ATTRIBUTES = st.builds(
    Attributes,
    id=st.just(ID),
    source=st.sampled_from(["/services/treatment", "/a"]),
    subject=st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1),
    time=INSTANTS,
    recordedtime=INSTANTS,
    sequence=st.integers(0, 10**18 - 1),
    causationid=st.none() | st.just(ID),
    correlationid=st.none() | st.just(ID),
    traceparent=st.none() | st.just(f"00-{'a' * 32}-{'b' * 16}-01"),
    hops=st.none() | st.integers(0, 99),
)


def same(event: Event, attributes: Attributes) -> None:
    assert written(event, attributes) == encode(event, **attributes._asdict())


@pytest.mark.parametrize("name", EVENTS)
@settings(max_examples=6, deadline=None)
@given(st.data())
def test_any_event_is_written_alike(name: str, chosen: st.DataObject) -> None:
    try:
        event = EVENTS[name].model_validate(chosen.draw(anything(EVENTS[name])))
    except ValidationError:
        reject()
    same(event, chosen.draw(ATTRIBUTES))


PLAIN = Attributes(ID, "/services/x", "c", AN_INSTANT, AN_INSTANT, 7, None, ID, None, 0)


@pytest.mark.parametrize("name", EVENTS)
def test_an_example_of_each_event_is_written_alike(name: str) -> None:
    same(EVENTS[name].model_validate(json.loads(valid(name))["data"]), PLAIN)


@pytest.mark.parametrize("name", sorted(EVENTS.keys() - {"ContactRequested"}))
@pytest.mark.parametrize("letter", ["é", '"'])
def test_an_event_that_is_full_is_written_alike(name: str, letter: str) -> None:
    same(within_limits(EVENTS[name])(**overfull(EVENTS[name], letter=letter)), PLAIN)


def test_all_but_one_are_written_by_structs() -> None:
    assert [model for model in EVENTS.values() if struct_of(model) is None] == [ContactRequested], "it holds anything"


def within(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that stand in a field, itself or deeper."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from within(field.annotation)
    for inner in get_args(annotation):
        yield from within(inner)


def test_an_object_within_an_event_is_of_the_class_that_its_field_names() -> None:
    """Of one of a class below it pydantic writes the fields of the class above: no event can hold one."""
    parts = {
        part for model in EVENTS.values() for field in model.model_fields.values() for part in within(field.annotation)
    }
    assert parts
    assert [part for part in parts if part.__subclasses__()] == []
