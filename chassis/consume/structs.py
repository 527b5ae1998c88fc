"""What a message is decoded into: a struct with its limits, what is left to look at, and how the model comes of it."""

import re
from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import Annotated, Any, Final, NamedTuple, cast, get_args

import msgspec
from pydantic import BaseModel

Schema = Mapping[str, Any]
Read = Callable[[Any], Any]
"""From what was decoded to what the model holds. Raises ValueError where the model would refuse it, or may."""

_OFFSET: Final = "(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
_TIME: Final = r"[0-2][0-9]:[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?"
DATE: Final = "(?:20|19)[0-9][0-9]-[01][0-9]-[0-3][0-9]"
INSTANT: Final = f"{DATE}T{_TIME}{_OFFSET}"
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
        return then(_looked_at(self.forms), self.read) if self.forms else self.read


def _looked_at(forms: Mapping[str, str]) -> Read:
    match, texts = matcher(forms.values()), getter(forms)

    def looked_at(struct: Any) -> Any:
        if not match(SEPARATOR.join(texts(struct))):
            raise ValueError("a text of another form")
        return struct

    return looked_at


class Model:
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


def _default(schema: Schema) -> Any:
    if "default" in schema:
        return msgspec.field(default=schema["default"])
    if "default_factory" in schema and not schema.get("default_factory_takes_data"):
        return msgspec.field(default_factory=schema["default_factory"])
    return msgspec.field()


def then(first: Read | None, second: Read | None) -> Read:
    if first is None or second is None:
        return cast("Read", first or second)

    def both(given: Any) -> Any:
        found = first(given)
        return None if found is None else second(found)

    return both


def of_many(item: Part) -> Read | None:
    """Looks at the texts of a list in one go, and reads each entry."""
    forms, read = tuple(item.forms.values()) or (item.form,) * (item.form is not None), item.read
    if not forms:
        return None if read is None else lambda given: tuple(map(read, given))
    form = SEPARATOR.join(f"(?:{form})" for form in forms)
    match, texts = re.compile(f"{form}(?:{SEPARATOR}{form})*").fullmatch, getter(item.forms)

    def many(given: Any) -> Any:
        joined = SEPARATOR.join([text for each in given for text in texts(each)] if item.forms else given)
        if given and (not match(joined) or joined.count(SEPARATOR) != len(given) * len(forms) - 1):
            raise ValueError("a text of another form")  # one that holds what separates them would count as two
        return given if read is None else tuple(map(read, given))

    return many
