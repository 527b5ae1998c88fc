"""One JSON Schema 2020-12 for each message, as a reader of the language wants it: no noise, absent instead of null."""

import inspect
import json
from typing import Any, Final

from schemas.message import Message

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]


def versioned_name(message: type[Message]) -> str:
    """The name under which a message is published, e.g. `TestResultReported.v1`."""
    return f"{message.__name__}.v{message.major}"


def schema_of(message: type[Message]) -> Schema:
    """The schema of a message's data, with its own `$id`."""
    drawn = _tidied(message.model_json_schema())
    return {
        "$schema": DIALECT,
        "$id": message.schema_urn(),
        "title": message.__name__,
        "description": meaning(message),
        **{name: part for name, part in drawn.items() if name != "description"},
    }


def meaning(message: type[Message]) -> str:
    """What a message says: its docstring as one paragraph."""
    return " ".join((inspect.getdoc(message) or message.__name__).split())


def as_json(document: object) -> str:
    """JSON as it is written to files: two spaces, readable characters, one newline at the end."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _tidied(part: Any) -> Any:
    """Without pydantic's titles and without null: what is not known is left out, never written as null."""
    if isinstance(part, list):
        return [_tidied(each) for each in part]
    if not isinstance(part, dict):
        return part
    if "properties" in part:
        part = {**part, "properties": {name: _tidied(each) for name, each in part["properties"].items()}}
    tidied = {
        name: each if name == "properties" else _paragraph(each) if name == "description" else _tidied(each)
        for name, each in part.items()
        if name != "title" and not (name == "default" and each is None)
    }
    return _without_null(tidied)


def _paragraph(text: object) -> object:
    return " ".join(text.split()) if isinstance(text, str) else text


def _without_null(schema: Schema) -> Schema:
    choices = schema.get("anyOf")
    if not choices or {"type": "null"} not in choices:
        return schema
    left = [choice for choice in choices if choice != {"type": "null"}]
    rest = {name: part for name, part in schema.items() if name != "anyOf"}
    return {**left[0], **rest} if len(left) == 1 else {"anyOf": left, **rest}
