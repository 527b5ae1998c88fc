"""What an event may hold, kept to: what lies beyond a limit is left out and counted, never a reason to say nothing.

A rule that raises blocks its case for good, and any valid report may be the one too many. So every event is built by
`within_limits`, which reads the limits of the event's own model, and what weighs too much is made lighter by `fitted`.
Both say in `omitted` by how much a field really is more than it shows.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from math import ceil, floor, inf, nextafter
from typing import Any, NamedTuple, TypeVar, cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails, to_json

from schemas.message import Event

E = TypeVar("E", bound=Event)

Place = tuple[int | str, ...]
"""Where something is in the data: names of fields and places in lists."""

LONGEST_PATH = 200
MOST_NAMED = 200
"""How many places one event names in `omitted`; those beyond are cut all the same, and counted as `…`."""
_ENTRY_ENDS = re.compile("]")


def within_limits(model: type[E]) -> type[E]:
    """Called like the model, builds its event of whatever a rule has found: what lies beyond a limit is cut to it.

    Raises ValidationError for what no limit explains, and for a field that the event, or a part of it, does not have:
    that is a defect of the rule. Readers go on ignoring what they do not know.
    """
    return cast("type[E]", _builder(model))


@cache
def _builder(model: type[E]) -> Callable[..., E]:
    def build(**fields: Any) -> E:
        try:
            return model.model_validate(fields, extra="forbid")
        except ValidationError as error:
            return _cut(model, fields, error)

    return build


def fitted(event: E, most_bytes: int) -> E:
    """The event, or where its data weigh more than that, one with shorter lists: long ones are cut alike.

    Lists of plain values go first, then lists of objects, then texts: whom an event is about is said as long as it can.
    """
    data = event.model_dump(mode="json", exclude_none=True)
    if _weight(data) <= most_bytes:
        return event
    omitted = Omissions(data.pop("omitted", None))
    for kind in (_is_plain_list, _is_list, _is_long_text):
        _lighten(data, kind, most_bytes, omitted)
    return type(event).model_validate({**data, "omitted": omitted.named()})


class Omissions:
    """By how much each place really is more than it shows."""

    def __init__(self, known: Mapping[str, int] | None = None) -> None:
        self._counts: dict[str, int] = dict(known or {})
        self._gone: set[str] = set()

    def add(self, place: Place, count: int, gone: Iterable[int] = ()) -> None:
        """Counted at this place; `gone`: the entries that are. What was left out of them need not be said any more."""
        path = path_of(place)
        self._counts[path] = self._counts.get(path, 0) + count
        self._gone.update(f"{path}[{index}]" for index in gone)

    def named(self) -> dict[str, int] | None:
        """As an event holds it, its own fields before what is deeper in them; None where nothing is left out."""
        there = sorted((path for path in self._counts if self._gone.isdisjoint(_entries(path))), key=_depth)
        names = there[: MOST_NAMED - 1]
        beyond = len(there) - len(names)
        return {name: self._counts[name] for name in names} | ({"…": beyond} if beyond else {}) or None


def _entries(path: str) -> Iterator[str]:
    """The entries of lists that lie on the way: `a[1].b[2].c` passes `a[1]` and `a[1].b[2]`."""
    return (path[: end.end()] for end in _ENTRY_ENDS.finditer(path))


def _depth(path: str) -> int:
    return path.count(".") + path.count("[")


def path_of(place: Place) -> str:
    """`criteria[2].evidence`: as the answers to bad input name a field."""
    path = ""
    for part in place:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path[:LONGEST_PATH]


# Cutting to the limits of a model.


class Beyond(NamedTuple):
    """A value beyond a limit: where, what to put in its place, and by how much it is more."""

    place: Place
    kept: Any
    omitted: int


def _cut(model: type[E], fields: Mapping[str, Any], error: ValidationError) -> E:
    """Tries again with what lies beyond a limit cut to it, until nothing does."""
    data = {name: _copied(value) for name, value in fields.items()}
    omissions = Omissions(data.pop("omitted", None))
    while True:
        found = list(_beyond(data, error))
        if not found:
            raise error
        for one in sorted(found, key=lambda one: -len(one.place)):  # lists after what is in them
            was = _at(data, one.place)
            _put(data, one.place, one.kept)
            omissions.add(one.place, one.omitted, range(len(one.kept), len(was)) if isinstance(was, list) else ())
        try:
            return model.model_validate({**data, "omitted": omissions.named()}, extra="forbid")
        except ValidationError as again:
            error = again


def _copied(value: Any) -> Any:
    """Lists and objects anew, so that they can be changed; everything else as it is."""
    if isinstance(value, Mapping):
        return {name: _copied(inner) for name, inner in value.items()}
    return [_copied(inner) for inner in value] if isinstance(value, list | tuple) else value


def _beyond(data: Any, error: ValidationError) -> Iterator[Beyond]:
    """What the error says of limits; nothing as soon as one of its complaints has another cause."""
    complaints: dict[Place, list[ErrorDetails]] = {}
    for complaint in error.errors(include_url=False):
        complaints.setdefault(_place(data, complaint["loc"]), []).append(complaint)
    found = [(place, _limited(_at(data, place), of_one)) for place, of_one in complaints.items()]
    if all(cut is not None for _, cut in found):
        yield from (Beyond(place, *cut) for place, cut in found if cut is not None)


def _place(data: Any, location: Sequence[int | str]) -> Place:
    """The part of an error's location that is in the data: it goes on with the alternatives of a union."""
    place: list[int | str] = []
    for part in location:
        if not (part in data if isinstance(data, dict) else isinstance(data, list) and part in range(len(data))):
            break
        data = data[part]
        place.append(part)
    return tuple(place)


def _limited(value: Any, complaints: Iterable[ErrorDetails]) -> tuple[Any, int] | None:
    """(what is kept, by how much the value is more), by the first of the complaints that is about a limit."""
    for complaint in complaints:
        limit = _LIMITS.get(complaint["type"])
        if limit is not None:
            return limit(value, complaint.get("ctx", {}))
    return None


def _shortened(value: Any, context: Mapping[str, Any]) -> tuple[Any, int]:
    most = context["max_length"]
    kept = dict(list(value.items())[:most]) if isinstance(value, Mapping) else value[:most]
    return kept, len(value) - most


def _bounded(limit: str, towards: float | None = None) -> Callable[[Any, Mapping[str, Any]], tuple[Any, int]]:
    """Numbers are cut to the limit of this name, or to the number next to it, `towards` where they may lie."""

    def bounded(value: Any, context: Mapping[str, Any]) -> tuple[Any, int]:
        at = context[limit]
        return (at if towards is None else nextafter(at, towards)), _away(value - at)

    return bounded


def _away(difference: float) -> int:
    """A whole number, and never 0: what is left out is something."""
    return floor(difference) if difference < 0 else ceil(difference) or 1


_LIMITS: Mapping[str, Callable[[Any, Mapping[str, Any]], tuple[Any, int]]] = {
    "too_long": _shortened,
    "string_too_long": _shortened,
    "less_than_equal": _bounded("le"),
    "greater_than_equal": _bounded("ge"),
    "less_than": _bounded("lt", -inf),
    "greater_than": _bounded("gt", inf),
}
"""Pydantic's complaints that are about a limit. Lists and texts keep what comes first."""


def _at(data: Any, place: Place) -> Any:
    for part in place:
        data = data[part]
    return data


def _put(data: Any, place: Place, value: Any) -> None:
    _at(data, place[:-1])[place[-1]] = value


# Making lighter what fits every limit and weighs too much all the same.

_LONG_TEXT = 64


def _is_plain_list(value: Any) -> bool:
    return isinstance(value, list) and not any(isinstance(inner, list | dict) for inner in value)


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _is_long_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) > _LONG_TEXT


def _lighten(data: Any, is_meant: Callable[[Any], bool], most_bytes: int, omissions: Omissions) -> None:
    """Cuts what is meant down to equal shares, so that all of it fits if it can; short ones stay whole."""
    too_much = _weight({"omitted": omissions.named(), **data}) - most_bytes
    if too_much <= 0:
        return
    meant = [(place, value, _weight(value)) for place, value in _all_of(data, is_meant)]
    named = sum(len(path_of(place)) + _PER_OMISSION for place, _, _ in meant[:MOST_NAMED])
    share = _share([weight for _, _, weight in meant], sum(weight for _, _, weight in meant) - too_much - named)
    for place, value, weight in meant:
        if weight > share:
            kept = _that_fit(value, share)
            _put(data, place, value[:kept])
            omissions.add(place, len(value) - kept, range(kept, len(value)) if isinstance(value, list) else ())


_PER_OMISSION = 16
"""Bytes, beside its path, of a count and its punctuation."""


def _all_of(data: Any, is_meant: Callable[[Any], bool], place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Where in the data something is meant; nothing is looked for inside of it."""
    if is_meant(data):
        yield place, data
        return
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for part, value in inner:
        yield from _all_of(value, is_meant, (*place, part))


def _share(weights: Iterable[int], room: int) -> int:
    """The greatest weight that each may keep if together they have this room; what a light one leaves others have."""
    ascending = sorted(weights)
    for index, weight in enumerate(ascending):
        of_each = room // (len(ascending) - index)
        if weight > of_each:
            return max(0, of_each)
        room -= weight
    return ascending[-1] if ascending else 0


def _that_fit(value: Sequence[Any], most_bytes: int) -> int:
    """How many entries, or characters, of the beginning weigh no more than this."""
    weight, separator = 2, isinstance(value, list)
    for index, entry in enumerate(value):
        weight += _weight(entry) + 1 if separator else _weight(entry) - 2
        if weight > most_bytes:
            return index
    return len(value)


def _weight(value: Any) -> int:
    """Bytes of it as JSON."""
    return len(to_json(value))
