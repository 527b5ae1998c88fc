"""One child, from the airport to the fourteenth day at home: what the house is for, read as a story."""

import pytest

from schemas.envelope import Envelope
from tests.journeys.patient import HOME_FROM_DAY, HOSPITAL, SHANGHAI, Patient
from tests.journeys.stack import Stack

pytestmark = pytest.mark.timeout(600)


async def test_a_child_is_followed_from_her_arrival_to_the_end_of_the_fourteenth_day(
    stack: Stack, child: Patient
) -> None:
    await she_arrives_and_is_confirmed(stack, child)
    await she_is_treated_and_gets_better(stack, child)
    await she_goes_home(stack, child)
    await she_is_missed_on_day_5_and_reached(stack, child)
    await her_plan_is_completed(stack, child)


async def she_arrives_and_is_confirmed(stack: Stack, child: Patient) -> None:
    await stack.until(child.at(0, 21))
    await stack.tell(child.arrived(), child.swabbed("r-1", child.at(0, 8), "detected", setting="entry_screening"))
    (confirmed,) = await emitted(stack, child, "CaseImported")
    (sent,) = await emitted(stack, child, "TransferRequested")
    assert confirmed.data["confirmed_at"] == child.at(0, 14).isoformat()
    assert confirmed.data["basis"] == [f"{child.case_id}-r-1"]
    assert sent.data["to_institution_id"] == HOSPITAL
    assert "paediatric" in sent.data["required_capabilities"]

    await stack.tell(child.admitted())
    assert await emitted(stack, child, "Admitted")
    assert await emitted(stack, child, "TransferCompleted")


async def she_is_treated_and_gets_better(stack: Stack, child: Patient) -> None:
    await stack.until(child.at(1, 21))
    await stack.tell(*child.illness())
    assert [severity.data["severity"] for severity in await emitted(stack, child, "SeverityAssessed")][-1] == "common"
    assert len(await emitted(stack, child, "TreatmentRecorded")) == 4

    await stack.until(child.at(9, 21))
    await stack.tell(*child.improvement())
    in_hospital = stack.case(child.case_id)["discharge"]["episodes"][0]
    assert in_hospital["stage"] == "in_hospital"
    met_so_far = {criterion["name"] for criterion in in_hospital["criteria"]["list"] if criterion["met"]}
    assert met_so_far == {"temperature", "respiratory", "imaging"}
    assert not await emitted(stack, child, "DischargeCriteriaMet")

    await stack.until(child.at(11, 16))
    await stack.tell(*child.negatives())
    (met,) = await emitted(stack, child, "DischargeCriteriaMet")
    assert met.time == child.at(11, 14)
    evidence = {criterion["name"]: criterion["evidence"] for criterion in met.data["criteria"]}
    assert evidence["two_negatives"] == [f"{child.case_id}-r-2", f"{child.case_id}-r-3"]


async def she_goes_home(stack: Stack, child: Patient) -> None:
    await stack.until(child.at(HOME_FROM_DAY, 12))
    await stack.tell(child.approved(), child.discharged())
    (home,) = await emitted(stack, child, "Discharged")
    (plan,) = await emitted(stack, child, "QuarantineStarted")
    assert home.data["criteria_met"] is True
    assert home.data["length_of_stay_days"] == HOME_FROM_DAY
    assert not await emitted(stack, child, "DischargeRuleViolated")
    assert (plan.data["days"], plan.data["last_day"]) == (14, str(child.at(HOME_FROM_DAY + 14).date()))
    assert stack.case(child.case_id)["discharge"]["stage"] == "discharged"

    await stack.until(child.at(HOME_FROM_DAY + 1, 1))
    bulletin = stack.bulletin("CN-SH", str(child.at(HOME_FROM_DAY).date()))
    assert bulletin["new"]["discharged"] == {"total": 1, "imported": 1, "local": 0}
    assert bulletin["discharges"]["by_origin_country"] == {"PH": 1}
    assert bulletin["youngest"]["age"] == {"value": 13, "unit": "mo"}


async def she_is_missed_on_day_5_and_reached(stack: Stack, child: Patient) -> None:
    for day in (1, 2, 3, 4):
        await stack.until(child.at(HOME_FROM_DAY + day, 21))
        await stack.tell(*child.logged(day))
    await stack.until(child.at(HOME_FROM_DAY + 5, 23, 59))
    assert not await emitted(stack, child, "QuarantineDayMissed")

    midnight = child.at(HOME_FROM_DAY + 6)
    await stack.until(midnight)
    (missed,) = await emitted(stack, child, "QuarantineDayMissed")
    (call,) = await emitted(stack, child, "CallRequested")
    assert (missed.data["day"], missed.time) == (5, midnight)
    assert (call.data["why"], call.data["days"], call.time) == ("day_missed", [5], midnight)
    assert call.data["call_by"] == child.at(HOME_FROM_DAY + 7).isoformat()

    await stack.until(child.at(HOME_FROM_DAY + 6, 21))
    await stack.tell(child.called(call.data["call_id"], child.at(HOME_FROM_DAY + 6, 9)), *child.logged(6))
    (reached,) = await emitted(stack, child, "CallCompleted")
    assert (reached.data["call_id"], reached.data["outcome"]) == (call.data["call_id"], "reached")


async def her_plan_is_completed(stack: Stack, child: Patient) -> None:
    for day in range(7, 15):
        await stack.until(child.at(HOME_FROM_DAY + day, 21))
        await stack.tell(*child.logged(day), *([child.retested(day)] if day in (7, 14) else []))
    await stack.tell(child.returned(child.at(HOME_FROM_DAY + 14, 10)))
    assert not await emitted(stack, child, "QuarantineCompleted")

    the_end = child.at(HOME_FROM_DAY + 15)
    await stack.until(the_end)
    (completed,) = await emitted(stack, child, "QuarantineCompleted")
    counts = {name: completed.data[name] for name in ("days_logged", "days_missed", "days_reached_by_phone")}
    assert completed.time == the_end
    assert counts == {"days_logged": 13, "days_missed": 1, "days_reached_by_phone": 1}

    (plan,) = stack.case(child.case_id)["followup"]["plans"]
    assert plan["status"]["state"] == "completed"
    assert [day["am"]["state"] for day in plan["days"]] == ["logged"] * 4 + ["settled"] + ["logged"] * 9


async def emitted(stack: Stack, child: Patient, name: str) -> list[Envelope]:
    """The events of one name about the child, in the order in which they were said, in her own time."""
    events = [event for event in await stack.events(child.case_id) if event.type == f"afterward.{name}.v1"]
    return [
        event._replace(time=event.time.astimezone(SHANGHAI))
        for event in sorted(events, key=lambda event: event.sequence or 0)
    ]
