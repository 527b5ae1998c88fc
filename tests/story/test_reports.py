"""Every report could have been sent: it validates, knows nothing of the future, and is one of not too many."""

import hashlib
import os
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import datetime, timedelta

import pytest

from schemas.topics import report_topic
from story import CHILD, END, SEED, Publication, reports
from tests.story.reading import Heard

_DIGEST = """
import hashlib
from story import reports
print(hashlib.sha256(b"".join(publication.value for publication in reports())).hexdigest())
"""


def test_the_same_seed_gives_the_same_bytes_in_another_process(publications: list[Publication]) -> None:
    """With another hash seed, so that nothing rests on the order of a set."""
    command = [sys.executable, "-c", _DIGEST]
    environment = os.environ | {"PYTHONHASHSEED": "7", "PYTHONPATH": os.pathsep.join(sys.path)}
    emitted = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.strip()
    assert emitted == hashlib.sha256(b"".join(publication.value for publication in publications)).hexdigest()


@pytest.mark.thorough
def test_another_seed_tells_of_the_same_child_in_other_words(
    publications: list[Publication], of_another_seed: list[Publication]
) -> None:
    first, second = ({t.value for t in given if t.key == CHILD} for given in (publications, of_another_seed))
    assert min(len(first), len(second)) > 50
    assert not first & second


@pytest.mark.thorough
def test_no_seed_tells_more_than_the_demo_has_time_for(of_another_seed: list[Publication]) -> None:
    assert 50_000 < len(of_another_seed) <= 64_000


def test_there_are_no_more_than_64_000_reports(publications: list[Publication]) -> None:
    assert 50_000 < len(publications) <= 64_000


def test_reports_come_in_order_of_publishing_and_end_with_october(publications: list[Publication]) -> None:
    instants = [publication.publish_at for publication in publications]
    assert instants == sorted(instants)
    assert instants[-1] < END


def test_an_earlier_end_tells_the_beginning_of_the_same_story(publications: list[Publication]) -> None:
    until = datetime.fromisoformat("2020-03-01T00:00:00+08:00")
    beginning = reports(SEED, until)
    assert beginning == publications[: len(beginning)]


def test_nothing_is_published_before_it_happened(heard: list[Heard]) -> None:
    for given in heard:
        assert all(instant <= given.publication.publish_at for instant in given.instants), given.kind


def test_each_report_goes_to_its_topic_under_its_case(heard: list[Heard]) -> None:
    for given in heard:
        assert given.publication.topic == report_topic(given.envelope.type).name
        assert given.publication.key == given.envelope.subject == given.data["case_id"]


def test_one_id_is_one_report_and_one_in_a_hundred_is_sent_twice(
    publications: list[Publication], heard: list[Heard]
) -> None:
    values: defaultdict[str, list[bytes]] = defaultdict(list)
    for given in heard:
        values[given.envelope.id].append(given.publication.value)
    assert all(len(set(same)) == 1 for same in values.values())
    assert 0.005 < (len(publications) - len(values)) / len(values) < 0.02


def test_some_reports_are_late_by_hours_and_some_by_days(heard: list[Heard]) -> None:
    first = {given.envelope.id: given for given in reversed(heard)}.values()
    delays = [
        given.publication.publish_at - max(given.instants, default=given.publication.publish_at) for given in first
    ]
    assert 300 < sum(timedelta(hours=2) <= delay for delay in delays) < 2_000
    assert 50 < sum(timedelta(days=1) <= delay for delay in delays) < 600


def test_hundreds_of_reports_come_after_reports_of_later_things(heard: list[Heard]) -> None:
    latest: dict[str, datetime] = {}
    overtaken = 0
    for given in heard:
        if given.instants:
            known_at, case = max(given.instants), given.publication.key
            overtaken += known_at < latest.get(case, known_at)
            latest[case] = max(known_at, latest.get(case, known_at))
    assert 200 < overtaken < 3_000


def test_some_arrivals_are_reported_after_what_followed_from_them(heard: list[Heard]) -> None:
    first: dict[str, str] = {}
    for given in heard:
        first.setdefault(given.publication.key, given.kind)
    travelled = {given.publication.key for given in heard if given.kind == "TravellerArrived"}
    assert any(first[case] != "TravellerArrived" for case in travelled)


def test_about_one_result_in_a_hundred_is_corrected_or_taken_back(heard: list[Heard]) -> None:
    status = Counter(given.data["status"] for given in heard if given.kind == "TestResultReported")
    assert 0.005 < (status["corrected"] + status["retracted"]) / status["final"] < 0.02
    assert status["preliminary"] > 10
    assert status["retracted"] > 2


def test_most_days_have_two_logs_some_one_and_few_none(heard: list[Heard]) -> None:
    slots = Counter((day, len(slots)) for (_, day), slots in _slots(heard).items())
    two, one = (sum(n for (_, logs), n in slots.items() if logs == wanted) for wanted in (2, 1))
    assert 0.15 < one / (one + two) < 0.3


def _slots(heard: list[Heard]) -> dict[tuple[str, str], set[str]]:
    slots: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for given in heard:
        if given.kind == "DayReported":
            slots[given.publication.key, given.data["local_date"]].add(given.data["slot"])
    return slots
