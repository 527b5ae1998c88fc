"""Reports in other words: what they leave out is stated as in the example, and words are drawn from the vocabulary."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random
from types import NoneType
from typing import Any, Literal, TypeVar, get_args, get_origin

from pydantic import ValidationError

from schemas.message import Report
from tests.rest.house import House

EXAMPLES = Path(__file__).parents[2] / "schemas" / "examples" / "valid"
HOW_OFTEN = 0.3
IN_WORDS = "a tingling that nobody has a code for"
KEPT = frozenset({"decision", "disposition", "outcome", "result", "why"})
"""Fields whose words turn a life, and are drawn by its author."""


def embellishing(house: House, seed: int) -> House:
    """The house, to which every report is told in other words."""
    tell, dice = house.report, Random(f"words {seed}")

    def tell_otherwise(report: Report, *how: Any) -> None:
        tell(embellished(report, dice), *how)

    setattr(house, "report", tell_otherwise)  # noqa: B010 - of this one house
    return house


def embellished(report: Report, dice: Random) -> Report:
    """A report that is as valid, with some of its fields stated otherwise."""
    for name, value in _other_words(report, dice):
        if dice.random() < HOW_OFTEN:
            try:
                report = type(report).model_validate({**report.model_dump(by_alias=True), name: value})
            except ValidationError:
                continue
    return report


def _other_words(report: Report, dice: Random) -> Iterator[tuple[str, Any]]:
    known_example = _example(type(report).__name__)
    for name, field in type(report).model_fields.items():
        known, shown = getattr(report, name), field.alias or name
        words = _vocabulary(field.annotation)
        if words and name not in KEPT:
            yield shown, dice.choice(words)
        elif known is None and shown in known_example:
            yield shown, known_example[shown]
        elif name == "symptoms":
            yield shown, [*known, IN_WORDS]


def _vocabulary(annotation: Any) -> tuple[Any, ...]:
    """The words of a field that is a word of a vocabulary, whether it may be left out or not."""
    inner = [one for one in (get_args(annotation) or ()) if one is not NoneType]
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    return get_args(inner[0]) if len(inner) == 1 and get_origin(inner[0]) is Literal else ()


R = TypeVar("R", bound=Report)


def example(type_: type[R], **stated: Any) -> R:
    """The example of a type of report, with some fields stated otherwise; None: left out."""
    data = _example(type_.__name__) | stated
    return type_.model_validate({name: value for name, value in data.items() if value is not None})


@cache
def _example(name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((EXAMPLES / f"{name}.json").read_text())["data"]
    return data
