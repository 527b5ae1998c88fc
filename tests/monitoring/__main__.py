"""Draws both dashboards from a run of all services under load into docs/operations: `python -m tests.monitoring`."""

import asyncio
import tempfile
from pathlib import Path
from typing import Final

from tests.architecture.sample_repo import ROOT
from tests.monitoring.load import keep_reporting, loaded, prepare
from tests.monitoring.picture import Line, picture
from tests.monitoring.prometheus import Prometheus, watching
from tests.monitoring.watching import dashboards

SECONDS: Final = 60
CAPTION: Final = (
    f"Drawn by `python -m tests.monitoring`: {SECONDS} s of reports to all services on the embedded bus, "
    "as Prometheus has it; the stack's clock stands still."
)
PICTURES: Final = ROOT / "docs" / "operations"


async def looked_at(folder: Path) -> dict[str, dict[int, list[Line]]]:
    """Name of a dashboard → what the queries of each panel gave, after a load of `SECONDS`."""
    with loaded(folder) as stack:
        urls = [process.url for process in stack.running.processes.values()]
        await prepare(stack)
        with watching(folder / "prometheus", urls) as prometheus:
            await keep_reporting(stack, SECONDS)
            return _asked(prometheus)


def _asked(prometheus: Prometheus) -> dict[str, dict[int, list[Line]]]:
    return {name: prometheus.dashboard(one, SECONDS) for name, one in dashboards().items()}


def main() -> None:
    """Draws them."""
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(looked_at(Path(folder)))
    for name, dashboard in dashboards().items():
        (PICTURES / f"dashboard-{name}.svg").write_text(picture(dashboard, found[name], CAPTION), encoding="utf-8")


if __name__ == "__main__":
    main()
