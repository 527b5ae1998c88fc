"""What directory learns from which report."""

from chassis.decide.aggregate import Aggregate, on
from schemas.reports.directory import InstitutionDeclared, InstitutionWithdrawn
from services.directory import domain

INSTITUTION = Aggregate(
    "institution",
    domain.Facts,
    domain.Conclusions,
    domain.conclude,
    domain.announce,
    learns=(
        on(InstitutionDeclared, domain.learn_declared),
        on(InstitutionWithdrawn, domain.learn_withdrawn),
    ),
)

AGGREGATES = (INSTITUTION,)
