"""What the constrained types are made of: forms of text in words for people, what is read before it is checked."""

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from pydantic import Field
from pydantic_core import PydanticCustomError


@cache
def _known_time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def known_time_zone(name: str) -> str:
    if name not in _known_time_zones():
        raise PydanticCustomError("time_zone_unknown", "not in the IANA time zone database")
    return name


def whole(given: object) -> object:
    """JSON knows one kind of number: `34.0` is the whole number 34, as JSON Schema's `integer` says."""
    return int(given) if isinstance(given, float) and given.is_integer() else given


def percent(given: object) -> object:
    """Raises PydanticCustomError `fraction` for a share of 1, which is no percentage."""
    if isinstance(given, float) and 0 < given <= 1:
        raise PydanticCustomError("fraction", "is a fraction, not a percentage")
    return given


def known(given: object) -> object:
    """What is said; None where a publisher says that it does not know."""
    return None if given == "unknown" else given


FORMS: dict[str, str] = {}
"""Regular expression → in words what it allows, with an example."""


def form(pattern: str, allowed: str, example: str, **more: Any) -> Any:
    """A field whose text has a form: its expression, the words for people, and the schema's example."""
    FORMS.setdefault(pattern, f"{allowed}, e.g. {example}")
    return Field(pattern=pattern, examples=[example], **more)
