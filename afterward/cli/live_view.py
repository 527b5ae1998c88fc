"""The demo while it runs: a table that is drawn again on a terminal, a line now and then anywhere else."""

import time
from datetime import date

from rich.live import Live
from rich.table import Table

from afterward.cli.console import out, plain_table
from afterward.demo.listener import Listener

EVERY_DAYS = 28
"""Without a terminal, one line in so many days, where a story takes months."""


class LiveView:
    """The demo while it runs: drawn again on a terminal, a plain line now and then anywhere else."""

    def __init__(self, every_days: int = EVERY_DAYS) -> None:
        self._every_days = every_days
        self._live = Live(console=out, refresh_per_second=4) if out.is_terminal else None
        self._began = time.monotonic()
        self._days = 0

    def __enter__(self) -> "LiveView":
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def after_day(self, day: date, reports: int, listener: Listener) -> None:
        """One more day of the story has been judged."""
        self._days += 1
        if self._live:
            self._live.update(self._table(day, reports, listener))
        elif self._days % self._every_days == 0:
            events = sum(listener.counts.values())
            out.print(f"{day}  {reports:>6} reports  {events:>7} events  {self._seconds():>4.0f} s")

    def _table(self, day: date, reports: int, listener: Listener) -> Table:
        table = plain_table("topic", "events", figures=("events",))
        table.title = f"{day}   {reports} reports   {self._seconds():.0f} s"
        for topic, count in sorted(listener.counts.items()):
            table.add_row(topic, str(count))
        return table

    def _seconds(self) -> float:
        return time.monotonic() - self._began
