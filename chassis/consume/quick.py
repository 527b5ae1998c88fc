"""Nearly every record in one step: bytes → envelope and message, without leaving compiled code.

`envelope.read` and `validation.validate` say what a record means and, if anything is wrong with it, what. This says the
same of a record in structured mode with which nothing is wrong, and of all others that it does not know. A test holds
the two together, whatever the bytes.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cache, reduce
from operator import or_
from typing import Any, Final, Literal, NamedTuple

import msgspec

from chassis.consume.drawing import drawn
from chassis.consume.structs import INSTANT, SEPARATOR, Undrawable, getter, matcher
from schemas.attributes import SOURCE_PATTERN, TRACE_PATTERN
from schemas.envelope import Envelope
from schemas.message import Message

_HEX: Final = "[0-9a-f]"
_ID: Final = "-".join(f"{_HEX}{{{digits}}}" for digits in (8, 4, 4, 4, 12))
_SUBJECT: Final = "[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}"
_NUMBER: Final = "[0-9]{0,18}"
_REQUIRED: Final = {"id": _ID, "source": SOURCE_PATTERN[1:-1], "subject": _SUBJECT, "time": INSTANT}
_OPTIONAL: Final = {
    "recordedtime": f"(?:{INSTANT})?",
    "sequence": _NUMBER,
    "causationid": f"(?:{_ID})?",
    "correlationid": f"(?:{_ID})?",
    "traceparent": f"(?:{TRACE_PATTERN[1:-1]})?",
    "hops": _NUMBER,
}
"""An empty text says what an absent attribute says; `null`, which says it too, is for a closer look."""
_FORMS: Final = _REQUIRED | _OPTIONAL
_ATTRIBUTES: Final = len(_FORMS)
_instant: Final = datetime.fromisoformat
_made: Final[Callable[[type[Envelope], tuple[Any, ...]], Envelope]] = tuple.__new__  # as `_make` does, unasked
_DEEP: Final = 100
"""More brackets than that may be deeper than the careful reader goes."""


class _Kind(NamedTuple):
    """A type of message. `texts`: of an envelope, and of data that are read, which `match` looks at in one go.

    `read`: makes the message of the data; absent where it is passed over.
    """

    type: str
    texts: Callable[[Any], tuple[str, ...]]
    match: Callable[[str], object]
    read: Callable[[Any], Any] | None


class QuickReader:
    """Knows the messages that a service learns from, and the types of those that it passes over."""

    def __init__(self, learnt: Iterable[type[Message]], passed_over: Iterable[type[Message]]) -> None:
        found = (*(_learnt(model) for model in learnt), *(_passed_over(model) for model in passed_over))
        self._kinds: dict[type[Any], _Kind] = dict(one for one in found if one is not None)
        every: Any = reduce(or_, self._kinds) if self._kinds else Literal["none"]
        self._decode: Callable[[bytes], Any] = msgspec.json.Decoder(every).decode

    def read(self, value: bytes) -> tuple[Envelope, Message | None] | None:
        """The envelope (its `data` left out) and the message; None for whatever needs a closer look.

        The message is None where it is passed over: nobody has looked at its data then.
        """
        try:
            return self._read(value)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return None

    def _read(self, value: bytes) -> tuple[Envelope, Message | None] | None:
        found = self._decode(value)
        type_name, texts_of, match, message_of = self._kinds[type(found)]
        texts = texts_of(found)
        if not match(SEPARATOR.join(texts)):
            return None
        if message_of is None and value.count(b"[") + value.count(b"{") > _DEEP:
            return None
        identity, source, subject, written, recorded, sequence, cause, correlation, trace, hops = texts[:_ATTRIBUTES]
        time = _instant(written)
        envelope = (
            identity,
            source,
            type_name,
            subject,
            time,
            _instant(recorded) if recorded else time,
            None,
            int(sequence) if sequence else None,
            cause or None,
            correlation or None,
            trace or None,
            "application/json",
            found.dataschema,
            int(hops) if hops else 0,
        )
        return _made(Envelope, envelope), None if message_of is None else message_of(found.data)


@cache
def _learnt(model: type[Message]) -> tuple[type[Any], _Kind] | None:
    """The struct of its envelope, and what is to be done with one; None where all of them are for a closer look."""
    try:
        data = drawn(model)
    except Undrawable:
        return None
    return _of_forms(model, data.type, {f"data.{path}": form for path, form in data.forms.items()}, data.read)


@cache
def _passed_over(model: type[Message]) -> tuple[type[Any], _Kind]:
    return _of_forms(model, Any, {}, None)


def _of_forms(
    model: type[Message], data: Any, forms: Mapping[str, str], read: Callable[[Any], Any] | None
) -> tuple[type[Any], _Kind]:
    forms = {**_FORMS, **forms}
    return _envelope_of(model, data), _Kind(model.type_name(), getter(forms), matcher(forms.values()), read)


def _envelope_of(model: type[Message], data: Any) -> type[Any]:
    """The struct of an envelope. One with an attribute that is none of these is for a closer look."""
    fields: list[Any] = [("specversion", Literal["1.0"]), *((name, str) for name in _REQUIRED), ("data", data)]
    fields += [(name, str, "") for name in (*_OPTIONAL, "partitionkey")]
    fields += [("datacontenttype", Literal["application/json"], "application/json")]
    fields += [("dataschema", Literal[model.schema_urn()] | None, None)]
    return msgspec.defstruct(
        "Event",
        fields,
        kw_only=True,
        frozen=True,
        gc=False,
        forbid_unknown_fields=True,
        tag_field="type",
        tag=model.type_name(),
    )
