"""PostgreSQL behind TLS: verify-full, a password from a file, and what is said to whoever is refused."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from afterward.stack.postgres import Postgres
from chassis.database_access import DatabaseAccess
from chassis.failures import of_database
from chassis.store.connection import STORE_FAILED, connect
from tests.certificates import Authority
from tests.secured import database_access, secret_file
from tests.security.conftest import PASSWORD
from tests.tls_front import TlsFront


@pytest.fixture
def access(front: TlsFront, postgres: Postgres, authority: Authority) -> DatabaseAccess:
    """As `toy` over TLS."""
    return database_access(front, authority, postgres.dsn("postgres", "toy", "none"), PASSWORD)


async def refusal(access: DatabaseAccess) -> str:
    """What is said of a connection that is refused; whoever waits for the store tries it again."""
    with pytest.raises(STORE_FAILED) as refused:
        await connect(access, 5)
    assert isinstance(refused.value, Exception)
    return of_database(refused.value)


async def test_a_connection_is_encrypted_and_the_server_known(access: DatabaseAccess, front: TlsFront) -> None:
    access.check(str)
    before = front.handshakes
    connection = await connect(access, 5)
    assert await connection.fetchval("SELECT current_user::text") == "toy"
    assert front.handshakes == before + 1
    await connection.close()


Change = Callable[[DatabaseAccess, Authority, Path], DatabaseAccess]
REFUSALS: dict[str, tuple[Change, str]] = {
    "password": (
        lambda access, _o, folder: replace(access, password_file=secret_file(folder / "wrong", "no")),
        "it refuses this user's password, or knows no such user",
    ),
    "authority": (
        lambda access, other, _f: replace(access, ca_file=other.file),
        "it shows a certificate that does not come from AFTERWARD_DATABASE_CA_FILE",
    ),
    "name": (
        lambda access, *_: replace(access, dsn=access.dsn.replace("127.0.0.1", "localhost")),
        "it shows a certificate that is not for this host name",
    ),
    "database": (lambda access, *_: replace(access, dsn=access.dsn + "x"), "InvalidCatalogNameError"),
    "nobody": (lambda access, *_: replace(access, dsn="postgresql://127.0.0.1:1/x"), "ConnectionRefusedError"),
}


@pytest.mark.parametrize("name", REFUSALS)
async def test_who_is_refused_reads_which_of_it_is_wrong(
    name: str, access: DatabaseAccess, other_authority: Authority, tmp_path: Path
) -> None:
    change, words = REFUSALS[name]
    assert (await refusal(change(access, other_authority, tmp_path))).startswith(words)


async def test_a_server_without_tls_and_a_certificate_that_has_expired_are_said_to_be(
    access: DatabaseAccess, front: TlsFront, authority: Authority
) -> None:
    shown = front.shown
    try:
        front.shown = authority.issue("late", "127.0.0.1", expired=True)
        assert await refusal(access) == "it shows a certificate that has expired"
        front.shown = None
        assert await refusal(access) == "it speaks no TLS, and a certificate of it is wanted"
    finally:
        front.shown = shown


async def test_a_client_without_tls_is_refused_in_the_servers_words(access: DatabaseAccess) -> None:
    plain = replace(access, ca_file=None, dsn=f"{access.dsn}?sslmode=disable")
    assert await refusal(plain) == "it refuses this client: no pg_hba.conf entry for this host, no encryption"


async def test_a_password_that_was_replaced_is_used_for_the_next_connection(
    access: DatabaseAccess, postgres: Postgres
) -> None:
    file = access.password_file
    assert file is not None
    admin = await asyncpg.connect(postgres.dsn())
    try:
        await admin.execute("ALTER ROLE toy PASSWORD 'second'")
        assert await refusal(access) == "it refuses this user's password, or knows no such user"
        secret_file(file, "second")
        await (await connect(access, 5)).close()
    finally:
        await admin.execute(f"ALTER ROLE toy PASSWORD '{PASSWORD}'")
        await admin.close()
