"""A run that shows nothing is void, and what has passed is left out when a run is resumed."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.results_log import Entry, ResultsLog
from tests.faults.running import all_scenarios
from tests.faults.scenario import Outcome

PASSED = Entry(
    "kills", "seed 7", 7, "abc", {}, "a bus", 10, 9, "pass", [], {}, seconds=1.0, at="2020-04-06T00:00:00+00:00"
)


@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [
        (Outcome(10, 3, []), "pass"),
        (Outcome(10, 2, []), "void"),
        (Outcome(0, 0, []), "pass"),
        (Outcome(10, 10, ["lost"]), "fail"),
        (Outcome(10, 0, ["lost"]), "fail"),
    ],
)
def test_faults_that_hit_nothing_show_nothing(outcome: Outcome, verdict: str) -> None:
    assert outcome.verdict == verdict


@pytest.mark.parametrize(
    "changed", [{"verdict": "fail"}, {"verdict": "void"}, {"commit": "another"}, {"bus": "another"}], ids=str
)
def test_only_what_has_passed_on_this_commit_and_bus_is_left_out(tmp_path: Path, changed: Mapping[str, str]) -> None:
    results_log = ResultsLog(tmp_path / "results.jsonl")
    results_log.write(replace(PASSED, row="seed 8"))
    results_log.write(replace(PASSED, **changed))  # type: ignore[arg-type]
    assert results_log.passed("abc", "a bus") == {("kills", "seed 8")}


def test_rows_of_a_scenario_have_names_of_their_own_at_either_size() -> None:
    for scenario in all_scenarios().values():
        for size in ("small", "full"):
            names = [row.name for row in scenario.rows(size)]
            assert names
            assert len(names) == len(set(names))
