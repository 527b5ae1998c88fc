"""What was released keeps its meaning: a schema, a topic and a thing beside those of the last release.

Reports are written by others and read here: they may ask for less and allow more than before. Events are written here,
read by others, and read again here years later: what they may hold stays as it is. Either may gain optional fields.
Anything else is a new major version of the message, beside the old one.

The keywords are those that our schemas use; one that is not named here must not change.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

Schema = Mapping[str, Any]

_SAYS_NOTHING: Final = frozenset({"$defs", "$id", "$ref", "$schema", "description", "examples", "title"})
_LEAST: Final = frozenset({"minimum", "exclusiveMinimum", "ge", "gt", "minLength", "minItems", "minProperties"})
_MOST: Final = frozenset({"maximum", "exclusiveMaximum", "le", "lt", "maxLength", "maxItems", "maxProperties"})
_DEMANDS: Final = frozenset({"pattern", "format", "propertyNames", "dependentRequired", "if", "then", "else", "const"})
"""Keywords without which more is allowed than with them."""


class Side(NamedTuple):
    """A schema, the document that its references are of, and whether reports are made by it."""

    schema: Schema
    root: Schema
    is_report: bool

    def of(self, schema: Schema) -> "Side":
        """A part of the same document, its reference followed."""
        while "$ref" in schema:
            name = schema["$ref"].removeprefix("#/$defs/")
            schema = {**self.root["$defs"][name], **{key: part for key, part in schema.items() if key != "$ref"}}
        return self._replace(schema=schema)


def schema_breaches(released: Schema, now: Schema, *, is_report: bool) -> list[str]:
    """A sentence for each place where a schema means something else than the one that was released."""
    old, new = (Side(schema, schema, is_report).of(schema) for schema in (released, now))
    return list(_changes("data", old, new))


def without_words(part: Any, *, of_names: bool = False) -> Any:
    """A schema without what is for people: as it is kept for a release. `of_names`: its keys are names of fields."""
    if isinstance(part, list):
        return [without_words(each) for each in part]
    if not isinstance(part, dict):
        return part
    return {
        name: without_words(each, of_names=not of_names and name in {"properties", "$defs", "patternProperties"})
        for name, each in part.items()
        if of_names or name not in _SAYS_NOTHING - {"$defs", "$ref"}
    }


def _changes(at: str, old: Side, new: Side) -> Iterator[str]:
    for keyword in sorted({*old.schema, *new.schema} - _SAYS_NOTHING):
        was, now = old.schema.get(keyword), new.schema.get(keyword)
        if keyword in _WITHIN:
            yield from _WITHIN[keyword](at, old, new)
        elif was != now and not _may_change(keyword, was, now, is_report=old.is_report):
            yield f"{at}: {keyword} {_worded(was, 'was not there')}, {_worded(now, 'is gone', 'is now')}"


def _worded(value: Any, absent: str, verb: str = "was") -> str:
    return absent if value is None else f"{verb} {value}"


def _may_change(keyword: str, was: Any, now: Any, *, is_report: bool) -> bool:
    """Whether a value of a keyword allows all that it allowed, where that is all that matters."""
    if keyword == "default":
        return was is None
    if not is_report:
        return False
    if now is None:
        return keyword in _LEAST | _MOST | _DEMANDS
    if was is None:
        return False
    return bool((keyword in _LEAST and now < was) or (keyword in _MOST and now > was))


def _properties(at: str, old: Side, new: Side) -> Iterator[str]:
    before, after = old.schema.get("properties", {}), new.schema.get("properties", {})
    for name, schema in before.items():
        if name not in after:
            yield f"{at}.{name} is gone"
        else:
            yield from _changes(f"{at}.{name}", old.of(schema), new.of(after[name]))
    if old.schema.get("additionalProperties") is False:
        yield from (f"{at}.{name} was refused, and is now allowed" for name in after if name not in before)


def _required(at: str, old: Side, new: Side) -> Iterator[str]:
    before, after = old.schema.get("required", ()), new.schema.get("required", ())
    yield from (f"{at}.{name} may have been absent, and is now required" for name in after if name not in before)
    if not old.is_report:
        yield from (f"{at}.{name} was always there, and may now be absent" for name in before if name not in after)


def _enum(at: str, old: Side, new: Side) -> Iterator[str]:
    before, after = old.schema.get("enum"), new.schema.get("enum")
    if before is None or after is None:
        if not (after is None and old.is_report):
            yield f"{at}: one of {before or 'any'} was allowed, and now one of {after or 'any'} is"
        return
    yield from (f"{at}: {value!r} was allowed, and is so no more" for value in before if value not in after)
    if not old.is_report:
        yield from (f"{at}: {value!r} is new, and readers do not know it" for value in after if value not in before)


def _part(keyword: str) -> Callable[[str, Side, Side], Iterator[str]]:
    """A keyword under which one schema lies; what lies there otherwise must stay."""

    def changes(at: str, old: Side, new: Side) -> Iterator[str]:
        was, now = old.schema.get(keyword), new.schema.get(keyword)
        if isinstance(was, Mapping) and isinstance(now, Mapping):
            yield from _changes(f"{at}{_PLACES[keyword]}", old.of(was), new.of(now))
        elif was != now:
            yield f"{at}: {keyword} {_worded(was, 'was not there')}, {_worded(now, 'is gone', 'is now')}"

    return changes


def _patterns(at: str, old: Side, new: Side) -> Iterator[str]:
    before, after = old.schema.get("patternProperties", {}), new.schema.get("patternProperties", {})
    for pattern in sorted({*before, *after}):
        if pattern in before and pattern in after:
            yield from _changes(f"{at}.{pattern}", old.of(before[pattern]), new.of(after[pattern]))
        else:
            yield f"{at}: fields named {pattern} {'are gone' if pattern in before else 'are new'}"


def _any_of(at: str, old: Side, new: Side) -> Iterator[str]:
    """Every choice is still there; for events, no other."""
    before, after = old.schema.get("anyOf", ()), new.schema.get("anyOf", ())
    left: list[Schema] = list(after)
    for number, choice in enumerate(before, 1):
        same = [one for one in left if not list(_changes(at, old.of(choice), new.of(one)))]
        if not same:
            yield f"{at}: choice {number} of {len(before)} was allowed, and is so no more"
        else:
            left.remove(same[0])
    if left and not (before and old.is_report):
        yield f"{at}: {len(left)} more choices are allowed, and readers do not know them"


_PLACES: Final = {"items": "[]", "additionalProperties": "{}"}
_WITHIN: Final[Mapping[str, Callable[[str, Side, Side], Iterator[str]]]] = {
    "properties": _properties,
    "required": _required,
    "enum": _enum,
    "patternProperties": _patterns,
    "anyOf": _any_of,
    **{keyword: _part(keyword) for keyword in _PLACES},
}


def topic_breaches(released: Mapping[str, Schema], now: Mapping[str, Schema]) -> Iterator[str]:
    """A sentence for each topic of a release that is now another one under the same name, or has no successor.

    What a topic is kept by: `partitions`, `cleanup`, `key`. A topic of the next version may be anything.
    """
    stems = {stem_of(name): version_of(name) for name in now}
    for name, was in released.items():
        if stems.get(stem_of(name), 0) < version_of(name):
            yield f"topic {name} is gone, and has no next version"
        for what in was if name in now else ():
            if now[name][what] != was[what]:
                yield f"topic {name}: {what} was {was[what]}, and is now {now[name][what]}: give it the next version"


def message_breaches(released: Schema, now: Schema | None, *, is_report: bool) -> Sequence[str]:
    """What a message of a release has become: `topics`, `thing`, `schema` of it; None: it is gone."""
    if now is None:
        return ["no model has its name any more: keep it beside its successor"]
    wrong = schema_breaches(released["schema"], now["schema"], is_report=is_report)
    if released["thing"] != now["thing"]:
        wrong.append(f"it had the last word on {released['thing']}, and now has it on {now['thing']}")
    stems = {stem_of(topic) for topic in now["topics"]}
    wrong += [f"it is published to {topic} no more" for topic in released["topics"] if stem_of(topic) not in stems]
    return wrong


def stem_of(topic: str) -> str:
    """A topic's name without its version."""
    return topic.rpartition(".v")[0]


def version_of(topic: str) -> int:
    """The version in a topic's name."""
    return int(topic.rpartition(".v")[2])
