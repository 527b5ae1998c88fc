"""Structs drawn from the messages of the language: compiled code decodes them, and says yes or nothing.

The language exists once, in pydantic. Of each model's own schema a `Drawn` is made at import: a msgspec struct with the
same limits, what is left to look at once it is decoded, and how the model comes of it. What it takes is a subset of
what the model takes, and means the same; `tests/chassis/test_structs.py` holds the two together, whatever the bytes.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from functools import partial
from operator import attrgetter
from types import GenericAlias
from typing import Annotated, Any, Final, Literal, NamedTuple, cast, get_args

import msgspec
from pydantic import BaseModel

from schemas.forms import known, percent, whole
from schemas.instants import date_from, instant_from

Schema = Mapping[str, Any]
Read = Callable[[Any], Any]
"""From what was decoded to what the model holds. Raises ValueError where the model would refuse it, or may."""

_OFFSET: Final = "(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
_TIME: Final = r"[0-2][0-9]:[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?"
_DATE: Final = "(?:20|19)[0-9][0-9]-[01][0-9]-[0-3][0-9]"
INSTANT: Final = f"{_DATE}T{_TIME}{_OFFSET}"
"""Nearly all instants; a leap second, nine digits of a second or the year 2150 are for a closer look."""
SEPARATOR: Final = "\0"
"""Between texts that are looked at in one go: none of their forms takes it."""


class Undrawable(Exception):
    """A model has something that no struct says: all of its messages are for a closer look."""


class Part(NamedTuple):
    """How a value is drawn. `limits`: of a text, a number or a list; `read`: what is made of it, which is not None.

    `form`: the expression that a text must match; `forms`: those of the texts of an object, by their path in it. They
    are looked at before anything is read, for a whole message in one go.
    """

    type: Any
    limits: Mapping[str, Any] = {}
    form: str | None = None
    read: Read | None = None
    forms: Mapping[str, str] = {}

    @property
    def is_optional(self) -> bool:
        """Whether it may be None."""
        return type(None) in get_args(self.type)

    @property
    def loose(self) -> Any:
        """The type with its limits, the forms left for later."""
        return Annotated[self.type, msgspec.Meta(**self.limits)] if self.limits else self.type

    @property
    def strict(self) -> Any:
        """The type with its limits and its form."""
        if self.form is None:
            return self.loose
        return Annotated[self.type, msgspec.Meta(**self.limits, pattern=rf"\A(?:{self.form})\Z")]

    @property
    def read_alone(self) -> Read | None:
        """Reads what nobody has looked at the forms of."""
        return _then(_looked_at(self.forms), self.read) if self.forms else self.read


def _looked_at(forms: Mapping[str, str]) -> Read:
    match, texts = matcher(forms.values()), getter(forms)

    def looked_at(struct: Any) -> Any:
        if not match(SEPARATOR.join(texts(struct))):
            raise ValueError("a text of another form")
        return struct

    return looked_at


class _Model:
    """A model as a struct: `struct` is decoded, `of` makes the model of it, and `forms` are looked at between them."""

    def __init__(self, model: type[BaseModel], fields: Iterable[tuple[str, Schema]], draw: Callable[[Schema], Part]):
        self._model = model
        self.forms: dict[str, str] = {}
        self._always: list[tuple[str, Read]] = []
        self._if_given: list[tuple[str, Read]] = []
        described, renamed = [], {}
        for name, field in fields:
            part = draw(field["schema"])
            renamed[name] = field.get("validation_alias", name)
            if field["schema"]["type"] == "default" or part.is_optional:
                described.append((name, part.strict, _default(field["schema"])))
                self._if_given += [(name, part.read_alone)] if part.read_alone else []
            else:
                described.append((name, part.loose, msgspec.field()))
                self.forms |= {name: part.form} if part.form else {}
                self.forms |= {f"{name}.{path}": form for path, form in part.forms.items()}
                self._always += [(name, part.read)] if part.read else []
        self._names = set(renamed)
        self.struct = msgspec.defstruct(
            model.__name__, described, kw_only=True, frozen=True, gc=False, forbid_unknown_fields=True, rename=renamed
        )

    def of(self, struct: Any) -> Any:
        """The model, as if it had validated the same data; which of its fields were given it does not know.

        Raises ValueError where the model would refuse the data, or may.
        """
        fields = msgspec.structs.asdict(struct)
        for name, read in self._always:
            fields[name] = read(fields[name])
        for name, read in self._if_given:
            given = fields[name]
            if given is not None:
                fields[name] = read(given)
        model = _new(self._model)
        _set_fields(model, fields)
        _set_names(model, self._names)
        _set_extra(model, None)
        _set_private(model, None)
        return model


_new: Final[Callable[[Any], Any]] = object.__new__
# What `model_construct` does, without its look at every field: each is there, under its own name, and valid.
_set_fields, _set_names, _set_extra, _set_private = (
    BaseModel.__dict__[slot].__set__
    for slot in ("__dict__", "__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__")
)


def matcher(forms: Iterable[str]) -> Callable[[str], object]:
    """Says whether a text is one of each form, with a separator between them."""
    return re.compile(SEPARATOR.join(f"(?:{form})" for form in forms)).fullmatch


def getter(names: Iterable[str]) -> Callable[[Any], tuple[str, ...]]:
    """The attributes of these names, however few they are."""
    named = tuple(names)
    if len(named) > 1:
        return attrgetter(*named)
    return (lambda struct: (getattr(struct, named[0]),)) if named else lambda _: ()


def drawn(model: type[BaseModel]) -> Part:
    """A model as a part of something larger. Raises Undrawable."""
    return _Drawing(model.__pydantic_core_schema__).part()


def _default(schema: Schema) -> Any:
    if "default" in schema:
        return msgspec.field(default=schema["default"])
    if "default_factory" in schema and not schema.get("default_factory_takes_data"):
        return msgspec.field(default_factory=schema["default_factory"])
    return msgspec.field()


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
            return Part(str, form=_DATE, read=date.fromisoformat)
        part = self._draw(schema["schema"])
        if function in {whole, percent}:  # of what `percent` takes, and the limit does not, nothing is left
            return part
        if function is known and part.is_optional:
            return part._replace(read=_then(known, part.read))
        raise Undrawable(f"before: {function}")

    def after(self, schema: Schema) -> Part:
        part, function = self._draw(schema["schema"]), _function(schema)
        if isinstance(function, partial) and not function.args and function.keywords.keys() <= {"ge", "le"}:
            return part._replace(limits={**part.limits, **function.keywords})
        return part._replace(read=_then(part.read, function))

    def listed(self, schema: Schema) -> Part:
        if schema["variadic_item_index"] != 0 or len(schema["items_schema"]) != 1:
            raise Undrawable("a tuple of several types")
        item = self._draw(schema["items_schema"][0])
        return Part(GenericAlias(tuple, (item.loose, ...)), _lengths(schema), read=_of_many(item))

    def mapped(self, schema: Schema) -> Part:
        key, value = self._draw(schema["keys_schema"]), self._draw(schema["values_schema"])
        if key.read or value.read or value.form:
            raise Undrawable("an object of more than numbers by their names")
        return Part(GenericAlias(dict, (key.loose, value.loose)), _lengths(schema), read=_of_many(key))

    def either(self, schema: Schema) -> Part:
        parts = [self._draw(choice) for choice in schema["choices"]]
        if [part.type for part in parts] != [bool, str] or any(part.read for part in parts):
            raise Undrawable("a union of others than a truth value and a text")
        return Part(bool | parts[1].strict)

    def model(self, schema: Schema) -> Part:
        inner = schema["schema"]
        if inner["type"] != "model-fields" or schema["custom_init"] or schema["root_model"]:
            raise Undrawable("no plain model")
        made = _Model(schema["cls"], inner["fields"].items(), self._draw)
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


def _then(first: Read | None, second: Read | None) -> Read:
    if first is None or second is None:
        return cast("Read", first or second)

    def both(given: Any) -> Any:
        found = first(given)
        return None if found is None else second(found)

    return both


def _of_many(item: Part) -> Read | None:
    """Looks at the texts of a list in one go, and reads each entry."""
    forms, read = tuple(item.forms.values()) or (item.form,) * (item.form is not None), item.read
    if not forms:
        return None if read is None else lambda given: tuple(map(read, given))
    form = SEPARATOR.join(f"(?:{form})" for form in forms)
    match, texts = re.compile(f"{form}(?:{SEPARATOR}{form})*").fullmatch, getter(item.forms)

    def many(given: Any) -> Any:
        said = SEPARATOR.join([text for each in given for text in texts(each)] if item.forms else given)
        if given and (not match(said) or said.count(SEPARATOR) != len(given) * len(forms) - 1):
            raise ValueError("a text of another form")  # one that holds what separates them would count as two
        return given if read is None else tuple(map(read, given))

    return many
