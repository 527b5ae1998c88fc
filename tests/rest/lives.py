"""What is told of one or two cases: valid reports of every type, as weird as they come, in a few weeks.

Instants are drawn from few days and hours, so that much falls on one instant, on a midnight, or a second beside it.
Most of a life turns on what makes and unmakes episodes: results that are corrected, discharges, fevers at home.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import Any

from schemas.envelope import Envelope
from schemas.message import Report
from schemas.reports.discharge import DischargeApproved, DischargeCancelled, PatientDischarged
from schemas.reports.directory import InstitutionDeclared, InstitutionWithdrawn
from schemas.reports.followup import CallReported, DayReported, ReturnVisitReported
from schemas.reports.intake import LocalCaseReported, TravellerArrived
from schemas.reports.primarycare import AlertAcknowledged, CareDelivered, LinkageAnswered
from schemas.reports.treatment import (
    ComorbidityReported,
    ImagingReported,
    PatientAdmitted,
    SeverityReported,
    SymptomsReported,
    TestResultReported,
    TreatmentGiven,
    VitalSignsReported,
)

BEGINS = datetime(2020, 9, 28, tzinfo=UTC)
LAST_DAY = 24
SHANGHAI = timezone(timedelta(hours=8))
ZONES = (SHANGHAI, SHANGHAI, SHANGHAI, UTC, timezone(timedelta(hours=-5)), timezone(timedelta(hours=5, minutes=45)))
SECONDS = (0, 0, 0, 10 * 3600, 10 * 3600, 8 * 3600, 15 * 3600 + 59 * 60 + 59, 16 * 3600, 16 * 3600 + 1)
"""Of a UTC day; 16:00 is midnight in Shanghai."""
HOSPITALS = ("CN-SH-SPHCC", "CN-SH-CHILDREN", "elsewhere")
CENTRES = ("pd-01-centre", "pd-02-centre")
FEVER, COUGH, DYSPNOEA = "386661006", "49727002", "267036007"
RESULTS = ("r1", "r2", "r3", "r4", "r5")


@dataclass(frozen=True)
class Told:
    """One report, and when its publisher says to have written it down."""

    report: Report
    recorded: datetime

    def __str__(self) -> str:
        data = self.report.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
        return f"{type(self.report).__name__} {data} recorded {self.recorded.isoformat()}"


@dataclass
class Round:
    """The clock goes on to `at`, and these are told. `asleep`: who reads nothing in this round."""

    at: datetime
    told: list[Told] = field(default_factory=list)
    asleep: frozenset[str] = frozenset()


Asked = Callable[..., Sequence[Envelope]]
"""Names of events → those that stand."""


class Author:
    """Invents what is told next. The same dice and the same answers give the same life."""

    def __init__(self, dice: Random) -> None:
        self.dice = dice
        self.cases = ("c-1", "c-2")[: dice.choice([1, 1, 1, 2])]
        self.now = BEGINS
        self.last_day = dice.choice([4, 8, 16, LAST_DAY])
        """Fewer days, more collisions."""
        self._specimens: dict[str, datetime] = {}

    def round(self, at: datetime, number: int, asked: Asked) -> list[Told]:
        """`number` reports of what has happened by `at`."""
        self.now = at
        return [self._recorded(self._report(asked)) for _ in range(number)]

    def founding(self) -> list[Told]:
        """Who there is: institutions, and for most cases how they came. The rest stays unknown for a while."""
        self.now = BEGINS + timedelta(days=1)
        told: list[Report] = [self._declared(name) for name in (*HOSPITALS[:2], *CENTRES, "pd", "sh")]
        told += [self._person(case) for case in self.cases if self.dice.random() < 0.8]
        return [self._recorded(report) for report in told]

    def _report(self, asked: Asked) -> Report:
        case = self.dice.choice(self.cases)
        kinds, weights = zip(*_WEIGHTS.items(), strict=True)
        (kind,) = self.dice.choices(kinds, weights)
        answers = {
            "call": ("CallRequested", "HomeVisitRequested"),
            "acknowledged": ("AlertForwarded", "AlertEscalated"),
        }
        answers |= {"answered": ("LinkageRequested",), "cared": ("LinkageAccepted",)}
        if kind in answers:
            open_now = [one for one in asked(*answers[kind]) if one.subject == case]
            about = self.dice.choice(open_now).data if open_now and self.dice.random() < 0.95 else {}
            return getattr(self, f"_{kind}")(case, about)  # type: ignore[no-any-return]
        return getattr(self, f"_{kind}")(case)  # type: ignore[no-any-return]

    def _recorded(self, report: Report) -> Told:
        """Written down when it happened, when it came, or at an instant that many others share."""
        happened = report.clinical_at or self.now
        return Told(report, self.dice.choice([happened, self.now, BEGINS, self._instant()]))

    def _instant(self, *, ahead: bool = False) -> datetime:
        """An instant that has come, in some zone; some publishers' clocks are fast."""
        days = min(self.last_day, (self.now - BEGINS) // timedelta(days=1))
        at = BEGINS + timedelta(days=self.dice.randint(0, max(0, days)), seconds=self.dice.choice(SECONDS))
        if at > self.now:
            at = self.now - timedelta(hours=self.dice.choice([0, 1, 24]))
        if ahead and self.dice.random() < 0.02:
            at = self.now + timedelta(minutes=self.dice.choice([4, 10]))
        return at.astimezone(self.dice.choice(ZONES))

    def _case(self, model: type[Report], case: str, **fields: Any) -> Report:
        return model.model_validate({"case_id": case, **fields})

    def _declared(self, name: str) -> Report:
        hospital = name in HOSPITALS
        kind = "hospital" if hospital else "community_centre" if name in CENTRES else "health_commission"
        district = self.dice.choice(["Pudong", "Pudong", "Minhang"])
        return InstitutionDeclared.model_validate(
            {
                "institution_id": name,
                "name": name,
                "kind": kind,
                "jurisdiction": "CN-SH",
                "district": district,
                "designated": hospital,
                "capabilities": self.dice.choice([(), ("paediatric",), ("paediatric", "dialysis")]),
                "online": False,
                "open_24h": True,
                "children": True,
                "effective_from": self._instant(),
            }
        )

    def _directory(self, _case: str) -> Report:
        name = self.dice.choice((*HOSPITALS, *CENTRES))
        if self.dice.random() < 0.4:
            return InstitutionWithdrawn(institution_id=name, effective_from=self._instant())
        return self._declared(name)

    def _person(self, case: str) -> Report:
        dice = self.dice
        fields: dict[str, Any] = {
            "person_ref": f"p-{case}",
            "sex": dice.choice(["male", "female", "unknown"]),
            "age": dice.choice([{"value": 13, "unit": "mo"}, {"value": 40, "unit": "a"}, {"value": 0, "unit": "mo"}]),
            "nationality": "CN",
            "jurisdiction": dice.choice(["CN-SH", "CN-SH", "CN-SH", "CN-BJ"]),
            "residence": dice.choice([_home("CN-SH", "Pudong"), _home("CN-SH", "Minhang"), _home("US-NY", "Queens")]),
            "symptoms": dice.choice([(), (COUGH,), ("tired",)]),
            "needs": dice.choice([(), (), ("dialysis",)]),
            "time_zone": dice.choice([None, None, "Asia/Shanghai", "America/New_York", "Pacific/Apia"]),
        }
        if dice.random() < 0.4:
            return self._case(LocalCaseReported, case, **fields, confirmed_at=self._instant(ahead=True))
        country = dice.choice(["PH", "PH", "US", "CN"])
        return self._case(
            TravellerArrived, case, **fields, origin_country=country, party_id=dice.choice([None, "party"]),
            arrived_at=self._instant(ahead=True),
        )  # fmt: skip

    def _admitted(self, case: str) -> Report:
        symptoms = self.dice.choice([(), (COUGH,)])
        at = self._instant(ahead=True)
        return self._case(
            PatientAdmitted, case, institution_id=self.dice.choice(HOSPITALS), admitted_at=at, symptoms=symptoms
        )

    def _result(self, case: str) -> Report:
        """Under few names, so that most correct an earlier one: its outcome, its collection, or both."""
        dice = self.dice
        name = f"{case}-{dice.choice(RESULTS)}"
        collected = self._specimens.get(name, self._instant(ahead=True))
        if dice.random() < 0.3:
            collected = self._instant(ahead=True)
        self._specimens[name] = collected
        hours = dice.choice([0, 0, 6, 6, 30, 24 * 9])
        resulted = min(collected + timedelta(hours=hours), max(self.now, collected))
        return self._case(
            TestResultReported,
            case,
            result_id=name,
            specimen_id=f"{name}-s",
            specimen_type=dice.choice(["nasopharyngeal"] * 6 + ["sputum", "anal"]),
            test=dice.choice(["94500-6"] * 8 + ["94309-2", "1-1"]),
            result=dice.choice(["detected"] * 5 + ["not_detected"] * 5 + ["inconclusive", "invalid"]),
            ct_values=dice.choice([None, None, None, {"N": 36.0}, {"N": 20.0, "E": 36.0}]),
            collected_at=collected,
            resulted_at=resulted.astimezone(dice.choice(ZONES)),
            lab="lab",
            setting=dice.choice(["follow_up"] * 5 + ["hospital"] * 3 + ["entry_screening"] * 2),
            status=dice.choice(["final"] * 5 + ["corrected"] * 4 + ["retracted", "preliminary"]),
        )

    def _vitals(self, case: str) -> Report:
        return self._case(
            VitalSignsReported,
            case,
            measured_at=self._instant(ahead=True),
            **self._temperature(),
            **self.dice.choice([{}, {"spo2_percent": 92}]),
        )

    def _temperature(self) -> dict[str, Any]:
        site = self.dice.choice(["axillary", "axillary", "oral", "rectal"])
        return {"temperature_c": self.dice.choice([34.0, 36.6, 36.6, 37.3, 38.9, 39.5]), "temperature_site": site}

    def _symptoms(self, case: str) -> Report:
        respiratory = self.dice.choice(["none", "improved", "same", "worse"])
        symptoms = self.dice.choice([(), (COUGH,), (FEVER,), ("Fever", DYSPNOEA)])
        return self._case(
            SymptomsReported, case, observed_at=self._instant(ahead=True), symptoms=symptoms, respiratory=respiratory
        )

    def _imaging(self, case: str) -> Report:
        dice = self.dice
        progression = dice.choice([None, None, 20.0, 60.0])
        return self._case(
            ImagingReported, case, study_id=f"{case}-{dice.choice(['x1', 'x2'])}", modality="CT",
            performed_at=self._instant(ahead=True), finding="lesion", pneumonia=dice.random() < 0.5,
            change=dice.choice(["first", "improved", "same", "progressed"]), progression_percent=progression,
        )  # fmt: skip

    def _severity(self, case: str) -> Report:
        severity = self.dice.choice(["asymptomatic", "mild", "common", "severe", "critical"])
        return self._case(SeverityReported, case, assessed_at=self._instant(ahead=True), severity=severity)

    def _treatment(self, case: str) -> Report:
        category = self.dice.choice(["anti_infective", "nutrition"])
        return self._case(TreatmentGiven, case, given_at=self._instant(ahead=True), category=category)

    def _comorbidity(self, case: str) -> Report:
        dice = self.dice
        lasts = dice.choice([None, (BEGINS + timedelta(days=dice.randint(0, 60))).date()])
        return self._case(
            ComorbidityReported, case, condition=dice.choice(["N18.6", "I10"]), active=dice.random() < 0.8,
            needs_regular_care=dice.random() < 0.8, regular_medicines=dice.choice([(), ("A10",)]),
            medicines_last_until=lasts,
        )  # fmt: skip

    def _approved(self, case: str) -> Report:
        override = {"kind": "persistently_positive", "evidence": "Ct"} if self.dice.random() < 0.3 else None
        return self._case(
            DischargeApproved, case, approved_at=self._instant(ahead=True), panel=("physician",), override=override
        )

    def _discharged(self, case: str) -> Report:
        dice = self.dice
        disposition = dice.choice(["recovered"] * 8 + ["against_advice"] * 3 + ["transferred"] * 2 + ["died"])
        return self._case(
            PatientDischarged,
            case,
            institution_id=dice.choice(HOSPITALS),
            discharged_at=self._instant(ahead=True),
            disposition=disposition,
            destination=dice.choice(["home", "home", "isolation_site", "hospital"]),
            residence=dice.choice([None, None, _home("CN-SH", "Minhang"), _home("JP-13", "Tokyo")]),
            primary_institution_id=dice.choice([None, None, CENTRES[0], "nobody"]),
        )

    def _cancelled(self, case: str) -> Report:
        return self._case(DischargeCancelled, case, cancelled_at=self._instant(ahead=True), reason="not fit")

    def _log(self, case: str) -> Report:
        dice = self.dice
        at = self._instant(ahead=True)
        return self._case(
            DayReported,
            case,
            local_date=at.astimezone(SHANGHAI).date() - timedelta(days=dice.choice([0, 0, 0, 1, 3])),
            slot=dice.choice(["am", "pm"]),
            **self._temperature(),
            symptoms=dice.choice([(), (), (COUGH,), (DYSPNOEA,)]),
            stayed_in=dice.random() < 0.8,
            channel=dice.choice(["app", "phone"]),
            reporter=dice.choice(["patient", "staff"]),
            reported_at=at,
        )

    def _call(self, case: str, about: Any) -> Report:
        dice = self.dice
        measured = self._temperature() if dice.random() < 0.5 else {}
        call_id = about.get("call_id") or f"call-{dice.randint(1, 2)}"
        return self._case(
            CallReported, case, call_id=call_id, called_at=self._instant(ahead=True), **measured,
            outcome=dice.choice(["reached", "no_answer", "wrong_number", "refused"]),
            symptoms=dice.choice([(), (COUGH,)]), stayed_in=dice.choice([None, True, False]),
        )  # fmt: skip

    def _visit(self, case: str) -> Report:
        attended = self._instant(ahead=True) if self.dice.random() < 0.7 else None
        return self._case(ReturnVisitReported, case, visit=self.dice.choice(["week_2", "week_4"]), attended_at=attended)

    def _answered(self, case: str, about: Any) -> Report:
        linkage = about.get("linkage_id", "linkage-1")
        institution = about.get("institution_id") or self.dice.choice(CENTRES)
        return self._case(
            LinkageAnswered, case, linkage_id=linkage, institution_id=institution,
            answer=self.dice.choice(["accepted", "declined"]), answered_at=self._instant(ahead=True),
        )  # fmt: skip

    def _cared(self, case: str, about: Any) -> Report:
        linkage = about.get("linkage_id", "linkage-1")
        return self._case(
            CareDelivered, case, linkage_id=linkage, institution_id=about.get("institution_id") or CENTRES[0],
            delivered_at=self._instant(ahead=True), kind=self.dice.choice(["phone", "visit", "medicine"]),
        )  # fmt: skip

    def _acknowledged(self, case: str, about: Any) -> Report:
        alert = about.get("alert_id", "alert-1")
        institution = about.get("institution_id") or CENTRES[0]
        return self._case(
            AlertAcknowledged, case, alert_id=alert, institution_id=institution,
            acknowledged_at=self._instant(ahead=True),
        )  # fmt: skip


_WEIGHTS = {
    "person": 3,
    "admitted": 5,
    "result": 28,
    "vitals": 5,
    "symptoms": 3,
    "imaging": 3,
    "severity": 2,
    "treatment": 1,
    "comorbidity": 3,
    "approved": 2,
    "discharged": 14,
    "cancelled": 3,
    "log": 10,
    "call": 6,
    "visit": 2,
    "answered": 3,
    "cared": 1,
    "acknowledged": 5,
    "directory": 1,
}


def _home(jurisdiction: str, district: str) -> dict[str, str]:
    return {"jurisdiction": jurisdiction, "district": district}
