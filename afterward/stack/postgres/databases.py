"""One database and two roles for each service, on any PostgreSQL server that lets us make them.

`<name>_owner` owns the database `<name>` and migrates it. `<name>` is whom the service runs as: it makes and changes no
table, and may do with each what the migration says (`chassis.store.rights`). Nobody else connects to the database.
"""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from chassis.database_access import DatabaseAccess
from chassis.store.rights import owner_of

_NAME = re.compile(r"[a-z][a-z0-9_]{0,50}")
_LOCK = 0x6166746572776172  # "afterwar": whoever else makes databases on this server with this function waits
_SCRAM_ITERATIONS = 4096
_UNLIMITED = -1
CONNECTIONS = 40
"""Of each service's role at a time: five processes of a service, each with some eight. The server has 200."""
OWNER_CONNECTIONS = 5


@dataclass(frozen=True, slots=True)
class RoleDsns:
    """Where the two roles of a service find its database, each with its password."""

    service: str
    owner: str


async def ensure_databases(
    admin: DatabaseAccess | str, passwords: Mapping[str, str], *, ours: bool = False
) -> dict[str, RoleDsns]:
    """Make what is missing of the database and the roles of each service, and let nobody else connect to it.

    `ours`: the whole server is; then no role but an administrator's reaches the databases that come with it either.
    On somebody else's server these are left as they are: others may rely on them.

    `passwords`: role → the password that it has afterwards; the caller keeps them. A service has `<name>` and
    `<name>_owner`. `admin`: a superuser, or a role with CREATEDB and CREATEROLE. Returns service → DSNs, on the admin's
    server with the admin's options. Doing it again changes nothing.

    Raises ValueError for a name that is no plain identifier, or a role whose other has no password; asyncpg's errors.
    """
    services = _services(passwords)
    admin = DatabaseAccess(admin) if isinstance(admin, str) else admin
    connection = await asyncpg.connect(**admin.options(), timeout=30)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        for name in services:
            await _ensure_role(connection, name, passwords[name], CONNECTIONS)
            await _ensure_role(connection, owner_of(name), passwords[owner_of(name)], OWNER_CONNECTIONS)
            # A migration ends the sessions of a service, whose code may not fit any more.
            await connection.execute(f'GRANT "{name}" TO "{owner_of(name)}"')
            await _ensure_database(connection, admin, name)
        if ours:
            await connection.execute("REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC")
    finally:
        await connection.close()
    return {
        name: RoleDsns(*(_dsn(admin.dsn, name, role, passwords[role]) for role in (name, owner_of(name))))
        for name in services
    }


def _services(passwords: Mapping[str, str]) -> list[str]:
    for role in passwords:
        if not _NAME.fullmatch(role):
            raise ValueError(f"{role!r} cannot name a database: use lower-case letters, digits and _")
    services = [role for role in passwords if owner_of(role) in passwords]
    alone = sorted(passwords.keys() - services - set(map(owner_of, services)))
    if alone:
        raise ValueError(f"{alone[0]} has a password, and {owner_of(alone[0])} has none: a service has both roles")
    return services


async def _ensure_role(connection: asyncpg.Connection, name: str, password: str, limit: int) -> None:
    known = await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", name)
    if not known:
        await connection.execute(f'CREATE ROLE "{name}" LOGIN')
        # Only a member may give a database to the role; a superuser is one of everything already.
        await connection.execute(f'GRANT "{name}" TO CURRENT_USER')
    # One role that leaks connections must leave some to the others. An administrator's own number stays.
    if await connection.fetchval("SELECT rolconnlimit FROM pg_roles WHERE rolname = $1", name) == _UNLIMITED:
        await connection.execute(f'ALTER ROLE "{name}" CONNECTION LIMIT {limit}')
    # The verifier, not the password: statements end up in logs.
    await connection.execute(f"ALTER ROLE \"{name}\" PASSWORD '{_scram_verifier(password)}'")


async def _ensure_database(connection: asyncpg.Connection, admin: DatabaseAccess, name: str) -> None:
    owner = await connection.fetchval("SELECT pg_get_userbyid(datdba)::text FROM pg_database WHERE datname = $1", name)
    if owner is None:
        await connection.execute(f'CREATE DATABASE "{name}" OWNER "{owner_of(name)}" TEMPLATE template0')
    elif owner == name:
        await _take_from_service(admin, name)
    await connection.execute(f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC')
    await connection.execute(f'GRANT CONNECT ON DATABASE "{name}" TO "{name}"')


async def _take_from_service(admin: DatabaseAccess, name: str) -> None:
    """Before there were two roles, a service owned its database: all in it goes over to the owner's role."""
    inside = await asyncpg.connect(**admin.options(), database=name, timeout=30)
    try:
        await inside.execute(f'REASSIGN OWNED BY "{name}" TO "{owner_of(name)}"')
    finally:
        await inside.close()


def _scram_verifier(password: str) -> str:
    """What PostgreSQL stores of a password (RFC 5803)."""
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _SCRAM_ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    encoded = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    return f"SCRAM-SHA-256${_SCRAM_ITERATIONS}:{encoded[0]}${encoded[1]}:{encoded[2]}"


def _dsn(admin_dsn: str, database: str, role: str, password: str) -> str:
    parts = urlsplit(admin_dsn)
    address = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{role}:{quote(password, safe='')}@{address}", path=f"/{database}"))
