"""The shape of stored documents: every field in order, with its type and its default; and what may become of it.

Documents are positional, so a field that is put in between, taken away or moved would have each later one read as
another. Only appending a field with a default leaves what is stored understood; `changes` says what else was done.
"""

import hashlib
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

import msgspec
from msgspec import NODEFAULT, Struct, inspect, structs

from chassis.decide.aggregate import AnyAggregate

DOCUMENT: Final = ("facts", "conclusions")
"""The two parts of a stored document, in their order."""
_PLAIN: Final = {
    "StrType": "text",
    "IntType": "integer",
    "FloatType": "number",
    "BoolType": "boolean",
    "DateTimeType": "instant",
    "NoneType": "null",
    "DictType": "map",
}
FORMERLY: Final = {"came": "received_at", "said": "entry", "standing": "status"}
"""Fields that the first databases know by another name. A document has no names in it, so nothing else tells them."""


class Part(Struct, frozen=True):
    """One Struct at its place in the documents of a kind.

    `struct`: what it is called in the code, for readers only. `form`: `array`, `object`, and its tag if it has one.
    `fields`: `name: type = default` of each, in order.
    """

    struct: str
    form: str
    fields: tuple[str, ...]


Shape = Mapping[str, Part]
"""The parts of a kind's documents, by where they lie: `facts`, `facts.readings[]`, …"""


def in_present_words(shape: Shape) -> Shape:
    """A stored shape with the names that the code uses now."""
    return {
        _in_present_words(place): structs.replace(part, fields=tuple(map(_present, part.fields)))
        for place, part in shape.items()
    }


def _in_present_words(place: str) -> str:
    return ".".join(FORMERLY.get(name, name) for name in place.split("."))


def _present(field: str) -> str:
    name, colon, rest = field.partition(":")
    return f"{FORMERLY.get(name, name)}{colon}{rest}"


@cache
def shape_of(aggregate: AnyAggregate) -> Shape:
    """The shape of the documents that a kind has in the code."""
    parts: dict[str, Part] = {}
    for place, struct in zip(DOCUMENT, (aggregate.facts, aggregate.conclusions), strict=True):
        _type(inspect.type_info(struct), place, parts, {})
    return parts


def fingerprint(shape: Shape) -> str:
    """What names a shape: the same for two that understand each other's documents without any change."""
    emitted = msgspec.json.encode([(place, part.form, part.fields) for place, part in shape.items()])
    return hashlib.sha256(emitted).hexdigest()[:16]


def changes(before: Shape, after: Shape) -> list[str]:
    """A sentence for whatever was done to a shape beyond what reads old documents as they are.

    That is: fields with a default are appended, and what was always there may be absent (`date` is `date | null`).
    """
    return [sentence for place, part in before.items() for sentence in _changes(place, part, after.get(place))]


def _changes(place: str, before: Part, after: Part | None) -> Iterator[str]:
    if after is None:
        yield f"{place} is gone"
        return
    if after.form != before.form:
        yield f"{place} was written as {before.form}, and is now as {after.form}"
    for number, was in enumerate(before.fields):
        now = after.fields[number] if number < len(after.fields) else None
        if now != was and not (now and _may_be_absent_now(was, now)):  # all that follows it has moved as well, perhaps
            yield f"{place}, field {number + 1}: was `{was}`, {f'is now `{now}`' if now else 'is gone'}"
            return
    for field in after.fields[len(before.fields) :]:
        if " = " not in field:
            yield f"{place}: `{field}` was appended without a default"


def _may_be_absent_now(was: str, now: str) -> bool:
    """Whether a field is the same but for null, which it could not be."""
    (name, before), (same, after) = was.split(": ", 1), now.split(": ", 1)
    return name == same and after == f"{before.split(' = ')[0]} | null" + (" = null" if " = " in after else "")


def _type(aggregate: inspect.Type, place: str, parts: dict[str, Part], above: Mapping[type, str]) -> str:
    """What a type is called in a shape; a Struct within it becomes a part of its own, at its place."""
    if isinstance(
        aggregate, inspect.StructType | inspect.NamedTupleType | inspect.DataclassType | inspect.TypedDictType
    ):
        return _part(aggregate, place, parts, above)
    if isinstance(aggregate, inspect.UnionType):
        return " | ".join(_type(one, place, parts, above) for one in aggregate.types)
    if isinstance(aggregate, inspect.TupleType):
        return f"({', '.join(_type(one, f'{place}({n})', parts, above) for n, one in enumerate(aggregate.item_types))})"
    if isinstance(aggregate, inspect.DictType):
        keys, values = (_type(one, f"{place}{{}}", parts, above) for one in (aggregate.key_type, aggregate.value_type))
        return f"map of {keys} to {values}{_bounds(aggregate)}"
    if isinstance(aggregate, inspect.CollectionType):
        return f"[{_type(aggregate.item_type, f'{place}[]', parts, above)}]{_bounds(aggregate)}"
    return _scalar(aggregate)


def _part(aggregate: Any, place: str, parts: dict[str, Part], above: Mapping[type, str]) -> str:
    if aggregate.cls in above:
        return f"struct as {above[aggregate.cls]}"
    tag = getattr(aggregate, "tag", None)
    place = place if tag is None else f"{place}<{tag}>"
    if place in parts:
        raise NotStorable(f"{place} may be either of two Structs that nothing in the document tells apart")
    is_array = isinstance(aggregate, inspect.NamedTupleType) or getattr(aggregate, "array_like", False)
    form = ("array" if is_array else "object") + (f", tagged {aggregate.tag_field}={tag}" if tag is not None else "")
    parts[place] = Part(aggregate.cls.__qualname__, form, ())  # it stands before what lies within it
    above = {**above, aggregate.cls: place}
    fields = tuple(_field(field, f"{place}.{field.encode_name}", parts, above) for field in aggregate.fields)
    parts[place] = Part(aggregate.cls.__qualname__, form, fields)
    return "struct" if tag is None else f"struct<{tag}>"


def _field(field: inspect.Field, place: str, parts: dict[str, Part], above: Mapping[type, str]) -> str:
    declared = f"{field.encode_name}: {_type(field.type, place, parts, above)}"
    default = field.default
    if default is NODEFAULT and field.default_factory is not NODEFAULT:
        default = field.default_factory()
    if default is NODEFAULT:
        return declared if field.required else f"{declared} = nothing"
    return f"{declared} = {_emitted(default)}"


def _emitted(default: Any) -> str:
    """A default as it would be written; of a Struct only that it begins as it is declared, which its own part tells."""
    begins = isinstance(default, Struct) and not any(field.required for field in msgspec.structs.fields(default))
    if begins and default == type(default)():
        return "its defaults"
    return msgspec.json.encode(default).decode()


def _scalar(aggregate: inspect.Type) -> str:
    if isinstance(aggregate, inspect.EnumType):
        return f"one of {_words(one.value for one in aggregate.cls)}"
    if isinstance(aggregate, inspect.LiteralType):
        return f"one of {_words(aggregate.values)}"
    if isinstance(aggregate, inspect.CustomType):
        return f"{aggregate.cls.__module__}.{aggregate.cls.__qualname__}"
    name = type(aggregate).__name__
    return _PLAIN.get(name, name.removesuffix("Type").lower()) + _bounds(aggregate)


def _bounds(aggregate: Any) -> str:
    """What a type demands of its values beyond being of it."""
    names = (name for name in aggregate.__struct_fields__ if not name.endswith("_type"))
    demanded = [f"{name}={value}" for name in names if (value := getattr(aggregate, name)) is not None]
    return f" ({', '.join(demanded)})" if demanded else ""


def _words(values: Any) -> str:
    return ", ".join(msgspec.json.encode(value).decode() for value in values)


class NotStorable(TypeError):
    """A type of which a stored document could not be read again for certain."""
