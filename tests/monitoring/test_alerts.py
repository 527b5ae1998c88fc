"""Every alert fires on what it is for, stays quiet on the nearest thing that it is not for, and leads to a page."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from chassis.process.metric_list import exposed
from tests.architecture.test_docs import anchors
from tests.monitoring.alert_cases import CASES, Case
from tests.monitoring.watching import RULES, alert_rules, metrics_in, needs_promtool, page_of


def expectations(name: str, case: Case, rule: dict[str, Any], *, fires: bool) -> dict[str, Any]:
    """A test of `promtool`: what it is given, and whether the alert is expected."""
    series = {**case.both, **(case.fires if fires else case.quiet)}
    expected = {"exp_labels": {**case.labels, **rule["labels"]}}
    return {
        "name": f"{name} {'fires' if fires else 'stays quiet'}",
        "interval": "1m",
        "input_series": [{"series": each, "values": values} for each, values in series.items()],
        "alert_rule_test": [{"eval_time": f"{case.at}m", "alertname": name, "exp_alerts": [expected] if fires else []}],
    }


def without_annotations(tmp_path: Path, rules: list[dict[str, Any]]) -> Path:
    """The rules without what only people read: the sentences have numbers in them."""
    bare = [{key: value for key, value in rule.items() if key != "annotations"} for rule in rules]
    file = tmp_path / "alerts.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "all", "rules": bare}]}), encoding="utf-8")
    return file


def tried(tmp_path: Path, rules: list[dict[str, Any]], tests: list[dict[str, Any]]) -> str:
    """What `promtool` finds wrong; empty when every expectation holds."""
    without_annotations(tmp_path, rules)
    file = tmp_path / "test.yml"
    file.write_text(yaml.safe_dump({"rule_files": ["alerts.yml"], "tests": tests}), encoding="utf-8")
    ran = subprocess.run(
        ["promtool", "test", "rules", str(file)], capture_output=True, text=True, check=False, timeout=120
    )
    return "" if ran.returncode == 0 else ran.stdout + ran.stderr


def test_every_alert_has_a_case_and_every_case_an_alert() -> None:
    assert {rule["alert"] for rule in alert_rules()} == set(CASES)


@pytest.mark.parametrize("rule", alert_rules(), ids=lambda rule: rule["alert"])
def test_an_alert_says_how_urgent_it_is_and_leads_to_a_page(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert rule["annotations"]["summary"]
    page, heading = page_of(rule["annotations"]["runbook_url"])
    assert page.exists()
    text = page.read_text(encoding="utf-8")
    assert not heading or heading in anchors(text), f"{page.name} has no heading {heading}"
    assert rule["alert"] in text, f"{page.name} does not name {rule['alert']}"
    assert metrics_in(rule["expr"]) <= set(exposed())


@needs_promtool
def test_every_alert_fires_and_stays_quiet(tmp_path: Path) -> None:
    rules = alert_rules()
    each = [(rule["alert"], CASES[rule["alert"]], rule) for rule in rules]
    assert tried(tmp_path, rules, [expectations(*one, fires=fires) for one in each for fires in (True, False)]) == ""


@needs_promtool
@pytest.mark.parametrize("expr", ["vector(0) > 1", "vector(1)"], ids=["never fires", "always fires"])
def test_a_rule_that_never_fires_and_one_that_always_does_are_found(expr: str, tmp_path: Path) -> None:
    rule = next(rule for rule in alert_rules() if rule["alert"] == "CasesBlocked")
    tests = [expectations("CasesBlocked", CASES["CasesBlocked"], rule, fires=fires) for fires in (True, False)]
    assert "FAILED" in tried(tmp_path, [{**rule, "expr": expr}], tests)


@needs_promtool
def test_the_file_as_it_is_deployed_is_one_that_prometheus_reads() -> None:
    ran = subprocess.run(
        ["promtool", "check", "rules", str(RULES)], capture_output=True, text=True, check=False, timeout=60
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f"{len(CASES)} rules found" in ran.stdout + ran.stderr
