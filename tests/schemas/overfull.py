"""An event of which every list, every text and every number lies beyond its limit, drawn from its model alone."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta, timezone
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MaxLen
from pydantic import BaseModel

from schemas.values import TimeZone

AN_INSTANT = datetime(2020, 10, 15, 9, tzinfo=timezone(timedelta(hours=8)))
TOO_MANY = 7
"""How many entries, characters or units lie beyond each limit."""
NOT_OURS = {"withdrawn", "omitted"}
"""Fields that no rule fills to its limits."""
CODES = ("A10.9", "49727002", "CN-SH", "CN", "MU212", "94500-6", "N", "2020-10-15")
"""What matches the patterns of those texts that have a form, and no limit of their own."""


def overfull(model: type[BaseModel], *, low: bool = False, letter: str = "x") -> dict[str, Any]:
    """Data for the model. `low`: numbers lie below their limits instead; `letter`: what plain texts are made of."""
    fields = ((name, field) for name, field in model.model_fields.items() if name not in NOT_OURS)
    return {name: _filled(field.annotation, field.metadata, low, letter) for name, field in fields}


def _filled(kind: Any, metadata: Iterable[Any], low: bool, letter: str) -> Any:
    limits = limits_of(metadata)
    if get_origin(kind) is Annotated:
        inner, *more = get_args(kind)
        return _filled(inner, [*more, *metadata], low, letter)
    if get_origin(kind) is Literal:
        return get_args(kind)[0]
    if get_origin(kind) is tuple:
        return (_filled(get_args(kind)[0], (), low, letter),) * (limits.get("max_length", 3) + TOO_MANY)
    if get_origin(kind) is dict:
        return _dictionary(kind, limits, low, letter)
    if get_args(kind):  # a union: the last that is something
        return _filled([one for one in get_args(kind) if one is not NoneType][-1], metadata, low, letter)
    return _plain(kind, metadata, limits, low, letter)


def _plain(kind: Any, metadata: Iterable[Any], limits: Mapping[str, Any], low: bool, letter: str) -> Any:
    if issubclass(kind, BaseModel):
        return overfull(kind, low=low, letter=letter)
    if kind is str:
        return _text(metadata, limits, letter)
    if kind in (int, float):
        return _number(kind, limits, low)
    return {bool: True, datetime: AN_INSTANT, date: AN_INSTANT.date()}[kind]


def _text(metadata: Iterable[Any], limits: Mapping[str, Any], letter: str) -> str:
    patterns = patterns_of(metadata)
    if any(one in get_args(TimeZone) for one in metadata):
        return "Asia/Shanghai"
    if "max_length" not in limits:
        return next(code for code in CODES if all(_matches(pattern, code) for pattern in patterns))
    letters = letter if all(_matches(pattern, letter) for pattern in patterns) else "x"
    return letters * (int(limits["max_length"]) + TOO_MANY)


def _number(kind: Any, limits: Mapping[str, Any], low: bool) -> Any:
    if low:
        return kind(limits.get("ge", limits.get("gt", 0)) - TOO_MANY)
    return kind(limits.get("le", limits.get("lt", 10**20)) + TOO_MANY)


def _dictionary(kind: Any, limits: Mapping[str, Any], low: bool, letter: str) -> dict[Any, Any]:
    key, value = get_args(kind)
    if value is Any:
        return {"evidence": [letter * 500] * 3_000}
    if get_origin(key) is Literal:
        return {one: _filled(value, (), low, letter) for one in get_args(key)}
    wanted = limits.get("max_length", 3) + TOO_MANY
    if limits.get("max_length"):
        return dict.fromkeys((f"N{number}" for number in range(wanted)), _filled(value, (), low, letter))
    return {_filled(key, (), low, letter)[:2]: _filled(value, (), low, letter)}


def limits_of(metadata: Iterable[Any]) -> dict[str, Any]:
    """The limits among a field's constraints, by their names."""
    found: dict[str, Any] = {}
    for one in _parts(metadata):
        for kind, name in ((MaxLen, "max_length"), (Ge, "ge"), (Gt, "gt"), (Le, "le"), (Lt, "lt")):
            if isinstance(one, kind):
                found[name] = getattr(one, name)
    return found


def patterns_of(metadata: Iterable[Any]) -> list[str]:
    """The forms that a text must have."""
    return [one.pattern for one in _parts(metadata) if getattr(one, "pattern", None)]


def _parts(metadata: Iterable[Any]) -> list[Any]:
    """Constraints, those inside of a `Field` too."""
    return [part for one in metadata for part in (getattr(one, "metadata", None) or [one])]


def _matches(pattern: str, text: str) -> bool:
    return re.search(pattern, text) is not None
