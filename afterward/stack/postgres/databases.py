"""One database and one role for each service, on any PostgreSQL server that lets us make them."""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_LOCK = 0x6166746572776172  # "afterwar": whoever else makes databases on this server with this function waits
_SCRAM_ITERATIONS = 4096
_UNLIMITED = -1
CONNECTIONS = 40
"""Of each role at a time: five processes of a service, each with some eight. The server has 200."""


async def ensure_databases(admin_dsn: str, passwords: Mapping[str, str], *, ours: bool = False) -> dict[str, str]:
    """Make what is missing of one role and one database for each service, and let nobody else connect to it.

    `ours`: the whole server is; then no role but an administrator's reaches the databases that come with it either.
    On somebody else's server these are left as they are: others may rely on them.

    `passwords`: service → the password that its role has afterwards; the caller keeps them. `admin_dsn`: a superuser,
    or a role with CREATEDB and CREATEROLE. Returns service → DSN, on the admin's server with the admin's options.
    Doing it again changes nothing. Raises ValueError for a name that is not a plain identifier, and asyncpg's errors.
    """
    for name in passwords:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} cannot name a database: use lower-case letters, digits and _")
    connection = await asyncpg.connect(admin_dsn, timeout=30)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        for name, password in passwords.items():
            await _ensure_role(connection, name, password)
            await _ensure_database(connection, name)
        if ours:
            await connection.execute("REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC")
    finally:
        await connection.close()
    return {name: _service_dsn(admin_dsn, name, password) for name, password in passwords.items()}


async def _ensure_role(connection: asyncpg.Connection, name: str, password: str) -> None:
    known = await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", name)
    if not known:
        await connection.execute(f'CREATE ROLE "{name}" LOGIN')
        # Only a member may give a database to the role; a superuser is one of everything already.
        await connection.execute(f'GRANT "{name}" TO CURRENT_USER')
    # One role that leaks connections must leave some to the others. An administrator's own number stays.
    if await connection.fetchval("SELECT rolconnlimit FROM pg_roles WHERE rolname = $1", name) == _UNLIMITED:
        await connection.execute(f'ALTER ROLE "{name}" CONNECTION LIMIT {CONNECTIONS}')
    # The verifier, not the password: statements end up in logs.
    await connection.execute(f"ALTER ROLE \"{name}\" PASSWORD '{_scram_verifier(password)}'")


async def _ensure_database(connection: asyncpg.Connection, name: str) -> None:
    if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", name):
        await connection.execute(f'CREATE DATABASE "{name}" OWNER "{name}" TEMPLATE template0')
    await connection.execute(f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC')


def _scram_verifier(password: str) -> str:
    """What PostgreSQL stores of a password (RFC 5803)."""
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _SCRAM_ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    encoded = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    return f"SCRAM-SHA-256${_SCRAM_ITERATIONS}:{encoded[0]}${encoded[1]}:{encoded[2]}"


def _service_dsn(admin_dsn: str, name: str, password: str) -> str:
    parts = urlsplit(admin_dsn)
    address = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{name}:{quote(password, safe='')}@{address}", path=f"/{name}"))
