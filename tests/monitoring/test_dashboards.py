"""The dashboards are what the linter of Grafana wants, ask for nothing that is not counted, and say what is summed."""

import copy
import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from chassis.process.metric_list import METRICS, exposed
from tests.architecture.sample_repo import ROOT
from tests.monitoring.lint import faults
from tests.monitoring.watching import DASHBOARDS, dashboards, metrics_in, panels

each = pytest.mark.parametrize("name", sorted(dashboards()))
OF = {f"afterward_{metric.name}": metric.of for metric in METRICS}


def queries(dashboard: dict[str, Any]) -> list[str]:
    return [target["expr"] for panel in panels(dashboard) for target in panel["targets"]]


def summed_over_processes(query: str) -> set[str]:
    """Metrics of the database that a query adds up without taking the greatest of each service, or place, first."""
    found = re.findall(r"(\w+) (?:by \([^)]*\) )?\((afterward_\w+)\{|(\w+)\((afterward_\w+)\{", query)
    pairs = [(one[0] or one[2], one[1] or one[3]) for one in found]
    return {metric for how, metric in pairs if how in {"sum", "avg"} and OF.get(metric) == "database"}


@each
def test_a_dashboard_breaks_no_rule_of_the_linter(name: str) -> None:
    assert list(faults(dashboards()[name])) == []


@each
def test_every_metric_that_a_dashboard_asks_for_is_on_the_list(name: str) -> None:
    asked = set().union(*map(metrics_in, queries(dashboards()[name])))
    assert asked
    assert asked <= set(exposed())


@each
def test_what_is_of_the_database_is_not_added_up_over_processes(name: str) -> None:
    assert {metric for query in queries(dashboards()[name]) for metric in summed_over_processes(query)} == set()


def test_every_metric_of_health_authorities_is_on_the_dashboard_of_public_health() -> None:
    asked = set().union(*map(metrics_in, queries(dashboards()["public-health"])))
    assert {f"afterward_{metric.name}" for metric in METRICS if "jurisdiction" in metric.labels} <= asked


@each
def test_panels_lie_side_by_side_and_none_on_another(name: str) -> None:
    cells: set[tuple[int, int]] = set()
    for panel in panels(dashboards()[name]):
        place = panel["gridPos"]
        own = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert max(x for x, _ in own) < 24
        assert not own & cells, panel["title"]
        cells |= own


def test_each_rule_of_the_linter_is_seen_to_find_what_breaks_it() -> None:
    broken: dict[str, Any] = copy.deepcopy(dashboards()["operations"])
    broken["editable"] = True
    broken["templating"]["list"] = [one for one in broken["templating"]["list"] if one["name"] != "job"]
    first, second, third, *_ = panels(broken)
    first["description"], second["fieldConfig"]["defaults"]["unit"] = "", "parsecs"
    third["datasource"]["uid"] = "prometheus-1"
    third["targets"][0]["expr"] = "sum(afterward_records_total{})"
    found = "\n".join(faults(broken))
    for fault in (
        "edited",
        "job cannot",
        "no description",
        "no unit",
        "another data source",
        "not everywhere",
        "a counter",
    ):
        assert fault in found
    assert summed_over_processes("sum(afterward_parked_rows{}) + max by (x) (afterward_outbox_rows{})") == {
        "afterward_parked_rows"
    }


def test_compose_mounts_the_dashboards_where_grafana_is_told_to_look() -> None:
    grafana = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8"))["services"]["grafana"]
    mounted = {volume["target"]: volume["source"] for volume in grafana["volumes"] if isinstance(volume, dict)}
    provisioning = ROOT / "deploy" / mounted["/etc/grafana/provisioning"]
    (provider,) = yaml.safe_load((provisioning / "dashboards" / "afterward.yaml").read_text(encoding="utf-8"))[
        "providers"
    ]
    assert (ROOT / "deploy" / mounted[provider["options"]["path"]]).resolve() == DASHBOARDS
    assert (provisioning / "datasources" / "prometheus.yaml").exists()
    prometheus = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
    assert prometheus["rule_files"] == ["alerts.yml"]
    assert prometheus["scrape_configs"][0]["honor_labels"], "else `service` of our metrics is called exported_service"


@pytest.mark.skipif(shutil.which("dashboard-linter") is None, reason="dashboard-linter was not found")
@each
def test_the_linter_of_grafana_finds_nothing(name: str) -> None:
    command = ["dashboard-linter", "lint", "--strict", str(DASHBOARDS / f"{name}.json")]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 0, ran.stdout + ran.stderr
