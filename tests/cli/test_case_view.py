"""A case as people read it: every case that a service can tell of can be drawn, and what matters is in it."""

import inspect
import io
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from msgspec.structs import replace
from rich.console import Console

from afterward.cli.case_view import CONSULTATIONS, CaseView, Section
from afterward.cli.console import show
from chassis.decide.judge import judge_tick
from schemas.message import Message
from services.consultation import views as consultation_views
from services.consultation.domain.care import Care
from services.consultation.routes import CASE as ONLINE
from services.followup import views
from services.followup.routes import CASE
from services.primarycare import views as primarycare_views
from tests.domain.consultation.journeys import CARE
from tests.domain.discharge import journeys as discharge
from tests.domain.followup import journeys as followup
from tests.domain.intake import journeys as intake
from tests.domain.primarycare import journeys as primarycare
from tests.domain.story import Story
from tests.domain.treatment import journeys as treatment

JOURNEYS = {
    "intake": intake,
    "treatment": treatment,
    "discharge": discharge,
    "followup": followup,
    "primarycare": primarycare,
}
LATER = timedelta(days=9)


def reported(service: str, messages: list[Message], received_at: datetime, later: timedelta = LATER) -> Any:
    """What a service answers about a case, some days after all of this was reported."""
    kinds = {kind.name: kind for kind in import_module(f"services.{service}.routes").AGGREGATES}
    story = (
        Story(kinds["case"], getattr(JOURNEYS[service], "CONTEXT", None))
        .given(*messages, received_at=received_at)
        .until(received_at + later)
    )
    return import_module(f"services.{service}.views").case(
        story.state.facts, story.state.conclusions, received_at + later
    )


def drawn(**known: Any) -> str:
    """The whole case as printed on a terminal of 80 columns."""
    return drawn_of(list(Section), **known)


def drawn_of(sections: list[Section], **known: Any) -> str:
    """These sections of the case as printed on a terminal of 80 columns."""
    console = Console(file=io.StringIO(), width=80, soft_wrap=True)
    for part in CaseView("case-1", known).parts(sections):
        show(part, console)
    printed = console.file.getvalue()  # type: ignore[attr-defined]
    return str(printed)


def every_journey() -> Iterator[Any]:
    """Each service's own small and full journeys."""
    for service, journeys in JOURNEYS.items():
        tellers: list[Callable[[], Iterator[list[Message]]]] = [journeys.small, journeys.full]
        for teller in tellers:
            for number, messages in enumerate(teller()):
                yield pytest.param(service, messages, id=f"{service}-{teller.__name__}-{number}")


@pytest.mark.parametrize(("service", "messages"), list(every_journey()))
def test_every_journey_of_every_service_can_be_drawn(service: str, messages: list[Message]) -> None:
    received_at = followup.at(0, 18) if service == "followup" else discharge.at(61)
    text = drawn(**{service: reported(service, messages, received_at)})
    assert "case-1" in text
    assert "None" not in text


def test_a_section_shows_what_one_service_knows_below_who_the_case_is() -> None:
    known = {
        "followup": reported("followup", [followup.discharged()], followup.RECEIVED_AT),
        "treatment": {"blocked": True},
    }
    lines = drawn_of([Section.FOLLOWUP], **known).splitlines()
    assert lines[0].startswith("case-1 · ")
    assert lines[1] == "times as they were reported: the case's time zone is not known"
    assert lines[2].startswith("blocked at treatment")
    assert lines[4].startswith("At home, 2020-10-18 to 2020-10-31")
    assert "At home" not in drawn_of([Section.DISCHARGE], **known)


def test_by_which_clock_times_are_shown_is_said_once() -> None:
    (messages,) = (messages for messages in list(intake.small())[:1])
    text = drawn(intake=reported("intake", messages, discharge.at(61)))
    assert text.count("times in Asia/Shanghai") == 1
    assert text.splitlines()[1] == "times in Asia/Shanghai"


def test_that_a_case_is_blocked_stands_above_it_even_if_nothing_else_is_known() -> None:
    assert "blocked at treatment: what came since is not in here" in drawn(treatment={"blocked": True}, intake={})
    assert "blocked" not in drawn(treatment={})


def test_an_unmet_criterion_is_shown_with_when_it_could_be_met_at_the_earliest() -> None:
    fever = [*discharge.stay(without=("two_negatives",)), discharge.measured(discharge.at(16, 9), 38.0)]
    text = drawn(discharge=reported("discharge", fever, discharge.at(16, 12), later=timedelta()))
    (line,) = (line for line in text.splitlines() if line.startswith("temperature"))
    assert line.split() == ["temperature", "not", "met", "2020-10-19", "09:00", "1"]


def test_a_discharge_against_the_rules_names_what_was_missing() -> None:
    hasty = [*discharge.stay(without=("two_negatives",)), discharge.discharged(discharge.at(17, 10))]
    assert "against the rules (v8): without two negatives, approval" in drawn(
        discharge=reported("discharge", hasty, discharge.at(17, 11))
    )


def test_who_near_home_knows_and_takes_the_patient_on_is_told_with_what_is_due() -> None:
    ill = primarycare.discharged(primarycare.needing())
    text = drawn(primarycare=reported("primarycare", [ill], primarycare.HOME_AT, timedelta(hours=30)))
    assert "Primary care after the discharge of 2020-10-17 10:00\npd-01-centre was notified\n" in text
    linkage = "linkage for N18.6: pd-01-centre, requested\n"
    assert f"{linkage}  escalated to level 1; level 2 follows 2020-10-19 10:00\n" in text


@pytest.mark.parametrize("notification", ["notified", "waiting", "unreached", "elsewhere", "taken_back"])
def test_whether_anybody_near_home_was_notified_is_said_in_words_that_fit_a_line(notification: str) -> None:
    source = inspect.getsource(primarycare_views.notification_state)
    assert f'"{notification}"' in source
    aftercare = {
        "discharged_at": "2020-10-17T10:00:00+08:00",
        "primary_institution_id": "pd-01-centre",
        "linkage": None,
    }
    text = drawn(primarycare={"aftercare": [aftercare | {"notification": notification}]})
    (line,) = text.splitlines()[-1:]
    assert len(line) <= 80
    assert " " in line
    assert notification.replace("_", " ") != line
    assert "waiting" not in line


def test_an_alert_is_told_with_whom_it_went_to_and_what_closed_it() -> None:
    seen = [primarycare.discharged(), primarycare.raised(), primarycare.acknowledged("10-22T11:00")]
    text = drawn(primarycare=reported("primarycare", seen, primarycare.RECEIVED_AT))
    assert "high alert of day 5: fever\n  to pd-01-centre, CN-SH-SPHCC: closed (acknowledged)\n" in text


def online(*consultations: Care) -> Any:
    """What consultation answers about a case under which this was asked."""
    story = Story(ONLINE, consultations).until(CARE.requested_at)
    state = judge_tick(ONLINE, story.state, CARE.requested_at, consultations).state
    return consultation_views.case(state.facts, state.conclusions, CARE.requested_at)


def test_what_was_asked_of_online_care_is_told_with_what_came_of_it() -> None:
    waits = Care(CARE.case_id, "c-2", CARE.requested_at + LATER)
    sent = replace(waits, consultation_id="c-3", state="referred", refers=True)
    held = replace(CARE, institution_id="zj-hospital")
    lines = drawn_of([Section.CONSULTATION], consultation=online(held, waits, sent)).splitlines()
    assert lines[2:] == [
        "",
        "Online care",
        "asked 2022-12-25 03:00 (1 symptom): held 2022-12-25 03:10",
        "  referred to zj-hospital",
        "asked 2023-01-03 03:00: nobody has it yet",
        "asked 2023-01-03 03:00: no channel fits",
        "  referred to an institution not found yet",
    ]


@pytest.mark.parametrize("state", ["waiting", "assigned", "held", "cancelled", "referred"])
def test_how_a_consultation_stands_is_said_in_words(state: str) -> None:
    text = drawn_of([Section.CONSULTATION], consultation=online(replace(CARE, state=state)))
    assert CONSULTATIONS[state].format(held_at="2022-12-25 03:10") in text


def test_who_asked_nothing_of_online_care_has_no_such_section() -> None:
    assert "Online care" not in drawn_of([Section.CONSULTATION], consultation=online())


def test_a_day_that_nobody_logged_is_seen_in_the_grid_and_so_is_the_call_about_it() -> None:
    text = drawn(followup=reported("followup", [followup.discharged()], followup.RECEIVED_AT))
    assert "  1  2020-10-18  missed  missed" in text
    assert "call 1 about day 1, by 2020-10-20 00:00: lapsed" in text


def test_the_grid_tells_by_what_a_day_was_settled_and_what_was_tested_and_visited() -> None:
    days = [message for day in range(1, 15) if day != 5 for message in followup.logs(day, day)]
    story = Story(CASE).given(followup.discharged(), received_at=followup.at(0, 11))
    for message in days:
        story.given(message, received_at=message.reported_at)
    call_id = story.state.conclusions.plans[0].calls[0].call_id
    answered = [followup.called(call_id, followup.at(6, 11)), followup.log(9, symptoms=("49727002",), stayed_in=False)]
    tested = [followup.retested("r-7", followup.at(7)), followup.retested("r-16", followup.at(16), "detected")]
    story.given(*answered, *tested, followup.RETURNED, received_at=followup.at(20))
    assert story.now is not None
    text = drawn(followup=views.case(story.state.facts, story.state.conclusions, story.now))
    lines = [line.rstrip() for line in text.splitlines()]
    assert "  5  2020-10-22  settled  settled  settled by call 10-23 11:00" in lines
    assert "  7  2020-10-24  36.6 °C  36.6 °C  test negative, told after it was missed" in lines
    assert "  9  2020-10-26  36.6 °C  36.6 °C  am: 1 symptom; am: went out" in lines
    assert " 14  2020-10-31  36.6 °C  36.6 °C  test missed, taken 11-02 09:00; return visit" in text
    assert "day 16, 2020-11-02 09:00: test positive" in lines
    assert "day 28, 2020-11-14: return visit week 4 awaited" in lines
    assert max(map(len, lines)) <= 80
