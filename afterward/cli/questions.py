"""case and bulletin: what the services know, for people and for programs."""

from datetime import date
from typing import Annotated

import typer
from aiokafka.errors import KafkaError

from afterward.cli.bulletin_table import Edition, bulletin_sections
from afterward.cli.case_view import CaseView, Section
from afterward.cli.checking import refused_of, row_of
from afterward.cli.console import DEFAULT_DATA_DIR, DataDir, Failure, Json, out, print_json, show, verb
from afterward.stack.cases import what_is_known
from afterward.stack.running import Running, stack_timeline
from chassis.store.connection import connect
from services.bulletin import views as bulletins


@verb
async def case(
    case_id: Annotated[str, typer.Argument(help="the case")],
    section: Annotated[
        list[Section] | None, typer.Option("--section", help="only what this service knows; more than once for more")
    ] = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    json_: Json = False,
) -> None:
    """What each service knows: stage, criteria and their evidence, the table of days, calls."""
    data_dir = data_dir.absolute()
    known = await what_is_known(data_dir, case_id)
    try:
        refused = await refused_of(Running.load(data_dir), case_id)
    except KafkaError:  # what the services know needs no bus
        refused = None
    if not known and not refused:
        raise Failure("no service has heard of this case")
    asked_for = section or list(Section)
    if json_:
        known = {name: known[name] for name in known if not section or name in section}
        rows = None if refused is None else [row_of(one) for one in refused]
        print_json({"case_id": case_id, "as_of": stack_timeline(data_dir).now().isoformat(), **known, "refused": rows})
        return
    for part in CaseView(case_id, known, refused).parts(asked_for):
        show(part)


@verb
async def bulletin(
    jurisdiction: Annotated[str, typer.Option(help="ISO 3166-2, such as CN-SH")],
    date_: Annotated[str, typer.Option("--date", help="the civil day, YYYY-MM-DD")],
    edition: Annotated[
        Edition, typer.Option(help="all figures, or those in which nobody can be found")
    ] = Edition.COMMISSION,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    json_: Json = False,
) -> None:
    """The bulletin of a day, as it stands: the commission's edition, or the public one."""
    running = Running.load(data_dir.absolute())
    try:
        day = date.fromisoformat(date_)
    except ValueError:
        raise Failure("--date takes a civil day, YYYY-MM-DD") from None
    connection = await connect(running.services["bulletin"].dsn, statement_timeout_seconds=30)
    try:
        standing = await bulletins.bulletin(connection, jurisdiction, day, edition.value)
    finally:
        await connection.close()
    if standing is None:
        what = "bulletin" if edition is Edition.COMMISSION else "public bulletin"
        raise Failure(f"no {what} of {jurisdiction} for {day}: the day has not ended there, or nothing is known of it")
    if json_:
        print_json(standing)
        return
    for section in bulletin_sections(standing):
        out.print(section)
