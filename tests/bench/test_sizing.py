"""How large a machine has to be: by hand, for figures that are easy to reckon with."""

from copy import deepcopy
from typing import Any

import pytest

from bench.sizing import cost, sizes

MEASURED = {"commit": "abc", "date": "2026-11-30", "command": "make bench ONLY=growth,memory"}
RESULTS: dict[str, Any] = {
    "cores": 2,
    "measured": {"growth": MEASURED, "memory": MEASURED},
    "growth": {
        "journeys": {
            "reports_a_second": 1_000,
            "messages_a_second": 5_000,
            "events_a_second": 2_000,
            "processor_us": {"ours": 200.0, "postgresql": 100.0, "broker": 20.0},
            "peak_rss_mib": 140,
        }
    },
    "disk_mb_a_million_events": {"archive": 900.0, "state": 100.0},
}


def test_a_report_costs_what_all_its_messages_cost() -> None:
    # Five messages and two events a report; a million events are 1,000 MB, so one is 1,000 bytes.
    assert cost(RESULTS) == (1_000.0, 500.0, 100.0, 2_000.0)


def test_a_day_of_a_hundred_thousand_reports() -> None:
    # 15 % in the busiest hour: 15,000 of 3,600 s, 4.17 a second; 4.17 ms each second, 8.3 of a core kept half idle.
    # A year: 36.5 million reports of 2,000 bytes.
    assert "| 100,000 | 4.2 | 0.0083 | 0.0042 | under 0.001 | 73 |\n" in sizes(RESULTS)


def test_it_says_what_it_was_made_from() -> None:
    assert "`make bench ONLY=growth,memory` abc, 2026-11-30" in sizes(RESULTS)
    assert "A process had 140 MiB at most." in sizes(RESULTS)


@pytest.mark.parametrize("lacking", ["growth", "disk_mb_a_million_events"])
def test_without_a_figure_there_is_no_table(lacking: str) -> None:
    partly = deepcopy(RESULTS)
    del partly[lacking]
    assert "have not been measured in this way yet" in sizes(partly)
    assert "|" not in sizes(partly)
