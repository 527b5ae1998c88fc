"""clock: the time of a stack is looked at, and moved on."""

import re
from datetime import datetime, timedelta
from typing import Annotated

import typer

from afterward.cli.console import Context, Failure, Json, StackDir, instant_of, out, print_json, utc, verb
from afterward.context.choosing import chosen
from afterward.context.idle import advance

clock = typer.Typer(help="The clock of a stack that was started with --clock INSTANT@step.", no_args_is_help=True)


@clock.command("advance")
@verb
async def clock_advance(
    by: Annotated[str | None, typer.Argument(help="how far: 90s, 30m, 12h, 14d")] = None,
    to: Annotated[str | None, typer.Option("--to", help="an instant with its offset, instead of a duration")] = None,
    context: Context = None,
    data_dir: StackDir = None,
    json_: Json = False,
) -> None:
    """Moves the clock on, and returns once all that follows from it has been done."""
    target = chosen(context, data_dir)
    if by and to:
        raise Failure("say how far or --to INSTANT, not both")
    instant = instant_of("--to", to) if to else target.timeline.now() + _duration(by)
    try:
        await advance(target, instant)
    except ValueError as error:
        raise Failure(str(error)) from None
    _show(target.timeline.now(), json_)


@clock.command("show")
@verb
async def clock_show(context: Context = None, data_dir: StackDir = None, json_: Json = False) -> None:
    """What time it is where the services run."""
    _show(chosen(context, data_dir).timeline.now(), json_)


def _show(now: datetime, as_json: bool) -> None:
    print_json({"now": now}) if as_json else out.print(f"it is {utc(now)}")


_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def _duration(text: str | None) -> timedelta:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", text or "")
    if match is None:
        raise Failure("say how far: a number and s, m, h or d, such as 12h, or --to INSTANT")
    return timedelta(**{_UNITS[match[2]]: float(match[1])})
