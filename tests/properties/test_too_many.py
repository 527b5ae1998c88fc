"""What was found to block a case for good, all of it valid: each is said, cut to what an event holds."""

from datetime import UTC, datetime, timedelta

from schemas.reports.contact import ContactReported
from schemas.reports.treatment import TestResultReported
from services.discharge.routes import CASE as DISCHARGE
from services.followup.routes import CASE as FOLLOWUP
from services.intake.routes import CASE as INTAKE
from services.treatment.routes import CASE as TREATMENT
from tests.domain.contact import journeys as letters
from tests.domain.discharge import journeys as ward
from tests.domain.followup import journeys as home
from tests.domain.intake import journeys as port
from tests.domain.treatment import journeys as bedside
from tests.properties.published import Published
from tests.properties.weird import RECEIVED_AT


def versions_of_a_result(number: int) -> list[TestResultReported]:
    """As many versions, an hour apart."""
    first, outcomes = bedside.at("09-15T07:00"), ("detected", "not_detected")
    return [
        bedside.result(
            "r-1", "09-14T23:00", outcomes[n % 2], status="corrected", resulted_at=first + timedelta(hours=n)
        )
        for n in range(number)
    ]


def test_the_103rd_version_of_a_result() -> None:
    versions = versions_of_a_result(110)
    given = Published(TREATMENT).tell(versions)
    last = given.of("TestResultCorrected")[-1]
    assert (last.resulted_at, last.result) == (versions[-1].resulted_at, versions[-1].result)
    assert (len(last.earlier), last.omitted) == (100, {"earlier": 8})
    assert len(given.emitted) == 110


def test_a_result_corrected_so_often_still_teaches_whoever_reads_its_last_event() -> None:
    versions = versions_of_a_result(110)
    treatment = Published(TREATMENT).tell(versions)
    discharge = Published(DISCHARGE).tell(treatment.emitted[-1:])
    assert discharge.state.facts.results[-1].at == versions[-1].resulted_at


def test_the_1001st_feverish_reading_of_one_day() -> None:
    readings = [home.measured(home.at(3, 0) + timedelta(minutes=n), 38.5) for n in range(1_001)]
    given = Published(FOLLOWUP).know(readings, received_at=home.at(4)).tell([home.discharged()], received_at=home.at(4))
    alert = given.of("HealthAlertRaised")[-1]
    assert (alert.why, len(alert.evidence), alert.omitted) == ("fever", 1_000, {"evidence": 1})


def test_101_positives_of_one_instant() -> None:
    given = Published(INTAKE, port.CONTEXT).tell([port.arrived(), *(port.recorded(f"r-{n}") for n in range(101))])
    case = given.of("CaseImported")[-1]
    assert (len(case.basis), case.omitted) == (100, {"basis": 1, "basis_labs": 1})


def test_a_child_that_needs_all_that_a_person_can() -> None:
    needs = tuple(f"need_{n}" for n in range(100))
    capable = port.knowing(port.hospital(capabilities=("paediatric", *needs)))
    given = Published(INTAKE, capable).tell([port.arrived(needs=needs), port.recorded()])
    (request,) = given.of("TransferRequested") + given.of("TransferOverdue")
    assert (len(request.required_capabilities), request.omitted) == (100, {"required_capabilities": 1})


def test_two_comorbidities_of_200_kb() -> None:
    reports = [
        bedside.comorbidity(condition, regular_medicines=("漢" * 500,) * 100) for condition in ("E10.9", "N18.6")
    ]
    treatment = Published(TREATMENT).tell(reports)
    assert [event.omitted for event in treatment.of("ComorbidityRecorded")] == [None, None]
    known = [event.model_copy(update={"case_id": ward.CASE}) for event in treatment.emitted]
    given = Published(DISCHARGE).know([*ward.ordinary()[:-1], *known]).tell([ward.discharged(ward.at(17, 10))])
    event = given.of("Discharged")[-1]
    shown = {one.condition: len(one.regular_medicines) for one in event.comorbidities}
    assert set(shown) >= {"E10.9", "N18.6"}
    assert sum(event.omitted.values()) == 200 - shown["E10.9"] - shown["N18.6"] > 0


def test_1010_discharges_before_an_admission() -> None:
    discharges = [
        ward.discharged(ward.at(1, 2) + timedelta(days=n // 40), institution_id=f"h-{n}") for n in range(1_010)
    ]
    given = Published(DISCHARGE).know([ward.admitted(ward.at(60)), *discharges], received_at=ward.at(61))
    given.until(ward.at(61)).until(ward.at(63))
    assert len(given.of("ReportRejected")) == 1_010
    assert max(given.steps) >= 1_000, "all in one step"


def test_a_plan_that_is_extended_after_more_than_ten_years() -> None:
    """It was completed in time; then a positive of its last days is reported."""
    given, late = Published(FOLLOWUP).tell([home.discharged()], received_at=home.at(0, 11)), home.at(4_000)
    for log in home.logs(1, 14):
        given.tell([log], received_at=log.reported_at)
    given.tell([home.visited("week_2", home.at(14, 10))], received_at=home.at(14, 21)).until(home.at(20))
    given.tell([home.retested("r-1", home.at(13, 8), "detected")], received_at=late).until(late + timedelta(days=1))
    event = given.of("QuarantineExtended")[0]
    assert (event.days, event.last_day, event.omitted) == (3_660, home.on(4_001), {"days": 341})


def test_the_hundredth_illness() -> None:
    readmitted = [port.retested("r-9", episode=99, discharged_at=port.at("10-17T10:00"))]
    given = Published(INTAKE, port.CONTEXT).tell([port.arrived(), port.recorded(), *readmitted, port.recorded("r-9")])
    assert {"episode": 1} in [event.omitted for event in given.of("CaseImported")]


def test_a_contact_of_which_a_thousand_attempts_failed() -> None:
    """As a delivery worker whose clock stands in the past reports them, and the last one as it should."""
    reported = [datetime(2019, 12, 1, tzinfo=UTC)] * 999 + [RECEIVED_AT - timedelta(hours=11)]
    outcomes = [
        ContactReported(
            about=letters.CASE_ID, delivery_id=letters.delivery(), attempt=n, outcome="failed", reported_at=at
        )
        for n, at in enumerate(reported, 1)
    ]
    given = Published(letters.KIND, letters.CONTEXT).tell([letters.forwarded()]).know(outcomes[:-1]).tell(outcomes[-1:])
    last = given.of("ContactRequested")[-1]
    assert (last.attempt, last.omitted) == (1_000, {"attempt": 1})
