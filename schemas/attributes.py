"""The forms of what an envelope carries on into the events that follow: each can say nothing but what it is for."""

import re
from typing import Final
from uuid import UUID

SOURCE_PATTERN: Final = "^/[A-Za-z0-9][A-Za-z0-9._~:/-]{0,98}$"
TRACE_PATTERN: Final = "^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$"
NO_SOURCE: Final = "/"
"""Stands for a `source` that is no path as `SOURCE_FORM` says: what was sent is not repeated, to nobody."""
SOURCE_FORM: Final = "must be a path such as /hospitals/h-1: / and at most 99 of the characters A-Z a-z 0-9 . _ ~ : / -"
"""What a `source` must be, in words."""

_SOURCE, _TRACE = (re.compile(pattern[1:-1], re.ASCII) for pattern in (SOURCE_PATTERN, TRACE_PATTERN))
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_UUID_FORMS = re.compile(r"(urn:uuid:)?\{?[0-9A-Fa-f]{8}(-?[0-9A-Fa-f]{4}){3}-?[0-9A-Fa-f]{12}\}?", re.ASCII)


def is_source(text: str) -> bool:
    """Whether a text is a path of at most 100 characters."""
    return _SOURCE.fullmatch(text) is not None


def uuid_of(given: object) -> str | None:
    """A UUID in its one canonical form, so that the same id written in another is the same message."""
    if isinstance(given, str):
        if _UUID.fullmatch(given):
            return given
        if _UUID_FORMS.fullmatch(given):
            return str(UUID(given))
    return None


def trace_of(given: object) -> str | None:
    """A W3C trace context of version 00."""
    return given if isinstance(given, str) and _TRACE.fullmatch(given) else None
