"""retain: what was erased leaves archives and audit, and what was kept for its time is removed. The owner's job."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, urlsplit

import typer

from afterward.cli.console import Failure, Json, StackDir, out, print_json, verb
from afterward.cli.database import DSN, access_of
from afterward.cli.hiding import begin_again_without
from afterward.context.choosing import chosen
from afterward.stack.running import databases
from afterward.stack.supervisor import passwords
from chassis.clock import real_now
from chassis.database_access import DatabaseAccess
from chassis.store.keeping.retaining import Kept, NotTheOwner, Removed
from chassis.store.keeping.retaining import retain as prune
from chassis.store.rights import owner_of
from schemas.services import EVERY_SERVICE


def _kept(variable: str, what: str) -> Any:
    return typer.Option(min=1, envvar=f"AFTERWARD_{variable}_KEEP_DAYS", help=f"days that {what}; absent: for ever")


@verb
async def retain(
    service: Annotated[str | None, typer.Argument(help="whose database it is; absent: all of this stack")] = None,
    postgres: Annotated[str | None, typer.Option(envvar=DSN, help="the DSN of its owner, in the environment")] = None,
    archive_days: Annotated[int | None, _kept("ARCHIVE", "a month of events is kept after its end")] = None,
    parked_days: Annotated[int | None, _kept("PARKED", "a record that nobody can judge is kept")] = None,
    audit_days: Annotated[int | None, _kept("AUDIT", "it is kept who has read what")] = None,
    data_dir: StackDir = None,
    json_: Json = False,
) -> None:
    """Finishes what `afterward forget` began, and removes what was kept for its time. Meant for every night."""
    kept = Kept(*(None if days is None else timedelta(days=days) for days in (archive_days, parked_days, audit_days)))
    if service is None:
        target = chosen(None, data_dir)
        if target.data_dir is None:
            raise Failure("name a service, and put the DSN of its database's owner into " + DSN)
        accesses, now = _owners(target.data_dir), target.timeline.now()
    else:
        if service not in EVERY_SERVICE:
            raise Failure(f"no service {service}; there are {', '.join(EVERY_SERVICE)}")
        if postgres is None:
            raise Failure(f"put the DSN of the owner of {service}'s database into {DSN}")
        begin_again_without(postgres, DSN)
        accesses, now = {service: access_of(postgres)}, real_now()
    for name, access in accesses.items():
        try:
            done = await prune(access, name, kept, now, real_now())
        except NotTheOwner:
            raise Failure(f"{name}: only the owner of the database may do that, {owner_of(name)}") from None
        print_json({"service": name, **done._asdict()}) if json_ else _say(name, done)


def _owners(data_dir: Path) -> Mapping[str, DatabaseAccess]:
    """Service → its database, as its owner, in the stack of a data directory."""
    known = passwords(data_dir)
    return {name: DatabaseAccess(_as_owner(dsn, name, known)) for name, dsn in databases(data_dir).items()}


def _as_owner(dsn: str, service: str, known: Mapping[str, str]) -> str:
    owner, parts = owner_of(service), urlsplit(dsn)
    where = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{owner}:{quote(known[owner], safe='')}@{where}").geturl()


def _say(service: str, done: Removed) -> None:
    counts = {
        "erasures finished": done.erasures,
        "erasures that wait for the bus": done.unfinished,
        "parked records removed": done.parked,
        "lines about discarded records removed": done.discarded,
        "entries of audit removed": done.audit,
    }
    lines = [f"{number} {what}" for what, number in counts.items() if number]
    lines += [f"{month} dropped" for month in done.months]
    lines += [f"kept: {done.why_not}"] if done.why_not else []
    out.print(f"{service}: {', '.join(lines) or 'nothing to remove'}", markup=False)
