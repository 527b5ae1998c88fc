"""The figures that were published of the channels, as data (`published.csv`): words, and the numbers they allow."""

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class PublishedFigure:
    """A figure of one channel since it opened, at the end of a civil day: `words` allows `least` to `most`."""

    day: date
    channel_id: str
    figure: str
    least: int
    most: int
    words: str


@cache
def published() -> tuple[PublishedFigure, ...]:
    """Every published figure, in the order of the data."""
    text = files(__package__).joinpath("published.csv").read_text(encoding="utf-8")
    return tuple(
        PublishedFigure(
            date.fromisoformat(row["day"]),
            row["channel"],
            row["figure"],
            int(row["least"]),
            int(row["most"]),
            row["words"],
        )
        for row in csv.DictReader(text.splitlines())
    )
