"""`python -m bench`: runs the parts that are asked for, prints a table each, and writes `bench/results/latest.json`."""

import asyncio
import pkgutil
import signal
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

import bench.parts
from bench import results
from bench.calibration import calibration
from bench.frame import Bench, Options, median
from bench.targets import TARGETS

WIDTH = 160
"""Of tables that are written to a file."""

PARTS = tuple(sorted(module.name for module in pkgutil.iter_modules(bench.parts.__path__)))


def main(
    only: Annotated[str, typer.Option(help=f"Parts, with commas between: {', '.join(PARTS)}.")] = "",
    repeat: Annotated[int, typer.Option(min=1, help="Repetitions; medians are reported.")] = 3,
    records: Annotated[int, typer.Option(min=1_000, help="Size of a load, in records.")] = 100_000,
    full: Annotated[bool, typer.Option(help="The sizes that take hours.")] = False,
) -> None:
    """Runs the benchmarks. A part that was not asked for keeps its section in the file."""
    names = [name for name in only.split(",") if name] or list(PARTS)
    if unknown := [name for name in names if name not in PARTS]:
        raise typer.BadParameter(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    asyncio.run(_run(names, Options(repeat, records, full)))


async def _run(names: list[str], options: Options) -> None:
    this: Any = asyncio.current_task()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, this.cancel)  # no server is left behind
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    for name in names:
        part: Any = import_module(f"bench.parts.{name}")
        console.rule(part.TITLE)
        before = calibration()
        with tempfile.TemporaryDirectory(prefix=f"afterward-bench-{name}-") as folder:
            sections = await part.run(Bench(options, Path(folder), console))
        results.save(name, sections, options.command(name), median((before, calibration())))
        console.print(f"written to {results.FILE.name}: {', '.join(sections)}")
    _show_targets(names, console)


def _show_targets(parts: list[str], console: Console) -> None:
    """What was aimed at in these parts, and whether it is reached."""
    newest = results.newest()
    for target in TARGETS:
        if target.part in parts:
            asked = f"{target.sense} {target.asked:g} {target.unit}".rstrip()
            found = f"{target.value(newest)}, asked for {asked}: {target.verdict(newest)}"
            console.print(f"{target.what}: {found}", highlight=False)


if __name__ == "__main__":
    typer.run(main)
