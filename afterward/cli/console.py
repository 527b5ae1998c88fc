"""What all verbs share: where output goes, how a failure is said, and the options that every verb takes."""

import asyncio
import json
import os
from collections.abc import Callable, Collection, Coroutine
from datetime import UTC, date, datetime
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, ParamSpec

import typer
from aiokafka.errors import KafkaError
from confluent_kafka import KafkaException
from pydantic_core import PydanticCustomError
from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from afterward.context.asking import Refused, Unanswered
from afterward.context.cluster import BadCluster
from afterward.context.idle import NotIdle, NoVirtualClock
from afterward.context.kept import BadContext
from afterward.context.target import NotThere
from afterward.stack.failures import DATABASE_FAILURES
from afterward.stack.lock import AlreadyRunning
from afterward.stack.plan import BadOption
from afterward.stack.process import PRIVATE, StartFailed
from afterward.stack.running import NotRunning
from afterward.stack.topics import TopicsDiffer
from chassis.secret_files import AccessUnusable
from schemas.instants import parse_instant
from services.contact.subscriptions import BadSubscriptions

out = Console(soft_wrap=True, highlight=False)
err = Console(stderr=True, soft_wrap=True, highlight=False)

DataDir = Annotated[Path, typer.Option("--data-dir", help="where the stack keeps its data", show_default=True)]
"""Of a verb about a stack of this machine."""
Context = Annotated[str | None, typer.Option("--context", help="whom to ask, as `afterward context list` names them")]
StackDir = Annotated[Path | None, typer.Option("--data-dir", help="ask the stack there, on this machine")]
"""Of a verb that asks whichever target was chosen."""
Json = Annotated[bool, typer.Option("--json", help="for programs: one object, or one a line")]

EXPECTED = (
    NotRunning,
    NotThere,
    BadContext,
    BadCluster,
    Unanswered,
    Refused,
    AccessUnusable,
    AlreadyRunning,
    BadOption,
    BadSubscriptions,
    StartFailed,
    NotIdle,
    NoVirtualClock,
    TopicsDiffer,
    KafkaError,
    KafkaException,
    *DATABASE_FAILURES,
)
"""What may go wrong without being a defect: its message is for the operator, a traceback would not be."""

P = ParamSpec("P")


class Failure(Exception):
    """A verb cannot do what it was asked for; the message says what is wrong and what to do."""


def verb(function: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """A coroutine as a command; an expected failure is one line on standard error and exit code 1."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        os.umask(PRIVATE)
        try:
            asyncio.run(function(*args, **kwargs))
        except (Failure, OSError, *EXPECTED) as failure:
            err.print(Text.assemble(("afterward:", "red"), f" {emitted_of(failure)}"))
            raise typer.Exit(1) from None
        except KeyboardInterrupt:
            raise typer.Exit(130) from None

    return run


def emitted_of(failure: BaseException) -> str:
    """What an operator is told of a failure; a time that was up has no words of its own."""
    if isinstance(failure, TimeoutError) and not str(failure):
        return "PostgreSQL or the bus did not answer in time: see whether both run, and --postgres and --bus name them"
    return str(failure) or type(failure).__name__


def instant_of(option: str, text: str) -> datetime:
    """The instant that an option names. Raises Failure."""
    try:
        return parse_instant(text)
    except PydanticCustomError:
        raise Failure(f"{option} takes an instant with its offset, such as 2020-10-17T08:00:00+08:00") from None


def plain_table(*columns: str, figures: Collection[str] = ()) -> Table:
    """The one style of table: as wide as what it says, a rule under its head, the columns of `figures` to the right."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in figures else "left")
    return table


def heading(text: str) -> Text:
    """The line above a section, after an empty one."""
    return Text(f"\n{text}", style="bold")


def show(part: RenderableType, console: Console = out) -> None:
    """A part of a view within the width of the terminal: a line that is longer goes on in the next one."""
    console.print(part, soft_wrap=isinstance(part, Table))


def utc(instant: datetime) -> str:
    """An instant to the second, by the one clock that is the same everywhere."""
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def counted(number: int, what: str) -> str:
    """`2 facts`, `1 fact`; nothing for none."""
    return f"{number} {what}{'' if number == 1 else 's'}" if number else ""


def words(name: str) -> str:
    """A name of the language, as people say it."""
    return name.replace("_", " ")


def printable(text: str) -> str:
    """Whatever a stranger has sent, a terminal must not obey it."""
    return "".join(letter if letter.isprintable() or letter == "\n" else f"\\x{ord(letter):02x}" for letter in text)


def print_json(value: Any) -> None:
    """One JSON object on a line of its own, as it is: no colours, no wrapping."""
    typer.echo(json.dumps(value, ensure_ascii=False, default=_emitted))


def _emitted(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime | date) else str(value)
