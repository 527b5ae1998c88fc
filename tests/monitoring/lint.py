"""The rules of Grafana's dashboard-linter, in our words: it cannot be had everywhere, and these say the same."""

import re
from collections.abc import Iterator
from typing import Any, Final

from tests.monitoring.watching import panels

UNITS: Final = {"s", "short", "ops", "bytes", "percentunit"}
_RANGES: Final = re.compile(r"\[([^\]]+)\]")
_COUNTER: Final = re.compile(r"(\w+_total)\{")


def faults(dashboard: dict[str, Any]) -> Iterator[str]:
    """A sentence for each rule that a dashboard breaks."""
    variables = {one["name"]: one for one in dashboard["templating"]["list"]}
    source = variables.get("datasource", {})
    if (source.get("type"), source.get("query"), source.get("label")) != ("datasource", "prometheus", "Data source"):
        yield "the data source cannot be chosen"
    for name in ("job", "instance"):
        yield from _faults_of_variable(name, variables.get(name))
    if dashboard["editable"]:
        yield "it may be edited in the browser"
    for panel in panels(dashboard):
        yield from (f"{panel['title']}: {fault}" for fault in _faults_of_panel(panel))


def _faults_of_variable(name: str, variable: dict[str, Any] | None) -> Iterator[str]:
    if variable is None:
        yield f"{name} cannot be chosen"
        return
    wanted = {"type": "query", "multi": True, "allValue": ".+", "refresh": 2, "label": name.capitalize()}
    yield from (f"variable {name}: {key} is not {value}" for key, value in wanted.items() if variable.get(key) != value)
    if variable["datasource"]["uid"] != "${datasource}":
        yield f"variable {name}: asks another data source"


def _faults_of_panel(panel: dict[str, Any]) -> Iterator[str]:
    if not panel["title"] or not panel["description"]:
        yield "no title, or no description"
    if panel["datasource"]["uid"] != "${datasource}":
        yield "another data source"
    if panel["fieldConfig"]["defaults"].get("unit") not in UNITS:
        yield "no unit that Grafana knows"
    if not panel["targets"]:
        yield "asks nothing"
    for target in panel["targets"]:
        yield from _faults_of_query(target["expr"])


def _faults_of_query(query: str) -> Iterator[str]:
    selectors = re.findall(r"\{([^}]*)\}", query)
    if not selectors or not all('job=~"$job"' in one and 'instance=~"$instance"' in one for one in selectors):
        yield f"not everywhere by job and instance: {query}"
    if any(found != "$__rate_interval" for found in _RANGES.findall(query)):
        yield f"a rate over another interval than Grafana's: {query}"
    for found in _COUNTER.finditer(query):
        if not re.search(r"(rate|increase|irate)\($", query[: found.start()]):
            yield f"a counter without a rate: {found[1]}"
    if "histogram_quantile" in query and "by (le" not in query:
        yield f"a quantile that is not over le: {query}"
