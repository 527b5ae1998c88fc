"""What every part of the benchmarks stands on: options, a folder, servers, and tables for people."""

import statistics
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from afterward.stack.kafka import Kafka
from afterward.stack.postgres import Postgres
from bench.servers import Servers


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for. `records`: size of a load; `full`: also the sizes that take hours."""

    repeat: int = 3
    records: int = 100_000
    full: bool = False

    def command(self, part: str) -> str:
        """What one types to measure this part again."""
        full = " FULL=1" if self.full else ""
        return f"make bench ONLY={part} REPEAT={self.repeat} RECORDS={self.records}{full}"


@dataclass(frozen=True, slots=True)
class Bench:
    """One run of one part. `folder` is the part's own and is removed after it."""

    options: Options
    folder: Path
    console: Console

    @asynccontextmanager
    async def servers(self) -> AsyncIterator[Servers]:
        """An Apache Kafka with its compilers on and a durable PostgreSQL, both empty; ended whatever happens."""
        kafka, postgres = Kafka(self.folder, optimising=True), Postgres(self.folder, durable=True)
        try:
            await kafka.start()
            await postgres.start()
            yield Servers(kafka, postgres, self.folder)
        finally:
            await kafka.stop()
            await postgres.stop()
            postgres.remove()

    def say(self, line: str) -> None:
        """One line on what is going on."""
        self.console.print(line, highlight=False)

    def show(self, title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Prints a table; the first column is text, the others are set to the right."""
        table = Table(title=title, title_justify="left")
        for place, column in enumerate(columns):
            table.add_column(column, justify="right" if place else "left")
        for row in rows:
            table.add_row(*(_shown(value) for value in row))
        self.console.print(table)


def median(values: Iterable[float]) -> float:
    """The median, to three significant places or to the whole number where that says more."""
    middle = statistics.median(values)
    return round(middle) if middle >= 100 else float(f"{middle:.3g}")


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else str(value)
