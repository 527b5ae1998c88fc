"""compose.yaml without an engine: every process and job is in it, locked down, without a secret that nobody made."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from chassis.bus_access import BusAccess
from chassis.process.access_settings import bus_variable
from chassis.process.container import APPLICATIONS, NothingToRun, command
from chassis.process.settings import Settings
from chassis.questions.settings import HttpSettings
from schemas.services import EVERY_SERVICE
from tests.deploy.composed import DEPLOY, PROCESSES

SERVERS = ("kafka", "postgres")
JOBS = ("topics", "access", "databases", "migrate")
METRICS = ("prometheus", "grafana")
ADMIN = {f"AFTERWARD_ADMIN_{name}" for name in ("DSN", "PASSWORD_FILE", "CA_FILE")}


def composed(name: str = "compose.yaml") -> dict[str, Any]:
    """A compose file as YAML has it, with its anchors resolved."""
    found: dict[str, Any] = yaml.safe_load((DEPLOY / name).read_text(encoding="utf-8"))
    return found


SERVICES: dict[str, Any] = composed()["services"]


def known_variables() -> set[str]:
    """Every variable that a process or a job reads."""
    settings = {f"AFTERWARD_{name.upper()}" for name in {**Settings.model_fields, **HttpSettings.model_fields}}
    return settings | {bus_variable(name) for name in BusAccess.__dataclass_fields__} | ADMIN


def test_it_has_every_process_every_job_and_both_servers() -> None:
    assert set(SERVICES) == {*PROCESSES, *SERVERS, *JOBS, *METRICS}
    assert set(APPLICATIONS) == set(PROCESSES)


@pytest.mark.parametrize("name", PROCESSES)
def test_a_process_is_itself_with_its_own_user_database_and_secrets(name: str) -> None:
    process = SERVICES[name]
    owner = "contact" if name.startswith("contact") else name
    assert process["command"] == [name]
    assert process["environment"]["AFTERWARD_KAFKA_USERNAME"] == name
    assert process["environment"]["AFTERWARD_DATABASE_DSN"] == f"postgresql://{owner}@postgres:5432/{owner}"
    assert [one["source"].rpartition("/")[2] for one in process["volumes"] if one["target"] == "/run/secrets"] == [name]


@pytest.mark.parametrize("name", SERVICES)
def test_everything_is_locked_down_and_limited(name: str) -> None:
    one = SERVICES[name]
    assert one["read_only"] is True
    assert one["cap_drop"] == ["ALL"]
    assert "cap_add" not in one
    assert "privileged" not in one
    assert one["security_opt"] == ["no-new-privileges:true"]
    assert one["mem_limit"]
    assert one["tmpfs"]


@pytest.mark.parametrize("name", SERVICES)
def test_a_folder_of_secrets_is_named_or_nothing_starts(name: str) -> None:
    for volume in SERVICES[name]["volumes"]:
        if isinstance(volume, dict) and volume["target"] == "/run/secrets":
            assert volume["source"].startswith("${AFTERWARD_SECRETS:?")
            assert volume["bind"] == {"create_host_path": False}
            assert volume["read_only"] is True


@pytest.mark.parametrize("file", ["compose.yaml", "compose.demo.yaml"])
def test_no_secret_stands_in_it_and_every_variable_is_one_that_somebody_reads(file: str) -> None:
    for name, one in composed(file)["services"].items():
        for variable, value in (one.get("environment") or {}).items():
            if "PASSWORD" in variable or "SECRET" in variable:
                assert value.startswith("/run/secrets/"), f"{name}: {variable}"
            if variable.startswith("AFTERWARD_"):
                assert variable in known_variables(), f"{name}: {variable}"
            assert not re.search(r"://[^/@]+:[^/@]+@", str(value)), f"{name}: {variable} holds a password"


def test_only_loopback_is_listened_on_unless_somebody_says_otherwise() -> None:
    for name, one in SERVICES.items():
        for port in one.get("ports", []):
            assert port.startswith("${AFTERWARD_ADDRESS:-127.0.0.1}:"), name


def test_no_port_of_the_host_is_given_twice() -> None:
    given = [number for one in SERVICES.values() for port in one.get("ports", []) for number in _of_the_host(port)]
    assert len(given) == len(set(given))


def _of_the_host(port: str) -> range:
    first, _, last = port.removeprefix("${AFTERWARD_ADDRESS:-127.0.0.1}:").rpartition(":")[0].partition("-")
    return range(int(first), int(last or first) + 1)


def test_the_jobs_come_before_the_services_and_every_database_is_migrated() -> None:
    for name in PROCESSES:
        conditions = {after: how["condition"] for after, how in SERVICES[name]["depends_on"].items()}
        assert conditions == dict.fromkeys(("access", "migrate"), "service_completed_successfully")
    migrated = re.search(r"for service in (.*); do", SERVICES["migrate"]["command"][0])
    assert migrated
    assert tuple(migrated[1].split()) == EVERY_SERVICE


def test_one_service_has_two_replicas_and_each_process_has_ports_for_two() -> None:
    assert [name for name in PROCESSES if SERVICES[name].get("deploy") == {"replicas": 2}] == ["discharge"]
    assert {len(_of_the_host(port)) for name in PROCESSES for port in SERVICES[name]["ports"]} == {2}


def test_every_process_of_the_demo_has_its_clock() -> None:
    demo = composed("compose.demo.yaml")["services"]
    assert set(demo) == {*PROCESSES, "kafka"}
    assert {
        name for name in PROCESSES if demo[name]["environment"]["AFTERWARD_CLOCK_FILE"] != "/clock/clock.json"
    } == set()


def test_every_process_sends_traces_where_the_shell_says_so() -> None:
    services = composed()["services"]
    for name in PROCESSES:
        taken_over = {variable for variable, value in services[name]["environment"].items() if value is None}
        assert taken_over == {"AFTERWARD_OTLP_ENDPOINT", "AFTERWARD_TRACES_RATIO"}, name


def test_prometheus_asks_every_process() -> None:
    asked = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
    assert set(asked["scrape_configs"][0]["dns_sd_configs"][0]["names"]) == set(PROCESSES)


def test_secrets_are_made_once_and_only_for_their_owner(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    first = made(folder)
    before = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    assert first > 0
    assert made(folder) == 0
    assert {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()} == before
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "authority" / "ca.key").stat().st_mode & 0o777 == 0o600
    passwords = [content for file, content in before.items() if file.parent == folder / "jobs" / "users"]
    assert len(set(passwords)) == len(passwords) == len(PROCESSES) + 1
    assert {(folder / name / "kafka-password").read_bytes() for name in (*PROCESSES, "operator")} == set(passwords)
    assert all((folder / name / "http.crt").exists() for name in PROCESSES)


def made(folder: Path) -> int:
    """Runs `secrets.sh`; how many secrets it made."""
    environment = {"AFTERWARD_SECRETS": str(folder), "PATH": "/usr/local/bin:/usr/bin:/bin"}
    ended = subprocess.run([DEPLOY / "secrets.sh"], env=environment, capture_output=True, text=True, check=True)
    return int(ended.stdout.split()[0])


def test_a_container_runs_a_service_a_verb_or_nothing() -> None:
    assert command(["intake"])[:4] == ["-m", "faststream", "run", "services.intake.app:app"]
    assert command(["intake", "--host", "127.0.0.1"])[-2:] == ["--host", "127.0.0.1"]
    assert command(["afterward", "migrate", "intake"]) == ["-m", "afterward.cli", "migrate", "intake"]
    for wrong in ([], ["postgres"]):
        with pytest.raises(NothingToRun, match="contact-delivery-worker"):
            command(wrong)


def test_the_image_runs_as_nobody_in_particular_and_names_public_images_only() -> None:
    dockerfile = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    assert re.findall(r"^ARG (?:BASE|BUILDER)=(.*)$", dockerfile, re.MULTILINE) == ["python:3.11-slim-bookworm"] * 2
    assert "\nUSER 10001:10001\n" in dockerfile
    assert re.search(r'^HEALTHCHECK .* CMD \["python3", ', dockerfile, re.MULTILINE)
    assert re.search(r'^ENTRYPOINT \["python3", ', dockerfile, re.MULTILINE)
    last = dockerfile.rpartition("\nFROM ")[2]
    assert not re.search(r"^RUN ", last, re.MULTILINE)
