"""How a dashboard is written down for Grafana: a variable for each thing that one may choose, and panels in rows.

Each is as `dashboard-linter` wants it: a data source, job and instance that may be chosen, a title, a sentence and a
unit for each panel, rates over Grafana's own interval.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

SOURCE: Final = {"type": "prometheus", "uid": "${datasource}"}
CHOSEN: Final = 'job=~"$job", instance=~"$instance"'
"""What every query asks of every series."""
COLUMNS: Final = 24
HEIGHTS: Final = {"stat": 4, "timeseries": 8}
WIDTHS: Final = {"stat": 6, "timeseries": 8}


class Query(NamedTuple):
    """An expression of Prometheus; `legend` names a line by labels: `{{service}}`."""

    expression: str
    legend: str


class Panel(NamedTuple):
    """`unit` as Grafana calls it: `s`, `short`, `ops`."""

    title: str
    description: str
    unit: str
    queries: tuple[Query, ...]
    kind: Literal["stat", "timeseries"] = "timeseries"


class Dashboard(NamedTuple):
    """`labels`: labels that may be chosen beside job and instance, each with a metric that has it."""

    uid: str
    title: str
    description: str
    panels: tuple[Panel, ...]
    labels: Mapping[str, str]


def asked(metric: str, **others: str) -> str:
    """The selector of a metric for what is chosen; `others`: labels with the variable or the value that they have."""
    matchers = [CHOSEN, *(f'{label}=~"{value}"' for label, value in others.items())]
    return f"afterward_{metric}{{{', '.join(matchers)}}}"


def as_json(dashboard: Dashboard) -> dict[str, Any]:
    """The dashboard as Grafana reads it."""
    return {
        "uid": dashboard.uid,
        "title": dashboard.title,
        "description": dashboard.description,
        "tags": ["afterward"],
        "schemaVersion": 39,
        "version": 1,
        "editable": False,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": "now-1h", "to": "now"},
        "timezone": "browser",
        "templating": {"list": list(_variables(dashboard))},
        "annotations": {"list": []},
        "links": [],
        "panels": list(_laid_out(dashboard.panels)),
    }


def _variables(dashboard: Dashboard) -> Iterator[dict[str, Any]]:
    yield {
        "name": "datasource",
        "label": "Data source",
        "type": "datasource",
        "query": "prometheus",
        "current": {},
        "hide": 0,
        "refresh": 1,
    }
    yield _variable("job", "label_values(up, job)")
    yield _variable("instance", 'label_values(up{job=~"$job"}, instance)')
    for label, metric in dashboard.labels.items():
        yield _variable(label, f"label_values({asked(metric)}, {label})")


def _variable(label: str, query: str) -> dict[str, Any]:
    return {
        "name": label,
        "label": label.capitalize(),
        "type": "query",
        "datasource": SOURCE,
        "query": query,
        "includeAll": True,
        "multi": True,
        "allValue": ".+",
        "current": {"selected": True, "text": ["All"], "value": ["$__all"]},
        "refresh": 2,
        "sort": 1,
        "hide": 0,
    }


def _laid_out(panels: Sequence[Panel]) -> Iterator[dict[str, Any]]:
    x = y = 0
    before = None
    for number, panel in enumerate(panels, 1):
        width = WIDTHS[panel.kind]
        if x and (panel.kind != before or x + width > COLUMNS):
            x, y = 0, y + HEIGHTS[before or panel.kind]
        yield _panel(panel, number, {"x": x, "y": y, "w": width, "h": HEIGHTS[panel.kind]})
        x, before = x + width, panel.kind


def _panel(panel: Panel, number: int, place: dict[str, int]) -> dict[str, Any]:
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "datasource": SOURCE,
        "gridPos": place,
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "options": _options(panel),
        "targets": [
            {"refId": letter, "datasource": SOURCE, "expr": query.expression, "legendFormat": query.legend}
            for letter, query in zip("ABCDEF", panel.queries, strict=False)
        ],
    }


def _options(panel: Panel) -> dict[str, Any]:
    if panel.kind == "stat":
        return {"reduceOptions": {"calcs": ["lastNotNull"]}, "colorMode": "value", "graphMode": "area"}
    return {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi", "sort": "desc"}}
