"""A real Prometheus, told to look at the processes of a stack every second, and asked what dashboards ask."""

import json
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import yaml

from afterward.stack.ports import LOOPBACK, free_port
from tests.monitoring.picture import Line
from tests.monitoring.watching import RULES, panels

LIMIT_SECONDS: Final = 60
STEP_SECONDS: Final = 2
RATE_INTERVAL: Final = "20s"
"""What stands for Grafana's own, which depends on the width of a panel."""


class Prometheus:
    """One that runs. `url`: where it is asked."""

    def __init__(self, url: str) -> None:
        self.url = url

    def asked(self, path: str, **parameters: str) -> Any:
        """What its API answers."""
        query = urllib.parse.urlencode(parameters)
        with urllib.request.urlopen(f"{self.url}{path}?{query}", timeout=30) as answer:  # noqa: S310 - our own
            return json.loads(answer.read())["data"]

    def lines(self, query: str, legend: str, seconds: int) -> list[Line]:
        """What an expression of a dashboard gave in the last seconds, a line for each series that has numbers."""
        chosen = query.replace("$__rate_interval", RATE_INTERVAL)
        for variable in ("$job", "$instance", "$jurisdiction"):
            chosen = chosen.replace(variable, ".+")
        now = time.time()
        span = {"start": str(now - seconds), "end": str(now), "step": str(STEP_SECONDS)}
        found = self.asked("/api/v1/query_range", query=chosen, **span)["result"]
        return [line for series in found if (line := _line(series, legend)).points]

    def panel(self, panel: Mapping[str, Any], seconds: int) -> list[Line]:
        """What all queries of a panel gave."""
        return [line for one in panel["targets"] for line in self.lines(one["expr"], one["legendFormat"], seconds)]

    def dashboard(self, dashboard: dict[str, Any], seconds: int) -> dict[int, list[Line]]:
        """Id of each panel → what its queries gave."""
        return {panel["id"]: self.panel(panel, seconds) for panel in panels(dashboard)}


def _line(series: Mapping[str, Any], legend: str) -> Line:
    for label, value in series["metric"].items():
        legend = legend.replace(f"{{{{{label}}}}}", value)
    points = [(float(at), float(value)) for at, value in series["values"]]
    return Line(legend, [(at, value) for at, value in points if value == value])  # noqa: PLR0124 - which NaN is not


@contextmanager
def watching(folder: Path, urls: Sequence[str]) -> Iterator[Prometheus]:
    """A Prometheus that looks at these processes, with the alert rules as they are deployed."""
    folder.mkdir()
    targets = [url.removeprefix("http://") for url in urls]
    scrape = {"job_name": "afterward", "honor_labels": True, "static_configs": [{"targets": targets}]}
    settings = {"global": {"scrape_interval": "1s", "evaluation_interval": "1s"}, "rule_files": [str(RULES)]}
    config = folder / "prometheus.yml"
    config.write_text(yaml.safe_dump({**settings, "scrape_configs": [scrape]}), encoding="utf-8")
    address = f"{LOOPBACK}:{free_port()}"
    command = ["prometheus", f"--config.file={config}", f"--web.listen-address={address}"]
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen([*command, f"--storage.tsdb.path={folder / 'data'}"], stdout=log, stderr=log)
        try:
            _ready(f"http://{address}", process)
            yield Prometheus(f"http://{address}")
        finally:
            process.terminate()
            process.wait(LIMIT_SECONDS)


def _ready(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise ChildProcessError(f"prometheus ended with {process.returncode}")
        try:
            with urllib.request.urlopen(f"{url}/-/ready", timeout=5):  # noqa: S310 - our own
                return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError("prometheus did not get ready")
