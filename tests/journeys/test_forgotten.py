"""A person is erased: a whole stay and a consultation, held first, then forgotten, and never brought back."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, cast

import pytest

from afterward.stack.running import databases
from chassis.store.keeping.retaining import Kept, NotTheOwner, retain
from schemas.message import Report
from schemas.topics import TOPICS
from tests.journeys.online_care import Place
from tests.journeys.patient import Patient
from tests.journeys.scanning import files, places
from tests.journeys.stack import A_DAY, Sent, Stack, afterward, envelope

pytestmark = [pytest.mark.timeout(900), pytest.mark.thorough]
PLANTED = "planted-7f3c"
"""Every id of hers begins with it, or ends."""
REF = f"p-{PLANTED}"
ONLINE = "CN-NX"
KNOW = ("intake", "treatment", "discharge", "followup", "primarycare", "bulletin", "consultation")


def consultation(place: Place, now: datetime) -> list[Report]:
    """She asks online, is seen, and has the medicine at the door."""
    who: dict[str, Any] = {"consultation_id": f"{PLANTED}-c", "person_ref": REF, "case_id": PLANTED}
    of = {"consultation_id": f"{PLANTED}-c"}
    prescription = f"{PLANTED}-rx"
    an_hour = timedelta(hours=1)
    completed = place.prescribed("x", "e-1", now - 5 * an_hour)
    assert completed.prescription is not None
    written = completed.prescription.model_copy(update={"prescription_id": prescription})
    filled = {**of, "prescription_id": prescription}
    return [
        place.institution("hospital"),
        place.channel("green", open_24h=False),
        place.shift("green", "e-1", now - 11 * an_hour, now + an_hour),
        place.request("x", **who, requested_at=now - 6 * an_hour, channel_id=place.id("green")),
        completed.model_copy(update={**of, "prescription": written}),
        place.reviewed("x", "approved", now - 4 * an_hour).model_copy(update=filled),
        *(
            place.medicine("x", status, now - hours * an_hour).model_copy(update=filled)
            for hours, status in ((3, "dispensed"), (2, "dispatched"), (1, "delivered"))
        ),
    ]


async def test_a_person_who_is_erased_is_found_nowhere_comes_back_by_nothing_and_still_counts(
    stack: Stack, home_today: Patient
) -> None:
    place = Place(ONLINE, stack.now() - timedelta(hours=12), cast("Any", None))
    published = await everything_is_reported(stack, place, Patient(PLANTED, home_today.arrival))
    known = await places(stack, PLANTED)
    for service in KNOW:
        assert {f"{service}.state", f"{service}.archive"} <= known.keys() | {"bulletin.archive"}, known
    assert {"intake.parked", "intake.access_log", "bulletin.bulletin_consultation"} <= known.keys()
    figures = counted(stack, place)
    assert figures["online"]["counts"]["consultations"] == figures["online"]["counts"]["people"] == 1

    a_hold_protects_her(stack)
    she_is_forgotten(stack)
    left = await places(stack, PLANTED)
    assert {name.partition(".")[2] for name in left} <= {"archive", "access_log", "erasure"}, left
    await finished(stack)
    assert await places(stack, PLANTED) == {}
    assert files(stack, PLANTED) == []
    assert counted(stack, place) == figures

    await stack.publish(published)
    for service in KNOW:
        assert afterward(stack.data_dir, "republish", service).returncode == 0
    await stack.quiet()
    assert await places(stack, PLANTED) == {}
    assert counted(stack, place) == figures
    assert afterward(stack.data_dir, "case", PLANTED).returncode != 0


async def everything_is_reported(stack: Stack, place: Place, her: Patient) -> Sequence[Sent]:
    """And read, and a record about her that nobody can judge is parked. What was published."""
    before = len(stack.sent)
    await stack.publish([envelope(report, stack.now()) for report in [*consultation(place, stack.now()), *her.stay()]])
    unreadable = f'{{"about": "{PLANTED}", "person": "{REF}"'.encode()
    await stack.publish([Sent("intake.reports.v1", PLANTED.encode(), unreadable)])
    await stack.quiet()
    assert stack.case(PLANTED)
    await stack.until(stack.now() + A_DAY)
    topics = {topic.name for topic in TOPICS if topic.direction == "in"}
    return [one for one in stack.sent[before:] if one.topic in topics and one.value != unreadable]


def counted(stack: Stack, place: Place) -> dict[str, Any]:
    """What the bulletins of the day before and the channel say."""
    day = (stack.now() - A_DAY).date().isoformat()
    channel = afterward(stack.data_dir, "channel", place.id("green"), "--json")
    assert channel.returncode == 0, channel.stderr
    shown = {name: stack.bulletin(name, day) for name in ("CN-SH", ONLINE)}
    return {**shown, "online": json.loads(channel.stdout)}


def a_hold_protects_her(stack: Stack) -> None:
    """Nothing can be erased until it is released."""
    done = afterward(stack.data_dir, "hold", REF, "--why", "a court asks")
    assert done.returncode == 0, done.stderr
    refused = afterward(stack.data_dir, "forget", REF, "--why", "she asks", "--even-open")
    assert refused.returncode == 1
    assert "held by" in refused.stderr
    listed = afterward(stack.data_dir, "holds", "--json")
    assert {json.loads(line)["person_ref"] for line in listed.stdout.splitlines()} == {REF}
    assert afterward(stack.data_dir, "release", REF).returncode == 0


def she_is_forgotten(stack: Stack) -> None:
    """Only when it is said that she is still being followed."""
    refused = afterward(stack.data_dir, "forget", REF, "--why", "she asks")
    assert refused.returncode == 1
    assert "not over in" in refused.stderr
    looked = afterward(stack.data_dir, "forget", REF, "--look")
    assert f"prescription {PLANTED}-rx" in looked.stdout, looked.stdout + looked.stderr
    done = afterward(stack.data_dir, "forget", REF, "--why", "she asks", "--even-open", "--json")
    assert done.returncode == 0, done.stderr
    erased = {row["service"]: row["things"] for row in map(json.loads, done.stdout.splitlines())}
    assert all(erased[service] for service in KNOW), erased
    assert erased["directory"] == 0


async def finished(stack: Stack) -> None:
    """The owner's job goes through what no service may change."""
    await stack.quiet()
    with pytest.raises(NotTheOwner):
        await retain(databases(stack.data_dir)["intake"], "intake", Kept(), stack.now(), stack.now())
    done = afterward(stack.data_dir, "retain", "--json")
    assert done.returncode == 0, done.stderr
    for row in map(json.loads, done.stdout.splitlines()):
        assert row["unfinished"] == 0, row
        assert row["months"] == []
