"""What lies between two readings, and when a rate may be shown."""

import pytest

from bench.machine import QUIET_CORES, Meter, Reading, Spent, medians
from bench.usage import Usage


def reading(
    at: float, *, ours: float = 0.0, waited: float = 0.0, everything: float = 0.0, stolen: float = 0.0
) -> Reading:
    return Reading(at, {"ours": Usage(ours, waited), "broker": Usage()}, 0.0, everything, stolen)


def spent(*, ours: float = 1.0, elsewhere: float = 0.0, stolen: float = 0.0, seconds: float = 2.0) -> Spent:
    return Spent(seconds, {"ours": Usage(ours, 0.5), "broker": Usage(0.25, 0.0)}, elsewhere, stolen)


def test_between_two_looks_it_is_as_if_processors_had_been_used_evenly() -> None:
    meter = Meter(dict, [reading(10), reading(20, ours=5, waited=1), reading(30, ours=25, waited=1)])
    found = meter.between(15, 25)
    assert found.used["ours"] == Usage(12.5, 0.5)
    assert found.seconds == 10


@pytest.mark.parametrize(("began", "ended"), [(9, 15), (15, 31)])
def test_outside_of_what_was_read_nothing_is_said(began: float, ended: float) -> None:
    with pytest.raises(LookupError):
        Meter(dict, [reading(10), reading(30)]).between(began, ended)


def test_what_the_machine_did_and_is_not_ours_was_done_elsewhere() -> None:
    found = Spent.between(reading(0), reading(10, ours=6, everything=9, stolen=2))
    assert (round(found.elsewhere, 6), found.stolen, found.cores) == (0.3, 0.2, 0.6)


def test_a_machine_is_quiet_only_without_others_and_without_steal() -> None:
    more = 2 * QUIET_CORES
    assert [each.quiet for each in (spent(), spent(elsewhere=more), spent(stolen=more))] == [True, False, False]


def test_a_figure_carries_what_it_cost_by_program_and_record() -> None:
    assert spent(elsewhere=0.3).figures(1_000) == {
        "processor_us": {"ours": 1_000, "broker": 250},
        "waited_us": {"ours": 500, "broker": 0},
        "wall_us": 2_000,
        "elsewhere_cores": 0.3,
        "stolen_cores": 0.0,
        "quiet": False,
    }


def test_of_several_runs_the_medians_are_taken_and_one_busy_run_makes_them_busy() -> None:
    found = medians([spent(ours=1), spent(ours=3, elsewhere=1), spent(ours=2)], 1_000)
    assert (found["processor_us"]["ours"], found["quiet"]) == (2_000, False)
