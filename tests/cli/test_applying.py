"""`afterward databases apply`: roles and databases from a folder of passwords; what is missing is named."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner

from afterward.cli.app import app
from afterward.stack.postgres import Postgres


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Passwords of one service's roles."""
    for role in ("discharge", "discharge_owner"):
        (tmp_path / role).write_text(f"of {role}\n")
    return tmp_path


@pytest.fixture
def server(postgres: Postgres) -> Iterator[Postgres]:
    """Without what a test has made on it."""
    yield postgres
    asyncio.run(_remove(postgres))


async def _remove(postgres: Postgres) -> None:
    admin = await asyncpg.connect(postgres.dsn())
    await admin.execute("DROP DATABASE IF EXISTS discharge WITH (FORCE)")
    await admin.execute("DROP ROLE IF EXISTS discharge, discharge_owner")
    await admin.close()


def applied(
    postgres: Postgres, folder: Path, *words: str, environment: dict[str, str] | None = None
) -> tuple[int, str]:
    """Exit status and output of the job, with the administrator's password in a file."""
    (folder / ".administrator").write_text(postgres.dsn().split(":")[2].split("@")[0])
    given = {
        "AFTERWARD_ADMIN_DSN": postgres.dsn(password="x").replace(":x@", "@"),
        "AFTERWARD_ADMIN_PASSWORD_FILE": str(folder / ".administrator"),
    }
    done = CliRunner().invoke(
        app, ["databases", "apply", "--passwords", str(folder), *words], env=given | (environment or {})
    )
    return done.exit_code, done.output


def test_it_makes_the_services_whose_passwords_are_there(server: Postgres, folder: Path) -> None:
    for _ in range(2):
        assert applied(server, folder) == (0, "discharge: databases and their roles are there\n")
    assert asyncio.run(_user(server.dsn("discharge", "discharge", "of discharge"))) == "discharge"
    assert asyncio.run(_user(server.dsn("discharge", "discharge_owner", "of discharge_owner"))) == "discharge_owner"


async def _user(dsn: str) -> str:
    connection = await asyncpg.connect(dsn)
    try:
        return str(await connection.fetchval("SELECT current_user"))
    finally:
        await connection.close()


@pytest.mark.parametrize(
    ("missing", "words", "says"),
    [
        ("discharge_owner", (), "has no file discharge_owner"),
        ("discharge", (), "has no file discharge:"),
        (None, ("--service", "nursing"), "no service nursing"),
        (None, ("--service", "intake"), "has no file intake, intake_owner"),
    ],
)
def test_what_is_missing_is_named(
    postgres: Postgres, folder: Path, missing: str | None, words: tuple[str, ...], says: str
) -> None:
    if missing:
        (folder / missing).unlink()
    status, output = applied(postgres, folder, *words)
    assert status == 1
    assert says in output


def test_a_password_in_both_places_is_refused_with_the_variables(postgres: Postgres, folder: Path) -> None:
    status, output = applied(postgres, folder, environment={"AFTERWARD_ADMIN_DSN": postgres.dsn()})
    assert status == 1
    assert "AFTERWARD_ADMIN_DSN" in output
    assert "AFTERWARD_ADMIN_PASSWORD_FILE" in output
