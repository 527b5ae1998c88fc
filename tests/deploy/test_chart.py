"""The Helm chart as it was rendered: nothing of the system is missing, nothing secret is in it, nothing leads nowhere.

No cluster is needed. What helm and the schemas of Kubernetes say of it is part of `make check` (`tests.deploy.chart`).
"""

import json
import re
from pathlib import Path
from typing import Final

import pytest
import trustme

from chassis.consume.publishers import load as publishers
from chassis.process.container import PORT
from chassis.process.settings import Settings
from schemas.access import matrix
from schemas.services import EVERY_SERVICE
from schemas.topics import TOPICS
from services.contact.subscriptions import load as subscriptions
from tests.deploy import chart
from tests.deploy.manifests import PROCESSES, SETS, environment, mounted, of_kind, pods

OUTSIDE: Final = ("hospital-h-1", "integrator-board")
"""As full.values.yaml names them."""
_ISSUER: Final = trustme.CA()
_OWN: Final = _ISSUER.issue_cert("afterward-intake")
KEPT: Final = {
    "AFTERWARD_ARCHIVE_KEEP_DAYS": "400",
    "AFTERWARD_PARKED_KEEP_DAYS": "92",
    "AFTERWARD_AUDIT_KEEP_DAYS": "3650",
}
"""How long full.values.yaml keeps what."""
AUTHORITY: Final = _ISSUER.cert_pem.bytes()
CONTENTS: Final = {"http.crt": _OWN.cert_chain_pems[0].bytes(), "http.key": _OWN.private_key_pem.bytes()}


@SETS
def test_every_process_runs_with_a_name_that_stays_and_is_asked_how_it_is(name: str) -> None:
    sets = of_kind(name, "StatefulSet")
    assert sorted(sets) == [f"afterward-{process}" for process in PROCESSES]
    for process in PROCESSES:
        spec = sets[f"afterward-{process}"]["spec"]
        assert ("replicas" in spec) == (name == "default"), "KEDA and helm would take turns"
        pod = spec["template"]["spec"]
        (container,) = pod["containers"]
        assert container["args"] == [process]
        instance = {"name": "AFTERWARD_GROUP_INSTANCE_ID", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}
        assert container["env"] == [instance]
        asked = {probe: container[probe]["httpGet"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")}
        assert [one["path"] for one in asked.values()] == ["/livez", "/livez", "/readyz"]
        assert {one["scheme"] for one in asked.values()} == {"HTTPS"}
        assert container["ports"] == [{"name": "http", "containerPort": PORT}]
        assert pod["terminationGracePeriodSeconds"] == 30
        assert {one["topologyKey"] for one in pod["topologySpreadConstraints"]} >= {"kubernetes.io/hostname"}


@SETS
def test_whatever_runs_has_no_rights_and_writes_nowhere_but_in_tmp(name: str) -> None:
    for workload, pod in pods(name):
        (container,) = pod["containers"]
        assert pod["automountServiceAccountToken"] is False, workload
        assert pod["securityContext"] == {
            "runAsNonRoot": True,
            **dict.fromkeys(("runAsUser", "runAsGroup", "fsGroup"), 10001),
            "seccompProfile": {"type": "RuntimeDefault"},
        }
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        writable = [one["mountPath"] for one in container["volumeMounts"] if not one.get("readOnly")]
        assert writable == ["/tmp"]  # noqa: S108 - a path in a container
        assert all("memory" in container["resources"][bound] for bound in ("requests", "limits"))


@SETS
def test_a_process_takes_its_settings_and_each_file_is_mounted(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    known = {f"AFTERWARD_{field.upper()}" for field in Settings.model_fields} | KEPT.keys()
    for workload, pod in pods(name):
        variables = environment(name, pod)
        assert variables.keys() <= known, workload
        files = {value for variable, value in variables.items() if variable.endswith("_FILE")}
        assert files, workload
        assert files <= mounted(name, pod), workload
        for file in mounted(name, pod):
            here = tmp_path / file.removeprefix("/")
            here.parent.mkdir(parents=True, exist_ok=True)
            here.write_bytes(CONTENTS.get(here.name, AUTHORITY if here.suffix == ".crt" else b"a password"))
        with monkeypatch.context() as patched:
            for variable, value in variables.items():
                patched.setenv(variable, f"{tmp_path}{value}" if value in files else value)
            settings = Settings()
        if "AFTERWARD_GROUP_INSTANCE_ID" in variables:
            assert settings.group_instance_id == "a-pod"
            assert settings.kafka_username == workload.removeprefix("afterward-")


@SETS
def test_no_manifest_holds_a_secret(name: str) -> None:
    assert not of_kind(name, "Secret")
    for workload, pod in pods(name):
        for variable, value in environment(name, pod).items():
            assert not re.search(r"PASSWORD$|SECRET$|TOKEN$|KEY$", variable), workload
            assert not re.search(r"://[^/@]*:[^/@]*@", value), f"{workload}: {variable} has a password in it"


@SETS
def test_each_database_is_migrated_by_a_job_as_its_owner_and_by_no_hook(name: str) -> None:
    jobs = [one["spec"]["template"]["spec"] for one in of_kind(name, "Job").values()]
    arguments = {tuple(pod["containers"][0]["args"]): environment(name, pod) for pod in jobs}
    for service in EVERY_SERVICE:
        dsn = arguments.pop(("afterward", "migrate", service))["AFTERWARD_DATABASE_DSN"]
        assert dsn == f"postgresql://{service}_owner@afterward-postgres-rw:5432/{service}"
    topics = [("afterward", "topics", "apply", "--replication", "3")] if name == "default" else []
    assert list(arguments) == topics, "Strimzi makes topics, or the job does"
    assert "helm.sh/hook" not in json.dumps(chart.manifests_of(name))


@SETS
def test_every_night_each_database_is_rid_of_what_was_erased_and_of_what_is_old(name: str) -> None:
    jobs = of_kind(name, "CronJob")
    assert jobs.keys() == {f"afterward-retain-{service}" for service in EVERY_SERVICE}
    for service in EVERY_SERVICE:
        spec = jobs[f"afterward-retain-{service}"]["spec"]
        assert spec["schedule"] == ("40 2 * * *" if name == "full" else "17 3 * * *")
        assert spec["concurrencyPolicy"] == "Forbid"
        pod = spec["jobTemplate"]["spec"]["template"]["spec"]
        assert pod["containers"][0]["args"] == ["afterward", "retain", service]
        given = environment(name, pod)
        assert given["AFTERWARD_DATABASE_DSN"].startswith(f"postgresql://{service}_owner@")
        assert {one: given[one] for one in given if one.endswith("_KEEP_DAYS")} == (KEPT if name == "full" else {})


def test_strimzi_gets_every_topic_and_every_principal_with_its_rights() -> None:
    topics = of_kind("full", "KafkaTopic")
    assert topics.keys() == {topic.name for topic in TOPICS}
    for topic in TOPICS:
        spec = topics[topic.name]["spec"]
        assert spec["partitions"] == topic.partitions
        assert spec["config"] == {**topic.config, "min.insync.replicas": "2"}
    users = of_kind("full", "KafkaUser")
    assert users.keys() == {principal.name for principal in matrix(OUTSIDE)}
    for principal in matrix(OUTSIDE):
        spec = users[principal.name]["spec"]
        assert spec["authentication"] == {"type": "scram-sha-512"}
        given = {
            (acl["resource"]["type"], acl["resource"]["name"], acl["resource"]["patternType"], *acl["operations"])
            for acl in spec["authorization"]["acls"]
        }
        patterns = {"prefixed": "prefix", "literal": "literal"}
        assert given == {
            (right.resource, right.name, patterns[right.pattern], *right.operations) for right in principal.rights
        }


def test_cloudnativepg_gets_every_database_with_two_roles_that_reach_no_other() -> None:
    databases = {one["spec"]["name"]: one["spec"]["owner"] for one in of_kind("full", "Database").values()}
    assert databases == {service: f"{service}_owner" for service in EVERY_SERVICE}
    spec = of_kind("full", "Cluster")["afterward-postgres"]["spec"]
    roles = {role["name"]: role for role in spec["managed"]["roles"]}
    assert roles.keys() == {role for service in EVERY_SERVICE for role in (service, f"{service}_owner")}
    for service in EVERY_SERVICE:
        assert not {"superuser", "createdb", "createrole", "inRoles"} & roles[service].keys()
        assert roles[f"{service}_owner"]["inRoles"] == [service]
        both = f"{service},{service}_owner"
        rules = [rule for rule in spec["postgresql"]["pg_hba"] if f" {both} " in rule]
        assert rules == [f"hostssl {service} {both} all scram-sha-256", f"host all {both} all reject"]


@SETS
def test_nothing_comes_in_but_questions_and_only_the_delivery_worker_reaches_receivers(name: str) -> None:
    policies = {policy: one["spec"] for policy, one in of_kind(name, "NetworkPolicy").items()}
    nothing = policies.pop("afterward-nothing")
    assert nothing["policyTypes"] == ["Ingress", "Egress"]
    assert not {"ingress", "egress"} & nothing.keys()
    for _, pod in pods(name):
        assert not pod.get("hostNetwork")
    opened = [rule for spec in policies.values() for rule in spec.get("ingress", ())]
    assert [rule["ports"] for rule in opened] == [[{"protocol": "TCP", "port": "http"}]]
    assert all(rule["from"] for rule in opened)
    outward = [
        spec for spec in policies.values() if {p["port"] for r in spec.get("egress", ()) for p in r["ports"]} & {587}
    ]
    assert [spec["podSelector"]["matchLabels"]["app.kubernetes.io/component"] for spec in outward] == [
        "contact-delivery-worker"
    ]


@SETS
def test_every_process_has_a_service_and_may_lose_one_replica_at_a_time(name: str) -> None:
    names = {f"afterward-{process}" for process in PROCESSES}
    services = of_kind(name, "Service")
    assert services.keys() == names | {f"{one}-each" for one in names}
    assert {one["spec"]["maxUnavailable"] for one in of_kind(name, "PodDisruptionBudget").values()} == {1}
    assert of_kind(name, "PodDisruptionBudget").keys() == names
    if name == "full":
        assert of_kind(name, "ScaledObject").keys() == names == of_kind(name, "ServiceMonitor").keys()


def test_the_files_of_a_process_are_understood_by_it(tmp_path: Path) -> None:
    data = of_kind("full", "ConfigMap")["afterward-files"]["data"]
    for file, text in data.items():
        (tmp_path / file).write_text(text, encoding="utf-8")
    assert publishers(tmp_path / "publishers.json")
    assert subscriptions(tmp_path / "subscriptions.toml").subscriptions
    assert json.loads(data["readers.json"])
