"""What intake learns from which message."""

from chassis.routes import Kind, on
from schemas.events.followup import RetestedPositive
from schemas.events.treatment import Admitted, TestResultCorrected, TestResultRecorded, TestResultRetracted
from schemas.reports.intake import LocalCaseReported, TravellerArrived
from services.intake import domain

CASE = Kind(
    "case",
    domain.Facts,
    domain.Conclusions,
    domain.conclude,
    domain.announce,
    learns=(
        on(TravellerArrived, domain.learn_traveller_arrived),
        on(LocalCaseReported, domain.learn_local_case_reported),
        on(TestResultRecorded, domain.learn_test_result),
        on(TestResultCorrected, domain.learn_test_result),
        on(TestResultRetracted, domain.learn_test_result),
        on(RetestedPositive, domain.learn_retested_positive),
        on(Admitted, domain.learn_admitted),
    ),
)

KINDS = (CASE,)
