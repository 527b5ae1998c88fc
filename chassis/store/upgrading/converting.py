"""Documents of another shape than the code's: appended to, converted by name, or refused.

A converter is a named function from the documents of one fingerprint to those of another. It lies with its service, in
`services/<name>/converters.py` under `CONVERTERS`, and stays there as long as a database of the old shape may turn up.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import reduce
from types import GenericAlias
from typing import Any, Final, NamedTuple

import msgspec

from chassis.decide.aggregate import AnyAggregate
from chassis.store.connection import Connection
from chassis.store.upgrading.documents import DOCUMENT, changes, fingerprint, shape_of
from chassis.store.upgrading.fitting import DoesNotFit, Held, held_shapes, older, statement

BATCH: Final = 500
"""Documents converted, or drawn from, in one transaction."""
Document = list[Any]
"""`[facts, conclusions]` as JSON has them, nothing decoded."""


class Converter(NamedTuple):
    """How documents of a kind that have the fingerprint `before` become such of the fingerprint `after`."""

    name: str
    aggregate: str
    before: str
    after: str
    convert: Callable[[Document], Document]


class ConversionFailed(Exception):
    """A converter raised, or what it made is no document of this code; what it did before that stays done."""


class Step(NamedTuple):
    """What has to happen to the documents of one kind. `begins`: it has not yet been begun."""

    aggregate: AnyAggregate
    begins: bool
    converting_from: str | None = None
    chain: tuple[Converter, ...] = ()


async def steps(
    connection: Connection, service: str, aggregates: Sequence[AnyAggregate], converters: Sequence[Converter]
) -> list[Step]:
    """What has to happen to the stored documents before this code may judge them.

    Raises:
        DoesNotFit: they are newer than the code, or nobody knows how to make the code's documents of them.
    """
    held = await held_shapes(connection)
    found = (_step(service, aggregate, held.get(aggregate.name), converters) for aggregate in aggregates)
    return [step for step in found if step is not None]


def _step(service: str, aggregate: AnyAggregate, held: Held | None, converters: Sequence[Converter]) -> Step | None:
    shape = shape_of(aggregate)
    now = fingerprint(shape)
    if held is None:
        return Step(aggregate, begins=True)
    if held.converting_from is not None:
        return _unfinished(service, aggregate, held, now, converters)
    if held.fingerprint == now:
        return None
    if converted := chain(aggregate.name, held.fingerprint, now, converters):
        return Step(aggregate, True, held.fingerprint, converted)
    if now in held.former or not changes(shape, held.shape):
        raise older(service, aggregate.name, held.fingerprint)
    if not_appended := changes(held.shape, shape):
        raise _differs(service, aggregate.name, held.fingerprint, now, not_appended)
    return Step(aggregate, begins=True)


def _unfinished(service: str, aggregate: AnyAggregate, held: Held, now: str, converters: Sequence[Converter]) -> Step:
    converted = chain(aggregate.name, held.converting_from or "", held.fingerprint, converters)
    if held.fingerprint != now or not converted:
        raise DoesNotFit(
            f"the documents of kind {aggregate.name} of {service} are half converted, from {held.converting_from} to "
            f"{held.fingerprint}: migrate with the version that began it to the end, or restore the backup from before"
        )
    return Step(aggregate, False, held.converting_from, converted)


def chain(aggregate: str, before: str, after: str, converters: Sequence[Converter]) -> tuple[Converter, ...]:
    """The converters that lead from one fingerprint to the other, in order; none where no way leads there."""
    known = {one.before: one for one in converters if one.aggregate == aggregate}
    found: list[Converter] = []
    while before != after and before in known:
        found.append(known.pop(before))
        before = found[-1].after
    return tuple(found) if before == after else ()


def _differs(service: str, aggregate: str, stored: str, now: str, not_appended: Sequence[str]) -> DoesNotFit:
    return DoesNotFit(
        f"the documents of kind {aggregate} of {service} are stored as {stored}, and this code would misread them: "
        f"{'; '.join(not_appended)}. Only append fields that have a default; or add a converter from {stored} to {now} "
        f"to services/{service}/converters.py (docs/operations/upgrading.md)"
    )


async def begin(connection: Connection, found: Sequence[Step]) -> None:
    """From here on only this code may judge: the new shapes are written down, before any document is touched."""
    async with connection.transaction():
        for step in found:
            if step.begins:
                shape = shape_of(step.aggregate)
                written = msgspec.json.encode(shape).decode()
                arguments = step.aggregate.name, fingerprint(shape), written, step.converting_from
                await connection.execute(statement("add_shape"), *arguments)


async def convert(connection: Connection, found: Sequence[Step]) -> None:
    """Converts what has to be, a batch a transaction, from where it was left. Raises ConversionFailed."""
    for step in found:
        if step.chain:
            to = (await held_shapes(connection))[step.aggregate.name].converted_to
            while last := await _convert_batch(connection, step, to):
                to = last


async def _convert_batch(connection: Connection, step: Step, after: str) -> str | None:
    """The key of the last document of the batch; None when all had been converted, which is then written down."""
    aggregate = step.aggregate
    async with connection.transaction():
        rows = await connection.fetch(statement("next_documents"), aggregate.name, after, BATCH)
        if not rows:
            await connection.execute(statement("all_converted"), aggregate.name)
            if aggregate.table is not None:
                await connection.execute(statement("begin_redraw"), aggregate.name)
            return None
        converted = list(_converted(step, rows))
        keys = [row["key"] for row in rows]
        documents, dues = ([one[place] for one in converted] for place in (0, 1))
        await connection.execute(statement("save_documents"), aggregate.name, keys, documents, dues)
        await connection.execute(statement("converted_to"), aggregate.name, keys[-1])
        return str(keys[-1])


def _converted(step: Step, rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
    decode = msgspec.json.Decoder(document_type(step.aggregate)).decode
    for row in rows:
        try:
            document = reduce(lambda made, one: one.convert(made), step.chain, msgspec.json.decode(row["document"]))
            written = msgspec.json.encode(document)
            _, conclusions = decode(written)
        except Exception as error:
            raise ConversionFailed(
                f"{' then '.join(one.name for one in step.chain)}: a document of kind {step.aggregate.name} was not "
                f"converted ({type(error).__name__}). It is one of the {BATCH} after the key in "
                "document_shape.converted_to; mend the converter and migrate again, it goes on from there"
            ) from None
        yield written.decode(), conclusions.due


def document_type(aggregate: AnyAggregate) -> Any:
    """The type of a stored document: its facts, and its conclusions."""
    return GenericAlias(tuple, tuple(getattr(aggregate, part) for part in DOCUMENT))
