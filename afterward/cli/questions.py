"""case and bulletin: what the services know, for people and for programs."""

import asyncio
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any
from urllib.parse import quote

import typer
from aiokafka.errors import KafkaError
from confluent_kafka import KafkaException

from afterward.cli.bulletin_table import Edition, bulletin_sections
from afterward.cli.case_view import CaseView, Section
from afterward.cli.checking import refused_of, row_of
from afterward.cli.console import Context, Failure, Json, StackDir, out, print_json, show, verb
from afterward.context.asking import FORBIDDEN, Asking, Refused
from afterward.context.choosing import chosen
from afterward.context.target import NotThere, Target
from afterward.rejections import Refused as RefusedReport
from chassis.secret_files import AccessUnusable

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
    known, withheld = await what_is_known(target, case_id, purpose or target.http.purpose)
    refused, unread = await _refused_of(target, case_id)
    if not known and not refused:
        raise Failure("; ".join(withheld.values()) or "no service has heard of this case")
    asked_for = section or list(Section)
    if json_:
        known = {name: known[name] for name in known if not section or name in section}
        rows = None if refused is None else [row_of(one) for one in refused]
        more: dict[str, Any] = {"withheld": withheld} if withheld else {}
        more |= {"unread": unread} if unread else {}
        print_json({"case_id": case_id, "as_of": target.timeline.now().isoformat(), **known, "refused": rows, **more})
        return
    for part in CaseView(case_id, known, refused, withheld, unread).parts(asked_for):
        show(part)


async def what_is_known(target: Target, case_id: str, purpose: str | None) -> tuple[dict[str, Any], dict[str, str]]:
    """Service → what it knows of a case, and service → why it does not say so to whoever asks.

    Services that have not heard of the case are left out. `blocked` stands in what a service knows where it cannot
    judge what came since. Raises Unanswered, Refused.
    """
    known, withheld = {}, {}
    async with Asking(target) as asking:
        answers = await asyncio.gather(*(_asked(asking, name, case_id, purpose) for name in target.services))
    for name, answer in zip(target.services, answers, strict=True):
        if isinstance(answer, Refused):
            withheld[name] = str(answer)
        elif answer is not None and (answer["blocked"] or answer["known"] is not None):
            known[name] = {**({"blocked": True} if answer["blocked"] else {}), **(answer["known"] or {})}
    return known, withheld


async def _asked(asking: Asking, service: str, case_id: str, purpose: str | None) -> Any:
    """The answer of a service; Refused, not raised, where whoever asks may see no case of that place."""
    try:
        return await asking.case(service, case_id, purpose)
    except Refused as refused:
        if refused.status != FORBIDDEN:
            raise
        return refused


async def _refused_of(target: Target, case_id: str) -> tuple[list[RefusedReport] | None, list[str]]:
    """The reports about a case that were refused, and the topics of answers that may not be read.

    None where no bus says so: what services know needs none.
    """
    try:
        return await refused_of(target.bus, case_id)
    except (KafkaError, KafkaException, OSError, NotThere, AccessUnusable):
        return None, []


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
