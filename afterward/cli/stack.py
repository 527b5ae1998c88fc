"""up, status, down, clock: a stack is started, looked at, moved through time, and ended."""

import asyncio
import json
import os
import re
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import psutil
import typer
from rich.table import Table

from afterward.cli.console import (
    DEFAULT_DATA_DIR,
    DataDir,
    Failure,
    Json,
    instant_of,
    out,
    plain_table,
    print_json,
    verb,
)
from afterward.stack.idle import advance, wait_until_idle
from afterward.stack.lock import holder, starting
from afterward.stack.plan import ClockStart, Plan
from afterward.stack.process import Daemon
from afterward.stack.running import NotRunning, Running, stack_file, stack_timeline
from afterward.stack.supervisor import Supervisor, end_processes
from services.contact.subscriptions import load

START_SECONDS = 300
POSTGRES = "AFTERWARD_POSTGRES"
"""The environment's place for an administrator's DSN: a command line is read by everybody on the machine."""

clock = typer.Typer(help="The clock of a stack that was started with --clock INSTANT@step.", no_args_is_help=True)


@verb
async def up(
    fresh: Annotated[bool, typer.Option("--fresh", help="forget everything in the data directory first")] = False,
    clock: Annotated[str | None, typer.Option(help="INSTANT@SPEED or INSTANT@step; without it the real clock")] = None,
    bus: Annotated[str, typer.Option(help="embedded, apache-kafka or HOST:PORT")] = "embedded",
    postgres: Annotated[
        str | None,
        typer.Option(envvar=POSTGRES, help="an administrator's DSN; without it an embedded server"),
    ] = None,
    subscriptions: Annotated[
        Path | None, typer.Option(help="a file of who is told of which events; with it contact runs too")
    ] = None,
    detach: Annotated[bool, typer.Option("--detach", help="return when ready, and leave it running")] = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Starts PostgreSQL, a bus and every service as a process of its own, and keeps them running."""
    data_dir = data_dir.absolute()
    told = subscriptions.absolute() if subscriptions else None
    load(told)
    if not detach:
        hide(postgres)
    plan = Plan(data_dir, bus, postgres, ClockStart.parse(clock) if clock else None, fresh, told)
    if detach:
        await start_detached(plan)
        out.print(f"ready; `afterward down --data-dir {data_dir}` ends it")
    else:
        await Supervisor(plan, out.print).run()


async def start_detached(plan: Plan) -> None:
    """A supervisor in the background; returns when the stack is ready. Raises StartFailed, AlreadyRunning."""
    with starting(plan.data_dir):
        await _start_in_background(plan)


async def _start_in_background(plan: Plan) -> None:
    options = ["--data-dir", str(plan.data_dir), "--bus", plan.bus]
    options += ["--clock", plan.clock.asked] if plan.clock else []
    options += ["--fresh"] if plan.fresh else []
    options += ["--subscriptions", str(plan.subscriptions)] if plan.subscriptions else []
    daemon = supervisor_daemon(plan.data_dir)
    told = {**os.environ, **({POSTGRES: plan.postgres} if plan.postgres else {})}
    daemon.spawn([sys.executable, "-m", "afterward.cli", "up", *options], port=0, env=told)

    async def ready() -> bool:
        try:
            return Running.load(plan.data_dir).supervisor == daemon.pid
        except NotRunning:
            return False

    await daemon.until(ready, limit_seconds=START_SECONDS)


def hide(postgres: str | None) -> None:
    """Begins this command anew with the DSN in the environment where its command line shows it for as long as it runs:
    whoever lists the processes of the machine would read the password.
    """
    shown = {"--postgres", postgres, f"--postgres={postgres}"}
    if postgres is None or not shown.intersection(sys.argv[1:]):
        return
    rest = [word for word in sys.argv[1:] if word not in shown]
    environment = {**os.environ, POSTGRES: postgres}
    os.execve(sys.executable, [sys.executable, "-m", "afterward.cli", *rest], environment)  # noqa: S606 - ourselves


def supervisor_daemon(data_dir: Path) -> Daemon:
    """The supervisor's process; its log lies beside the data directory, which `--fresh` empties."""
    return Daemon(f"{data_dir.name.lstrip('.')}-up", data_dir.parent)


@verb
async def down(data_dir: DataDir = DEFAULT_DATA_DIR) -> None:
    """Ends a running stack in order; what it has stored stays."""
    out.print(await take_down(data_dir.absolute()), markup=False)


async def take_down(data_dir: Path) -> str:
    """Ends the supervisor and, where it has been killed, what it has left behind; what was done, in words."""
    supervisor = holder(data_dir)
    if supervisor is None:
        left = await end_processes(data_dir)
        if not left:
            return f"no stack runs in {data_dir}"
        return f"no stack ran in {data_dir}; what a killed one had left was ended: {', '.join(left)}"
    was_ready = stack_file(data_dir).exists()
    await _end(supervisor)
    await end_processes(data_dir)
    if was_ready:
        return f"down: {data_dir}"
    return f"down: {data_dir}; a start was under way there (process {supervisor}), and was ended before it was ready"


async def _end(pid: int) -> None:
    try:
        process = psutil.Process(pid)
        process.terminate()
        await asyncio.to_thread(process.wait, 60)
    except psutil.NoSuchProcess:
        return
    except psutil.TimeoutExpired:
        process.kill()


@verb
async def status(
    wait: Annotated[bool, typer.Option("--wait", help="return once nothing is left to do")] = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    json_: Json = False,
) -> None:
    """What runs, and what each service has yet to do."""
    data_dir = data_dir.absolute()
    running = Running.load(data_dir)
    if wait:
        await wait_until_idle(data_dir)
    services = {
        name: {"pid": process.pid, **await asyncio.to_thread(_health, process.health)}
        for name, process in running.processes.items()
    }
    now = stack_timeline(data_dir).now().isoformat()
    if json_:
        print_json({"bus": running.bus, "clock": running.clock, "now": now, "services": services})
    else:
        out.print(f"{running.bus} at {running.bootstrap_servers}")
        out.print(f"it is {now}\n")
        out.print(_status_table(services))
        if told := [*unwatched(data_dir), *complaints(services)]:
            out.print("\n" + "\n".join(told), style="red", markup=False)
    if not all(service["healthy"] for service in services.values()):
        raise typer.Exit(1)


def unwatched(data_dir: Path) -> list[str]:
    """Said of a stack whose supervisor was killed: it goes on, until something of it dies."""
    if holder(data_dir) is not None:
        return []
    return ["nobody watches this stack: what dies is not started again. `afterward down`, then `afterward up`"]


def complaints(services: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What is wrong, in words: of each service that is not well, then of what they all warn of."""
    wrong = [f"{name}: {each}" for name, service in services.items() for each in _wrong_with(service)]
    return [*wrong, *sorted({each for service in services.values() for each in service.get("warnings", ())})]


_WORDS = {"error": "does not answer ({})", "database": "its database does not answer ({})", "bus": "{}", "group": "{}"}
"""What `/health` calls a trouble, or we do when there was no answer → what it is called here."""


def _wrong_with(service: Mapping[str, Any]) -> list[str]:
    found = [words.format(service[what]) for what, words in _WORDS.items() if what in service]
    return found or ([] if service["healthy"] else ["has no partitions"])


def _health(url: str) -> dict[str, Any]:
    try:
        with urllib.request.urlopen(url, timeout=10) as response:
            body: dict[str, Any] = json.load(response)
    except urllib.error.HTTPError as error:
        body = json.loads(error.read() or b"{}")
    except OSError as error:
        return {"healthy": False, "error": type(error).__name__}
    return {"healthy": False, **body}


def _status_table(services: dict[str, dict[str, Any]]) -> Table:
    columns = ("pid", "records_behind", "outbox", "overdue", "parked", "stuck")
    table = plain_table("service", "health", "partitions", *(name.removeprefix("records_") for name in columns))
    for name, service in services.items():
        health, partitions = "good" if service["healthy"] else "[red]bad[/red]", service.get("partitions", ())
        figures = (str(service.get(column, "")) for column in columns)
        table.add_row(name, health, str(len(partitions)), *figures)
    return table


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
    shows = stack_timeline(data_dir).now().isoformat()
    print_json({"now": shows}) if json_ else out.print(f"it is {shows}")


@clock.command("show")
@verb
async def clock_show(data_dir: DataDir = DEFAULT_DATA_DIR, json_: Json = False) -> None:
    """What time it is in the stack."""
    data_dir = data_dir.absolute()
    Running.load(data_dir)
    shows = stack_timeline(data_dir).now().isoformat()
    print_json({"now": shows}) if json_ else out.print(f"it is {shows}")


_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def _duration(text: str | None) -> timedelta:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", text or "")
    if match is None:
        raise Failure("say how far: a number and s, m, h or d, such as 12h, or --to INSTANT")
    return timedelta(**{_UNITS[match[2]]: float(match[1])})
