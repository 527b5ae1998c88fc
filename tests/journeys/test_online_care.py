"""Online care as stories of one night: who asks at three in the morning, who answers, and what happens if nobody does.

The last tests ask the command line what is left of that night.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tests.domain.consultation.journeys import COUGH, FEVER
from tests.journeys.afterwards import named
from tests.journeys.online_care import STORIES, Night, Place, in_one_night, midnight_after
from tests.journeys.patient import HOME_FROM_DAY, Patient
from tests.journeys.side_by_side import Listener, Published, given
from tests.journeys.stack import Stack, afterward

pytestmark = pytest.mark.timeout(600)
CHILD_OF_3 = {"age": {"value": 3, "unit": "a"}}
SHANGHAIS_HOSPITAL = "CN-SH-SPHCC"


@pytest.fixture(scope="package")
def one_night(stack: Stack) -> Published:
    """All stories of this file, told once on each bus."""
    midnight = midnight_after(stack.now())

    async def tell() -> Published:
        async with Listener(stack.running.bootstrap_servers) as listener:
            stories = {
                name: lambda _name, heard, where=where, story=story: story(Place(where, midnight, heard))
                for name, (where, story) in STORIES.items()
            }
            return await Published(stories).tell(Night(stack), listener.listen)

    return asyncio.run(tell())


@in_one_night("CN-ZJ")
async def test_a_child_with_a_fever_at_three_in_the_morning_has_the_medicine_at_the_door(here: Place) -> None:
    children = here.channel("children", priority_groups=["child"], departments=["paediatrics"])
    await here.prepare(
        here.channel("green"), children, here.all_night("green", "e-1"), here.all_night("children", "e-2")
    )
    await given(here.at(3), here.request("child", **CHILD_OF_3))
    here.says("child", "ConsultationAssigned", channel_id=here.id("children"), expert_ref=here.id("e-2"))
    here.says("child", "ConsultationAssigned", priority="priority", answer_by=here.at(3, 15))

    await given(here.at(3, 10), here.prescribed("child", "e-2", here.at(3, 10)))
    here.says("child", "ConsultationClosed", outcome="held", refers=False, prescription_id=here.id("rx-child"))
    here.says("rx-child", "PrescriptionIssued", review_by=here.at(3, 40))
    await given(here.at(3, 20), here.reviewed("child", "approved", here.at(3, 20)))
    steps = [("dispensed", here.at(3, 40)), ("dispatched", here.at(3, 45)), ("delivered", here.at(3, 55))]
    await given(here.at(4), *(here.medicine("child", status, at) for status, at in steps))
    here.says("rx-child", "MedicineDelivered", attempt=1, delivered_at=here.at(3, 55))
    assert here.stands("child") == {"ConsultationClosed": 1}
    assert here.stands("rx-child") == {
        "PrescriptionIssued": 1,
        "PrescriptionApproved": 1,
        "MedicineDispensed": 1,
        "MedicineDispatched": 1,
        "MedicineDelivered": 1,
    }


@in_one_night("CN-HN")
async def test_a_dialysis_patient_for_whom_no_channel_fits_is_referred_to_who_is_capable(here: Place) -> None:
    clinic = here.institution("clinic", capabilities=["dialysis"])
    await here.prepare(clinic, here.channel("green"), here.all_night("green", "e-1"))
    await given(here.at(3), here.request("patient", groups=["dialysis"]))
    to = {"institution_id": here.id("clinic"), "required_capabilities": ["dialysis"]}
    here.says("patient", "ReferredOffline", why="no_channel", **to)
    assert here.stands("patient") == {"ReferredOffline": 1}

    await given(here.at(5))
    assert here.stands("patient") == {"ReferredOffline": 1}, "somebody has the patient: nothing is overdue"


@in_one_night("CN-JS")
async def test_what_a_pharmacist_rejects_or_nobody_may_prescribe_is_not_dispensed(here: Place) -> None:
    on_duty = here.all_night("green", "e-1"), here.all_night("green", "e-2", prescriber=False)
    await here.prepare(here.channel("green"), *on_duty)
    await given(here.at(3), here.request("one"), here.request("other"))
    held = here.prescribed("one", "e-1", here.at(3, 10)), here.prescribed("other", "e-2", here.at(3, 10))
    await given(here.at(3, 10), *held)
    assert here.stands("rx-one") == {"PrescriptionIssued": 1}
    here.says("rx-other", "PrescriptionRejected", why="not_a_prescriber_on_duty")

    await given(here.at(3, 20), here.reviewed("one", "rejected", here.at(3, 20)))
    here.says("rx-one", "PrescriptionRejected", why="pharmacist", reviewed_at=here.at(3, 20))
    await given(here.at(4), *(here.medicine(name, "dispensed", here.at(3, 40)) for name in ("one", "other")))
    await given(here.at(9, day=1))
    assert here.stands("rx-one") == {"PrescriptionIssued": 1, "PrescriptionRejected": 1}, "and nothing waits"
    assert here.stands("rx-other") == {"PrescriptionRejected": 1}


@in_one_night("CN-AH")
async def test_a_delivery_that_failed_is_repeated_and_the_medicine_delivered_once(here: Place) -> None:
    await here.prepare(here.channel("green"), here.all_night("green", "e-1"))
    await given(here.at(3), here.request("patient"))
    await given(here.at(3, 10), here.prescribed("patient", "e-1", here.at(3, 10)))
    await given(here.at(3, 20), here.reviewed("patient", "approved", here.at(3, 20)))
    steps = [("dispensed", here.at(3, 30)), ("dispatched", here.at(3, 35)), ("failed", here.at(3, 55))]
    await given(here.at(4), *(here.medicine("patient", status, at) for status, at in steps))
    here.says("rx-patient", "DeliveryFailed", attempt=1, failed_at=here.at(3, 55))

    again = [("dispatched", here.at(4, 10)), ("delivered", here.at(4, 30)), ("delivered", here.at(4, 40))]
    await given(here.at(5), *(here.medicine("patient", status, at) for status, at in again))
    here.says("rx-patient", "MedicineDelivered", attempt=2, delivered_at=here.at(4, 30))
    assert len(here.emitted("rx-patient", "MedicineDelivered")) == 1, "a second delivery says nothing"
    assert here.stands("rx-patient") == {
        "PrescriptionIssued": 1,
        "PrescriptionApproved": 1,
        "MedicineDispensed": 1,
        "MedicineDispatched": 2,
        "DeliveryFailed": 1,
        "MedicineDelivered": 1,
    }


@in_one_night("CN-FJ")
async def test_a_gap_in_a_roster_is_found_a_week_before_and_closed(here: Place) -> None:
    gap = here.at(2, day=8), here.at(4, day=8)
    ends_before, begins_after = (
        here.shift("around", "e-1", here.at(0), gap[0]),
        here.shift("around", "e-2", gap[1], here.at(0, day=12)),
    )
    closed = {"opened_at": here.at(0), "open_24h": True}
    await here.prepare(here.channel("around", **closed), ends_before, begins_after)
    await given(here.at(1, 59, day=1))
    assert here.stands("around") == {}
    await given(here.at(2, day=1))
    here.says("around", "RosterGapFound", **{"from": gap[0], "until": gap[1]})

    await given(here.at(9, day=1), here.shift("around", "e-3", *gap))
    assert here.stands("around") == {}
    assert here.emitted("around", "RosterGapFound")[-1].data["withdrawn"] is True


@in_one_night("CN-JX")
async def test_a_red_flag_has_an_expert_and_a_hospital_at_once(here: Place) -> None:
    await here.prepare(here.channel("green"), here.all_night("green", "e-1"))
    await given(here.at(3), here.request("patient", red_flags=["267036007"]))
    here.says("patient", "ConsultationAssigned", priority="red_flag", answer_by=here.at(3, 5))
    here.says("patient", "ReferredOffline", why="red_flag", institution_id=here.id("hospital"))


@in_one_night("CN-SD")
async def test_an_expert_who_goes_off_duty_hands_over_what_is_open(here: Place) -> None:
    first, second = (
        here.shift("green", "e-1", here.at(0), here.at(3, 20)),
        here.shift("green", "e-2", here.at(3, 20), here.at(8)),
    )
    await here.prepare(here.channel("green"), first, second)
    asked_at = {"requested_at": here.at(3, 10)}
    await given(here.at(3, 10), here.request("one", **asked_at), here.request("other", **asked_at))
    for name in ("one", "other"):
        here.says(name, "ConsultationAssigned", expert_ref=here.id("e-1"), assigned_at=here.at(3, 10))
    await given(here.at(3, 20))
    for name in ("one", "other"):
        here.says(name, "ConsultationAssigned", expert_ref=here.id("e-2"), assigned_at=here.at(3, 20))

    await given(here.at(3, 40), here.taken_off(second))
    for name in ("one", "other"):
        here.says(name, "ConsultationQueued", channel_id=here.id("green"), answer_by=here.at(4, 10))
    await given(here.at(4), here.shift("green", "e-3", here.at(4), here.at(8)))
    for name in ("one", "other"):
        here.says(name, "ConsultationAssigned", expert_ref=here.id("e-3"), assigned_at=here.at(4))
        assert here.stands(name) == {"ConsultationAssigned": 1}, "one expert has it, and it is not late"
    await given(here.at(4, 5), *(here.completed(name, "e-3", here.at(4, 5)) for name in ("one", "other")))
    await given(here.at(5))
    assert here.stands("one") == here.stands("other") == {"ConsultationClosed": 1}


@in_one_night("CN-HB")
async def test_a_channel_that_closes_hands_over_who_waits_with_what_is_left_of_the_time(here: Place) -> None:
    next_one = here.channel("next", opened_at=here.at(0, day=-5))
    await here.prepare(here.channel("green"), next_one, here.shift("next", "e-1", here.at(3, 20), here.at(8)))
    await given(here.at(3), here.request("child", **CHILD_OF_3), here.request("adult"))
    here.says("adult", "ConsultationQueued", channel_id=here.id("green"), answer_by=here.at(4))
    await given(here.at(3, 10), here.closed("green", here.at(3, 10)))
    here.says("child", "ConsultationQueued", channel_id=here.id("next"), answer_by=here.at(3, 15))
    here.says("adult", "ConsultationQueued", channel_id=here.id("next"), answer_by=here.at(4))

    await given(here.at(3, 20))
    here.says("child", "ConsultationOverdue", channel_id=here.id("next"), answer_by=here.at(3, 15))
    here.says("adult", "ConsultationAssigned", channel_id=here.id("next"), answer_by=here.at(4))
    await given(here.at(3, 40), *(here.completed(name, "e-1", here.at(3, 40)) for name in ("child", "adult")))
    await given(here.at(4))
    assert here.stands("adult") == {"ConsultationClosed": 1}


@in_one_night("CN-GX")
async def test_what_nobody_answers_is_passed_on_and_stays_on_record(here: Place) -> None:
    await here.prepare(here.channel("green"), here.channel("next", opened_at=here.at(0, day=-5)))
    await given(here.at(3), here.request("patient"))
    here.says("patient", "ConsultationQueued", channel_id=here.id("green"), answer_by=here.at(4))
    await given(here.at(4))
    here.says("patient", "ConsultationOverdue", channel_id=here.id("green"), passed_to=here.id("next"))
    here.says("patient", "ConsultationQueued", channel_id=here.id("next"), answer_by=here.at(5))

    await given(here.at(5))
    here.says("patient", "ReferredOffline", why="overdue", institution_id=here.id("hospital"))
    late = {
        event.data["channel_id"]: event.data.get("passed_to")
        for event in here.emitted("patient", "ConsultationOverdue")
    }
    assert late == {here.id("green"): here.id("next"), here.id("next"): None}
    assert here.stands("patient") == {"ConsultationQueued": 1, "ConsultationOverdue": 2, "ReferredOffline": 1}


@in_one_night("CN-SH")
async def test_a_patient_in_aftercare_who_is_referred_raises_an_alert_in_followup(here: Place) -> None:
    patient = Patient(here.id("aftercare"), here.at(0, day=-HOME_FROM_DAY - 1))
    channel = here.channel("green", institution_id=SHANGHAIS_HOSPITAL)
    await here.prepare(channel, here.all_night("green", "e-1"), *patient.stay())
    await given(here.at(3), here.request("asked", case_id=patient.case_id, symptoms=[COUGH]))
    here.says("aftercare", "PatientConsulted", state="assigned", refers=False)
    await given(here.at(3, 10), here.completed("asked", "e-1", here.at(3, 10), refer_offline=True))
    here.says("aftercare", "PatientConsulted", state="held", refers=True, held_at=here.at(3, 10))
    here.says("aftercare", "HealthAlertRaised", why="consultation", severity="high", day=1)
    referred = here.one("asked", "ReferredOffline")
    assert (referred["why"], referred["case_id"]) == ("refer_offline", patient.case_id)


@in_one_night("CN-YN")
async def test_what_is_left_of_the_night(here: Place) -> None:
    """One of everything that waits, for the lists below."""
    around = here.channel("around", open_24h=True, opened_at=here.at(0))
    until = here.closed("around", here.at(0, day=6))
    on_duty = here.shift("around", "e-1", here.at(0), here.at(0, day=5))
    await here.prepare(around, until, on_duty, here.channel("green", departments=["surgery"]))
    names = ("unreviewed", "unsent", "seen", "again", "unanswered")
    person = {"again": here.id("p-seen")}
    asked = [here.request(name, person_ref=person.get(name, here.id(f"p-{name}"))) for name in names]
    await given(here.at(3), *asked)
    held = [here.prescribed(name, "e-1", here.at(3, 10)) for name in ("unreviewed", "unsent")]
    seen = here.completed("seen", "e-1", here.at(3, 10), refer_offline=True)
    again = here.completed("again", "e-1", here.at(3, 10))
    await given(here.at(3, 10), *held, seen, again)
    await given(here.at(3, 20), here.reviewed("unsent", "approved", here.at(3, 20)))
    here.says("around", "RosterGapFound", **{"from": here.at(0, day=5), "until": here.at(0, day=6)})


def asked_of(stack: Stack, *question: str) -> list[Mapping[str, Any]]:
    """What a command answers to a program, a line each."""
    done = afterward(stack.data_dir, *question, "--json")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="package")
def night_is_over(one_night: Published) -> None:
    """What is asked about the night needs its last story."""
    one_night.end_of("test_what_is_left_of_the_night")


@pytest.mark.usefixtures("night_is_over")
@pytest.mark.parametrize(
    ("of", "listed"),
    [
        ("consultations", ["cn-yn-unanswered"]),
        ("prescriptions", ["cn-yn-rx-unreviewed"]),
        ("deliveries", ["cn-yn-rx-unsent"]),
        ("rosters", ["cn-yn-around"]),
    ],
)
def test_the_work_lists_show_what_waits(stack: Stack, of: str, listed: Sequence[str]) -> None:
    rows = asked_of(stack, "worklist", of, "--jurisdiction", "CN-YN")
    assert [row["about"] for row in rows] == listed


@pytest.mark.usefixtures("night_is_over")
def test_a_channel_counts_what_was_held_there(stack: Stack) -> None:
    (known,) = asked_of(stack, "channel", "cn-yn-around")
    held = {"consultations": 4, "people": 3, "experts": 1, "avoided_visits": 3}
    assert known["counts"] == held | {"waiting": 0, "assigned": 1}


@pytest.mark.usefixtures("night_is_over")
def test_where_a_patient_would_be_sent_is_answered_with_why(stack: Stack) -> None:
    (found,) = asked_of(stack, "route", "--jurisdiction", "CN-YN", "--symptom", FEVER)
    assert (found["priority"], found["channel_id"]) == ("other", "cn-yn-around")
    assert found["not"] == [{"channel_id": "cn-yn-green", "why": "departments"}]


@pytest.mark.usefixtures("night_is_over")
def test_the_case_shows_what_its_patient_asked(stack: Stack, one_night: Published) -> None:
    one_night.end_of("test_a_patient_in_aftercare_who_is_referred_raises_an_alert_in_followup")
    shown = afterward(stack.data_dir, "case", "cn-sh-aftercare", "--section", "consultation")
    assert shown.returncode == 0, shown.stderr
    heard = one_night.heard.about("cn-sh-aftercare")
    night = next(event.data["requested_at"] for event in heard if named(event) == "PatientConsulted")[:10]
    assert f"asked {night} 03:00 (1 symptom): held {night} 03:10" in shown.stdout
    assert "  referred to " in shown.stdout
