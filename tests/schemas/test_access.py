"""The matrix is whole: who reports may, who reads may, and nobody else."""

import json
from pathlib import Path

import pytest

from schemas.access import DELIVERY_WORKER_PRINCIPAL, FAMILIES, OPERATOR, PRINCIPAL, matrix, principal
from schemas.message import Report
from schemas.services import EVERY_SERVICE
from schemas.topic import INTEGRATORS, PUBLISHERS
from schemas.topics import TOPICS, by_service, published_by, report_topic
from tests.schemas.examples import MESSAGES, valid

ROOT = Path(__file__).parents[2]
REPORT_TOPICS = {topic.name for topic in TOPICS if topic.producer == PUBLISHERS}
EVERYBODY = matrix([f"{family.prefix}1" for family in FAMILIES])


def test_a_service_reads_what_it_consumes_and_writes_what_it_produces() -> None:
    for service in EVERY_SERVICE:
        found = principal(service)
        written = {right.name for right in found.rights if "Write" in right.operations}
        read = {right.name for right in found.rights if right.resource == "topic" and "Read" in right.operations}
        assert written == {topic.name for topic in published_by(service)}
        assert read == {topic.name for topic in by_service(service)} | written


def test_a_report_is_written_by_whoever_its_example_names_as_its_source() -> None:
    for name, message in MESSAGES.items():
        if not issubclass(message, Report):
            continue
        source, topic = json.loads(valid(name))["source"], report_topic(message.type_name()).name
        owners = [
            principal(f"{family.prefix}{source.removeprefix(root).partition('/')[0] or 'any'}")
            for family in FAMILIES
            for root in family.sources
            if source.startswith(root)
        ] or [principal(DELIVERY_WORKER_PRINCIPAL)]
        assert any(one.owns(source) and one.may("Write", "topic", topic) for one in owners), (name, source)


def test_only_services_state_events_and_only_publishers_report() -> None:
    for one in EVERYBODY:
        for topic in TOPICS:
            if one.name in EVERY_SERVICE:
                assert one.may("Write", "topic", topic.name) is (topic.producer == one.name)
            elif topic.name not in REPORT_TOPICS:
                assert not one.may("Write", "topic", topic.name), one.name
    written = {topic for topic in REPORT_TOPICS for one in EVERYBODY if one.may("Write", "topic", topic)}
    assert written == REPORT_TOPICS


def test_reports_are_read_by_their_service_and_the_operator_alone() -> None:
    for topic in TOPICS:
        if topic.name in REPORT_TOPICS:
            readers = {one.name for one in EVERYBODY if one.may("Read", "topic", topic.name)}
            assert readers == {*topic.consumers, OPERATOR}


def test_whoever_reports_reads_the_answers() -> None:
    for one in EVERYBODY:
        if one.name not in (*EVERY_SERVICE, DELIVERY_WORKER_PRINCIPAL):
            for topic in REPORT_TOPICS:
                if one.may("Write", "topic", topic):
                    assert one.may("Read", "topic", topic.replace(".reports.", ".rejections."))


def test_an_integrator_reads_all_that_is_for_integrators_and_nothing_else() -> None:
    read = {topic.name for topic in TOPICS if principal("integrator-x").may("Read", "topic", topic.name)}
    assert read == {topic.name for topic in TOPICS if INTEGRATORS in topic.consumers}


@pytest.mark.parametrize(
    ("name", "group", "reads"),
    [
        ("hospital-1", "hospital-1", True),
        ("hospital-1", "hospital-1.answers", True),
        ("hospital-1", "hospital-11", False),
        ("hospital-1", "hospital-1-answers", False),
        ("intake", "intake", True),
        ("intake", "intake.two", False),
        ("operator", "intake", False),
        (DELIVERY_WORKER_PRINCIPAL, "contact", False),
    ],
)
def test_groups_are_a_principals_own(name: str, group: str, reads: bool) -> None:
    assert principal(name).may("Read", "group", group) is reads


def test_the_operator_makes_topics_and_looks_at_groups() -> None:
    operator = principal(OPERATOR)
    assert all(operator.may("Create", "topic", topic.name) for topic in TOPICS)
    assert operator.may("Describe", "group", "treatment")
    assert [one.name for one in EVERYBODY if one.may("Create", "topic", TOPICS[0].name)] == [OPERATOR]
    assert [topic for topic in REPORT_TOPICS if operator.may("Write", "topic", topic)] == ["contact.reports.v1"]


@pytest.mark.parametrize("name", ["", "hospital", "hospital-", "hospital-a.b", "hospital-a b", "Intake", "admin", "*"])
def test_whoever_is_in_no_family_is_nobody(name: str) -> None:
    with pytest.raises(ValueError, match="is no principal"):
        principal(name)


def test_names_of_principals_serve_as_groups_files_and_users() -> None:
    assert all(PRINCIPAL.fullmatch(one.name) for one in EVERYBODY)
    assert len({one.name for one in EVERYBODY}) == len(EVERYBODY)


def test_strimzi_is_asked_for_the_same_rights() -> None:
    users = json.loads((ROOT / "deploy" / "strimzi" / "kafka-users.json").read_text())
    asked = {
        (
            user["metadata"]["name"],
            acl["resource"]["type"],
            acl["resource"]["name"],
            acl["resource"]["patternType"],
            one,
        )
        for user in users
        for acl in user["spec"]["authorization"]["acls"]
        for one in acl["operations"]
    }
    pattern = {"literal": "literal", "prefixed": "prefix"}
    assert asked == {
        (one.name, right.resource, right.name, pattern[right.pattern], operation)
        for one in matrix()
        for right in one.rights
        for operation in right.operations
    }
