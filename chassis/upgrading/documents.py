"""The shape of stored documents: every field in order, with its type and its default; and what may become of it.

Documents are positional, so a field that is put in between, taken away or moved would have each later one read as
another. Only appending a field with a default leaves what is stored understood; `changes` says what else was done.
"""

import hashlib
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

import msgspec
from msgspec import NODEFAULT, Struct, inspect

from chassis.routes import Kind

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


@cache
def shape_of(kind: Kind) -> Shape:
    """The shape of the documents that a kind has in the code."""
    parts: dict[str, Part] = {}
    for place, struct in zip(DOCUMENT, (kind.facts, kind.conclusions), strict=True):
        _type(inspect.type_info(struct), place, parts, {})
    return parts


def fingerprint(shape: Shape) -> str:
    """What names a shape: the same for two that understand each other's documents without any change."""
    said = msgspec.json.encode([(place, part.form, part.fields) for place, part in shape.items()])
    return hashlib.sha256(said).hexdigest()[:16]


def changes(before: Shape, after: Shape) -> list[str]:
    """A sentence for whatever was done to a shape beyond appending fields that have a default."""
    return [sentence for place, part in before.items() for sentence in _changes(place, part, after.get(place))]


def _changes(place: str, before: Part, after: Part | None) -> Iterator[str]:
    if after is None:
        yield f"{place} is gone"
        return
    if after.form != before.form:
        yield f"{place} was written as {before.form}, and is now as {after.form}"
    for number, was in enumerate(before.fields):
        now = after.fields[number] if number < len(after.fields) else None
        if now != was:  # all that follows it has moved as well, perhaps
            yield f"{place}, field {number + 1}: was `{was}`, {f'is now `{now}`' if now else 'is gone'}"
            return
    for field in after.fields[len(before.fields) :]:
        if " = " not in field:
            yield f"{place}: `{field}` was appended without a default"


def _type(kind: inspect.Type, place: str, parts: dict[str, Part], above: Mapping[type, str]) -> str:
    """What a type is called in a shape; a Struct within it becomes a part of its own, at its place."""
    if isinstance(kind, inspect.StructType | inspect.NamedTupleType | inspect.DataclassType | inspect.TypedDictType):
        return _part(kind, place, parts, above)
    if isinstance(kind, inspect.UnionType):
        return " | ".join(_type(one, place, parts, above) for one in kind.types)
    if isinstance(kind, inspect.TupleType):
        return f"({', '.join(_type(one, f'{place}({n})', parts, above) for n, one in enumerate(kind.item_types))})"
    if isinstance(kind, inspect.DictType):
        keys, values = (_type(one, f"{place}{{}}", parts, above) for one in (kind.key_type, kind.value_type))
        return f"map of {keys} to {values}{_bounds(kind)}"
    if isinstance(kind, inspect.CollectionType):
        return f"[{_type(kind.item_type, f'{place}[]', parts, above)}]{_bounds(kind)}"
    return _scalar(kind)


def _part(kind: Any, place: str, parts: dict[str, Part], above: Mapping[type, str]) -> str:
    if kind.cls in above:
        return f"struct as {above[kind.cls]}"
    tag = getattr(kind, "tag", None)
    place = place if tag is None else f"{place}<{tag}>"
    if place in parts:
        raise NotStorable(f"{place} may be either of two Structs that nothing in the document tells apart")
    is_array = isinstance(kind, inspect.NamedTupleType) or getattr(kind, "array_like", False)
    form = ("array" if is_array else "object") + (f", tagged {kind.tag_field}={tag}" if tag is not None else "")
    parts[place] = Part(kind.cls.__qualname__, form, ())  # it stands before what lies within it
    above = {**above, kind.cls: place}
    fields = tuple(_field(field, f"{place}.{field.encode_name}", parts, above) for field in kind.fields)
    parts[place] = Part(kind.cls.__qualname__, form, fields)
    return "struct" if tag is None else f"struct<{tag}>"


def _field(field: inspect.Field, place: str, parts: dict[str, Part], above: Mapping[type, str]) -> str:
    declared = f"{field.encode_name}: {_type(field.type, place, parts, above)}"
    default = field.default
    if default is NODEFAULT and field.default_factory is not NODEFAULT:
        default = field.default_factory()
    if default is NODEFAULT:
        return declared if field.required else f"{declared} = nothing"
    return f"{declared} = {_said(default)}"


def _said(default: Any) -> str:
    """A default as it would be written; of a Struct only that it begins as it is declared, which its own part tells."""
    begins = isinstance(default, Struct) and not any(field.required for field in msgspec.structs.fields(default))
    if begins and default == type(default)():
        return "its defaults"
    return msgspec.json.encode(default).decode()


def _scalar(kind: inspect.Type) -> str:
    if isinstance(kind, inspect.EnumType):
        return f"one of {_words(one.value for one in kind.cls)}"
    if isinstance(kind, inspect.LiteralType):
        return f"one of {_words(kind.values)}"
    if isinstance(kind, inspect.CustomType):
        return f"{kind.cls.__module__}.{kind.cls.__qualname__}"
    name = type(kind).__name__
    return _PLAIN.get(name, name.removesuffix("Type").lower()) + _bounds(kind)


def _bounds(kind: Any) -> str:
    """What a type demands of its values beyond being of it."""
    names = (name for name in kind.__struct_fields__ if not name.endswith("_type"))
    demanded = [f"{name}={value}" for name in names if (value := getattr(kind, name)) is not None]
    return f" ({', '.join(demanded)})" if demanded else ""


def _words(values: Any) -> str:
    return ", ".join(msgspec.json.encode(value).decode() for value in values)


class NotStorable(TypeError):
    """A type of which a stored document could not be read again for certain."""
