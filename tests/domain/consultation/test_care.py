"""F4: a consultation under a case says what a patient in aftercare asked, so that follow-up hears it."""

from typing import Any

from schemas.events.consultation import PatientConsulted
from services.consultation.domain.care import Care
from services.consultation.routes import CASE
from services.consultation.views import case
from tests.domain.consultation.kinds import at, woken
from tests.domain.story import Story


def care(consultation_id: str = "c-1", when: str = "12-10T03:00", **changed: Any) -> Care:
    """A child with a fever asks at 3 a.m."""
    fields = {
        "requested_at": at(when),
        "symptoms": ("386661006",),
        "jurisdiction": "CN-BJ",
        "district": "Xicheng",
        "time_zone": "Asia/Shanghai",
    }
    return Care("case-1", consultation_id, **{**fields, **changed})


def asked(*consultations: Care) -> Story:
    """What the consultations of the case say, for the first time."""
    return woken(Story(CASE).until(at("12-10T03:01")), consultations)


def test_what_a_patient_in_aftercare_asks_is_said_under_the_case() -> None:
    story = asked(care())

    story.then(
        (
            PatientConsulted,
            {
                "case_id": "case-1",
                "consultation_id": "c-1",
                "requested_at": at("12-10T03:00").isoformat(),
                "symptoms": ["386661006"],
                "state": "waiting",
                "refers": False,
                "held_at": None,
                "jurisdiction": "CN-BJ",
                "district": "Xicheng",
                "time_zone": "Asia/Shanghai",
            },
        )
    )
    assert story.emitted[0].time == at("12-10T03:00")


def test_a_case_without_consultations_stays_quiet() -> None:
    asked().stays_quiet()


def test_a_consultation_that_has_not_changed_stays_quiet() -> None:
    woken(asked(care()), (care(),)).stays_quiet()


def test_a_consultation_that_was_held_says_when_and_whether_it_refers() -> None:
    story = asked(care())

    held = care(state="held", held_at=at("12-10T03:20"), refers=True, institution_id="bj-children")
    woken(story, (held,)).then(
        (PatientConsulted, {"state": "held", "refers": True, "institution_id": "bj-children"}),
    )
    assert story.emitted[0].time == at("12-10T03:20")


def test_who_was_referred_before_anybody_answered_waits_to_be_seen() -> None:
    asked(care(state="referred", refers=True)).then((PatientConsulted, {"state": "waiting", "refers": True}))


def test_each_consultation_of_a_case_is_said_once() -> None:
    story = asked(care("c-2", "12-11T03:00"), care("c-1"))

    story.then((PatientConsulted, {"consultation_id": "c-1"}), (PatientConsulted, {"consultation_id": "c-2"}))
    woken(story, (care("c-1"), care("c-2", "12-11T03:00", state="cancelled"))).then(
        (PatientConsulted, {"consultation_id": "c-2", "state": "cancelled"})
    )


def test_a_consultation_that_names_the_case_no_more_is_withdrawn() -> None:
    woken(asked(care(), care("c-2")), (care("c-2"),)).then(
        (PatientConsulted, {"consultation_id": "c-1", "withdrawn": True})
    )


def test_the_last_consultation_that_names_the_case_no_more_is_withdrawn() -> None:
    """The store then has no context for the case."""
    woken(asked(care()), None).then((PatientConsulted, {"consultation_id": "c-1", "withdrawn": True}))


def test_the_consultations_of_a_case_are_shown_in_the_order_of_the_requests() -> None:
    state = asked(care("c-1", "12-12T03:00", state="held", held_at=at("12-12T03:30")), care("c-2")).state

    shown = case(state.facts, state.conclusions, at("12-13T00:00"))["consultations"]
    assert [(one["consultation_id"], one["state"]) for one in shown] == [("c-2", "waiting"), ("c-1", "held")]
    assert shown[1]["held_at"] == "2022-12-12T03:30:00+08:00"
