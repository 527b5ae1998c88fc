"""Data ⇄ message: what is wrong with a report, said without repeating what was sent."""

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from schemas.forms import FORMS
from schemas.message import Message
from schemas.values import DECLARED_NAMES

M = TypeVar("M", bound=Message)

_RANGES = frozenset(
    {
        "greater_than",
        "greater_than_equal",
        "less_than",
        "less_than_equal",
        "finite_number",
        "too_long",
        "too_short",
        "string_too_long",
        "string_too_short",
        "instant_range",
        "date_range",
        "fraction",
    }
)
_UNKNOWN_VALUES = frozenset({"literal_error", "time_zone_unknown", "unlisted_code"})

# What to do about each kind of error; the words in braces come from the schema, never from what was sent.
_REASONS = {
    "missing": "is missing: it is required",
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "finite_number": "must be a finite number",
    "too_long": "must have at most {max_length} entries",
    "string_too_long": "must have at most {max_length} characters",
    "string_type": "must be text",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number, not text",
    "tuple_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "literal_error": "must be one of {expected}",
    "fraction": "must be a percentage from 30 to 100, e.g. 97: this is a fraction",
    "string_unicode": "must be valid Unicode text",
    "instant_type": "must be an instant written as text, e.g. 2020-10-15T09:00:00+08:00",
    "instant_form": "must be an RFC 3339 instant with an offset, e.g. 2020-10-15T09:00:00+08:00",
    "instant_invalid": "must be an instant that exists in the calendar",
    "instant_range": "must lie in the years 1900 to 2200",
    "date_type": "must be a civil date written as text, e.g. 2020-10-15",
    "date_form": "must be a civil date YYYY-MM-DD",
    "date_invalid": "must be a day that exists in the calendar",
    "date_range": "must lie in the years 1900 to 2200",
    "time_zone_unknown": "must be the IANA name of a time zone, e.g. Asia/Shanghai",
}


class Invalid(Exception):
    """Data that are not what their message says. Free of personal data: nothing of the input is repeated.

    `code` is one of `missing`, `wrong_type`, `out_of_range`, `impossible_time`, `unknown_value`, `invalid`;
    `at` the path of the field at fault (`residence.district`, `symptoms[3]`; empty: the data themselves);
    `reason` a sentence that says what to do.
    """

    def __init__(self, code: str, at: str, reason: str) -> None:
        super().__init__(f"{code} at {at or 'data'}: {reason}")
        self.code, self.at, self.reason = code, at, reason


class NoData(NamedTuple):
    """Stands where an envelope gives no data that could be read. `at`: the attribute at fault; `reason`: why not."""

    at: str
    reason: str


def validate(model: type[M], data: object) -> M:
    """The message that `data`, parsed JSON, says. Raises Invalid for the first field at fault, in the model's order."""
    if isinstance(data, NoData):
        raise Invalid("invalid", data.at, f"{data.at} {data.reason}")
    if not isinstance(data, Mapping):
        raise Invalid("wrong_type", "", "data must be a JSON object")
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
    raise _explained(first)


def _explained(error: ErrorDetails) -> Invalid:
    kind, context = error["type"], error.get("ctx", {})
    if "at" in context:  # a check across fields, which brings its own path and words
        at, words = context["at"], error["msg"]
    else:
        at, words = _path(error["loc"]), _words(kind, context)
    return Invalid(_code(kind), at, f"{at or 'data'} {words}")


def _words(kind: str, context: dict[str, Any]) -> str:
    if kind == "string_pattern_mismatch":
        return f"must be {FORMS[context['pattern']]}"
    return _REASONS.get(kind, "is not valid: see the message's schema").format_map(context)


def _code(kind: str) -> str:
    if kind in {"missing", "impossible_time"}:
        return kind
    if kind in _RANGES:
        return "out_of_range"
    if kind in _UNKNOWN_VALUES:
        return "unknown_value"
    return "wrong_type" if kind.endswith("_type") or kind == "int_from_float" else "invalid"


def _path(location: tuple[int | str, ...]) -> str:
    """Where the field is. Keys of free dictionaries are left out: they are input, and may say anything."""
    path = ""
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        elif part in DECLARED_NAMES:
            path += f".{part}" if path else part
    return path
