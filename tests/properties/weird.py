"""Valid messages as weird as their schema allows: lists that are full, texts and numbers at their limits, few names.

Drawn from the models alone, so a message of tomorrow is told as well. Instants and names come from small stores, so
that much is about the same thing, and much falls together.
"""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from random import Random
from types import NoneType
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from schemas.message import Message
from tests.schemas.overfull import limits_of, patterns_of

M = TypeVar("M", bound=Message)

RECEIVED_AT = datetime(2021, 6, 1, 12, tzinfo=UTC)
"""When everything came."""
ZONES = (timezone(timedelta(hours=8)), UTC, timezone(timedelta(hours=14)), timezone(timedelta(hours=-11, minutes=-30)))
BEGINS = datetime(2020, 10, 1, tzinfo=ZONES[0])
EDGES = (
    datetime(2019, 12, 1, tzinfo=ZONES[2]),
    datetime(2019, 12, 31, 23, 59, 59, 999_999, tzinfo=ZONES[3]),
    RECEIVED_AT,
)
FAR_DAYS = (date(1900, 1, 1), date(2200, 12, 31))
WORDS = {
    "time_zone": ("Asia/Shanghai", "Asia/Shanghai", "Pacific/Apia", "America/New_York", "Africa/Monrovia"),
    "jurisdiction": ("CN-SH", "CN-SH", "US-NY", "SG-01", "AE-AZ"),
    "test": ("94500-6", "94500-6", "94309-2", "1-8"),
    "episode": (1, 1, 1, 2, 3, 99),
}
"""What is drawn for fields of these names."""
CODES = ("49727002", "386661006", "A10.9", "N18.6", "CN", "PH", "MU212", "N", "ORF1ab")
LETTERS = ("x", "漢", "'")


class Weird:
    """Invents messages about one case. The same dice give the same messages."""

    def __init__(self, dice: Random, key: str) -> None:
        self.dice, self.key = dice, key

    def message(self, model: type[M]) -> M | None:
        """A message of this model; None where what was drawn contradicts itself."""
        data = self._object(model, at_any_time=getattr(model, "at_any_time", frozenset()))
        data |= {
            name: self.key for name in ("case_id", "about", getattr(model, "key_field", "case_id")) if name in data
        }
        try:
            return model.model_validate(data)
        except ValidationError:
            return None

    def _object(self, model: type[BaseModel], at_any_time: Iterable[str] = ()) -> dict[str, Any]:
        drawn = {
            name: self._drawn(name, field.annotation, field.metadata, name in at_any_time)
            for name, field in model.model_fields.items()
            if name != "omitted" and (name != "withdrawn" or self.dice.random() < 0.1)
        }
        return _in_order({name: value for name, value in drawn.items() if value is not None})

    def _drawn(self, name: str, kind: Any, metadata: Iterable[Any], anytime: bool) -> Any:
        if get_origin(kind) is Annotated:
            inner, *more = get_args(kind)
            return self._drawn(name, inner, [*more, *metadata], anytime)
        if get_origin(kind) is Literal:
            return self.dice.choice(get_args(kind))
        if get_origin(kind) in (tuple, dict):
            return self._many(name, kind, limits_of(metadata))
        if get_args(kind):
            absent = NoneType in get_args(kind) and self.dice.random() < 0.3
            some = [one for one in get_args(kind) if one is not NoneType]
            return None if absent else self._drawn(name, self.dice.choice(some), metadata, anytime)
        return self._plain(name, kind, metadata, anytime)

    def _many(self, name: str, kind: Any, limits: dict[str, Any]) -> Any:
        most = limits.get("max_length", 3)
        number = self.dice.choice([0, 0, 1, 1, 2, 2, 3, 3, min(most, 30), most])
        if get_origin(kind) is tuple:
            return tuple(self._drawn(name, get_args(kind)[0], (), False) for _ in range(number))
        if get_args(kind)[1] is Any:
            return {"evidence": ["x" * 500] * number}
        return {f"N{place}": self._drawn(name, get_args(kind)[1], (), False) for place in range(number)}

    def _plain(self, name: str, kind: Any, metadata: Iterable[Any], anytime: bool) -> Any:
        if name in WORDS:
            return self.dice.choice(WORDS[name])
        if issubclass(kind, BaseModel):
            return self._object(kind)
        if kind is str:
            return self._text(name, metadata)
        if kind in (int, float):
            return self._number(kind, limits_of(metadata))
        if kind is bool:
            return self.dice.random() < 0.5
        at = self._instant()
        return (
            at
            if kind is datetime
            else self.dice.choice(FAR_DAYS)
            if anytime and self.dice.random() < 0.5
            else at.date()
        )

    def _text(self, name: str, metadata: Iterable[Any]) -> str:
        most, patterns = limits_of(metadata).get("max_length"), patterns_of(metadata)
        if most is None:
            return next(code for code in self.dice.sample(CODES, len(CODES)) if all(forms(patterns, code)))
        few = [
            f"{name[:8]}-{self.dice.randint(1, 3)}",
            f"n{self.dice.randint(1, 400)}",
            *(letter * most for letter in LETTERS),
        ]
        few = [text[:most] for text in few if all(forms(patterns, text[:most]))]
        return self.dice.choice([*few[:1] * 6, *few]) if few else "x"

    def _number(self, kind: Any, limits: dict[str, Any]) -> Any:
        low, high = limits.get("ge", limits.get("gt", 0)), limits.get("le", 50)
        least = low if "ge" in limits or kind is int else low + 0.5
        return kind(self.dice.choice([least, high, (least + high) / 2, min(max(least, 37.3), high)]))

    def _instant(self) -> datetime:
        if self.dice.random() < 0.1:
            return self.dice.choice(EDGES)
        day, hours = self.dice.choice([0, 1, 2, 5, 14, 15, 30]), self.dice.choice([0, 8, 8, 20, 24])
        return (BEGINS + timedelta(days=day, hours=hours)).astimezone(self.dice.choice(ZONES))


def _in_order(data: dict[str, Any]) -> dict[str, Any]:
    """Without what no schema allows: a result before its collection, a day that has not begun."""
    if {"collected_at", "resulted_at"} <= set(data):
        data["collected_at"], data["resulted_at"] = sorted((data["collected_at"], data["resulted_at"]))
    for day, at in (("departed_on", "arrived_at"), ("local_date", "reported_at")):
        if day in data and at in data:
            data[day] = min(data[day], data[at].date())
    if "temperature_c" in data:
        data.setdefault("temperature_site", "oral")
    return data


def forms(patterns: Iterable[str], text: str) -> list[bool]:
    """Of each pattern whether the text has its form."""
    return [re.search(pattern, text) is not None for pattern in patterns]
