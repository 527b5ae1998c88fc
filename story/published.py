"""The figures that the municipal health commission published, as data (`shanghai/bulletins.csv`)."""

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class PublishedDay:
    """Cumulative numbers of cases at the end of one civil day (`in_hospital`: at that instant)."""

    imported_confirmed: int
    imported_discharged: int
    imported_in_hospital: int
    local_confirmed: int
    local_discharged: int
    local_deaths: int
    total_confirmed: int
    total_discharged: int
    total_deaths: int
    total_in_hospital: int


@cache
def published() -> MappingProxyType[date, PublishedDay]:
    """Every published day and its figures, in order of date."""
    text = files(__package__).joinpath("shanghai/bulletins.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    days = {date.fromisoformat(row.pop("date")): _figures(row) for row in rows}
    return MappingProxyType(dict(sorted(days.items())))


def _figures(row: dict[str, str]) -> PublishedDay:
    return PublishedDay(**{name: int(number) for name, number in row.items()})
