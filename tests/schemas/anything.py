"""Any data that a message may hold, drawn from its model alone; a check across fields may still refuse them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from typing import Any

from hypothesis import strategies as st
from pydantic import BaseModel

from schemas.forms import known_time_zone
from schemas.instants import date_from, instant_from
from schemas.values import IDENTIFIER, LINES, PLAIN

Schema = Mapping[str, Any]
Data = st.SearchStrategy[Any]

_FIRST = datetime(1900, 1, 3, tzinfo=UTC)
_LAST_MICROSECOND = (datetime(2099, 12, 28, tzinfo=UTC) - _FIRST) // timedelta(microseconds=1)
INSTANTS = st.builds(
    lambda microseconds, whole, minutes: (
        _FIRST + timedelta(microseconds=microseconds - microseconds % 1_000_000 * whole)
    ).astimezone(timezone(timedelta(minutes=minutes))),
    st.integers(0, _LAST_MICROSECOND),
    st.booleans(),
    st.integers(-14 * 60, 14 * 60),
)
ZONES = st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "UTC"])
LISTED = 4


@cache
def anything(model: type[BaseModel]) -> Data:
    """Data of a message as JSON has them."""
    schema: Schema = model.__pydantic_core_schema__
    known: dict[str, Schema] = {}
    if schema["type"] == "definitions":
        known = {definition["ref"]: definition for definition in schema["definitions"]}
        schema = schema["schema"]
    return _of(schema, known)


def _of(schema: Schema, known: Mapping[str, Schema]) -> Data:
    kind = schema["type"]
    if kind == "definition-ref":
        return _of(known[schema["schema_ref"]], known)
    if kind in {"function-before", "function-after"}:
        return _read_by(schema, known)
    if kind == "nullable":
        return st.none() | _of(schema["schema"], known)
    if kind in {"default", "model"}:
        return _of(schema["schema"], known)
    if kind == "model-fields":
        return _object(schema["fields"], known)
    if kind == "tuple":
        most = min(schema["max_length"], LISTED)
        return st.lists(_of(schema["items_schema"][0], known), max_size=most)
    if kind == "dict":
        values = _of(schema["values_schema"], known)
        return st.dictionaries(_of(schema["keys_schema"], known), values, max_size=LISTED)
    return st.one_of([_of(one, known) for one in schema["choices"]]) if kind == "union" else _leaf(schema)


def _read_by(schema: Schema, known: Mapping[str, Schema]) -> Data:
    function = schema["function"]["function"]
    if function is instant_from:
        return INSTANTS.map(datetime.isoformat)
    if function is date_from:
        return INSTANTS.map(lambda at: at.date().isoformat())
    if function is known_time_zone:
        return ZONES
    limits = getattr(function, "keywords", {})  # of `Ge`, `Le`, which stand around what reads a whole number
    return _of({**schema["schema"], **{name: schema[name] for name in ("ge", "le") if name in schema}, **limits}, known)


def _object(fields: Mapping[str, Schema], known: Mapping[str, Schema]) -> Data:
    required: dict[str, Data] = {}
    optional: dict[str, Data] = {}
    for name, field in fields.items():
        part = field["schema"]
        named = field.get("validation_alias", name)
        (optional if part["type"] == "default" else required)[named] = _of(part, known)
    return st.fixed_dictionaries(required, optional=optional).map(_in_order)


def _in_order(data: dict[str, Any]) -> dict[str, Any]:
    """A test's instants as they must lie, or hardly any would do."""
    if "resulted_at" in data and instant_from(data["resulted_at"]) < instant_from(data["collected_at"]):
        data["resulted_at"], data["collected_at"] = data["collected_at"], data["resulted_at"]
    return data


def _leaf(schema: Schema) -> Data:
    kind = schema["type"]
    if kind == "str":
        most = schema.get("max_length", 40)
        if "pattern" not in schema:
            return st.text(max_size=most)
        return _texts(schema["pattern"], most)
    if kind == "int":
        return st.integers(schema.get("ge"), schema.get("le"))
    if kind == "float":
        open_below = "gt" in schema
        least, most = schema.get("ge", schema.get("gt")), schema.get("le", schema.get("lt"))
        return st.floats(least, most, exclude_min=open_below, allow_nan=False, allow_infinity=False)
    if kind == "literal":
        return st.sampled_from(schema["expected"])
    return {"bool": st.booleans(), "any": st.none() | st.booleans() | st.text()}[kind]


@cache
def _texts(pattern: str, most: int) -> Data:
    """Texts of a form; of one that is hardly any form, which most have, without the cost of an expression."""
    signs = _SIGNS.get(pattern)
    if signs is not None:
        return st.text(signs, max_size=most - 1).map(lambda text: f"a{text}")
    return st.from_regex(pattern.removesuffix("$") + r"\Z").filter(lambda text: len(text) <= most)


_SIGNS = {
    PLAIN: st.characters(exclude_categories=["Cc", "Cs"]),
    LINES: st.characters(exclude_categories=["Cc", "Cs"], include_characters="\n\t\r"),
    IDENTIFIER: st.sampled_from("aZ09._:/-"),
}
