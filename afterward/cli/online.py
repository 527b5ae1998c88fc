"""channel and route: a channel of online care as it stands, and where a patient would be sent, and why."""

import re
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote

import typer

from afterward.cli.console import (
    Context,
    Failure,
    Json,
    StackDir,
    counted,
    out,
    print_json,
    verb,
    words,
)
from afterward.context.asking import Asking
from afterward.context.choosing import chosen

_AGE = re.compile(r"([0-9]{1,3})(a|mo)")
WHY_NOT: Mapping[str, str] = {
    "children_only": "is for children only",
    "dialysis": "has nobody for patients on dialysis",
    "pregnant": "has nobody for pregnant patients",
    "departments": "none of its departments fits",
}


@verb
async def channel(
    channel_id: Annotated[str, typer.Argument(help="the channel")],
    context: Context = None,
    data_dir: StackDir = None,
    json_: Json = False,
) -> None:
    """What was held in a channel since it opened, who waits, who is on duty, and when nobody is."""
    async with Asking(chosen(context, data_dir)) as asking:
        known = await asking.get("consultation", f"/v1/channels/{quote(channel_id, safe='')}")
    if known is None:
        raise Failure(f"no channel {channel_id} was ever opened")
    if json_:
        print_json(known)
        return
    for line in described(known):
        out.print(line, markup=False)


def described(known: Mapping[str, Any]) -> list[str]:
    """A channel in sentences."""
    counts, declared = known["counts"], known["declaration"] or {}
    state = "open" if known["is_open"] else "not open"
    around = ", around the clock" if declared.get("open_24h") else ""
    held = counted(counts["consultations"], "consultation") or "nothing"
    lines = [
        f"{declared.get('name', 'not declared')} ({known['channel_id']}): {state}{around}",
        f"opened {declared.get('opened_at')} by {declared.get('institution_id')}",
        f"departments: {', '.join(map(words, declared.get('departments', ())))}",
        f"held since it opened: {held}, {counts['people']} people, {counts['experts']} experts, "
        f"{counts['avoided_visits']} of them without a referral",
        f"now: {counts['waiting']} waiting, {counts['assigned']} with an expert, {len(known['on_duty'])} on duty",
    ]
    gaps = [gap for gap in known["gaps"] if not gap["is_over"]]
    return [*lines, *(f"nobody on the roster from {gap['from']} until {gap['until']}" for gap in gaps)]


@verb
async def route(  # noqa: PLR0913 - what is asked for has that many sides
    *,
    jurisdiction: Annotated[str, typer.Option(help="ISO 3166-2, such as CN-HN")],
    age: Annotated[str | None, typer.Option(help="3a in years, 13mo in months")] = None,
    symptom: Annotated[list[str] | None, typer.Option(help="SNOMED CT code; more than once for more")] = None,
    group: Annotated[list[str] | None, typer.Option(help="pregnant, dialysis, comorbid")] = None,
    red_flag: Annotated[list[str] | None, typer.Option(help="what cannot wait")] = None,
    district: Annotated[str | None, typer.Option(help="where the patient lives")] = None,
    channel: Annotated[str | None, typer.Option(help="the channel that the patient names")] = None,
    context: Context = None,
    data_dir: StackDir = None,
    json_: Json = False,
) -> None:
    """Where a patient would be sent now who asks for a consultation, why, and why not elsewhere."""
    asked = {
        "jurisdiction": jurisdiction,
        "age": _age(age),
        "symptoms": symptom or [],
        "groups": group or [],
        "red_flags": red_flag or [],
        "district": district,
        "channel_id": channel,
    }
    async with Asking(chosen(context, data_dir)) as asking:
        found = await routing(asking, asked)
    if json_:
        print_json(found)
        return
    for line in explained(found):
        out.print(line, markup=False)


async def routing(asking: Asking, asked: Mapping[str, Any]) -> Any:
    """Where consultation would send whoever asks for this. Raises Unanswered, Refused."""
    return await asking.post("consultation", "/v1/route", asked)


def explained(found: Mapping[str, Any]) -> list[str]:
    """A routing in sentences."""
    lines = [f"class: {words(found['priority'])}, to be answered within {found['answer_within_minutes']} minutes"]
    if found["channel_id"]:
        lines.append(f"channel: {found['channel_id']} ({found['channel']}), because {found['because']}")
    else:
        lines.append("channel: none that is open fits")
    lines += [f"not {one['channel_id']}: it {WHY_NOT[one['why']]}" for one in found["not"]]
    for referral in found["referrals"]:
        to = referral["institution_id"] or "nobody: no institution is known that can take the patient"
        lines.append(f"referred ({words(referral['why'])}) to {to}")
    return lines


def _age(text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    found = _AGE.fullmatch(text)
    if found is None:
        raise Failure("--age takes whole years or months, such as 3a or 13mo")
    return {"value": int(found[1]), "unit": found[2]}
