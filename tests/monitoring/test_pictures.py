"""Every query of every dashboard gives data in a real Prometheus that has watched all services under load."""

import asyncio
import math
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.monitoring.__main__ import CAPTION, PICTURES, looked_at
from tests.monitoring.picture import Line, ceiling, picture, shown
from tests.monitoring.watching import dashboards, needs_prometheus, panels

SVG = "{http://www.w3.org/2000/svg}"
MAY_BE_EMPTY: frozenset[str] = frozenset()
"""Panels without data though nothing is wrong: none."""


@pytest.mark.thorough
@needs_prometheus
@pytest.mark.timeout(900)
def test_every_query_gives_data_once_prometheus_has_watched_all_services_under_load(tmp_path: Path) -> None:
    found = asyncio.run(looked_at(tmp_path))
    empty = {
        panel["title"]
        for name, dashboard in dashboards().items()
        for panel in panels(dashboard)
        if not found[name][panel["id"]]
    }
    assert empty == MAY_BE_EMPTY
    for name, dashboard in dashboards().items():
        drawn = picture(dashboard, found[name], CAPTION)
        assert {panel["title"] for panel in panels(dashboard)} <= texts(drawn)


def texts(drawn: str) -> set[str]:
    """What a picture has in letters; it is one that a browser can read."""
    return {text.text or "" for text in ET.fromstring(drawn).iter(f"{SVG}text")}  # noqa: S314 - our own


@pytest.mark.parametrize("name", sorted(dashboards()))
def test_the_picture_that_is_kept_shows_the_dashboard_as_it_is(name: str) -> None:
    kept = (PICTURES / f"dashboard-{name}.svg").read_text(encoding="utf-8")
    assert texts(kept) >= {dashboards()[name]["title"], *(panel["title"] for panel in panels(dashboards()[name]))}
    lines = len(list(ET.fromstring(kept).iter(f"{SVG}polyline")))  # noqa: S314 - our own
    assert lines >= sum(panel["type"] == "timeseries" for panel in panels(dashboards()[name]))


def test_a_line_is_drawn_where_its_numbers_are() -> None:
    dashboard = dashboards()["public-health"]
    chart = next(panel for panel in panels(dashboard) if panel["type"] == "timeseries")
    drawn = picture(dashboard, {chart["id"]: [Line("a < b", [(0, 0), (10, 5)])]}, "")
    (line,) = ET.fromstring(drawn).iter(f"{SVG}polyline")  # noqa: S314 - our own
    (first, last) = (tuple(map(float, point.split(","))) for point in line.attrib["points"].split())
    assert last[0] > first[0]
    assert last[1] < first[1], "more is higher"
    assert "a < b" in texts(drawn)


@pytest.mark.parametrize(("value", "above"), [(0, 1), (0.03, 0.05), (1, 1), (4.2, 5), (99, 100), (1001, 2000)])
def test_an_axis_ends_at_a_round_number(value: float, above: float) -> None:
    assert ceiling(value) == pytest.approx(above)


def test_numbers_are_short() -> None:
    assert [shown(value) for value in (0, 14400.0, 0.03271, math.nan)] == ["0", "1.44e+04", "0.0327", "–"]
