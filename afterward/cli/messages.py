"""publish and tail: reports go in, and what is on the bus is looked at."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from rich.progress import Progress
from rich.text import Text

from afterward.cli.console import Context, Failure, Json, StackDir, err, out, print_json, verb
from afterward.cli.event_text import event_line, tail_row
from afterward.cli.reaching import reaching
from afterward.cluster.reading import unreadable
from afterward.context.choosing import chosen
from afterward.reports import Refusal, Report, check
from afterward.stack.clients import started
from afterward.stack.topics import end_offsets
from chassis.bus_access import BusAccess
from schemas.envelope import BYTE_ORDER_MARK, HEADERS, Unreadable, read
from schemas.topic import PARTITIONS
from schemas.topics import TOPICS

IN_FLIGHT = 5_000
STANDARD_INPUT = "-"


@verb
async def publish(
    files: Annotated[list[str], typer.Argument(help="JSON Lines, an envelope a line; - is standard input")],
    context: Context = None,
    data_dir: StackDir = None,
    json_: Json = False,
) -> None:
    """Sends reports to the topic each belongs to; a line that isn't valid is named, and the rest goes on."""
    refuse_missing(files)
    bus = chosen(context, data_dir).bus
    sent = refused = 0
    async with reaching(bus), started(AIOKafkaProducer(**bus.options(), acks="all", linger_ms=5)) as producer:
        waiting: list[Any] = []
        for place, line in nonempty_lines(files):
            checked = check(line)
            if isinstance(checked, Refusal):
                refused += 1
                say_refused(place, checked, json_)
                continue
            waiting.append(await send(producer, checked))
            sent += 1
            if len(waiting) >= IN_FLIGHT:
                await asyncio.gather(*waiting)
                waiting.clear()
        await asyncio.gather(*waiting)
    print_json({"published": sent, "refused": refused}) if json_ else out.print(f"{sent} published, {refused} refused")
    if refused:
        raise typer.Exit(1)


def refuse_missing(files: list[str]) -> None:
    if missing := [name for name in files if name != STANDARD_INPUT and not Path(name).is_file()]:
        raise Failure(f"{', '.join(missing)}: not a file; nothing was done")


async def send(producer: AIOKafkaProducer, report: Report) -> Any:
    """Hands a report to the producer; the future that comes back is done once the bus has it."""
    return await producer.send(report.topic, report.value, report.key, headers=list(HEADERS))


def nonempty_lines(files: list[str]) -> Iterator[tuple[str, bytes]]:
    """(file:line, bytes) of every line that is not empty, with a bar where somebody watches."""
    for name in files:
        if name == STANDARD_INPUT:
            yield from (
                (f"<stdin>:{number}", text) for number, line in enumerate(sys.stdin.buffer, 1) if (text := _text(line))
            )
            continue
        path = Path(name)
        with path.open("rb") as lines, Progress(console=err, disable=not err.is_terminal, transient=True) as bar:
            task = bar.add_task(path.name, total=path.stat().st_size)
            for number, line in enumerate(lines, 1):
                bar.advance(task, len(line))
                if text := _text(line):
                    yield f"{name}:{number}", text


def _text(line: bytes) -> bytes:
    """What a line says: some programs begin a file with a mark, and files are put together."""
    return line.strip().removeprefix(BYTE_ORDER_MARK).strip()


def say_refused(place: str, refusal: Refusal, as_json: bool) -> None:
    if as_json:
        file, _, number = place.rpartition(":")
        refused = {
            "file": file,
            "line": int(number),
            "code": refusal.code,
            "at": refusal.at,
            "reason": refusal.reason,
        }
        typer.echo(json.dumps({"refused": refused}), err=True)
    else:
        err.print(f"{place}: {refusal.at or 'envelope'}: {refusal.reason} [{refusal.code}]", markup=False)


@verb
async def tail(
    topics: Annotated[list[str] | None, typer.Argument(help="topics; without any: all")] = None,
    case: Annotated[str | None, typer.Option("--case", help="only what is about this case")] = None,
    from_start: Annotated[bool, typer.Option("--from-start", help="begin with the oldest record")] = False,
    follow: Annotated[bool, typer.Option(help="go on with what is to come, or end with what is there")] = True,
    context: Context = None,
    data_dir: StackDir = None,
    json_: Json = False,
) -> None:
    """Shows the records of topics as they come, a line each; with --json each whole."""
    bus, partitions = chosen(context, data_dir).bus, partitions_of(topics)
    if not (follow or from_start):
        return  # nothing of what was there is asked for, and nothing to come is waited for
    async with reaching(bus, {partition.topic for partition in partitions}):
        unread = await unreadable(bus, {partition.topic for partition in partitions})
        if unread and topics:
            raise Failure(f"this user may not read {', '.join(unread)}: its access list does not name it")
        if unread:
            err.print(f"not shown, since this user may not read it: {', '.join(unread)}", markup=False)
            partitions = [partition for partition in partitions if partition.topic not in unread]
        if not json_:
            _show_line(tail_row("sequence", "type", "case", "summary"))
        async for record in records(bus, partitions, from_start=from_start, follow=follow):
            _show(record, case, json_)


def partitions_of(topics: list[str] | None) -> list[TopicPartition]:
    """The partitions of these topics, or of all. Raises Failure."""
    known = [topic.name for topic in TOPICS]
    if unknown := sorted(set(topics or ()) - set(known)):
        raise Failure(f"no topic {', '.join(unknown)}; there are {', '.join(known)}")
    return [TopicPartition(name, number) for name in topics or known for number in range(PARTITIONS)]


async def records(
    bus: BusAccess, partitions: list[TopicPartition], *, from_start: bool, follow: bool
) -> AsyncIterator[Any]:
    """What is on the bus and what comes, as it was asked for."""
    from chassis.consume.unpacking import pass_over_unreadable  # noqa: PLC0415 - much to load for verbs that read none

    ends = await end_offsets(bus, partitions)
    consumer = AIOKafkaConsumer(**bus.options(), enable_auto_commit=False, isolation_level="read_committed")
    async with started(consumer):
        pass_over_unreadable(consumer)
        consumer.assign(partitions)
        for partition, end in ends.items():
            consumer.seek(partition, end)
        if from_start:
            await consumer.seek_to_beginning(*partitions)
        while follow or await _is_before(consumer, ends):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                for record in records:
                    yield record


async def _is_before(consumer: AIOKafkaConsumer, ends: Mapping[TopicPartition, int]) -> bool:
    """Whether something of what was there is yet to come; by position: compaction leaves offsets without records."""
    return any([await consumer.position(partition) < end for partition, end in ends.items()])


def _show(record: Any, case: str | None, as_json: bool) -> None:
    position = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
    try:
        envelope = read(record.value, record.headers)
    except Unreadable as unreadable:
        if case is None:
            _show_unreadable({**position, "unreadable": unreadable.reason}, as_json)
        return
    if case not in (None, envelope.subject):
        return
    if as_json:
        attributes = {name: value for name, value in envelope._asdict().items() if value is not None}
        instants = {name: attributes[name].isoformat() for name in ("time", "recordedtime")}
        print_json({**position, **attributes, **instants})
        return
    _show_line(event_line(envelope.sequence, envelope.type, envelope.subject, envelope.data))


def _show_line(line: str) -> None:
    """On a terminal cut to its width, since a line is an event; elsewhere whole."""
    out.print(
        Text(line), no_wrap=True, overflow="ellipsis" if out.is_terminal else "ignore", soft_wrap=not out.is_terminal
    )


def _show_unreadable(record: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(record)
    else:
        where = f"{record['topic']}[{record['partition']}]@{record['offset']}"
        _show_line(tail_row("", "(unreadable)", "", f"{record['unreadable']} at {where}"))
