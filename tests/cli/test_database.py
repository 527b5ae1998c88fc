"""migrate and --version: a service's database is brought to this version of the code, and which version that is."""

import json
import os
import subprocess
import sys
from importlib.metadata import version

import pytest

from afterward.cli import hiding


def afterward(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command line, with this in its environment."""
    command = [sys.executable, "-m", "afterward.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environment})


def test_a_database_is_migrated_once_with_the_dsn_from_the_environment(database: str) -> None:
    first = afterward("migrate", "discharge", "--json", AFTERWARD_DATABASE_DSN=database)
    assert (first.returncode, first.stderr) == (0, "")
    done = json.loads(first.stdout)
    assert done["service"] == "discharge"
    assert len(done["migrations"]) > 1
    again = afterward("migrate", "discharge", "--postgres", database)
    assert (again.returncode, again.stdout, again.stderr) == (0, "discharge: nothing to migrate\n", "")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("laundry", "--postgres", "postgresql://h/d"), "no service laundry; there are directory, intake"),
        (("intake", "--postgres", "nonsense"), "afterward: "),
    ],
)
def test_what_cannot_be_migrated_is_answered_in_a_line(arguments: tuple[str, ...], reason: str) -> None:
    done = afterward("migrate", *arguments)
    assert done.returncode == 1
    assert reason in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "given", [["--postgres", "postgresql://u:secret@h/d"], ["--postgres=postgresql://u:secret@h/d"]]
)
def test_a_dsn_that_was_given_as_an_option_leaves_the_command_line(
    monkeypatch: pytest.MonkeyPatch, given: list[str]
) -> None:
    begun: list[tuple[list[str], dict[str, str]]] = []
    monkeypatch.setattr(sys, "argv", ["afterward", "migrate", "intake", *given])
    monkeypatch.setattr(os, "execve", lambda _program, command, environment: begun.append((command, environment)))
    hiding.begin_again_without("postgresql://u:secret@h/d", "AFTERWARD_DATABASE_DSN")
    [(command, environment)] = begun
    assert command[-2:] == ["migrate", "intake"]
    assert environment["AFTERWARD_DATABASE_DSN"] == "postgresql://u:secret@h/d"


def test_the_command_says_which_version_it_is() -> None:
    assert afterward("--version").stdout == f"afterward {version('afterward')}\n"
