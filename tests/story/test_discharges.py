"""Discharges meet the protocol, but for the few that the story breaks on purpose."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta

import pytest

from story import SIX
from tests.story.protocol import unmet
from tests.story.reading import Heard

Courses = dict[str, list[Heard]]


@pytest.fixture(scope="module")
def courses(heard: list[Heard]) -> Courses:
    courses: defaultdict[str, list[Heard]] = defaultdict(list)
    for given in heard:
        courses[given.publication.key].append(given)
    return courses


def _discharges(course: list[Heard], disposition: str = "recovered") -> list[datetime]:
    given = {t.envelope.id: t.data for t in course if t.kind == "PatientDischarged"}.values()
    return sorted(datetime.fromisoformat(d["discharged_at"]) for d in given if d["disposition"] == disposition)


def _results(course: list[Heard], setting: str) -> list[dict[str, str]]:
    given = {t.envelope.id: t.data for t in course if t.kind == "TestResultReported"}.values()
    return sorted((d for d in given if d["setting"] == setting), key=lambda d: str(d["resulted_at"]))


def test_three_discharges_break_the_rule_each_in_its_own_way(courses: Courses) -> None:
    broken = Counter(
        frozenset(unmet(course, at)) for course in courses.values() for at in _discharges(course) if unmet(course, at)
    )
    assert broken == {
        frozenset({"approval"}): 1,
        frozenset({"two_negatives"}): 1,
        frozenset({"temperature"}): 1,
    }


def test_the_six_leave_by_the_book_and_were_mild_or_common(courses: Courses) -> None:
    for case in SIX:
        assert [unmet(courses[case], at) for at in _discharges(courses[case])] == [set()]
        assert not any(given.kind == "SeverityReported" for given in courses[case])


def test_who_leaves_twice_had_the_first_discharge_undone(courses: Courses) -> None:
    """By a cancellation, or by a positive result of a specimen taken in hospital and found out within the plan (D8)."""
    twice = [course for course in courses.values() if len(_discharges(course)) > 1]
    assert Counter(_why_undone(course) for course in twice) == {"cancelled": 2, "corrected": 2, "final": 1}


def _why_undone(course: list[Heard]) -> str | None:
    """`cancelled`, or the status of the positive result that was found too late."""
    if any(given.kind == "DischargeCancelled" for given in course):
        return "cancelled"
    first = _discharges(course)[0]
    for result in (result for result in _results(course, "hospital") if result["result"] == "detected"):
        collected_at, resulted_at = (datetime.fromisoformat(result[name]) for name in ("collected_at", "resulted_at"))
        if collected_at <= first < resulted_at < first + timedelta(days=14):
            return result["status"]
    return None


def test_no_other_result_turns_positive_after_a_discharge(courses: Courses) -> None:
    for course in courses.values():
        for last in _discharges(course)[-1:]:
            late = [r for r in _results(course, "hospital") if datetime.fromisoformat(r["resulted_at"]) > last]
            assert not [result for result in late if result["result"] == "detected"]


def test_stays_last_from_one_week_to_three_months(courses: Courses) -> None:
    for course in courses.values():
        admitted = [datetime.fromisoformat(t.data["admitted_at"]) for t in course if t.kind == "PatientAdmitted"]
        for left_at in _discharges(course)[-1:]:
            assert timedelta(days=7) <= left_at - min(admitted) <= timedelta(days=92)


def test_seven_die_all_of_them_local_and_critical(courses: Courses) -> None:
    dead = [course for course in courses.values() if _discharges(course, "died")]
    assert len(dead) == 7
    for course in dead:
        assert {given.kind for given in course} >= {"LocalCaseReported", "SeverityReported"}
        assert not any(given.kind == "DayReported" for given in course)


def test_three_are_positive_again_without_being_ill_and_then_negative_twice(courses: Courses) -> None:
    retests = {case: [r["result"] for r in _results(course, "follow_up")] for case, course in courses.items()}
    again = [case for case, results in retests.items() if "detected" in results]
    assert len(again) == 3
    for case in again:
        course, results = courses[case], retests[case]
        assert results.count("detected") == 1
        after = results[results.index("detected") + 1 :]
        assert after[:2] == ["not_detected", "not_detected"]
        assert not any(given.data["symptoms"] for given in course if given.kind == "DayReported")


def test_false_positives_are_cleared_before_they_could_count(courses: Courses) -> None:
    """Five arrivals were positive by mistake; no other result of theirs is."""
    arrivals = [course for course in courses.values() if any(given.kind == "TravellerArrived" for given in course)]
    never_cases = [course for course in arrivals if not _standing_positives(course)]
    positive_once = [c for c in never_cases if any(r["result"] == "detected" for r in _results(c, "entry_screening"))]
    assert len(never_cases) == 35
    assert len(positive_once) == 5


def _standing_positives(course: list[Heard]) -> list[str]:
    results = [*_results(course, "entry_screening"), *_results(course, "hospital")]
    in_force = {result["result_id"]: result for result in sorted(results, key=lambda r: str(r["resulted_at"]))}
    return [name for name, r in in_force.items() if r["result"] == "detected" and r["status"] in {"final", "corrected"}]
