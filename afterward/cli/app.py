"""Every verb of the command line, registered from the module that it belongs to."""

from importlib import import_module

import typer

from afterward.cli import discarding, messages, operations, questions, stack, worklist
from afterward.demo import has_story

app = typer.Typer(
    name="afterward",
    help="Follows a patient with an imported infection from the airport to the fourteenth day after the ward.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command("up")(stack.up)
app.command("status")(stack.status)
app.command("down")(stack.down)
app.add_typer(stack.clock, name="clock")
app.command("publish")(messages.publish)
app.command("tail")(messages.tail)
app.command("case")(questions.case)
app.command("worklist")(worklist.worklist)
app.command("bulletin")(questions.bulletin)
operations.parked.command("discard")(discarding.parked_discard)
app.add_typer(operations.parked, name="parked")
app.command("republish")(operations.republish)
if has_story():
    app.command("demo")(import_module("afterward.cli.demo").demo)
