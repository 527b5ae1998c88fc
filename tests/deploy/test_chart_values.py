"""What the chart refuses of its values, and what its checks refuse of manifests."""

import copy
import json
import re
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest
import yaml

from chassis.process.settings import Settings
from schemas.topics import TOPICS
from tests.deploy import chart
from tests.deploy.manifests import PROCESSES, SETS, environment, of_kind, pods

NOT_OF_VALUES: Final = {"AFTERWARD_CLOCK_FILE", "AFTERWARD_DISK_FOLDERS"}
"""Settings for a stack on one machine."""
OTHER_WAYS: Final = {"AFTERWARD_DATABASE_CERTIFICATE_FILE", "AFTERWARD_DATABASE_KEY_FILE", "AFTERWARD_OIDC_JWKS_FILE"}
"""The chart gives a service a password for PostgreSQL, and lets it fetch the issuer's keys."""


def values(name: str) -> dict[str, Any]:
    """A set of values as helm has it: the chart's own, and what changes them."""
    found: dict[str, Any] = yaml.safe_load((chart.CHART / "values.yaml").read_text(encoding="utf-8"))
    path = chart.SETS[name]
    return _merged(found, yaml.safe_load(path.read_text(encoding="utf-8")) if path else {})


def _merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    both = below.keys() & above.keys()
    deep = {key: _merged(below[key], above[key]) for key in both if isinstance(below[key], dict)}
    return {**below, **above, **deep}


def schema() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((chart.CHART / "values.schema.json").read_text(encoding="utf-8"))
    return found


@SETS
def test_the_values_keep_their_schema(name: str) -> None:
    jsonschema.Draft7Validator.check_schema(schema())
    jsonschema.validate(values(name), schema())


@pytest.mark.parametrize(
    "broken",
    [
        {"kafka": {"securityProtocol": "PLAINTEXT"}},
        {"kafka": {"bootstrapServers": "kafka"}},
        {"kafka": {"saslMechanism": "OAUTHBEARER"}},
        {"kafka": {"password": {"secret": "Not A Name", "key": "password"}}},
        {"database": {"port": 0}},
        {"http": {"clientCertificates": {"enabled": False}}},
        {"http": {"oidc": {"issuer": "https://issuer.example.org"}}},
        {"http": {"oidc": {"issuer": "http://issuer.example.org", "audience": "afterward"}}},
        {"http": {"tls": {"enabled": False}}},
        {"http": {"readers": {"a": {"scopes": ["everything"]}}}},
        {"processes": {"intake": {"replicas": 7}}},
        {"processes": {"admissions": {"replicas": 1}}},
        {"processes": {"intake": {"replicas": 1, "settings": {"AFTERWARD_WORKER": 2}}}},
        {"settings": {"AFTERWARD_KAFKA_PASSWORD": "x"}},
        {"settings": {"AFTERWARD_GROUP_INSTANCE_ID": "one for all"}},
        {"image": {"digest": "latest"}},
        {"resources": {"limits": {"memory": None}, "requests": {}}},
        {"networkPolicy": {"kafka": {"to": [], "ports": []}}},
        {"password": "x"},
    ],
    ids=json.dumps,
)
def test_broken_values_are_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(_merged(values("default"), broken), schema())


def test_the_values_know_every_process_every_setting_and_the_number_of_partitions() -> None:
    definitions = schema()["definitions"]
    assert sorted(schema()["properties"]["processes"]["required"]) == PROCESSES
    everything = {f"AFTERWARD_{field.upper()}" for field in Settings.model_fields}
    own = {variable for name in chart.SETS for _, pod in pods(name) for variable in environment(name, pod)}
    template = (chart.CHART / "templates" / "_pods.tpl").read_text(encoding="utf-8")
    template += (chart.CHART / "templates" / "settings.yaml").read_text(encoding="utf-8")
    own |= set(re.findall(r"AFTERWARD_[A-Z_]+", template))
    tunable = {"AFTERWARD_SESSION_TIMEOUT_MS", *values("full")["settings"]}
    left = everything - (own - tunable) - NOT_OF_VALUES
    assert set(definitions["settings"]["properties"]) == left - OTHER_WAYS
    partitions = {topic.partitions for topic in TOPICS}
    assert {definitions["process"]["properties"]["replicas"]["maximum"]} == partitions
    assert {schema()["properties"]["keda"]["properties"]["maxReplicas"]["maximum"]} == partitions


def test_what_is_rendered_is_what_the_chart_says() -> None:
    assert not list(chart.drift())


def test_a_manifest_that_was_changed_by_hand_and_a_chart_that_was_not_rendered_are_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(chart, "_shown", str)
    for name in chart.SETS:
        text = (chart.RENDERED / f"{name}.yaml").read_text(encoding="utf-8")
        (tmp_path / f"{name}.yaml").write_text(text.replace("HTTPS", "HTTP", 1), encoding="utf-8")
    monkeypatch.setattr(chart, "RENDERED", tmp_path)
    assert [sentence.split(" ", 1)[1] for sentence in chart.drift()] == ["was changed by hand: run `make chart`"] * 2
    monkeypatch.undo()
    monkeypatch.setattr(chart, "inputs_hash", lambda name: f"of another chart, {name}")
    assert [sentence.split(" ", 1)[1] for sentence in chart.drift()] == [
        "has drifted from the chart: run `make chart`"
    ] * 2


@pytest.mark.parametrize("kind", ["StatefulSet", "NetworkPolicy", "KafkaTopic", "KafkaUser", "Cluster", "ScaledObject"])
def test_a_manifest_with_a_field_that_does_not_exist_is_refused(kind: str) -> None:
    manifest = copy.deepcopy(next(iter(of_kind("full", kind).values())))
    assert chart.why_invalid(manifest) is None
    manifest["spec"]["replicaas"] = 2
    assert "replicaas" in (chart.why_invalid(manifest) or "")
