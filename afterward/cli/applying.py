"""topics, access and databases apply: servers that are there already are made ready for the services."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from afterward.cli.console import Failure, Json, out, print_json, verb
from afterward.cli.hiding import begin_again_without
from afterward.cli.reaching import reaching
from afterward.cluster.acls import apply_acls, may_be_ours
from afterward.cluster.admin import admin_client
from afterward.cluster.users import apply_users, passwords_in
from afterward.stack.postgres import ensure_databases
from afterward.stack.supervisor import topic_spec
from afterward.stack.topics import TopicSpec, ensure_topics
from chassis.bus_access import BusAccess
from chassis.database_access import DatabaseAccess
from chassis.process.access_settings import BusSettings, in_words
from chassis.secret_files import AccessUnusable
from chassis.store.rights import owner_of
from schemas.access import matrix
from schemas.services import EVERY_SERVICE
from schemas.topics import TOPICS

ADMIN_DSN = "AFTERWARD_ADMIN_DSN"
ADMIN = "AFTERWARD_ADMIN_"
SAFE_REPLICATION = 3

topics = typer.Typer(help="The topics of the drawing on a Kafka cluster.", no_args_is_help=True)
access = typer.Typer(help="Who may do what on a Kafka cluster.", no_args_is_help=True)
databases = typer.Typer(help="Databases and their roles on a PostgreSQL server.", no_args_is_help=True)


@topics.callback()
@access.callback()
@databases.callback()
def _applying() -> None:
    """One verb each, which more may join."""


@topics.command("apply")
@verb
async def topics_apply(
    replication: Annotated[int, typer.Option(min=1, envvar="AFTERWARD_REPLICATION", help="copies of each record")] = 1,
    json_: Json = False,
) -> None:
    """Creates the topics that are missing; those that are there keep their configuration."""
    bus = _bus()
    wanted = [_replicated(topic_spec(topic), replication) for topic in TOPICS]
    async with reaching(bus):
        await ensure_topics(bus, wanted, replication=replication)
    if json_:
        print_json({"topics": [topic.name for topic in wanted]})
    else:
        out.print(f"{len(wanted)} topics are there")


def _replicated(topic: TopicSpec, replication: int) -> TopicSpec:
    """With copies enough, what is acknowledged is on two brokers, and one of them may be away."""
    if replication < SAFE_REPLICATION:
        return topic
    return TopicSpec(topic.name, topic.partitions, {**topic.config, "min.insync.replicas": str(replication - 1)})


@access.command("apply")
@verb
async def access_apply(
    users: Annotated[
        Path | None,
        typer.Option(
            "--users",
            envvar="AFTERWARD_USERS_FOLDER",
            help="folder of passwords, each in a file named after its principal",
        ),
    ] = None,
    named: Annotated[list[str] | None, typer.Option("--principal", help="one of a family, without a password")] = None,
    prune: Annotated[bool, typer.Option("--prune", help="take away what the matrix does not have")] = False,
    json_: Json = False,
) -> None:
    """Gives every principal of the matrix its rights, and those with a password file their SCRAM-SHA-512 users."""
    bus, passwords = _bus(), passwords_in(users) if users else {}
    strangers = sorted(name for name in passwords if not may_be_ours(name))
    passwords = {name: password for name, password in passwords.items() if name not in strangers}
    try:
        principals = matrix([*passwords, *(named or [])])
    except ValueError as error:
        raise Failure(f"--principal: {error}") from None
    async with reaching(bus):
        admin = admin_client(bus)
        lists = await asyncio.to_thread(apply_acls, admin, principals, prune=prune)
        written = await asyncio.to_thread(apply_users, admin, passwords, prune=prune) if users else None
    done = {
        "created": [str(one) for one in lists.created],
        "extra": [str(one) for one in lists.extra],
        "users": list(written.written) if written else [],
        "extra_users": list(written.extra) if written else [],
        "not_in_matrix": strangers,
        "pruned": prune,
    }
    print_json(done) if json_ else _say_applied(done, len(principals))


def _say_applied(done: Mapping[str, Any], principals: int) -> None:
    extra = "taken away" if done["pruned"] else "not in the matrix (--prune takes it away)"
    for entry in done["created"]:
        out.print(f"created: {entry}", markup=False)
    for one in [*done["extra"], *(f"user {name}" for name in done["extra_users"])]:
        out.print(f"{extra}: {one}", markup=False)
    for name in done["not_in_matrix"]:
        out.print(f"left alone, no principal of the matrix: the file {name}", markup=False)
    out.print(f"{principals} principals have their rights; {len(done['users'])} passwords were set")


@databases.command("apply")
@verb
async def databases_apply(
    passwords: Annotated[
        Path,
        typer.Option(
            "--passwords",
            envvar="AFTERWARD_ROLES_FOLDER",
            help="folder of passwords, each in a file named after its role",
        ),
    ],
    admin: Annotated[str, typer.Option("--admin", envvar=ADMIN_DSN, help="the DSN of an administrator")],
    service: Annotated[list[str] | None, typer.Option("--service", help="only this one; again for more")] = None,
    json_: Json = False,
) -> None:
    """Makes each service's database, the role that owns and migrates it, and the role that the service runs as."""
    begin_again_without(admin, ADMIN_DSN, "--admin")
    found = passwords_in(passwords)
    services = service or [name for name in EVERY_SERVICE if name in found or owner_of(name) in found]
    if unknown := sorted(set(services) - set(EVERY_SERVICE)):
        raise Failure(f"no service {', '.join(unknown)}; there are {', '.join(EVERY_SERVICE)}")
    roles = [role for name in services for role in (name, owner_of(name))]
    if missing := [role for role in roles if role not in found]:
        raise Failure(f"{passwords} has no file {', '.join(missing)}: each role has its password in one")
    if not roles:
        raise Failure(
            f"{passwords} has no password of a service: put one in a file `<service>`, one in `<service>_owner`"
        )
    made = await ensure_databases(_admin(admin), {role: found[role] for role in roles})
    if json_:
        print_json({"databases": list(made), "roles": roles})
    else:
        out.print(f"{', '.join(made)}: databases and their roles are there")


def _bus() -> BusAccess:
    """From the environment. Raises Failure, which names the variable."""
    try:
        return BusSettings().bus
    except ValidationError as error:
        raise Failure(in_words(error)) from None


def _admin(dsn: str) -> DatabaseAccess:
    """Raises Failure, which names the variable."""
    files = [os.environ.get(f"{ADMIN}{name}_FILE") for name in ("PASSWORD", "CA", "CERTIFICATE", "KEY")]
    given = DatabaseAccess(dsn, *(Path(one) if one else None for one in files))
    try:
        given.check(lambda field: f"{ADMIN}{field.upper()}")
    except AccessUnusable as error:
        raise Failure(str(error)) from None
    return given
