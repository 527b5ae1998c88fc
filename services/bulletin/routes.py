"""Which message teaches what: a case learns from three services, online care from one, a day from these alone.

The public edition of a day is drawn from the day, which wakes it.
"""

from chassis.decide.aggregate import Aggregate, OfPerson, ReadModel, on
from chassis.store.connection import sql
from schemas.events.consultation import (
    ConsultationAssigned,
    ConsultationClosed,
    ConsultationQueued,
    MedicineDelivered,
)
from schemas.events.discharge import Discharged, DischargeRevoked
from schemas.events.intake import CaseExcluded, CaseImported, LocalCaseConfirmed
from schemas.events.treatment import SeverityAssessed
from services.bulletin.context import count_days, days
from services.bulletin.domain import case, consultation, day, delivery, public_day

CASE = Aggregate(
    "case",
    case.Facts,
    case.Conclusions,
    case.conclude,
    case.announce,
    learns=(
        on(CaseImported, case.learn_confirmation),
        on(LocalCaseConfirmed, case.learn_confirmation),
        on(CaseExcluded, case.learn_exclusion),
        on(Discharged, case.learn_discharge),
        on(DischargeRevoked, case.learn_revocation),
        on(SeverityAssessed, case.learn_severity),
    ),
    table=ReadModel(
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
            "asymptomatic_on": "date",
            "turned_on": "date",
            "released_on": "date",
        },
        case.row,
        as_figures=sql("erase_cases", "services.bulletin.sql"),
    ),
    wakes=case.wakes,
    is_silent=True,
    of_person=OfPerson("case"),
)
CONSULTATION = Aggregate(
    "consultation",
    consultation.Facts,
    consultation.Conclusions,
    consultation.conclude,
    consultation.announce,
    learns=(
        on(ConsultationQueued, consultation.learn_open),
        on(ConsultationAssigned, consultation.learn_open),
        on(ConsultationClosed, consultation.learn_closed),
    ),
    table=ReadModel(
        "bulletin_consultation",
        {
            "jurisdiction": "text",
            "channel_id": "text",
            "held_on": "date",
            "person_ref": "text",
            "expert_ref": "text",
            "refers": "boolean",
        },
        consultation.row,
        as_figures=sql("erase_consultations", "services.bulletin.sql"),
    ),
    wakes=consultation.wakes,
    is_silent=True,
    of_person=OfPerson("consultation", lambda facts: (closing.person_ref for closing in facts.closings)),
)
DELIVERY = Aggregate(
    "delivery",
    delivery.Facts,
    delivery.Conclusions,
    delivery.conclude,
    delivery.announce,
    learns=(on(MedicineDelivered, delivery.learn_delivered),),
    of_person=OfPerson("prescription"),
    table=ReadModel(
        "bulletin_delivery",
        {"jurisdiction": "text", "channel_id": "text", "delivered_on": "date"},
        delivery.row,
        as_figures=sql("erase_deliveries", "services.bulletin.sql"),
    ),
    wakes=delivery.wakes,
    is_silent=True,
)
DAY = Aggregate(
    "day",
    day.Facts,
    day.Conclusions,
    day.conclude,
    day.announce,
    context=count_days,
    table=ReadModel(
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
            "asymptomatic_imported": "integer",
            "asymptomatic_local": "integer",
            "turned_imported": "integer",
            "turned_local": "integer",
            "released_imported": "integer",
            "released_local": "integer",
            "online_care": "text",
        },
        day.row,
    ),
    wakes=day.wakes,
)
PUBLIC_DAY = Aggregate(
    "public_day",
    public_day.Facts,
    public_day.Conclusions,
    public_day.conclude,
    public_day.announce,
    context=days,
    states=lambda _, key: key.endswith("/public"),
)
AGGREGATES = (CASE, CONSULTATION, DELIVERY, DAY, PUBLIC_DAY)
