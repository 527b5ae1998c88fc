"""The fields of each report that may say anything, looked at before anything is made of it."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final, NamedTuple

from chassis.consume.identifying.finding import in_identifier, in_key, in_pseudonym, in_text
from chassis.consume.identifying.policy import Formats, formats_in_force
from chassis.decide.judge import Rejection
from schemas.message import Message

Schema = dict[str, Any]

IDENTIFYING: Final = "identifying_text"
NOTHING: Final = Formats()
IDENTIFYING_REASON: Final = (
    "holds what looks like a telephone number, an e-mail address or an id of a person; say it without, or send a "
    "pseudonym that is none of these"
)
_OF_PEOPLE: Final = frozenset({"case_id", "party_id", "about"})
_LONG_NUMBER: Final = re.compile(r"[0-9]{3}(?:[0-9]{6}|-[0-9]{4}-[0-9]{4})")
"""What every id that is looked for in an identifier has; nearly no identifier of the world does."""
_AN_ID, _A_WORD_WITH_ONE, _WORDS = "310101199001011234", "a310101199001011234", "a b"

Judge = Callable[[str, Formats], bool]


class Field(NamedTuple):
    """A field that may say anything. `path`: as an answer names it; `many`: a list; `keys`: an object, by its keys.

    `inner`: of a list of objects, the name of the field within each.
    """

    path: str
    read: Callable[[Any], Any]
    judge: Judge
    many: bool = False
    keys: bool = False
    inner: str = ""


class TextCheck:
    """What is looked at in one type of report. Nearly all are clean, and found so in a microsecond or two."""

    def __init__(self, model: type[Message]) -> None:
        schema = model.model_json_schema()
        fields = tuple(_fields(schema, schema.get("$defs", {})))
        self.texts = tuple(field for field in fields if field.judge is in_text)
        self.names = tuple(field for field in fields if field.judge is not in_text)
        self._texts = tuple((field.read, field) for field in self.texts)
        self._pseudonyms = tuple(field for field in self.names if field.judge is _pseudonym)
        single = [field.path for field in self.names if not field.many and "." not in field.path]
        self._single = attrgetter(single[0], *single)  # of one name alone it would give no tuple
        self._some_are_missing = any(not model.model_fields[name].is_required() for name in single)
        self._many = tuple(field.read for field in self.names if field.many)
        self._within = tuple(field.read for field in self.names if not field.many and "." in field.path)
        self._jurisdiction = _jurisdiction_of(model)

    def refusal(self, report: Message, on: date) -> Rejection | None:
        """Of the first field that identifies somebody, by what is looked for on a civil day; repeats nothing of it."""
        formats = None
        for read, field in self._texts:
            emitted = read(report)
            if emitted:
                formats = formats or formats_in_force(self._jurisdiction(report), on)
                if (at := _identifying(field, emitted, formats)) is not None:
                    return _refused(at)
        if self._may_number_people(report):
            return _look_at(self.names, report)
        return _look_at(self._pseudonyms, report) if self._pseudonyms else None

    def _may_number_people(self, report: Message) -> bool:
        """Whether any identifier has as many digits as an id."""
        single = self._single(report)
        if _LONG_NUMBER.search("\n".join(filter(None, single) if self._some_are_missing else single)):
            return True
        if any(_LONG_NUMBER.search(read(report) or "") for read in self._within):
            return True
        for read in self._many:
            emitted = read(report)
            if emitted and _LONG_NUMBER.search("\n".join(emitted)):
                return True
        return False


def _look_at(fields: Iterable[Field], report: Message) -> Rejection | None:
    for field in fields:
        emitted = field.read(report)
        if emitted and (at := _identifying(field, emitted, NOTHING)) is not None:
            return _refused(at)
    return None


def _refused(at: str) -> Rejection:
    return Rejection(IDENTIFYING, f"{at} {IDENTIFYING_REASON}", at)


@lru_cache(maxsize=8192)
def identifies(name: str) -> bool:
    """Whether a subject or a source, which every event and answer repeats, is an id or the number of a person."""
    return in_key(name)


def _identifying(field: Field, emitted: Any, formats: Formats) -> str | None:
    """The path of what identifies somebody. Keys of an object are input, and not repeated in it."""
    if field.keys:
        return field.path if any(field.judge(each, formats) for each in emitted) else None
    if not field.many:
        return field.path if isinstance(emitted, str) and field.judge(emitted, formats) else None
    for place, each in enumerate(emitted):
        if isinstance(each, str) and each and field.judge(each, formats):
            return f"{field.path}[{place}]{field.inner and f'.{field.inner}'}"
    return None


def _fields(schema: Schema, known: Schema, within: str = "") -> Iterator[Field]:
    """Every field whose form lets it say anything; codes, dates and words of a vocabulary are none."""
    for name, part in schema["properties"].items():
        path = f"{within}{name}"
        for choice in _choices(part):
            if "$ref" in choice:
                yield from _fields(known[choice["$ref"].rpartition("/")[2]], known, f"{path}.")
            elif choice.get("type") == "array":
                yield from _listed(path, name, choice["items"], known)
            elif "patternProperties" in choice:
                yield from _field(path, name, next(iter(choice["patternProperties"])), many=True, keys=True)
            else:
                yield from _field(path, name, choice.get("pattern"))


def _listed(path: str, name: str, items: Schema, known: Schema) -> Iterator[Field]:
    """What is listed: texts, or objects with fields that are texts."""
    for choice in _choices(items):
        if "$ref" in choice:
            for field in _fields(known[choice["$ref"].rpartition("/")[2]], known):
                yield field._replace(path=path, read=_reader_of_many(path, field.read), many=True, inner=field.path)
        else:
            yield from _field(path, name, choice.get("pattern"), many=True)


def _choices(part: Schema) -> Iterator[Schema]:
    if "anyOf" not in part:
        yield part
    for choice in part.get("anyOf", ()):
        yield from _choices(choice)


def _field(path: str, name: str, pattern: str | None, *, many: bool = False, keys: bool = False) -> Iterator[Field]:
    judge = _judge(name, pattern) if pattern else None
    if judge is not None:
        yield Field(path, _reader(path), judge, many, keys)


def _judge(name: str, pattern: str) -> Judge | None:
    """By what the form takes: words are a text; where an id fits, it is an identifier; else a code."""
    form = re.compile(pattern)
    if form.fullmatch(_WORDS) or (form.fullmatch(_AN_ID) and not form.fullmatch("a")):
        return in_text  # a code of digits alone may be a telephone as well
    if name == "person_ref":
        return _pseudonym
    if form.fullmatch(_AN_ID) or form.fullmatch(_A_WORD_WITH_ONE):
        return _key if name in _OF_PEOPLE else _identifier
    return None


def _pseudonym(emitted: str, _: Formats) -> bool:
    return in_pseudonym(emitted)


def _key(emitted: str, _: Formats) -> bool:
    return in_key(emitted)


def _identifier(emitted: str, _: Formats) -> bool:
    return in_identifier(emitted)


def _reader(path: str) -> Callable[[Any], Any]:
    """Reads a field, also one within an object that may be missing."""
    outer, _, inner = path.partition(".")
    if not inner:
        return attrgetter(outer)
    return lambda report: getattr(getattr(report, outer), inner, None)


def _reader_of_many(path: str, inner: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Reads a field of each object in a list; an empty text where an object has none."""
    read = _reader(path)
    return lambda report: tuple(inner(each) or "" for each in read(report) or ())


def _jurisdiction_of(model: type[Message]) -> Callable[[Any], str | None]:
    if "jurisdiction" in model.model_fields:
        return attrgetter("jurisdiction")
    return lambda _: None
