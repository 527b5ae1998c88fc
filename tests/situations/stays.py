"""Small stays with follow-up, invented: what is told of one case from the arrival to the end of aftercare.

Most of it comes in time, some hours or days late, some is corrected, and calls and alerts are answered or not.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from schemas.message import Report
from schemas.reports.discharge import DischargeApproved, DischargeCancelled, PatientDischarged
from schemas.reports.followup import CallReported, DayReported, FollowUpEnded, ResidenceChanged, ReturnVisitReported
from schemas.reports.intake import TravellerArrived
from schemas.reports.primarycare import AlertAcknowledged, LinkageAnswered
from schemas.reports.treatment import (
    ComorbidityReported,
    ImagingReported,
    PatientAdmitted,
    SymptomsReported,
    TestResultReported,
    VitalSignsReported,
)
from tests.situations.play import LONG_BEFORE, SEED, Play

CASE = "stay-1"
ARRIVED = datetime.fromisoformat("2020-10-01T08:00:00+08:00")
LEFT = datetime.fromisoformat("2020-10-12T10:00:00+08:00")
HOUSES = ("CN-SH-SPHCC", "cn-sh-minhang-hospital")
COUGH, DYSPNOEA = "49727002", "267036007"
LATE_HOURS = (0, 0, 0, 0, 0, 1, 7, 26, 50)
ENDS = timedelta(days=48)


class Coming(NamedTuple):
    """A report, and when it comes."""

    at: datetime
    report: Report


def stay(seed: int) -> Play:
    """A stay that was told in step, to the end of aftercare and some weeks more."""
    dice = Random(f"stay {seed}")
    play = Play(LONG_BEFORE)
    for line in SEED.read_bytes().splitlines():
        play.give(line, LONG_BEFORE)
    coming = sorted([*_ward(dice), *_home(dice), *_turns(dice)], key=lambda one: one.at)
    for one in coming:
        _answer(play, dice, one.at)
        play.pass_to(one.at)
        play.report(one.report)
        play.rest(MOST)
    _answer(play, dice, LEFT + ENDS)
    play.pass_to(LEFT + ENDS)
    return play


MOST = 400


def _of(message: type[Report], **fields: Any) -> Report:
    return message.model_validate({"case_id": CASE, **fields})


def _late(dice: Random, at: datetime) -> datetime:
    return at + timedelta(hours=dice.choice(LATE_HOURS))


def _result(name: str, at: datetime, result: str, **other: Any) -> Report:
    fields = {"result_id": name, "specimen_id": f"{name}-s", "specimen_type": "nasopharyngeal", "test": "94500-6",
              "result": result, "collected_at": at, "resulted_at": at + timedelta(hours=6), "lab": "L",
              "setting": "hospital", "status": "final"}  # fmt: skip
    return _of(TestResultReported, **{**fields, **other})


def _ward(dice: Random) -> Iterator[Coming]:
    home = {"jurisdiction": "CN-SH", "district": "Minhang"}
    yield Coming(ARRIVED, _of(TravellerArrived, person_ref="p-1", sex="female", age={"value": 40, "unit": "a"},
                              nationality="CN", jurisdiction="CN-SH", origin_country="PH", arrived_at=ARRIVED,
                              residence=home, symptoms=(), needs=()))  # fmt: skip
    swab = ARRIVED + timedelta(hours=1)
    yield Coming(_late(dice, swab + timedelta(hours=6)), _result("r1", swab, "detected"))
    admitted = ARRIVED + timedelta(hours=22)
    yield Coming(_late(dice, admitted), _of(PatientAdmitted, institution_id=HOUSES[0], admitted_at=admitted))
    for day in range(1, 8):
        at = LEFT - timedelta(days=day, hours=2)
        yield Coming(_late(dice, at), _of(VitalSignsReported, measured_at=at, temperature_c=36.6,
                                          temperature_site="axillary"))  # fmt: skip
    at = LEFT - timedelta(days=3)
    yield Coming(at, _of(SymptomsReported, observed_at=at, symptoms=(), respiratory="none"))
    yield Coming(at, _of(ImagingReported, study_id="x", modality="CT", performed_at=at, finding="normal",
                         pneumonia=False, change="first"))  # fmt: skip
    for name, days in (("n1", 3), ("n2", 1.5)):
        swab = LEFT - timedelta(days=days)
        yield Coming(_late(dice, swab + timedelta(hours=6)), _result(name, swab, "not_detected"))
    if dice.random() < 0.4:
        yield Coming(_late(dice, at), _of(ComorbidityReported, condition="N18.6", active=True, needs_regular_care=True))
    approved = LEFT - timedelta(hours=1)
    yield Coming(_late(dice, approved), _of(DischargeApproved, approved_at=approved, panel=("physician",)))
    known_at = LEFT + timedelta(hours=dice.choice([0, 0, 0, 0, 3, 30, 100]))
    how = dice.choice(["recovered"] * 5 + ["against_advice"])
    yield Coming(known_at, _of(PatientDischarged, institution_id=HOUSES[0], discharged_at=LEFT, disposition=how,
                           destination="home"))  # fmt: skip


def _home(dice: Random) -> Iterator[Coming]:
    diligence = dice.choice([0.0, 0.5, 0.9, 1.0])
    for day in range(29):
        at = (LEFT + timedelta(days=day)).replace(hour=dice.choice([0, 7, 20, 23]))
        if at <= LEFT or dice.random() > (diligence if day <= 14 else 0.1):
            continue
        yield Coming(_late(dice, at), _log(dice, at))
    for number, day in enumerate((7, 14)):
        swab = LEFT + timedelta(days=day + dice.choice([-1, 0, 0, 0, 1, 2]))
        result = dice.choice(["not_detected"] * 4 + ["detected"])
        if dice.random() < 0.7:
            yield Coming(_late(dice, swab + timedelta(hours=6)), _result(f"t{number}", swab, result))
            if dice.random() < 0.2:
                later = swab + timedelta(days=dice.choice([1, 3, 8]))
                status = dice.choice(["corrected", "retracted"])
                other = dice.choice(["detected", "not_detected"])
                yield Coming(later, _result(f"t{number}", swab, other, resulted_at=later, status=status))
    for visit, day in (("week_2", 14), ("week_4", 28)):
        at = LEFT + timedelta(days=day + dice.choice([0, 0, 3]))
        if dice.random() < 0.6:
            yield Coming(_late(dice, at), _of(ReturnVisitReported, visit=visit, attended_at=at))


def _log(dice: Random, at: datetime) -> Report:
    return _of(DayReported, reported_at=at, local_date=at.date() - timedelta(days=dice.choice([0, 0, 0, 0, 1])),
               slot="am" if at.hour < 12 else "pm", temperature_c=dice.choice([36.6] * 9 + [38.6]),
               temperature_site="axillary", symptoms=dice.choice([()] * 9 + [(COUGH,), (DYSPNOEA,)]), stayed_in=True,
               channel="app", reporter="patient")  # fmt: skip


def _turns(dice: Random) -> Iterator[Coming]:
    """What happens besides, one thing at most."""
    at = LEFT + timedelta(days=dice.randint(1, 18), hours=dice.choice([0, 5, 14]))
    turn = dice.choice(["", "", "other stay", "recall", "cancelled", "died", "left", "moved", "against the plan"])
    if turn == "other stay":
        yield Coming(_late(dice, at), _of(PatientAdmitted, institution_id=HOUSES[1], admitted_at=at))
        over = at + timedelta(days=dice.randint(1, 5))
        yield Coming(_late(dice, over), _of(PatientDischarged, institution_id=HOUSES[1], discharged_at=over,
                                            disposition="recovered", destination="home"))  # fmt: skip
    if turn == "recall":
        swab = LEFT - timedelta(days=1.5)
        yield Coming(at, _result("n2", swab, "not_detected", resulted_at=at, status="retracted"))
        back = at + timedelta(days=dice.randint(1, 3))
        yield Coming(_late(dice, back), _of(PatientAdmitted, institution_id=HOUSES[0], admitted_at=back))
    if turn == "cancelled":
        yield Coming(_late(dice, at), _of(DischargeCancelled, cancelled_at=at, reason="mistake"))
    if turn == "died":
        yield Coming(_late(dice, at), _of(PatientDischarged, institution_id=HOUSES[1], discharged_at=at,
                                          disposition="died"))  # fmt: skip
    if turn == "left":
        yield Coming(_late(dice, at), _of(FollowUpEnded, ended_at=at, why="left_country", by="border control"))
    if turn == "moved":
        fields = {"from": at, "residence": {"jurisdiction": "CN-SH", "district": "Xuhui"}}
        yield Coming(_late(dice, at), _of(ResidenceChanged, **fields))


def _answer(play: Play, dice: Random, until: datetime) -> None:
    """Up to then whoever was asked answers, or does not, at some hour; a few answers come a day late."""
    seen: set[str] = set()
    while True:
        asked = play.asked("CallRequested", "HomeVisitRequested", "AlertForwarded", "LinkageRequested")
        new = [one for one in asked if one.subject == CASE and one.id not in seen]
        if not new:
            at = play.now + timedelta(hours=9)
            if at >= until:
                return
            play.pass_to(at)
            continue
        for one in new:
            seen.add(one.id)
            if dice.random() < 0.5:
                at = play.now + timedelta(hours=dice.choice([0, 1, 5, 13, 30]))
                if at < until:
                    play.pass_to(at)
                    play.report(_answer_to(dice, one.type, one.data, play.now - timedelta(hours=dice.choice([0, 2]))))
                    play.rest(MOST)


def _answer_to(dice: Random, asked: str, data: Any, at: datetime) -> Report:
    if asked == "afterward.AlertForwarded.v1":
        return _of(AlertAcknowledged, alert_id=data["alert_id"], institution_id=data["institution_id"],
                   acknowledged_at=at)  # fmt: skip
    if asked == "afterward.LinkageRequested.v1":
        answer = dice.choice(["accepted", "declined"])
        return _of(LinkageAnswered, linkage_id=data["linkage_id"], institution_id=data["institution_id"],
                   answer=answer, answered_at=at)  # fmt: skip
    outcome = dice.choice(["reached", "reached", "no_answer", "refused", "wrong_number"])
    return _of(CallReported, call_id=data["call_id"], called_at=at, outcome=outcome,
               **({"temperature_c": 36.7} if outcome == "reached" else {}))  # fmt: skip
