"""The call centre of the integrators' page, in Python and in Node, phones silent patients of a running stack."""

import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from tests.journeys.call_centre import EXAMPLE, PROMPT, Program, in_node, in_python, report_id, running
from tests.journeys.patient import SHANGHAI, Patient
from tests.journeys.stack import A_DAY, Sent, Stack

pytestmark = [pytest.mark.timeout(600), pytest.mark.wide]
PAGE = EXAMPLE.parents[1] / "call-centre.md"
ARRIVED = "afterward.TravellerArrived.v1"
REQUESTED, COMPLETED = "afterward.CallRequested.v1", "afterward.CallCompleted.v1"
JURISDICTIONS = {"python": "CN-GD", "node": "CN-HL"}
"""Where nobody lives of whom another journey tells: both lists are theirs alone."""


class Seen(NamedTuple):
    """What is known of calls beside the programs."""

    stack: Stack
    jurisdiction: str

    async def last_words(self, case_id: str) -> dict[str, Mapping[str, Any]]:
        """Call → the last word on it by the topic: its event's data, and whether it is open."""
        events = [event for event in await self.stack.events(case_id) if event.type in {REQUESTED, COMPLETED}]
        last = {event.data["call_id"]: event for event in sorted(events, key=lambda event: event.sequence or 0)}
        return {
            call_id: {**event.data, "is_open": event.type == REQUESTED and not event.data.get("withdrawn")}
            for call_id, event in last.items()
        }

    async def open_call(self, case_id: str) -> Mapping[str, Any] | None:
        """The call that is open, None without one; topic and work list agree on it."""
        found = [word for word in (await self.last_words(case_id)).values() if word["is_open"]]
        async with httpx.AsyncClient(base_url=self.stack.running.services["followup"].url) as client:
            answer = await client.get("/v1/worklists/calls", params={"jurisdiction": self.jurisdiction})
        listed = [entry["item"]["call_id"] for entry in answer.json()["entries"] if entry["key"] == case_id]
        assert [word["call_id"] for word in found] == listed
        return found[0] if found else None

    async def reports(self, case_id: str) -> list[Sent]:
        """What was reported of a case to followup, in order, as it lies on the topic."""
        records = await self.stack.records(["followup.reports.v1"])
        return [Sent(one.topic, one.key, one.value) for one in records if one.key == case_id.encode()]


async def silent(stack: Stack, name: str) -> tuple[Patient, Patient]:
    """Two patients who went home the day before yesterday and said nothing yesterday; it is noon."""
    now = stack.now().astimezone(SHANGHAI)
    noon = now.replace(hour=12, minute=0, second=0, microsecond=0) + A_DAY
    patients = [Patient(f"{name}-{letter}", noon - timedelta(days=12, hours=12)) for letter in "ab"]
    home = {"jurisdiction": JURISDICTIONS[name], "district": "District 1"}
    await stack.until(noon)
    stays = [report for patient in patients for report in patient.stay() if report.type_name() != ARRIVED]
    await stack.tell(*(patient.arrived(residence=home) for patient in patients), *stays)
    await stack.until(noon + 2 * A_DAY)
    one, other = patients
    return one, other


@pytest.mark.parametrize("language", JURISDICTIONS)
async def test_silent_patients_are_called_until_no_call_is_open(stack: Stack, language: str, tmp_path: Path) -> None:
    command = in_python() if language == "python" else in_node(tmp_path)
    one, other = await silent(stack, language)
    seen, journal = Seen(stack, JURISDICTIONS[language]), tmp_path / "calls.jsonl"
    settings = {
        "CALLCENTRE_NAME": language,
        "CALLCENTRE_JURISDICTION": seen.jurisdiction,
        "CALLCENTRE_JOURNAL": str(journal),
        "CALLCENTRE_PAGE": "1",
        "KAFKA_BOOTSTRAP_SERVERS": stack.running.bootstrap_servers,
        "FOLLOWUP_URL": stack.running.services["followup"].url,
    }
    first = await seen.open_call(one.case_id)

    async with running(command, settings) as centre:
        await phones_both(centre, one.case_id, other.case_id)
    await stack.quiet()
    second = await seen.open_call(one.case_id)
    assert await seen.open_call(other.case_id) is None
    assert first is not None
    assert second is not None

    await stack.until(stack.now() + timedelta(hours=1))  # what settles a day at once asks for no second call
    write_down(journal, language, second, stack.now())
    async with running(command, settings) as centre:
        await centre.prints(f"{one.case_id}: call 2 is closed: reached")
        await centre.prints("0 to be called")
        assert PROMPT not in centre.lines
    await stack.quiet()
    assert await seen.open_call(one.case_id) is None
    closed = (await seen.last_words(one.case_id)).values()
    assert [word["outcome"] for word in closed] == ["no_answer", "reached"]

    named = [report_id(language, call["call_id"], call["attempt"]) for call in (first, second)]
    await repeat(seen, one.case_id, named)


async def phones_both(centre: Program, one: str, other: str) -> None:
    """Until it asks how the second call to the first of them ended."""
    await centre.prints("2 to be called")
    await centre.prints(f"{one}: call 1 of 3, day_missed; running since ")
    await centre.is_typed("no_answer")
    await centre.prints(f"{one}: call 1 is closed: no_answer")
    await centre.prints(f"{other}: call 1 of 3, day_missed; running since ")
    await centre.is_typed("what?")
    await centre.is_typed("reached")
    await centre.prints(f"{other}: call 1 is closed: reached")
    await centre.prints(f"{one}: call 2 of 3")


def write_down(journal: Path, name: str, call: Mapping[str, Any], now: datetime) -> None:
    """What a call centre leaves that is killed between writing a report down and sending it."""
    report = json.loads(journal.read_text().splitlines()[0])
    report["id"] = report_id(name, call["call_id"], call["attempt"])
    report["data"] |= {"call_id": call["call_id"], "outcome": "reached", "called_at": now.isoformat()}
    with journal.open("a") as file:
        file.write(json.dumps({**report, "time": now.isoformat(), "recordedtime": now.isoformat()}) + "\n")


async def repeat(seen: Seen, case_id: str, named: list[str]) -> None:
    """Sends what a case has been reported with once more: nothing follows, not even a refusal."""
    sent = await seen.reports(case_id)
    assert [json.loads(report.value or b"")["id"] for report in sent] == named
    before = {event.id: event for event in await seen.stack.events(case_id)}
    await seen.stack.publish(sent)
    await seen.stack.quiet()
    assert {event.id: event for event in await seen.stack.events(case_id)} == before
    assert not any(event.type == "afterward.ReportRejected.v1" for event in before.values())


def test_the_page_lists_what_the_programs_read() -> None:
    read = {
        name
        for file in (*EXAMPLE.glob("*.py"), *EXAMPLE.glob("*.mjs"))
        for name in re.findall(r"\b(?:CALLCENTRE|KAFKA|FOLLOWUP|NODE)_[A-Z_]+\b", file.read_text(encoding="utf-8"))
    }
    listed = re.findall(r"^\| `([A-Z_]+)`", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(read) == sorted(listed)
