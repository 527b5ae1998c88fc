"""What the services concluded beside what the commission published: the figures agree, or the demo fails."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from story import published


@dataclass(frozen=True, slots=True)
class Comparison:
    """One published figure: what was published and what the bulletin says."""

    day: date
    figure: str
    published: int
    found: int | None

    @property
    def agrees(self) -> bool:
        return self.published == self.found


def compare(bulletins: Mapping[date, Mapping[str, Any] | None]) -> Iterator[Comparison]:
    """Every published figure of every published day, beside the bulletin's."""
    for day, figures in published().items():
        found = _figures(bulletins.get(day))
        for name, number in asdict(figures).items():
            yield Comparison(day, name, number, found.get(name))


def _figures(bulletin: Mapping[str, Any] | None) -> dict[str, int]:
    """A bulletin's figures under the names that the published data has."""
    if bulletin is None:
        return {}
    cumulative, in_hospital = bulletin["cumulative"], bulletin["in_hospital"]
    figures = {
        f"{origin}_{name}": cumulative[name][origin]
        for name in ("confirmed", "discharged", "deaths")
        for origin in ("imported", "local", "total")
    }
    return figures | {f"{origin}_in_hospital": in_hospital[origin] for origin in ("imported", "local", "total")}
