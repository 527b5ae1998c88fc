"""clock: the time of a stack is looked at, and moved on."""

import re
from datetime import datetime, timedelta
from typing import Annotated

import typer

from afterward.cli.console import DEFAULT_DATA_DIR, DataDir, Failure, Json, instant_of, out, print_json, utc, verb
from afterward.stack.idle import advance
from afterward.stack.running import Running, stack_timeline

clock = typer.Typer(help="The clock of a stack that was started with --clock INSTANT@step.", no_args_is_help=True)


@clock.command("advance")
@verb
async def clock_advance(
    by: Annotated[str | None, typer.Argument(help="how far: 90s, 30m, 12h, 14d")] = None,
    to: Annotated[str | None, typer.Option("--to", help="an instant with its offset, instead of a duration")] = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    json_: Json = False,
) -> None:
    """Moves the clock on, and returns once all that follows from it has been done."""
    data_dir = data_dir.absolute()
    Running.load(data_dir)
    if by and to:
        raise Failure("say how far or --to INSTANT, not both")
    target = instant_of("--to", to) if to else stack_timeline(data_dir).now() + _duration(by)
    try:
        await advance(data_dir, target)
    except ValueError as error:
        raise Failure(str(error)) from None
    _show(stack_timeline(data_dir).now(), json_)


@clock.command("show")
@verb
async def clock_show(data_dir: DataDir = DEFAULT_DATA_DIR, json_: Json = False) -> None:
    """What time it is in the stack."""
    data_dir = data_dir.absolute()
    Running.load(data_dir)
    _show(stack_timeline(data_dir).now(), json_)


def _show(now: datetime, as_json: bool) -> None:
    print_json({"now": now}) if as_json else out.print(f"it is {utc(now)}")


_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def _duration(text: str | None) -> timedelta:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", text or "")
    if match is None:
        raise Failure("say how far: a number and s, m, h or d, such as 12h, or --to INSTANT")
    return timedelta(**{_UNITS[match[2]]: float(match[1])})
