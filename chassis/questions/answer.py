"""What the models of answers have in common, and how a work list's model is drawn from its item."""

from typing import Any

from msgspec import NODEFAULT, Struct
from msgspec.structs import FieldInfo, fields
from pydantic import BaseModel, ConfigDict, Field, create_model


class Answer(BaseModel):
    """A part of an answer; it has these fields and no others.

    A field without a default is always there, and null where that is its value. One with the default None is left out
    where there is nothing to say.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        hide_input_in_errors=True,
        serialize_by_alias=True,
        validate_by_name=True,
        validate_by_alias=True,
    )


def item_model(item: type[Struct], **closed: Any) -> type[Answer]:
    """The model of a work list's item, whose fields it has, as msgspec writes them.

    `closed`: fields whose type says more in an answer than in the item, such as a vocabulary. One of them may have a
    default in the item all the same: it is always written.
    """
    unknown = closed.keys() - {field.name for field in fields(item)}
    if unknown:
        raise TypeError(f"{item.__name__} has no {', '.join(sorted(unknown))}")
    found = {field.name: _field(field, closed.get(field.name)) for field in fields(item)}
    return create_model(item.__name__, __base__=Answer, __doc__=item.__doc__, __module__=item.__module__, **found)


def _field(field: FieldInfo, closed: Any) -> Any:
    """Type and default; what an earlier edition wrote may lack a field that has a default."""
    alias = field.encode_name if field.encode_name != field.name else None
    if closed is not None or field.default is NODEFAULT:
        return closed if closed is not None else field.type, Field(alias=alias)
    return field.type, Field(field.default, alias=alias)
