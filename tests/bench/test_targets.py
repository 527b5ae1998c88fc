"""What is aimed at, whether it is reached, and the table that says so."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from bench.page import PAGES, table, with_results
from bench.results import newest
from bench.targets import TARGETS, Target, peak_of_all

USED = {"ours": 29.0, "postgresql": 13.0, "broker": 5.0}
RUN = {"processor_us": USED, "quiet": True, "records_a_second": 20_000, "peak_rss_mib": 100}
RESULTS: dict[str, Any] = {
    "cores": 2,
    "measured": {
        "throughput": {
            "commit": "abc",
            "date": "2026-11-30",
            "command": "make bench ONLY=throughput",
            "calibration_us": 14.1,
        }
    },
    "throughput": {"afterward": RUN, "quix_exactly_once": {**RUN, "peak_rss_mib": 400}},
    "throughput_ratios": {"quix_exactly_once": {"processor": 0.9, "process": 0.8, "rate": 1.3, "quiet": True}},
    "wakeups": {"due": 100_000, "seconds": 31.0, "quiet": True, "peak_rss_mib": 149},
}


def target(words: str) -> Target:
    (found,) = (each for each in TARGETS if words in each.what)
    return found


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        ("processor time of our process", "met"),
        ("PostgreSQL's", "missed"),
        ("Quix", "met"),
        ("midnight", "missed"),
        ("copy-through", "not measured"),
    ],
)
def test_a_figure_meets_its_target_or_misses_it(words: str, verdict: str) -> None:
    assert target(words).verdict(RESULTS) == verdict


def test_a_rate_on_a_busy_machine_is_not_judged_and_processor_time_is() -> None:
    busy = deepcopy(RESULTS)
    busy["throughput_ratios"]["quix_exactly_once"]["quiet"] = busy["throughput"]["afterward"]["quiet"] = False
    assert target("Quix").verdict(busy) == "not judged: the machine was busy"
    assert target("processor time of our process").verdict(busy) == "met"
    assert "| (1.3 ×) | ≥ 1.2 × | not judged: the machine was busy |" in table(busy)


def test_a_small_midnight_does_not_stand_for_a_large_one() -> None:
    small = deepcopy(RESULTS)
    small["wakeups"] |= {"due": 20_000, "seconds": 6.0}
    assert target("midnight").verdict(small) == "not measured"


def test_the_peak_is_the_highest_of_ours_in_any_part() -> None:
    assert peak_of_all(RESULTS) == 149


def test_the_table_names_calibration_verdicts_and_peers() -> None:
    written = table(RESULTS)
    assert "`make bench ONLY=throughput` abc, 2026-11-30, 14.1 µs" in written
    assert "| throughput | processor time of our process, one rule | 29 µs | ≤ 30 µs | met |" in written
    assert "| throughput | PostgreSQL's for it | 13 µs | ≤ 12 µs | missed |" in written
    assert "Quix Streams, exactly once: " in written
    assert "29 + 13 + 5 µs, 0.9 × ours" in written


def test_a_page_without_a_place_for_results_is_refused() -> None:
    with pytest.raises(ValueError, match="no place for results"):
        with_results("# Performance\n", table(RESULTS))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_the_page_has_the_newest_results(path: Path) -> None:
    page = path.read_text()
    assert with_results(page, PAGES[path](newest())) == page, "`python -m bench.page` writes it anew"
