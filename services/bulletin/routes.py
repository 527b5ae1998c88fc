"""Which message teaches what: a case learns from three services, a day from its cases alone."""

from chassis.routes import Kind, Table, on
from schemas.events.discharge import Discharged, DischargeRevoked
from schemas.events.intake import CaseExcluded, CaseImported, LocalCaseConfirmed
from schemas.events.treatment import SeverityAssessed
from services.bulletin.domain import cases, days, facts
from services.bulletin.world import count_days

CASE = Kind(
    "case",
    facts.Facts,
    cases.Conclusions,
    cases.conclude,
    cases.announce,
    learns=(
        on(CaseImported, facts.learn_confirmation),
        on(LocalCaseConfirmed, facts.learn_confirmation),
        on(CaseExcluded, facts.learn_exclusion),
        on(Discharged, facts.learn_discharge),
        on(DischargeRevoked, facts.learn_revocation),
        on(SeverityAssessed, facts.learn_severity),
    ),
    table=Table(
        "bulletin_case",
        {
            "jurisdiction": "text",
            "origin": "text",
            "confirmed_on": "date",
            "discharged_on": "date",
            "died_on": "date",
            "origin_country": "text",
            "nationality": "text",
            "severity": "text",
            "age_months": "integer",
            "age_band": "text",
            "child": "boolean",
        },
        cases.row,
    ),
    wakes=cases.wakes,
    is_silent=True,
)
DAY = Kind(
    "day",
    days.Facts,
    days.Conclusions,
    days.conclude,
    days.announce,
    world=count_days,
    table=Table(
        "bulletin_day",
        {
            "jurisdiction": "text",
            "day": "date",
            "confirmed_imported": "integer",
            "confirmed_local": "integer",
            "discharged_imported": "integer",
            "discharged_local": "integer",
            "died_imported": "integer",
            "died_local": "integer",
            "youngest_months": "integer",
        },
        days.row,
    ),
    wakes=days.wakes,
)
KINDS = (CASE, DAY)
