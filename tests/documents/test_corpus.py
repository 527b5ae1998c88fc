"""Documents as they were once stored are understood by today's code, which draws its conclusions from them."""

import msgspec
import pytest

from chassis.decide.judge import AnyState
from chassis.store.locked_row import LockedRow
from tests.documents.corpus import Stored, read
from tests.documents.editions import EDITIONS
from tests.documents.lives import LATER, Lived, every_life

every_aggregate = pytest.mark.parametrize("lived", every_life(), ids=lambda lived: lived.name)


def loaded(lived: Lived, stored: Stored) -> LockedRow:
    """The case as the engine loads it from its row in the store."""
    return LockedRow.holding(lived.aggregate, "key", document=stored.document, judged=stored.judged)


def of_releases(lived: Lived) -> list[Stored]:
    """What each release stored of this kind, as today's code has converted it; nothing of one that had no such kind."""
    return [
        edition.today(lived.service, lived.aggregate, stored)
        for edition in EDITIONS
        if edition.folder and lived.aggregate.name in edition.shapes.get(lived.service, ())
        for stored in edition.stored(lived.service, lived.aggregate).values()
    ]


@every_aggregate
def test_what_was_stored_is_understood_and_judged(lived: Lived) -> None:
    documents = read(lived.name)
    assert documents, "this kind has no documents in the corpus: python -m tests.documents.corpus"
    for stored in [*documents, *of_releases(lived)]:
        case = loaded(lived, stored)
        assert case.legible
        after = lived.judged_on(case.state, max(stored.judged, case.state.conclusions.due or stored.judged) + LATER[-1])
        assert after.facts == case.state.facts
        case.drawn(after)


@every_aggregate
def test_a_document_that_was_judged_as_late_as_it_can_be_stays_as_it_is(lived: Lived) -> None:
    """What the code writes of it has all that was stored; fields that were appended since come after it."""
    for stored in [*read(lived.name), *of_releases(lived)]:
        state: AnyState = loaded(lived, stored).state
        written = msgspec.json.decode(msgspec.json.encode((state.facts, state.conclusions)))
        assert _begins_with(written, msgspec.json.decode(stored.document))


def _begins_with(now: object, was: object) -> bool:
    if isinstance(now, list) and isinstance(was, list):
        return len(now) >= len(was) and all(map(_begins_with, now, was))
    if isinstance(now, dict) and isinstance(was, dict):
        return all(key in now and _begins_with(now[key], value) for key, value in was.items())
    return now == was


@pytest.mark.parametrize("name", ["followup/case", "discharge/case"])
def test_a_document_of_another_shape_is_seen(name: str) -> None:
    """A guard that cannot fail guards nothing: the first of the facts is taken out of every document."""
    (lived,) = (one for one in every_life() if one.name == name)
    for stored in read(name):
        (_, *facts), conclusions = msgspec.json.decode(stored.document)
        assert not loaded(lived, Stored(stored.judged, msgspec.json.encode([facts, conclusions]))).legible
