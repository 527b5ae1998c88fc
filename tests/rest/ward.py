"""Reports of arrival, ward and discharge: anything that the schemas allow, whether or not it makes sense together."""

from datetime import timedelta
from typing import Any

from schemas.message import Report
from schemas.reports.directory import InstitutionDeclared, InstitutionWithdrawn
from schemas.reports.discharge import DischargeApproved, DischargeCancelled, PatientDischarged
from schemas.reports.intake import CaseWithdrawn, LocalCaseReported, TravellerArrived
from schemas.reports.treatment import (
    AdmissionCancelled,
    ComorbidityReported,
    ImagingReported,
    PatientAdmitted,
    SeverityReported,
    SymptomsReported,
    TestResultReported,
    TreatmentGiven,
    VitalSignsReported,
)
from tests.rest.pen import BEGINS, CENTRES, COUGH, DYSPNOEA, FEVER, HOMES, HOSPITALS, HOUSES, ZONES, Pen

RESULTS = ("r1", "r2", "r3", "r4", "r5")
LABS = ("lab", "lab", "lab", "another lab")
"""Two laboratories know results by one id."""
CT_VALUES = (
    None,
    None,
    None,
    {"N": 36.0},
    {"N": 20.0, "E": 36.0},
    {"ORF1ab": 35.0, "N": 38.0, "RNase-P": 22.0},
)


AGES = ({"value": 13, "unit": "mo"}, {"value": 40, "unit": "a"}, {"value": 0, "unit": "mo"}, {"value": 17, "unit": "a"})


def declared(pen: Pen, name: str) -> Report:
    hospital = name in HOSPITALS
    kind = "hospital" if hospital else "community_centre" if name in CENTRES else "health_commission"
    fields: dict[str, Any] = {
        "institution_id": name,
        "name": name,
        "kind": kind,
        "jurisdiction": "CN-SH",
        "district": pen.dice.choice(["Pudong", "Pudong", "Minhang"]),
        "designated": hospital,
        "capabilities": pen.dice.choice([(), ("paediatric",), ("paediatric", "dialysis")]),
        "online": False,
        "open_24h": True,
        "children": True,
        "effective_from": pen.instant(),
    }
    return InstitutionDeclared.model_validate(fields)


def listed(pen: Pen, _case: str) -> Report:
    """An institution changes, or is no more."""
    name = pen.dice.choice((*HOSPITALS, *CENTRES))
    if pen.dice.random() < 0.4:
        return InstitutionWithdrawn(institution_id=name, effective_from=pen.instant())
    return declared(pen, name)


def person(pen: Pen, case: str) -> Report:
    """Who a case is, a traveller or not; said again it may be somebody else from somewhere else."""
    dice = pen.dice
    fields: dict[str, Any] = {
        "case_id": case,
        "person_ref": dice.choice([f"p-{case}", f"p-{case}", "p-somebody"]),
        "sex": dice.choice(["male", "female", "unknown"]),
        "age": dice.choice([*AGES, None, "unknown"]),
        "nationality": dice.choice(["CN", "PH", None, "unknown"]),
        "jurisdiction": dice.choice(["CN-SH", "CN-SH", "CN-SH", "CN-BJ"]),
        "residence": dice.choice(HOMES),
        "symptoms": dice.choice([(), (COUGH,), ("tired",)]),
        "needs": dice.choice([(), (), ("dialysis",)]),
        "time_zone": dice.choice([None, None, "Asia/Shanghai", "America/New_York", "Pacific/Apia"]),
    }
    if dice.random() < 0.4:
        return LocalCaseReported.model_validate({**fields, "confirmed_at": pen.instant()})
    fields |= {
        "origin_country": dice.choice(["PH", "PH", "US", "CN", None, "unknown"]),
        "party_id": dice.choice([None, "party"]),
    }
    return TravellerArrived.model_validate({**fields, "arrived_at": pen.instant()})


def withdrawn(pen: Pen, case: str) -> Report:
    return CaseWithdrawn(case_id=case, withdrawn_at=pen.instant(), reason="entered in error")


def admitted(pen: Pen, case: str) -> Report:
    where, symptoms = pen.dice.choice(HOUSES), pen.dice.choice([(), (COUGH,)])
    return PatientAdmitted(case_id=case, institution_id=where, admitted_at=pen.instant(), symptoms=symptoms)


def admission_cancelled(pen: Pen, case: str) -> Report:
    where = pen.dice.choice(HOUSES)
    return AdmissionCancelled(case_id=case, institution_id=where, cancelled_at=pen.instant(), reason="wrong date")


def result(pen: Pen, case: str) -> Report:
    """Under few names, so that most correct an earlier one: its outcome, its collection, or both."""
    dice, name = pen.dice, f"{case}-{pen.dice.choice(RESULTS)}"
    if name not in pen.collected or dice.random() < 0.3:
        pen.collected[name] = pen.instant()
    collected = pen.collected[name]
    took = timedelta(hours=dice.choice([0, 0, 6, 6, 30, 24 * 9]))
    fields: dict[str, Any] = {
        "case_id": case,
        "result_id": name,
        "specimen_id": dice.choice([f"{name}-s"] * 4 + [f"{case}-r1-s"]),
        "specimen_type": dice.choice(["nasopharyngeal"] * 6 + ["nasal", "sputum", "saliva", "anal"]),
        "test": dice.choice(["94500-6"] * 8 + ["94309-2", "1-8"]),
        "result": dice.choice(["detected"] * 5 + ["not_detected"] * 5 + ["inconclusive", "invalid"]),
        "ct_values": dice.choice(CT_VALUES),
        "collected_at": collected,
        "collected_precision": dice.choice(["minute"] * 4 + ["day"]),
        "resulted_at": min(collected + took, max(pen.now, collected)).astimezone(dice.choice(ZONES)),
        "lab": dice.choice(LABS),
        "setting": dice.choice(["follow_up"] * 5 + ["hospital"] * 3 + ["entry_screening"] * 2),
        "status": dice.choice(["final"] * 5 + ["corrected"] * 4 + ["retracted", "preliminary"]),
    }
    return TestResultReported.model_validate(fields)


def vital_signs(pen: Pen, case: str) -> Report:
    breathing = pen.dice.choice([{}, {"spo2_percent": 92.0}, {"respiratory_rate_per_min": 61.0}])
    fields = {"case_id": case, "measured_at": pen.instant(), **pen.temperature(), **breathing}
    return VitalSignsReported.model_validate(fields)


def symptoms(pen: Pen, case: str) -> Report:
    seen = pen.dice.choice([(), (COUGH,), (FEVER,), ("Fever", DYSPNOEA)])
    how = pen.dice.choice(["none", "improved", "same", "worse"])
    return SymptomsReported(case_id=case, observed_at=pen.instant(), symptoms=seen, respiratory=how)


def imaging(pen: Pen, case: str) -> Report:
    dice = pen.dice
    fields: dict[str, Any] = {
        "case_id": case,
        "study_id": f"{case}-{dice.choice(['x1', 'x2'])}",
        "modality": "CT",
        "performed_at": pen.instant(),
        "finding": "lesion",
        "pneumonia": dice.random() < 0.5,
        "change": dice.choice(["first", "improved", "same", "progressed"]),
        "progression_percent": dice.choice([None, None, 20.0, 60.0]),
        "status": dice.choice(["final"] * 4 + ["corrected", "retracted"]),
    }
    return ImagingReported.model_validate(fields)


def severity(pen: Pen, case: str) -> Report:
    how = pen.dice.choice(["asymptomatic", "mild", "common", "severe", "critical"])
    return SeverityReported(case_id=case, assessed_at=pen.instant(), severity=how)


def treatment(pen: Pen, case: str) -> Report:
    category, medication = pen.dice.choice(["nutrition", "symptomatic"]), pen.dice.choice([None, "J05", "N02"])
    return TreatmentGiven(case_id=case, given_at=pen.instant(), category=category, medication=medication)


def comorbidity(pen: Pen, case: str) -> Report:
    dice = pen.dice
    fields: dict[str, Any] = {
        "case_id": case,
        "condition": dice.choice(["N18.6", "I10"]),
        "active": dice.random() < 0.8,
        "needs_regular_care": dice.random() < 0.8,
        "regular_medicines": dice.choice([(), ("A10",)]),
        "medicines_last_until": dice.choice([None, (BEGINS + timedelta(days=dice.randint(0, 60))).date()]),
    }
    return ComorbidityReported.model_validate(fields)


def approved(pen: Pen, case: str) -> Report:
    override = {"kind": "persistently_positive", "evidence": "Ct"} if pen.dice.random() < 0.3 else None
    fields = {"case_id": case, "approved_at": pen.instant(), "panel": ("physician",), "override": override}
    return DischargeApproved.model_validate(fields)


def discharged(pen: Pen, case: str) -> Report:
    """Home, to another house, or dead, of which some are told late; often, and not always after an admission."""
    dice = pen.dice
    disposition = dice.choice(["recovered"] * 7 + ["against_advice"] * 3 + ["transferred"] * 3 + ["died"])
    fields: dict[str, Any] = {
        "case_id": case,
        "institution_id": dice.choice(HOUSES),
        "discharged_at": pen.instant(),
        "disposition": disposition,
        "destination": None if disposition == "died" else dice.choice(["home", "home", "isolation_site", "hospital"]),
        "residence": dice.choice([None, None, *HOMES]),
        "primary_institution_id": dice.choice([None, None, CENTRES[0], "nobody"]),
        "to_institution_id": dice.choice([None, *HOUSES]) if disposition == "transferred" else None,
    }
    return PatientDischarged.model_validate(fields)


def cancelled(pen: Pen, case: str) -> Report:
    return DischargeCancelled(case_id=case, cancelled_at=pen.instant(), reason="not fit")
