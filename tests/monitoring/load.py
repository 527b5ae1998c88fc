"""A stack with everything that a dashboard shows: people who wait for somebody, and records of every kind that come."""

import asyncio
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Final

from schemas.message import Report
from schemas.reports.treatment import ComorbidityReported
from tests.journeys.online_care import Place
from tests.journeys.patient import SHANGHAI, Patient
from tests.journeys.side_by_side import Heard
from tests.journeys.stack import Sent, Stack, envelope, running_stack

BEGIN: Final = datetime(2020, 9, 14, tzinfo=SHANGHAI)
AT_HOME: Final = 6
SUBSCRIPTIONS: Final = """
[[subscriptions]]
id = "record-of-discharges"
types = ["Discharged", "DischargeRevoked"]
since = 2020-09-01T00:00:00+08:00
log = true
"""
PACE: Final = {"AFTERWARD_SURVEY_SECONDS": "2", "AFTERWARD_STANDING_STILL_SECONDS": "24"}
"""So that work lists are counted, and gauges brought up to date, every two seconds."""


@contextmanager
def loaded(folder: Path) -> Iterator[Stack]:
    """A stack of all services and the delivery worker, on the embedded bus."""
    file = folder / "subscriptions.toml"
    file.write_text(SUBSCRIPTIONS, encoding="utf-8")
    before = {name: os.environ.get(name) for name in PACE}
    os.environ.update(PACE)
    try:
        with running_stack(folder / "data", "embedded", BEGIN.isoformat(), "--subscriptions", str(file)) as stack:
            yield stack
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def people() -> list[Patient]:
    """Those who go home."""
    return [Patient(f"watched-{number}", BEGIN) for number in range(AT_HOME)]


async def prepare(stack: Stack) -> None:
    """Six are discharged and silent, two with a fever; others wait for a bed, for regular care, for an expert."""
    home = people()
    await stack.until(home[0].at(12, 11))
    for number, patient in enumerate(home):
        renal = {"condition": "N18.6", "active": True, "needs_regular_care": bool(number % 2)}
        await stack.publish_reports(
            *patient.stay(), ComorbidityReported.model_validate({"case_id": patient.case_id, **renal})
        )
    await stack.quiet()
    await stack.until(home[0].at(15, 12))
    fever = [patient.log("am", patient.at(15, 8), temperature_c=39.4) for patient in home[:2]]
    await stack.tell(*fever, *awaited(stack.now()))


def awaited(now: datetime) -> Iterator[Report]:
    """Who waits for a bed, and who for an expert: of a channel in which nobody is on duty."""
    for number in range(3):
        patient = Patient(f"awaited-{number}", now.astimezone(SHANGHAI).replace(hour=0, minute=0) - timedelta(days=1))
        yield patient.arrived()
        yield patient.swabbed("first", patient.at(0, 8), "detected")
    today = Place("CN-SH", now.astimezone(SHANGHAI).replace(hour=0, minute=0), Heard())
    yield today.institution("hospital")
    yield today.channel("green")
    for number, flags in enumerate([(), ("267036007",)]):
        asked = {"channel_id": today.id("green"), "requested_at": now - timedelta(minutes=1), "red_flags": flags}
        yield today.request(f"asked-{number}", **asked)


async def keep_reporting(stack: Stack, seconds: float) -> None:
    """Every second of real time: measurements of all patients, one repeated, one refused, one that is no JSON."""
    deadline = asyncio.get_running_loop().time() + seconds
    for number in count():
        if asyncio.get_running_loop().time() > deadline:
            return
        await stack.publish(records(number, stack.now()))
        await asyncio.sleep(1)


def records(number: int, now: datetime) -> list[Sent]:
    """What one second brings."""
    sound = [envelope(patient.measured(now - timedelta(seconds=number + 1), 36.8)) for patient in people()]
    value = json.loads(sound[0].value or b"{}")
    refused = {
        **value,
        "id": f"00000000-0000-4000-8000-{number:012}",
        "data": {**value["data"], "temperature_c": "warm"},
    }
    leaves = Patient(f"leaves-{number}", BEGIN + timedelta(days=3))
    return [
        *sound,
        sound[0],
        replace(sound[0], value=json.dumps(refused).encode()),
        replace(sound[0], value=b"not JSON %d" % number),
        *map(envelope, leaves.stay()),
    ]
