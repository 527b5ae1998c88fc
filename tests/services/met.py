"""What a model can say, and what of it an answer has stated: each field, each word of a vocabulary, each null."""

from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo


def sayable(model: Any, where: str) -> frozenset[str]:
    """`where.Model.field`, and with `=word` each word of its vocabularies, `=null` where null is one."""
    return frozenset(_sayable(model, where, set()))


def _sayable(model: Any, where: str, known: set[type[BaseModel]]) -> Iterator[str]:
    for one in models_in(model):
        if one in known:
            continue
        known.add(one)
        for name, field in one.model_fields.items():
            path = _path(one, name, where)
            if _words(field) != {"null"} or get_origin(field.annotation) is not Literal:
                yield path
            yield from (f"{path}={word}" for word in _words(field))
            yield from _sayable(field.annotation, where, known)


def stated(answer: BaseModel, where: str) -> Iterator[str]:
    """The same of one answer."""
    model = type(answer)
    for name in answer.model_fields_set:
        field, value, path = model.model_fields[name], getattr(answer, name), _path(model, name, where)
        words = _words(field)
        if value is not None:
            yield path
        for one in _leaves(value):
            if isinstance(one, BaseModel):
                yield from stated(one, where)
            elif (word := _word(one)) in words:
                yield f"{path}={word}"


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that a type names, not those inside them."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) is not Literal:
        for inner in get_args(annotation):
            yield from models_in(inner)


def _path(model: type[BaseModel], name: str, where: str) -> str:
    """A field that several models inherit, as it is, is the one of the model that has it."""
    while inherited := next((one for one in model.__bases__ if _has(one, name, model)), None):
        model = inherited
    return f"{where}.{model.__name__}.{model.model_fields[name].alias or name}"


def _has(base: type, name: str, model: type[BaseModel]) -> bool:
    known = getattr(base, "model_fields", {}).get(name)
    return known is not None and known.annotation == model.model_fields[name].annotation


def _words(field: FieldInfo) -> frozenset[str]:
    words = frozenset(_literals(field.annotation))
    return words | {"null"} if field.is_required() and NoneType in get_args(field.annotation) else words


def _literals(annotation: Any) -> Iterator[str]:
    if get_origin(annotation) is Literal:
        yield from map(_word, get_args(annotation))
    elif get_origin(annotation) in (Annotated, Union, UnionType, tuple, dict):
        for inner in get_args(annotation):
            yield from _literals(inner)


def _word(value: Any) -> str:
    return "null" if value is None else str(value)


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, tuple):
        for inner in value:
            yield from _leaves(inner)
    elif isinstance(value, dict):
        yield from value
    else:
        yield value
