"""context: what verbs talk to is kept for its owner alone, chosen by name, and refused with the field that is wrong."""

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from afterward.cli.app import app
from afterward.context import kept
from afterward.context.choosing import chosen
from afterward.context.kept import BadContext
from afterward.stack.running import Running, ServiceProcess, written_of
from chassis.bus_access import BusAccess

CLUSTER = """
[services]
intake = ["https://intake-0.example:8443/", "https://intake-1.example:8443"]
contact = ["https://contact.example"]
delivery-worker = ["https://worker.example"]

[http]
token_file = "token"
ca_file = "/etc/ca.pem"
purpose = "TREAT"

[kafka]
bootstrap_servers = "kafka.example:9093"
security_protocol = "SASL_SSL"
sasl_mechanism = "SCRAM-SHA-512"
username = "operator"
password_file = "kafka.password"
"""


@pytest.fixture(autouse=True)
def configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Contexts of nobody else."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "configuration"))
    monkeypatch.delenv("AFTERWARD_CONTEXT", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "configuration"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A cluster's file."""
    (tmp_path / "cluster.toml").write_text(CLUSTER)
    return tmp_path / "cluster.toml"


def command(*arguments: str) -> Result:
    """The command line, wide enough for one line a message."""
    return CliRunner(env={"COLUMNS": "300"}).invoke(app, arguments)


def added(*arguments: str) -> None:
    done = command("context", "add", *arguments)
    assert done.exit_code == 0, done.stderr


def test_a_cluster_is_kept_with_absolute_paths_and_for_its_owner_alone(configuration: Path, file: Path) -> None:
    added("prod", "--file", str(file))
    target = chosen("prod", None)
    assert target.services == {
        "intake": ("https://intake-0.example:8443", "https://intake-1.example:8443"),
        "contact": ("https://contact.example",),
    }
    assert target.processes["delivery-worker"] == ("https://worker.example",)
    assert (target.http.token_file, target.http.purpose) == (file.parent / "token", "TREAT")
    assert target.kafka is not None
    assert (target.kafka.username, target.kafka.password_file) == ("operator", file.parent / "kafka.password")
    written = configuration / "afterward" / "contexts.json"
    assert (written.stat().st_mode & 0o777, written.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_context_stays_what_it_was_when_its_file_goes(file: Path) -> None:
    added("prod", "--file", str(file))
    file.unlink()
    assert "intake" in chosen("prod", None).services


def test_which_one_holds_is_said_by_option_then_environment_then_use(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("in-use", "of-the-environment", "said"):
        added(name, "--file", str(file))
    assert command("context", "use", "in-use").stdout == "verbs talk to in-use\n"
    assert chosen(None, None).name == "context in-use"
    monkeypatch.setenv("AFTERWARD_CONTEXT", "of-the-environment")
    assert chosen(None, None).name == "context of-the-environment"
    assert chosen("said", None).name == "context said"


def test_a_data_directory_is_the_stack_there_whatever_is_in_use(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    added("prod", "--file", str(file))
    command("context", "use", "prod")
    monkeypatch.setenv("AFTERWARD_CONTEXT", "prod")
    process = ServiceProcess(7, "http://127.0.0.1:1")
    Running("localhost:1", None, {"intake": process}, "embedded", os.getpid()).save(tmp_path)
    assert chosen(None, tmp_path).services == {"intake": ("http://127.0.0.1:1",)}
    with pytest.raises(BadContext, match="--context or --data-dir, not both"):
        chosen("prod", tmp_path)


def test_every_process_of_a_service_of_a_stack_has_an_address(tmp_path: Path) -> None:
    names = ("intake", "intake-2", "discharge")
    processes = {name: ServiceProcess(7, f"http://127.0.0.1:{port}") for port, name in enumerate(names)}
    Running("localhost:1", None, processes, "embedded", os.getpid()).save(tmp_path)
    assert chosen(None, tmp_path).services == {
        "intake": ("http://127.0.0.1:0", "http://127.0.0.1:1"),
        "discharge": ("http://127.0.0.1:2",),
    }


def test_the_bus_of_a_stack_is_reached_as_its_supervisor_wrote_it_down(tmp_path: Path) -> None:
    access = BusAccess("localhost:9093", "SASL_SSL", "SCRAM-SHA-512", "operator", tmp_path / "password")
    written = Running(access.bootstrap_servers, None, {}, "Kafka", os.getpid(), kafka=written_of(access))
    written.save(tmp_path)
    assert chosen(None, tmp_path).kafka == access
    assert (tmp_path / "stack.json").stat().st_mode & 0o777 == 0o600


def test_a_stack_of_this_machine_can_be_kept_under_a_name_too(tmp_path: Path) -> None:
    added("trial", "--data-dir", str(tmp_path / "stack"))
    done = command("status", "--context", "trial")
    assert done.exit_code == 1
    assert done.stderr.startswith(f"afterward: no stack runs in {tmp_path / 'stack'}")


def test_contexts_are_listed_shown_and_removed(file: Path) -> None:
    added("prod", "--file", str(file))
    command("context", "use", "prod")
    rows = [json.loads(line) for line in command("context", "list", "--json").stdout.splitlines()]
    assert [(row["name"], row["in_use"]) for row in rows] == [("local", False), ("prod", True)]
    assert command("context", "list").stdout.splitlines()[-1].split()[:2] == ["*", "prod"]
    assert json.loads(command("context", "show", "--json").stdout)["http"]["token_file"] == str(file.parent / "token")
    shown = command("context", "show", "prod").stdout
    assert "intake = https://intake-0.example:8443/, https://intake-1.example:8443" in shown
    assert command("context", "remove", "prod").stdout == "forgotten: prod\n"
    assert kept.load() == kept.Contexts({})


@pytest.mark.parametrize(
    ("arguments", "emitted"),
    [
        (("use", "nowhere"), "no context nowhere; there are local: add one with `afterward context add NAME --file"),
        (("remove", "local"), "local is everybody's and stays"),
        (("add", "prod"), "say --file CLUSTER.toml or --data-dir DIR, one of them"),
        (("add", "../prod", "--data-dir", "x"), "'../prod' cannot name a context"),
        (("add", "local", "--data-dir", "x"), "'local' cannot name a context"),
        (("add", "prod", "--file", "none.toml"), "none.toml cannot be read: No such file or directory"),
    ],
)
def test_what_cannot_be_done_with_a_context_is_said_in_a_line(arguments: tuple[str, ...], emitted: str) -> None:
    done = command("context", *arguments)
    assert done.exit_code == 1
    assert emitted in done.stderr
    assert len(done.stderr.splitlines()) == 1


SERVICES = '[services]\nintake = ["https://i.example"]\n'


@pytest.mark.parametrize(
    ("content", "emitted"),
    [
        ("[services", "is not TOML"),
        ("", "[services] is missing"),
        (f"{SERVICES}[htp]\n", "htp is not known; there are services, http, kafka, clock_file"),
        (f"{SERVICES}laundry = []\n", "[services] laundry is not known; there are directory, intake"),
        ('[services]\nintake = "https://i"\n', "[services] intake: a list of the addresses of its replicas"),
        ("[services]\nintake = []\n", "[services] intake: a list of the addresses of its replicas"),
        ('[services]\nintake = ["i.example:80"]\n', "[services] intake: i.example:80 is no address"),
        (
            '[services]\nintake = ["https://me:secret@i"]\n',
            "an address holds a name or a password: who asks stands in [http]",
        ),
        (f'{SERVICES}[http]\ntokn_file = "t"\n', "[http] tokn_file is not known; there are token_file, ca_file"),
        (f"{SERVICES}[http]\ntoken_file = 7\n", '[http] token_file is text, in "…"'),
        (f'{SERVICES}[http]\nkey_file = "k"\n', "[http] certificate_file is missing"),
        (f'{SERVICES}[kafka]\nusername = "u"\n', "[kafka] bootstrap_servers is missing"),
        (f'{SERVICES}[kafka]\npassword = "p"\n', "[kafka] password is not known; there are bootstrap_servers"),
        ('[services]\nintake = ["http://i.example"]\n[http]\ntoken_file = "t"\n', "the token sent in plain text"),
    ],
)
def test_a_clusters_file_that_is_wrong_is_refused_with_the_field(content: str, emitted: str, tmp_path: Path) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text(content)
    done = command("context", "add", "prod", "--file", str(file))
    assert done.exit_code == 1
    assert done.stderr.startswith(f"afterward: {file}")
    assert emitted in done.stderr
    assert "me:secret" not in done.stderr


def test_a_token_may_go_in_plain_text_to_this_machine(tmp_path: Path) -> None:
    file = tmp_path / "forwarded.toml"
    file.write_text('[services]\nintake = ["http://127.0.0.1:8080"]\n[http]\ntoken_file = "t"\n')
    added("forwarded", "--file", str(file))


def test_contexts_that_somebody_has_spoilt_are_no_reason_for_a_traceback(configuration: Path) -> None:
    (configuration / "afterward").mkdir(parents=True)
    (configuration / "afterward" / "contexts.json").write_text("{")
    done = command("context", "list")
    assert done.exit_code == 1
    assert "contexts.json is not what `afterward context` writes" in done.stderr


def test_a_verb_of_the_bus_names_the_file_that_is_missing(file: Path) -> None:
    added("prod", "--file", str(file))
    done = command("tail", "--context", "prod")
    assert done.exit_code == 1
    assert "context prod, [kafka] password_file: there is no file" in done.stderr


def test_a_context_without_a_bus_says_what_to_add(tmp_path: Path) -> None:
    (tmp_path / "no-bus.toml").write_text(SERVICES)
    added("no-bus", "--file", str(tmp_path / "no-bus.toml"))
    for verb in (("tail",), ("rejections",), ("publish", str(tmp_path / "no-bus.toml"))):
        done = command(*verb, "--context", "no-bus")
        assert (done.exit_code, "context no-bus has no [kafka]" in done.stderr) == (1, True), done.stderr
    done = command("clock", "advance", "1h", "--context", "no-bus")
    assert (done.exit_code, "only a clock that stands still can be advanced" in done.stderr) == (1, True)
