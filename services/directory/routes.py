"""What directory learns from which report."""

from chassis.routes import Kind, on
from schemas.reports.directory import InstitutionDeclared, InstitutionWithdrawn
from services.directory import domain

INSTITUTION = Kind(
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

KINDS = (INSTITUTION,)
