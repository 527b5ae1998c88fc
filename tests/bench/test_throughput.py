"""How runs become figures: ratios within a round, none of a peer that failed, and peers that begin anew each time."""

import sys
from pathlib import Path

import pytest

from bench.machine import Spent
from bench.parts.scale_out import limit
from bench.parts.throughput import Run, summarised
from bench.peers import environments
from bench.peers.table import new_group
from bench.progress import Pace
from bench.usage import Usage


def run(ours: float, *, seconds: float = 1.0, elsewhere: float = 0.0, calibration: float = 17.0) -> Run:
    """1,000 records that took so many milliseconds of the peer's processor time, and one of each server's."""
    used = {"ours": Usage(ours / 1_000), "postgresql": Usage(0.001), "broker": Usage(0.001)}
    return Run(Spent(seconds, used, elsewhere, 0.0), 1_000, 900.0, 100.0, calibration)


def test_a_ratio_is_of_what_ran_in_the_same_round() -> None:
    found = summarised({"afterward": [run(8), run(18), run(38)], "quix": [run(18), run(38), run(78)]})
    assert found["throughput_ratios"]["quix"] == {"processor": 2.0, "process": 2.11, "rate": 1.0, "quiet": True}
    assert found["throughput"]["quix"]["processor_us"] == {"ours": 38, "postgresql": 1, "broker": 1}
    assert found["throughput"]["quix"]["calibration_us"] == 17


def test_a_rate_beside_others_is_marked() -> None:
    found = summarised({"afterward": [run(8)], "quix": [run(8, seconds=2, elsewhere=1.0)]})
    assert found["throughput_ratios"]["quix"] == {"processor": 1.0, "process": 1.0, "rate": 2.0, "quiet": False}


def test_a_host_that_became_slower_between_two_runs_changes_no_ratio_of_processor_time_and_spoils_that_of_rates() -> (
    None
):
    found = summarised({"afterward": [run(8)], "quix": [run(18, seconds=2, calibration=34.0)]})
    assert found["throughput_ratios"]["quix"] == {"processor": 1.0, "process": 1.12, "rate": 2.0, "quiet": False}


def test_a_peer_that_failed_in_one_round_has_no_figure() -> None:
    found = summarised({"afterward": [run(8), run(8)], "quix": [run(8), "WrongResults: 1 lost"]})
    assert found["throughput"]["quix"] == {"failed": ["WrongResults: 1 lost"]}
    assert found["throughput_ratios"] == {}


def test_a_peer_never_finds_what_an_earlier_run_has_left() -> None:
    assert len({new_group("quix") for _ in range(100)}) == 100


def test_another_python_has_environments_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(environments, "_run", lambda _command: None)
    here = environments.python("quix.txt")
    monkeypatch.setattr(sys, "version", "4.0.0")
    assert environments.python("quix.txt") != here


@pytest.mark.parametrize(
    ("ours", "elsewhere", "says"),
    [
        (1.9, 0.0, "no processor: waiting for disk and each other"),
        (3.8, 0.0, "one core a process"),
        (2.0, 61.9, "the machine's 64 cores, which others used too"),
        (62.0, 0.0, "the machine's 64 cores"),
    ],
)
def test_the_limit_of_several_processes_is_named(
    monkeypatch: pytest.MonkeyPatch, ours: float, elsewhere: float, says: str
) -> None:
    monkeypatch.setattr("psutil.cpu_count", lambda: 64)
    pace = Pace(Spent(1.0, {"ours": Usage(ours)}, elsewhere, 0.0), 1_000, 0, 1_000, 100.0)
    assert limit(pace, 4)[1] == says
