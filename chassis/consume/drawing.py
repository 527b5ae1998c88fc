"""Structs drawn from the messages of the language: compiled code decodes them, and says yes or nothing.

The language exists once, in pydantic. Of the schema of each model, as pydantic has compiled it, a msgspec struct is
drawn when a process begins. What it takes is a subset of what the model takes, and means the same;
`tests/chassis/test_quick.py` holds the two together, whatever the bytes.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import partial
from types import GenericAlias
from typing import Any, Final, Literal

from pydantic import BaseModel

from chassis.consume.structs import DATE, INSTANT, Model, Part, Schema, Undrawable, of_many, then
from schemas.forms import known, percent, whole
from schemas.instants import date_from, instant_from


def drawn(model: type[BaseModel]) -> Part:
    """A model as a part of something larger. Raises Undrawable."""
    return _Drawing(model.__pydantic_core_schema__).part()


class _Drawing:
    """Goes through the schema of one model as pydantic has compiled it."""

    def __init__(self, schema: Schema) -> None:
        self._known: dict[str, Schema] = {}
        if schema["type"] == "definitions":
            self._known = {definition["ref"]: definition for definition in schema["definitions"]}
            schema = schema["schema"]
        self._whole = schema

    def part(self) -> Part:
        return self._draw(self._whole)

    def _draw(self, schema: Schema) -> Part:
        if schema["type"] == "definition-ref":
            return self._draw(self._known[schema["schema_ref"]])
        draw = _KINDS.get(schema["type"])
        if draw is None:
            raise Undrawable(schema["type"])
        kind, says = draw
        if unknown := schema.keys() - says - _OF_NO_ACCOUNT:
            raise Undrawable(f"{schema['type']} with {', '.join(sorted(unknown))}")
        return kind(self, schema)

    def text(self, schema: Schema) -> Part:
        limits = {name: schema[name] for name in ("min_length", "max_length") if name in schema}
        return Part(str, limits, _form(schema["pattern"]) if "pattern" in schema else None)

    def number(self, schema: Schema) -> Part:
        limits = {name: schema[name] for name in ("ge", "gt", "le", "lt") if name in schema}
        return Part({"int": int, "float": float}[schema["type"]], limits)

    def truth(self, _schema: Schema) -> Part:
        return Part(bool)

    def word(self, schema: Schema) -> Part:
        if not all(type(word) is str for word in schema["expected"]):
            raise Undrawable("a literal that is no text")
        return Part(Literal[tuple(schema["expected"])])

    def nullable(self, schema: Schema) -> Part:
        part = self._draw(schema["schema"])
        return Part(part.strict | None, read=part.read_alone)

    def default(self, schema: Schema) -> Part:
        return self._draw(schema["schema"])

    def before(self, schema: Schema) -> Part:
        """The functions of `schemas` that read a value before it is checked; any other is for a closer look."""
        function = _function(schema)
        if function is instant_from:
            return Part(str, form=INSTANT, read=datetime.fromisoformat)
        if function is date_from:
            return Part(str, form=DATE, read=date.fromisoformat)
        part = self._draw(schema["schema"])
        if function in {whole, percent}:  # of what `percent` takes, and the limit does not, nothing is left
            return part
        if function is known and part.is_optional:
            return part._replace(read=then(known, part.read))
        raise Undrawable(f"before: {function}")

    def after(self, schema: Schema) -> Part:
        part, function = self._draw(schema["schema"]), _function(schema)
        if isinstance(function, partial) and not function.args and function.keywords.keys() <= {"ge", "le"}:
            return part._replace(limits={**part.limits, **function.keywords})
        return part._replace(read=then(part.read, function))

    def listed(self, schema: Schema) -> Part:
        if schema["variadic_item_index"] != 0 or len(schema["items_schema"]) != 1:
            raise Undrawable("a tuple of several types")
        item = self._draw(schema["items_schema"][0])
        return Part(GenericAlias(tuple, (item.loose, ...)), _lengths(schema), read=of_many(item))

    def mapped(self, schema: Schema) -> Part:
        key, value = self._draw(schema["keys_schema"]), self._draw(schema["values_schema"])
        if key.read or value.read or value.form:
            raise Undrawable("an object of more than numbers by their names")
        return Part(GenericAlias(dict, (key.loose, value.loose)), _lengths(schema), read=of_many(key))

    def either(self, schema: Schema) -> Part:
        parts = [self._draw(choice) for choice in schema["choices"]]
        if [part.type for part in parts] != [bool, str] or any(part.read for part in parts):
            raise Undrawable("a union of others than a truth value and a text")
        return Part(bool | parts[1].strict)

    def model(self, schema: Schema) -> Part:
        inner = schema["schema"]
        if inner["type"] != "model-fields" or schema["custom_init"] or schema["root_model"]:
            raise Undrawable("no plain model")
        made = Model(schema["cls"], inner["fields"].items(), self._draw)
        return Part(made.struct, read=made.of, forms=made.forms)


_OF_NO_ACCOUNT: Final = frozenset({"type", "metadata", "ref", "json_schema_input_schema", "strict", "schema"})
_KINDS: Final[Mapping[str, tuple[Callable[[_Drawing, Schema], Part], frozenset[str]]]] = {
    "str": (_Drawing.text, frozenset({"max_length", "min_length", "pattern"})),
    "int": (_Drawing.number, frozenset({"ge", "gt", "le", "lt"})),
    "float": (_Drawing.number, frozenset({"ge", "gt", "le", "lt"})),
    "bool": (_Drawing.truth, frozenset()),
    "literal": (_Drawing.word, frozenset({"expected"})),
    "nullable": (_Drawing.nullable, frozenset()),
    "default": (_Drawing.default, frozenset({"default", "default_factory", "default_factory_takes_data"})),
    "function-before": (_Drawing.before, frozenset({"function"})),
    "function-after": (_Drawing.after, frozenset({"function"})),
    "tuple": (_Drawing.listed, frozenset({"items_schema", "variadic_item_index", "max_length", "min_length"})),
    "dict": (_Drawing.mapped, frozenset({"keys_schema", "values_schema", "max_length", "min_length"})),
    "union": (_Drawing.either, frozenset({"choices"})),
    "model": (_Drawing.model, frozenset({"cls", "custom_init", "root_model", "config"})),
}
"""Kind of a schema → how it is drawn, and all that it may say: whatever it says beyond that no struct would."""


def _function(schema: Schema) -> Any:
    if schema["function"]["type"] != "no-info":
        raise Undrawable("a function that asks for more than the value")
    return schema["function"]["function"]


def _form(pattern: str) -> str:
    """The expression without its anchors; `$` means another thing in Python. Raises Undrawable."""
    form = pattern.removeprefix("^").removesuffix("$")
    outside = re.sub(r"\[(?:\\.|[^\]\\])*\]|\\\.", "", form)
    if len(form) != len(pattern) - 2 or re.search(r"\[\^(?!\\u0000)", form) or re.search(r"[.^$\\]", outside):
        raise Undrawable("a form that may take what separates texts")
    return form


def _lengths(schema: Schema) -> Mapping[str, int]:
    return {name: schema[name] for name in ("min_length", "max_length") if name in schema}
