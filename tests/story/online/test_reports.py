"""Every report could have been sent: it validates, knows nothing of the future, and identifies nobody."""

import hashlib
import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator

import pytest

from chassis.consume.identifying import TextCheck
from schemas.topics import report_topic
from story.online import CHILD, CHILDS_PRESCRIPTION, DAY, END, ITS_CENTRE, LISTED_ONLY, SEED, Publication, reports
from story.online.symptoms import LISTED
from tests.story.online.tally import Story, minutes_between
from tests.story.reading import Heard

_DIGEST = """
import hashlib
from story.online import reports
print(hashlib.sha256(b"".join(publication.value for publication in reports())).hexdigest())
"""
PSEUDONYM = re.compile(r"(p|e)-[0-9a-f]{12}|(c|rx)-[0-9a-f]{10}")
PEOPLES = ("person_ref", "expert_ref", "pharmacist_ref", "consultation_id", "prescription_id")
"""Fields that speak of somebody."""


def test_the_same_seed_gives_the_same_bytes_in_another_process(publications: list[Publication]) -> None:
    """With another hash seed, so that nothing rests on the order of a set."""
    environment = os.environ | {"PYTHONHASHSEED": "7", "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", _DIGEST]
    printed = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.strip()
    assert printed == hashlib.sha256(b"".join(publication.value for publication in publications)).hexdigest()


@pytest.mark.thorough
def test_another_seed_tells_of_other_people(
    publications: list[Publication], of_another_seed: list[Publication]
) -> None:
    requests = [
        {p.value for p in each if b"ConsultationRequested" in p.value} for each in (publications, of_another_seed)
    ]
    assert not requests[0] & requests[1]


def test_there_are_no_more_reports_than_the_demo_has_time_for(publications: list[Publication]) -> None:
    assert 20_000 < len(publications) <= 25_000


def test_reports_come_in_order_of_publishing(publications: list[Publication]) -> None:
    instants = [publication.publish_at for publication in publications]
    assert instants == sorted(instants)
    assert instants[-1] < END


def test_an_earlier_end_tells_the_beginning_of_the_same_story(publications: list[Publication]) -> None:
    beginning = reports(SEED, publications[5_000].publish_at)
    assert beginning == publications[: len(beginning)]
    assert len(beginning) > 4_900


def test_nothing_is_published_before_it_happened(heard: list[Heard]) -> None:
    for given in heard:
        happened = [getattr(given.report, name) for name in type(given.report).happened()]
        assert all(instant is None or instant <= given.publication.publish_at for instant in happened), given.kind


def test_each_report_goes_to_its_topic_under_what_it_is_about(heard: list[Heard]) -> None:
    for given in heard:
        assert given.publication.topic == report_topic(given.envelope.type).name
        assert given.publication.key == given.envelope.subject == given.report.key


def test_one_id_is_one_report_and_few_are_sent_twice(publications: list[Publication], heard: list[Heard]) -> None:
    values: defaultdict[str, set[bytes]] = defaultdict(set)
    for given in heard:
        values[given.envelope.id].add(given.publication.value)
    assert all(len(same) == 1 for same in values.values())
    assert 0.004 < (len(publications) - len(values)) / len(values) < 0.015


def test_no_report_identifies_anybody(heard: list[Heard]) -> None:
    """Whoever it speaks of has a pseudonym, and every text is one that other reports have too, or an institution's."""
    texts: defaultdict[tuple[str, str], int] = defaultdict(int)
    for given in heard:
        for field, text in _texts(given.data):
            if field in PEOPLES:
                assert PSEUDONYM.fullmatch(text), (field, text)
            elif given.kind not in {"InstitutionDeclared", "ChannelOpened"} and not text.startswith("2022-"):
                texts[field, text] += 1
    rare = {text for (field, text), number in texts.items() if number < 4 and not text.startswith("2023-")}
    assert rare == {"Fengtai", "Xicheng", "CN-BJ", "267036007", "267038008"}, "those whom the demo shows"


def test_nothing_in_a_report_is_refused_for_what_it_may_identify(heard: list[Heard]) -> None:
    """By the check that every service makes: a pseudonym of digits may look like a telephone."""
    looking = {kind: TextCheck(kind) for kind in {type(given.report) for given in heard}}
    refused = [given.data for given in heard if looking[type(given.report)].refusal(given.report, DAY)]
    assert refused == []


def _texts(data: object, field: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(data, str):
        yield field, data
    elif isinstance(data, dict):
        for name, value in data.items():
            yield from _texts(value, name)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from _texts(value, field)


def test_the_child_has_fever_at_three_in_the_morning_and_the_medicine_before_five(story: Story) -> None:
    request, done = story.requests[CHILD], story.completed[CHILD]
    assert (request["age"], request["symptoms"]) == ({"value": 4, "unit": "a"}, ["386661006"])
    assert request["requested_at"].startswith("2022-12-21T03:0")
    assert done["prescription"]["prescription_id"] == CHILDS_PRESCRIPTION
    steps = story.deliveries[CHILDS_PRESCRIPTION]
    assert [step["status"] for step in steps] == ["dispensed", "dispatched", "delivered"]
    assert 60 < minutes_between(request["requested_at"], steps[-1]["reported_at"]) < 100


def test_somebody_in_beijing_has_listed_symptoms_only_and_a_centre_in_the_district(story: Story) -> None:
    request, centre = story.requests[LISTED_ONLY], story.institutions[ITS_CENTRE]
    assert "channel_id" not in request
    assert (request["jurisdiction"], request["district"]) == (centre["jurisdiction"], centre["district"])
    assert centre["kind"] == "community_centre"
    assert set(request["symptoms"]) <= set(centre["symptoms_accepted"]) == set(LISTED)


def test_beijing_has_institutions_that_consult_online_and_a_centre_in_each_district(story: Story) -> None:
    there = [each for each in story.institutions.values() if each["jurisdiction"] == "CN-BJ"]
    assert sum(each["online"] for each in there) == sum(each["kind"] == "community_centre" for each in there) == 8
    assert [each["district"] for each in there if "dialysis" in each["capabilities"]] == ["Haidian"]
