"""A stack that is written down as a cluster answers every verb as it does by its data directory; nobody reads more."""

import json
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from typer.testing import CliRunner

from afterward.cli.app import app
from tests.cli.conftest import Command
from tests.journeys.stack import Stack

pytestmark = [pytest.mark.timeout(600), pytest.mark.wide]


@pytest.fixture
def cluster(stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The context of a cluster that is the running stack."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    running = stack.running
    lines = [f'clock_file = "{stack.data_dir / "clock.json"}"', "[services]"]
    lines += [f'{name} = ["{process.url}"]' for name, process in running.services.items()]
    lines += ["[http]", 'purpose = "HOPERAT"', "[kafka]", f'bootstrap_servers = "{running.bootstrap_servers}"']
    (tmp_path / "cluster.toml").write_text("\n".join(lines))
    done = CliRunner().invoke(app, ["context", "add", "either", "--file", str(tmp_path / "cluster.toml")])
    assert done.exit_code == 0, done.stderr
    return "either"


@pytest.mark.parametrize(
    "question",
    [
        ("case", "cli-child", "--json"),
        ("worklist", "visits", "--jurisdiction", "CN-SH", "--json"),
        ("bulletin", "--jurisdiction", "CN-SH", "--date", "2020-09-20", "--json"),
        ("route", "--jurisdiction", "CN-HN", "--json"),
        ("channel", "never-opened"),
        ("parked", "list", "--json"),
        ("rejections", "--json"),
        ("tail", "intake.events.v1", "--from-start", "--no-follow", "--json"),
        ("clock", "show"),
        ("wait",),
    ],
    ids=lambda question: question[0],
)
def test_a_verb_answers_the_same_of_a_stack_and_of_a_cluster(
    command: Command, cluster: str, question: tuple[str, ...]
) -> None:
    by_directory: CompletedProcess[str] = command(*question)
    by_context = CliRunner().invoke(app, [*question, "--context", cluster])
    assert (by_context.exit_code, by_context.stdout) == (by_directory.returncode, by_directory.stdout)


def test_what_a_stack_leaves_for_verbs_holds_no_database(stack: Stack) -> None:
    written = (stack.data_dir / "stack.json").read_text()
    passwords = json.loads((stack.data_dir / "passwords.json").read_text())
    assert "postgres" not in written
    assert not [name for name, password in passwords.items() if password in written]


def test_who_has_read_a_case_is_kept_by_each_service_that_knew_of_it(command: Command) -> None:
    command("case", "cli-child", "--purpose", "TREAT")
    read = [json.loads(line) for line in command("audit", "--case", "cli-child", "--json").stdout.splitlines()]
    treated = [row for row in read if row["purpose"] == "TREAT"]
    assert {"intake", "treatment", "discharge", "followup"} <= {row["service"] for row in treated}
    assert {(row["who"], row["what"]) for row in treated} == {("local", "GET /v1/cases/cli-child")}
