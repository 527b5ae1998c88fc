"""Stays in Shanghai that are told to a house to make its services say what chance makes them say too seldom.

Each report is the example of its type with what is another here.
"""

from datetime import datetime, timedelta
from itertools import cycle
from typing import Any, Final, get_args

from schemas.message import Report
from schemas.reports import consultation, directory, discharge, followup, intake, treatment
from schemas.reports.contact import DELIVERY_WORKER, ContactFailure, ContactReported
from schemas.values import FollowUpEndReason, ImagingChange, LogChannel, TemperatureSite, TreatmentCategory
from tests.services.embellished import example
from tests.situations.play import LONG_BEFORE, MOST, SEED, Play

HOSPITAL, CENTRE = "CN-SH-SPHCC", "cn-sh-minhang-chc-1"
ENDS: Final = (*get_args(FollowUpEndReason), "died", "revoked", "elsewhere", "silent")
"""How the follow-up of a stay is over, if it is: the cases are named by it."""
CHANNELS: Final = get_args(LogChannel)
FEVER: Final[dict[str, Any]] = {"temperature_c": 38.9, "symptoms": ["a tingling without a code"]}


def at(day: str, hour: float = 9) -> datetime:
    """An instant in Shanghai in 2020."""
    return datetime.fromisoformat(f"2020-{day}T00:00:00+08:00") + timedelta(hours=hour)


class Stays:
    """Several stays at once; time goes on with what is told."""

    def __init__(self) -> None:
        self.play = Play(LONG_BEFORE)

    def tell(self) -> None:
        """From the arrivals to weeks after the last end."""
        play = self.play
        for line in SEED.read_bytes().splitlines():
            play.give(line, LONG_BEFORE)
        for case_id in ENDS:
            self._arrive(case_id)
        self._deliver()
        for case_id in ENDS:
            self._ward(case_id)
        for case_id in ENDS:
            self._home(case_id)
        self._unplaced()
        self._online()
        play.pass_to(at("12-20"))

    def say(self, type_: type[Report], when: datetime, **stated: Any) -> None:
        """The example of a type, stated otherwise, comes; and everybody does what follows."""
        self.play.pass_to(when)
        source = DELIVERY_WORKER if type_ is ContactReported else "/tests"
        self.play.report(example(type_, **stated), when, source)
        self.play.rest(MOST)

    def _arrive(self, case_id: str) -> None:
        self.say(intake.TravellerArrived, at("09-15", 7), case_id=case_id, person_ref=case_id, party_id=None)
        result = {"case_id": case_id, "result_id": f"r-{case_id}"}
        self.say(treatment.TestResultReported, at("09-15", 21), **result)

    def _ward(self, case_id: str) -> None:
        self.say(treatment.PatientAdmitted, at("09-16"), case_id=case_id, institution_id=HOSPITAL)
        for hour, site in enumerate(get_args(TemperatureSite)):
            measured = {"measured_at": at("09-16", 9 + hour), "temperature_site": site, "pao2_fio2_mmhg": 320}
            self.say(treatment.VitalSignsReported, at("09-16", 9 + hour), case_id=case_id, **measured)
        for hour, category in enumerate(get_args(TreatmentCategory)):
            given = {"given_at": at("09-17", 9 + hour), "category": category}
            self.say(treatment.TreatmentGiven, at("09-17", 9 + hour), case_id=case_id, **given)
        for hour, change in enumerate(get_args(ImagingChange)):
            study = {"study_id": f"s-{hour}", "performed_at": at("09-18", 9 + hour), "change": change}
            self.say(treatment.ImagingReported, at("09-18", 9 + hour), case_id=case_id, **study)
        if case_id == "silent":
            ill = {"severity": "critical", "assessed_at": at("09-18")}
            self.say(treatment.SeverityReported, at("09-18"), case_id=case_id, **ill)

    def _home(self, case_id: str) -> None:
        self.say(treatment.ComorbidityReported, at("10-10"), case_id=case_id)
        home = {"institution_id": HOSPITAL, "primary_institution_id": CENTRE}
        self.say(discharge.PatientDischarged, at("10-17", 10.2), case_id=case_id, **home)
        for day, (slot, site, channel) in enumerate(zip(cycle("ap"), get_args(TemperatureSite), cycle(CHANNELS))):
            log = {
                "local_date": f"2020-10-{18 + day // 2}",
                "slot": f"{slot}m",
                "reported_at": at("10-18", 8 + 12 * day),
            }
            how = {"temperature_site": site, "channel": channel, "stayed_in": False}
            fever = FEVER if day > 2 else {}
            self.say(followup.DayReported, at("10-18", 8 + 12 * day), case_id=case_id, **log, **how, **fever)
        missed = {"case_id": case_id, "visit": "week_2", "attended_at": None, "findings": None}
        self.say(followup.ReturnVisitReported, self.play.now, **missed)
        self._call(case_id)
        self._end(case_id)

    def _call(self, case_id: str) -> None:
        """Nobody answers the calls; whoever goes there finds the patient."""
        for outcome in ("no_answer", "wrong_number", "reached"):
            self.play.pass_to(self.play.now + timedelta(hours=30))
            asked = [one for one in self.play.asked("CallRequested", "HomeVisitRequested") if one.subject == case_id]
            for one in asked:
                called = {"call_id": one.data["call_id"], "called_at": self.play.now, "outcome": outcome}
                self.say(followup.CallReported, self.play.now, case_id=case_id, **called)

    def _end(self, case_id: str) -> None:
        now = self.play.now + timedelta(hours=1)
        if case_id == "died":
            died = {"discharged_at": now, "disposition": "died", "destination": None, "residence": None}
            self.say(discharge.PatientDischarged, now, case_id=case_id, institution_id=HOSPITAL, **died)
        elif case_id == "revoked":
            self.say(discharge.DischargeCancelled, now, case_id=case_id, institution_id=HOSPITAL, cancelled_at=now)
        elif case_id == "elsewhere":
            self.say(treatment.PatientAdmitted, now, case_id=case_id, institution_id="another", admitted_at=now)
        elif case_id != "silent":
            self.say(followup.FollowUpEnded, now, case_id=case_id, ended_at=now, why=case_id)

    def _deliver(self) -> None:
        """Of what subscribers are told, two fail for one reason after another until they are given up; one receiver
        wants no more, and the others have theirs."""
        reasons = get_args(ContactFailure)
        for round_ in range(len(reasons) + 4):
            for number, one in enumerate(self.play.asked("ContactRequested")):
                names = {name: one.data[name] for name in ("about", "delivery_id", "attempt")}
                stated = {"outcome": "delivered" if number > 2 else "gone", "reason": None}
                if number < 2:
                    stated = {"outcome": "failed", "reason": reasons[(round_ + 5 * number) % len(reasons)]}
                reported = {**names, **stated, "reported_at": self.play.now}
                self.say(ContactReported, self.play.now, **reported)
            self.play.pass_to(self.play.now + timedelta(hours=2))

    def _unplaced(self) -> None:
        """Positives that confirm nobody, an institution that will be no more, and a home that nobody knows."""
        now, hour = self.play.now, timedelta(hours=1)
        self.say(directory.InstitutionWithdrawn, now, institution_id=CENTRE, effective_from=at("12-31"))
        self.say(intake.LocalCaseReported, now, case_id="local", confirmed_at=now)
        self.say(intake.CaseWithdrawn, now + hour, case_id="local", withdrawn_at=now + hour)
        swab = {
            "setting": "hospital",
            "result_id": "r-early",
            "collected_at": at("09-10"),
            "resulted_at": at("09-10", 12),
        }
        for case_id in ("local", "early"):
            self.say(treatment.TestResultReported, now + 2 * hour, case_id=case_id, **swab)
        self.say(intake.TravellerArrived, now + 2 * hour, case_id="early", person_ref="early")
        self.say(intake.TravellerArrived, now + 2 * hour, case_id="homeless", person_ref="homeless")
        self.say(treatment.TestResultReported, now + 2 * hour, case_id="homeless", result_id="r-homeless")
        nowhere = {"residence": {"jurisdiction": "CN-SH"}, "primary_institution_id": None, "discharged_at": now}
        self.say(discharge.PatientDischarged, now + 2 * hour, case_id="homeless", institution_id=HOSPITAL, **nowhere)

    def _online(self) -> None:
        """A channel that is not for everybody, and a medicine that could not be brought."""
        now, minute = self.play.now, timedelta(minutes=1)
        for channel, departments in (("skin", ["dermatology"]), ("green", ["infectious_diseases"])):
            opened = {"channel_id": channel, "departments": departments, "priority_groups": [], "opened_at": now}
            self.say(consultation.ChannelOpened, now, institution_id=HOSPITAL, **opened)
        on_duty = {"prescriber": True, "from": now, "until": now + timedelta(hours=8)}
        self.say(consultation.ExpertRostered, now, channel_id="green", expert_ref="e-1", **on_duty)
        here = {"jurisdiction": "CN-SH", "channel_id": "green", "groups": [], "case_id": "silent"}
        self.say(consultation.ConsultationRequested, now + minute, consultation_id="c-1", requested_at=now, **here)
        held = {"expert_ref": "e-1", "completed_at": now + 2 * minute}
        written = {"prescription_id": "rx-1", "items": ["ibuprofen"]}
        self.say(
            consultation.ConsultationCompleted, now + 2 * minute, consultation_id="c-1", prescription=written, **held
        )
        names = {"prescription_id": "rx-1", "consultation_id": "c-1"}
        self.say(consultation.PrescriptionReviewed, now + 3 * minute, reviewed_at=now + 3 * minute, **names)
        for number, status in enumerate(("dispensed", "dispatched", "failed"), 4):
            step = {"status": status, "reported_at": now + number * minute, "reason": "nobody_home"}
            self.say(consultation.DeliveryReported, now + number * minute, **names, **step)
