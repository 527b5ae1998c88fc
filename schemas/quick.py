"""Nearly every record in one step: bytes → envelope and message, without leaving compiled code.

`envelope.read` and `validation.validate` say what a record means and, if anything is wrong with it, what. This says the
same of a record in structured mode with which nothing is wrong, and of all others that it does not know. A test holds
the two together, whatever the bytes. (`make bench ONLY=pieces` shows what each costs.)
"""

from collections.abc import Callable, Iterable
from typing import Any, Final, cast

from pydantic import ValidationError
from pydantic_core import SchemaValidator, core_schema

from schemas.attributes import SOURCE_PATTERN, TRACE_PATTERN
from schemas.envelope import Envelope
from schemas.instants import instant_from
from schemas.message import Message

Schema = dict[str, Any]

_OFFSET = "(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?"
_INSTANT: Final = core_schema.chain_schema(
    [
        core_schema.str_schema(pattern=f"^(19|20)[0-9]{{2}}-[0-9]{{2}}-[0-9]{{2}}T{_TIME}{_OFFSET}$", strict=True),
        core_schema.datetime_schema(microseconds_precision="truncate"),
    ]
)
_HEX = "[0-9a-f]"
_ID: Final = core_schema.str_schema(pattern=f"^{_HEX}{{8}}(-{_HEX}{{4}}){{3}}-{_HEX}{{12}}$", strict=True)
_SUBJECT: Final = core_schema.str_schema(pattern="^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$", strict=True)
_SOURCE: Final = core_schema.str_schema(pattern=SOURCE_PATTERN, strict=True)
_TRACE: Final = core_schema.str_schema(pattern=TRACE_PATTERN, strict=True)
_PLAIN: Final = core_schema.str_schema(pattern="^[ -~]{1,500}$", strict=True)
_SEQUENCE: Final = core_schema.str_schema(pattern="^[0-9]{1,18}$", strict=True)


class QuickReader:
    """Knows the messages that a service learns from, and the types of those that it passes over."""

    def __init__(self, learnt: Iterable[type[Message]], passed_over: Iterable[type[Message]]) -> None:
        choices = {model.type_name(): _envelope_of(model, model) for model in learnt}
        choices |= {model.type_name(): _envelope_of(model, None) for model in passed_over}
        union = core_schema.tagged_union_schema(choices, discriminator="type")
        self._validate: Callable[[bytes], dict[str, Any]] = SchemaValidator(union).validate_json

    def read(self, value: bytes) -> tuple[Envelope, Message | None] | None:
        """The envelope (its `data` left out) and the message; None for whatever needs a closer look.

        The message is None where it is passed over: nobody has looked at its data then.
        """
        try:
            found = self._validate(value)
        except ValidationError:
            return None
        if b"NaN" in value or b"Infinity" in value:  # may be no JSON, in a place where nobody looked
            return None
        get, time = found.get, found["time"]
        sequence = get("sequence")
        envelope = Envelope(
            found["id"],
            found["source"],
            found["type"],
            found["subject"],
            time,
            get("recordedtime", time),
            None,
            None if sequence is None else int(sequence),
            get("causationid"),
            get("correlationid"),
            get("traceparent"),
            get("datacontenttype", "application/json"),
            get("dataschema"),
            int(get("hops", 0)),
        )
        return envelope, get("data")


def _envelope_of(model: type[Message], data: type[Message] | None) -> core_schema.CoreSchema:
    required: dict[str, Any] = {
        "specversion": core_schema.literal_schema(["1.0"]),
        "id": _ID,
        "source": _SOURCE,
        "subject": _SUBJECT,
    }
    required |= {"type": core_schema.literal_schema([model.type_name()]), "time": _INSTANT}
    if data is not None:
        required["data"] = _quick(cast("Schema", data.__pydantic_core_schema__))
    optional = {"recordedtime": _INSTANT, "sequence": _SEQUENCE, "hops": _SEQUENCE, "traceparent": _TRACE}
    optional |= {"causationid": _ID, "correlationid": _ID, "datacontenttype": _PLAIN, "dataschema": _PLAIN}
    optional["data_base64"] = core_schema.none_schema()  # anything else is for a closer look
    fields = {name: core_schema.typed_dict_field(schema, required=True) for name, schema in required.items()}
    fields |= {name: core_schema.typed_dict_field(schema, required=False) for name, schema in optional.items()}
    return core_schema.typed_dict_schema(fields, extra_behavior="ignore")


def _quick(schema: Schema) -> Schema:
    """A model's schema with instants read by compiled code; everything else as it is."""
    known: dict[str, Schema] = {}
    if schema["type"] == "definitions":
        known = {definition["ref"]: definition for definition in schema["definitions"]}
        schema = schema["schema"]
    return cast("Schema", _rewritten(schema, known))


def _rewritten(part: Any, known: dict[str, Schema]) -> Any:
    if isinstance(part, list):
        return [_rewritten(entry, known) for entry in part]
    if not isinstance(part, dict):
        return part
    if part.get("type") == "definition-ref":
        return _rewritten(known[part["schema_ref"]], known)
    if part.get("type") == "function-before" and part["function"]["function"] is instant_from:
        return _INSTANT
    # A class that occurs twice would be defined twice: each place has a definition of its own, without a name.
    kept = {name: value for name, value in part.items() if name not in {"ref", "metadata"}}
    return {name: value if name == "config" else _rewritten(value, known) for name, value in kept.items()}
