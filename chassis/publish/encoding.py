"""Event → bytes in one compiled step: the same bytes as `schemas.envelope.encode` gives, in half the time.

Of each event a struct is drawn that has its fields under their names in JSON, each None until it is given, and leaves
out what is None. What a struct would write in another way is left to pydantic.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, Final, NamedTuple

import msgspec
from pydantic import BaseModel

from schemas.envelope import encode
from schemas.message import Event

Schema = Mapping[str, Any]


class Attributes(NamedTuple):
    """What stands in an event's envelope beside its data, as `schemas.envelope.encode` takes it."""

    id: str
    source: str
    subject: str
    time: datetime
    recordedtime: datetime
    sequence: int
    causationid: str | None = None
    correlationid: str | None = None
    traceparent: str | None = None
    hops: int | None = None


class _Written(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """An envelope, its attributes in the order in which they are written."""

    specversion: str
    id: str
    source: str
    type: str
    subject: str
    partitionkey: str
    time: datetime
    recordedtime: datetime
    sequence: str
    causationid: str | None = None
    correlationid: str | None = None
    traceparent: str | None = None
    hops: str | None = None
    datacontenttype: str | None = None
    dataschema: str | None = None
    data: object = None


def written(event: Event, attributes: Attributes) -> bytes:
    """The record's value in structured mode."""
    model: type[Event] = type(event)
    struct = struct_of(model)
    if struct is None:
        return encode(event, **attributes._asdict())
    identity, source, subject, time, recorded, sequence, cause, correlation, trace, hops = attributes
    type_name, urn = _names(model)
    envelope = _Written(
        "1.0",
        identity,
        source,
        type_name,
        subject,
        subject,
        time,
        recorded,
        str(sequence),
        cause,
        correlation,
        trace,
        None if hops is None else str(hops),
        "application/json",
        urn,
        struct(**event.__dict__),
    )
    return _encode(envelope)


def _part(value: BaseModel) -> Any:
    """An object within an event, whose own struct is known to be there."""
    model: type[BaseModel] = type(value)
    struct: Any = struct_of(model)
    return struct(**value.__dict__)


_encode: Final = msgspec.json.Encoder(enc_hook=_part).encode


@cache
def _names(model: type[Event]) -> tuple[str, str]:
    return model.type_name(), model.schema_urn()


@cache
def struct_of(model: type[BaseModel]) -> type[Any] | None:
    """The struct that writes what the model writes; None where there is no such struct."""
    schema: Schema = model.__pydantic_core_schema__
    known: dict[str, Schema] = {}
    if schema["type"] == "definitions":
        known = {definition["ref"]: definition for definition in schema["definitions"]}
        schema = schema["schema"]
    if not _is_plain(schema, known):
        return None
    fields: list[Any] = [(name, object, None) for name in model.model_fields]
    renamed = {name: field.serialization_alias or name for name, field in model.model_fields.items()}
    return msgspec.defstruct(model.__name__, fields, frozen=True, gc=False, omit_defaults=True, rename=renamed)


def _is_plain(schema: Schema, known: Mapping[str, Schema]) -> bool:
    """Whether all of it is written by msgspec as pydantic writes it."""
    if schema["type"] == "definition-ref":
        return _is_plain(known[schema["schema_ref"]], known)
    if "serialization" in schema:
        return False
    within = _WITHIN.get(schema["type"])
    if within is None:
        return schema["type"] in _LEAVES
    parts: list[Schema] = []
    for name in within:
        found = schema[name]
        parts += found.values() if name == "fields" else found if isinstance(found, list) else [found]
    return all(_is_plain(part, known) for part in parts)


_LEAVES: Final = frozenset({"str", "int", "float", "bool", "literal", "datetime", "date"})
_WITHIN: Final[Mapping[str, tuple[str, ...]]] = {
    "nullable": ("schema",),
    "default": ("schema",),
    "function-before": ("schema",),
    "function-after": ("schema",),
    "tuple": ("items_schema",),
    "dict": ("keys_schema", "values_schema"),
    "union": ("choices",),
    "model": ("schema",),
    "model-fields": ("fields",),
    "model-field": ("schema",),
}
"""Kind of a schema → where its parts are."""
