"""What all processes of a target count, at one moment: their `/metrics`, asked side by side."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from time import monotonic

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from afterward.context.asking import Asking

Labels = tuple[tuple[str, str], ...]
Series = Mapping[tuple[str, Labels], float]
"""Name and labels, in order → number."""


@dataclass(frozen=True, slots=True)
class Look:
    """`processes`: name → its series; of one that does not answer none. `at`: seconds of a clock that only runs on."""

    processes: Mapping[str, Series]
    at: float = field(default_factory=monotonic)

    def total(self, process: str, metric: str) -> float | None:
        """A metric of a process, its series added up; None where it has none."""
        found = [number for (name, _), number in self.processes[process].items() if name == f"afterward_{metric}"]
        return sum(found) if found else None

    def rate(self, before: "Look", process: str, metric: str) -> float | None:
        """How much a counter of a process has grown a second since another look; None: not known, or begun anew."""
        if process not in before.processes:
            return None
        was, now = before.total(process, metric), self.total(process, metric)
        if was is None or now is None or now < was or self.at <= before.at:
            return None
        return (now - was) / (self.at - before.at)

    def greatest(self, metric: str) -> Series:
        """The series of a metric of the database: of what several processes say of one, the greatest."""
        found: dict[tuple[str, Labels], float] = {}
        for series in self.processes.values():
            for (name, labels), number in series.items():
                if name == f"afterward_{metric}":
                    found[name, labels] = max(number, found.get((name, labels), number))
        return found


async def look(asking: Asking, processes: Mapping[str, str]) -> Look:
    """What each process counts now; `processes`: name → base URL."""
    pages = await asyncio.gather(*(_page(asking, url) for url in processes.values()))
    return Look({name: series_of(page) for name, page in zip(processes, pages, strict=True)})


async def _page(asking: Asking, url: str) -> str:
    try:
        return await asking.text(f"{url}/metrics")
    except (OSError, aiohttp.ClientError, TimeoutError):
        return ""


def series_of(page: str) -> Series:
    """The series of a page in the format of Prometheus, but for those that are not ours."""
    samples = (sample for family in text_string_to_metric_families(page) for sample in family.samples)
    return {
        (sample.name, _labels(sample.labels.items())): sample.value
        for sample in samples
        if sample.name.startswith("afterward_")
    }


def _labels(labels: Iterable[tuple[str, str]]) -> Labels:
    return tuple(sorted(labels))
