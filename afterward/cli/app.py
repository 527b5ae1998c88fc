"""Every verb of the command line, registered from the module that it belongs to."""

import logging
from importlib import import_module
from importlib.metadata import version
from typing import Annotated

import typer

from afterward.cli import (
    applying,
    audit,
    checking,
    clock,
    contexts,
    database,
    discarding,
    keeping,
    messages,
    online,
    operations,
    questions,
    retaining,
    stack,
    status,
    top,
    worklist,
)
from afterward.cli.console import out
from afterward.demo import has_story

app = typer.Typer(name="afterward", no_args_is_help=True, pretty_exceptions_enable=False)


def _show_version(asked: bool) -> None:
    if asked:
        out.print(f"afterward {version('afterward')}")
        raise typer.Exit


@app.callback()
def afterward(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="say which version this is")
    ] = False,
) -> None:
    """Follows a patient with an imported infection from the airport to the fourteenth day after the ward."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what a verb cannot do, it says itself, and once


app.command("up")(stack.up)
app.command("status")(status.status)
app.command("top")(top.top)
app.command("wait")(status.wait)
app.command("down")(stack.down)
app.add_typer(contexts.context, name="context")
app.add_typer(clock.clock, name="clock")
app.command("publish")(messages.publish)
app.command("validate")(checking.validate)
app.command("rejections")(checking.rejections)
app.command("tail")(messages.tail)
app.command("case")(questions.case)
app.command("audit")(audit.audit)
app.command("worklist")(worklist.worklist)
app.command("bulletin")(questions.bulletin)
app.command("channel")(online.channel)
app.command("route")(online.route)
operations.parked.command("discard")(discarding.parked_discard)
app.add_typer(operations.parked, name="parked")
app.add_typer(applying.databases, name="databases")
app.command("migrate")(database.migrate)
app.command("retain")(retaining.retain)
app.add_typer(applying.access, name="access")
app.add_typer(applying.topics, name="topics")
app.command("republish")(operations.republish)
app.command("forget")(keeping.forget)
app.command("hold")(keeping.hold)
app.command("release")(keeping.release)
app.command("holds")(keeping.holds)
if has_story():
    app.command("demo")(import_module("afterward.cli.demo").demo)
