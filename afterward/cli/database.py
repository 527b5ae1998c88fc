"""migrate: a service's database is brought to this version of the code."""

from typing import Annotated

import typer
from pydantic import ValidationError

from afterward.cli.console import Failure, Json, out, print_json, verb
from afterward.cli.hiding import begin_again_without
from afterward.stack.supervisor import aggregates_of
from chassis.database_access import DatabaseAccess
from chassis.process.access_settings import DatabaseSettings, in_words
from chassis.store.migrate import migrate as bring_to_this_version
from schemas.services import EVERY_SERVICE

DSN = "AFTERWARD_DATABASE_DSN"
"""Where the service itself finds its database: what starts it can migrate with the same environment."""


@verb
async def migrate(
    service: Annotated[str, typer.Argument(help="whose database it is")],
    postgres: Annotated[str, typer.Option(envvar=DSN, help="the DSN of that database; keep it in the environment")],
    json_: Json = False,
) -> None:
    """Brings a service's database to this version of the code; changes nothing where it is there already."""
    if service not in EVERY_SERVICE:
        raise Failure(f"no service {service}; there are {', '.join(EVERY_SERVICE)}")
    begin_again_without(postgres, DSN)
    applied = await bring_to_this_version(access_of(postgres), service, aggregates_of(service))
    if json_:
        print_json({"service": service, "migrations": applied})
    else:
        out.print(f"{service}: {', '.join(applied) or 'nothing to migrate'}", markup=False)


def access_of(dsn: str) -> DatabaseAccess:
    """The DSN, with the password and the certificates that the environment names files of."""
    try:
        return DatabaseSettings(database_dsn=dsn).database
    except ValidationError as wrong:
        raise Failure(in_words(wrong)) from None
