"""The drawing is whole: no orphan, no unknown end, and each event has a thing it is about."""

import importlib
import pkgutil
from collections import Counter
from itertools import pairwise

import pytest

import schemas.events
import schemas.reports
from schemas.events.rejections import ReportRejected
from schemas.message import CaseEvent, CaseReport, Event, Message, Report
from schemas.services import EVERY_SERVICE
from schemas.topic import INTEGRATORS, PARTITIONS, PUBLISHERS
from schemas.topics import TOPICS, by_service, events_topic, published_by, registry, rejections_topic, report_topic
from tests.schemas.examples import MESSAGES

# What others are built on: these are not published by themselves.
BUILT_ON = {CaseReport, CaseEvent, Report, Event}


def concrete_messages() -> set[type[Message]]:
    """Every report and event that a module of the language defines."""
    modules = [
        importlib.import_module(found.name)
        for room in (schemas.reports, schemas.events)
        for found in pkgutil.iter_modules(room.__path__, f"{room.__name__}.")
    ]
    defined = {each for module in modules for each in vars(module).values() if isinstance(each, type)}
    messages = {each for each in defined if issubclass(each, Report | Event)} - BUILT_ON
    return {each for each in messages if not any(issubclass(other, each) for other in messages - {each})}


def test_every_message_is_in_exactly_one_topic_except_the_answer_which_is_in_each_services_own() -> None:
    counted = Counter(message for topic in TOPICS for message in topic.messages)

    assert set(counted) == concrete_messages()
    assert {message for message, times in counted.items() if times != 1} == {ReportRejected}


def test_every_topic_has_a_producer_and_a_consumer_that_exist() -> None:
    for topic in TOPICS:
        assert topic.producer in {*EVERY_SERVICE, PUBLISHERS}
        assert topic.consumers
        assert set(topic.consumers) <= {*EVERY_SERVICE, INTEGRATORS}
        assert topic.producer not in topic.consumers


def test_every_service_reads_and_writes() -> None:
    assert all(by_service(service) and published_by(service) for service in EVERY_SERVICE)


def test_reports_go_in_and_events_come_out() -> None:
    for topic in TOPICS:
        kind = Report if topic.direction == "in" else Event
        assert all(issubclass(message, kind) for message in topic.messages)


def test_all_topics_have_the_same_number_of_partitions_so_that_a_case_is_in_one_place() -> None:
    assert {topic.partitions for topic in TOPICS} == {PARTITIONS}


def test_the_thing_of_every_event_is_declared_by_fields_it_has() -> None:
    for topic in TOPICS:
        assert set(topic.things) == {message for message in topic.messages if issubclass(message, Event)}
        for message, thing in topic.things.items():
            written = {field.alias or name for name, field in message.model_fields.items()}
            assert {field.partition(".")[0] for field in thing.fields} <= written


def test_events_about_one_kind_of_thing_name_it_by_the_same_fields() -> None:
    things = {thing for topic in TOPICS for thing in topic.things.values()}

    assert len({thing.kind for thing in things}) == len(things)


def test_each_service_that_takes_reports_answers_them() -> None:
    takes_reports = {topic.consumers[0] for topic in TOPICS if topic.direction == "in"}

    assert {rejections_topic(service).producer for service in takes_reports} == takes_reports
    with pytest.raises(KeyError):
        rejections_topic("bulletin")


def test_a_report_finds_its_topic_and_an_event_is_no_report() -> None:
    assert report_topic("afterward.DayReported.v1").name == "followup.reports.v1"
    for no_report in ("afterward.Discharged.v1", "afterward.DayReported.v2", ""):
        with pytest.raises(KeyError):
            report_topic(no_report)


def test_a_type_finds_its_message_and_topic() -> None:
    message, topic = registry()["afterward.Discharged.v1"]

    assert (message.__name__, topic) == ("Discharged", events_topic("discharge"))
    assert len(registry()) == len(MESSAGES) - 1


def test_types_and_topics_have_one_name_each() -> None:
    names = sorted(topic.name for topic in TOPICS)

    assert all(one != other for one, other in pairwise(names))
