"""up and down: a stack is started and ended."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from afterward.cli.console import DataDir, out, verb
from afterward.cli.hiding import begin_again_without
from afterward.context.kept import DEFAULT_DATA_DIR
from afterward.stack.lock import holder, starting
from afterward.stack.plan import ClockStart, Plan, processes_of
from afterward.stack.process import Daemon, end
from afterward.stack.running import NotRunning, Running, stack_file
from afterward.stack.supervisor import Supervisor, end_processes
from services.contact.subscriptions import load

START_SECONDS = 300
POSTGRES = "AFTERWARD_POSTGRES"
"""The environment's place for an administrator's DSN: a command line is read by everybody on the machine."""


@verb
async def up(  # noqa: PLR0913 - a stack has that many sides
    *,
    fresh: Annotated[bool, typer.Option("--fresh", help="forget everything in the data directory first")] = False,
    clock: Annotated[str | None, typer.Option(help="INSTANT@SPEED or INSTANT@step; without it the real clock")] = None,
    bus: Annotated[str, typer.Option(help="embedded, apache-kafka or HOST:PORT")] = "embedded",
    postgres: Annotated[
        str | None,
        typer.Option(envvar=POSTGRES, help="an administrator's DSN; without it an embedded server"),
    ] = None,
    subscriptions: Annotated[
        Path | None, typer.Option(help="a file of who is notified of which events; with it contact runs too")
    ] = None,
    processes: Annotated[
        list[str] | None, typer.Option(help="SERVICE=N: so many processes of a service, else one; may be repeated")
    ] = None,
    detach: Annotated[bool, typer.Option("--detach", help="return when ready, and leave it running")] = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Starts PostgreSQL, a bus and every service as a process of its own, or several, and keeps them running."""
    data_dir = data_dir.absolute()
    listed = subscriptions.absolute() if subscriptions else None
    load(listed)
    if not detach:
        begin_again_without(postgres, POSTGRES)
    start, several = ClockStart.parse(clock) if clock else None, processes_of(processes or ())
    plan = Plan(data_dir, bus, postgres, start, fresh, listed, several)
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
    options += [part for service, number in plan.processes.items() for part in ("--processes", f"{service}={number}")]
    daemon = supervisor_daemon(plan.data_dir)
    environment = {**os.environ, **({POSTGRES: plan.postgres} if plan.postgres else {})}
    daemon.spawn([sys.executable, "-m", "afterward.cli", "up", *options], port=0, env=environment)

    async def ready() -> bool:
        try:
            return Running.load(plan.data_dir).supervisor == daemon.pid
        except NotRunning:
            return False

    await daemon.until(ready, limit_seconds=START_SECONDS)


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
    await end(supervisor)
    await end_processes(data_dir)
    if was_ready:
        return f"down: {data_dir}"
    return f"down: {data_dir}; a start was under way there (process {supervisor}), and was ended before it was ready"
