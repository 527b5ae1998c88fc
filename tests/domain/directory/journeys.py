"""What commissions declare of one institution: builders with believable defaults, and journeys."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from schemas.message import Message
from schemas.reports.directory import InstitutionDeclared, InstitutionWithdrawn

CENTRE = "cn-sh-pd-01"


def at(written: str) -> datetime:
    """`10-15T09:00` of 2020 in Shanghai."""
    return datetime.fromisoformat(f"2020-{written}:00+08:00")


def declared(since: str = "01-01T00:00", **changed: Any) -> InstitutionDeclared:
    """A community centre in Pudong."""
    fields = {
        "institution_id": CENTRE,
        "name": "Example Community Health Centre",
        "kind": "community_centre",
        "jurisdiction": "CN-SH",
        "district": "Pudong",
        "designated": False,
        "capabilities": ("paediatric",),
        "online": False,
        "open_24h": False,
        "children": True,
        "effective_from": at(since),
    }
    return InstitutionDeclared.model_validate({**fields, **changed})


def closed(since: str) -> InstitutionWithdrawn:
    """It is no more."""
    return InstitutionWithdrawn(institution_id=CENTRE, effective_from=at(since))


RECEIVED_AT = at("10-01T00:00")
"""When everything came: before some of what the journeys tell of holds."""


def small() -> Iterator[list[Message]]:
    """Journeys of a few messages, to be told in every order."""
    yield [declared(), declared("03-01T00:00", name="Another Name"), closed("06-01T00:00")]
    yield [declared(), declared(designated=True), closed("10-02T12:00")]
    yield [closed("01-01T00:00"), declared("10-04T00:00"), closed("10-20T00:00"), declared("10-03T00:00")]


def full() -> Iterator[list[Message]]:
    """Whole journeys, to be told in any order."""
    yield [
        declared(),
        declared(name="Corrected Name"),
        declared("02-01T00:00", capabilities=("paediatric", "dialysis")),
        closed("04-01T00:00"),
        declared("05-01T00:00", open_24h=True),
        declared("10-02T00:00", online=True),
        closed("10-03T00:00"),
        declared("10-09T00:00", district="Minhang"),
    ]
