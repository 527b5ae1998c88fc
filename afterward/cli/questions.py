"""case and bulletin: what the services know, for people and for programs."""

import asyncio
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any
from urllib.parse import quote

import typer
from aiokafka.errors import KafkaError

from afterward.cli.bulletin_table import Edition, bulletin_sections
from afterward.cli.case_view import CaseView, Section
from afterward.cli.checking import refused_of, row_of
from afterward.cli.console import Context, Failure, Json, StackDir, out, print_json, show, verb
from afterward.context.asking import Asking
from afterward.context.choosing import chosen
from afterward.context.target import Target
from afterward.rejections import Refused

Purpose = Annotated[
    str | None,
    typer.Option("--purpose", metavar="CODE", help="why it is read: HL7's PurposeOfUse, such as TREAT or PUBHLTH"),
]


@verb
async def case(
    case_id: Annotated[str, typer.Argument(help="the case")],
    section: Annotated[
        list[Section] | None, typer.Option("--section", help="only what this service knows; more than once for more")
    ] = None,
    purpose: Purpose = None,
    context: Context = None,
    data_dir: StackDir = None,
    json_: Json = False,
) -> None:
    """What each service knows: stage, criteria and their evidence, the table of days, calls. Each reading is kept."""
    target = chosen(context, data_dir)
    known = await what_is_known(target, case_id, purpose or target.http.purpose)
    refused = await _refused_of(target, case_id)
    if not known and not refused:
        raise Failure("no service has heard of this case")
    asked_for = section or list(Section)
    if json_:
        known = {name: known[name] for name in known if not section or name in section}
        rows = None if refused is None else [row_of(one) for one in refused]
        print_json({"case_id": case_id, "as_of": target.timeline.now().isoformat(), **known, "refused": rows})
        return
    for part in CaseView(case_id, known, refused).parts(asked_for):
        show(part)


async def what_is_known(target: Target, case_id: str, purpose: str | None) -> dict[str, Any]:
    """Service → what it knows of a case; services that have not heard of it are left out. Raises Unanswered, Refused.

    `blocked` stands in what a service knows where it cannot judge what came since.
    """
    async with Asking(target) as asking:
        answers = await asyncio.gather(*(asking.case(name, case_id, purpose) for name in target.services))
    return {
        name: {**({"blocked": True} if answer["blocked"] else {}), **(answer["known"] or {})}
        for name, answer in zip(target.services, answers, strict=True)
        if answer is not None and (answer["blocked"] or answer["known"] is not None)
    }


async def _refused_of(target: Target, case_id: str) -> list[Refused] | None:
    """The reports about a case that were refused; None where no bus says so: what services know needs none."""
    try:
        return None if target.kafka is None else await refused_of(target.bus, case_id)
    except (KafkaError, OSError):
        return None


@verb
async def bulletin(
    jurisdiction: Annotated[str, typer.Option(help="ISO 3166-2, such as CN-SH")],
    date_: Annotated[str, typer.Option("--date", help="the civil day, YYYY-MM-DD")],
    edition: Annotated[
        Edition, typer.Option(help="all figures, or those in which nobody can be found")
    ] = Edition.COMMISSION,
    context: Context = None,
    data_dir: StackDir = None,
    json_: Json = False,
) -> None:
    """The bulletin of a day, as it stands: the commission's edition, or the public one."""
    target = chosen(context, data_dir)
    try:
        day = date.fromisoformat(date_)
    except ValueError:
        raise Failure("--date takes a civil day, YYYY-MM-DD") from None
    async with Asking(target) as asking:
        standing = await standing_bulletin(asking, jurisdiction, day, edition)
    if standing is None:
        what = "bulletin" if edition is Edition.COMMISSION else "public bulletin"
        raise Failure(f"no {what} of {jurisdiction} for {day}: the day has not ended there, or nothing is known of it")
    if json_:
        print_json(standing)
        return
    for section in bulletin_sections(standing):
        out.print(section)


async def standing_bulletin(
    asking: Asking, jurisdiction: str, day: date, edition: Edition = Edition.COMMISSION
) -> Mapping[str, Any] | None:
    """The bulletin of a day as it stands; None while there is none."""
    path = f"/v1/bulletins/{quote(jurisdiction, safe='')}/{day}"
    found: Mapping[str, Any] | None = await asking.get("bulletin", path, {"edition": edition.value})
    return found
