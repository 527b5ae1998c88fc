"""What watches the system, as its files have it, and the tools that try it."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.architecture.sample_repo import ROOT

RULES: Final = ROOT / "deploy" / "prometheus" / "alerts.yml"
DASHBOARDS: Final = ROOT / "deploy" / "grafana" / "dashboards"
_OURS: Final = re.compile(r"\bafterward_[a-z_]+")

needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool was not found (on Debian: apt-get install prometheus)"
)
needs_prometheus = pytest.mark.skipif(
    shutil.which("prometheus") is None, reason="prometheus was not found (on Debian: apt-get install prometheus)"
)


def alert_rules() -> list[dict[str, Any]]:
    """Every alert rule."""
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def dashboards() -> dict[str, dict[str, Any]]:
    """Every dashboard by the name of its file."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(DASHBOARDS.glob("*.json"))}


def panels(dashboard: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Its panels that ask something."""
    return (panel for panel in dashboard["panels"] if panel["type"] != "row")


def metrics_in(query: str) -> set[str]:
    """Our metrics that a query names."""
    return set(_OURS.findall(query))


def page_of(link: str) -> tuple[Path, str]:
    """The page that a runbook's link names, and its heading."""
    path, _, heading = link.partition("#")
    return ROOT / path, heading
