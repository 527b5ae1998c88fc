"""Mistakes that the type check finds. Were one not found, mypy would call the ignore on its line unused.

Not run, and imported by nothing; `make check` reads it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import assert_type

from msgspec import Struct

from chassis.decide.aggregate import Aggregate, ReadModel, on
from chassis.decide.announcing import Announcer
from chassis.decide.judge import Receipt, State
from chassis.store import replicas
from schemas.events.intake import CaseExcluded
from schemas.events.treatment import TestResultRecorded
from services.bulletin import routes as of_bulletin
from services.bulletin.context import count_days
from services.bulletin.domain import case, day
from services.contact import routes as of_contact
from services.contact.domain import subscription
from services.directory import domain as directory
from services.directory import routes as of_directory
from services.discharge import domain as discharge
from services.discharge import routes as of_discharge
from services.discharge.domain.facts import Place
from services.followup import domain as followup
from services.followup import routes as of_followup
from services.intake import domain as intake
from services.intake import routes as of_intake
from services.intake.domain.institutions import Institutions
from services.primarycare import domain as primarycare
from services.primarycare import routes as of_primarycare
from services.primarycare.domain.institutions import Directory
from services.treatment import domain
from services.treatment import routes as of_treatment


class Others(Struct, frozen=True):
    """Facts of another domain."""


class Timeless(Struct, frozen=True):
    """Conclusions without what the clock needs of them."""

    due: datetime | None = None


def learn_others(facts: Others, event: TestResultRecorded, receipt: Receipt) -> Others:
    """Learns into other facts."""
    return facts


def conclude_others(facts: Others, announced: domain.Conclusions, clock: object, context: None) -> domain.Conclusions:
    """Concludes from other facts."""
    return announced


def row_of_others(state: State[Others, domain.Conclusions]) -> None:
    """Draws a row from other facts."""


def a_typing_mistake_in_each_column_of_the_table(others: Announcer[Others, domain.Conclusions]) -> None:
    """One line each: the facts, what they are learnt from, the conclusions, the steps, the row, the context."""
    facts, conclusions, conclude, announce = domain.Facts, domain.Conclusions, domain.conclude, domain.announce
    Aggregate("case", Others, conclusions, conclude, announce)  # type: ignore[arg-type]
    Aggregate("case", facts, conclusions, conclude, announce, (on(TestResultRecorded, learn_others),))  # type: ignore[misc]
    Aggregate("case", facts, conclusions, conclude_others, announce)  # type: ignore[arg-type]
    Aggregate("case", facts, conclusions, conclude, others)  # type: ignore[arg-type]
    Aggregate("case", facts, conclusions, conclude, announce, table=ReadModel("one", {}, row_of_others))  # type: ignore[misc]
    Aggregate("case", intake.Facts, intake.Conclusions, intake.conclude, intake.announce, context=count_days)  # type: ignore[misc]
    on(CaseExcluded, learn_others)  # type: ignore[arg-type]
    State(facts(), Timeless())  # type: ignore[type-var]


def the_tables_of_all_services() -> None:
    """Each is of its own facts, conclusions and context: none has come to be of anything."""
    assert_type(of_treatment.CASE, Aggregate[domain.Facts, domain.Conclusions, Mapping[str, str] | None])
    assert_type(of_intake.CASE, Aggregate[intake.Facts, intake.Conclusions, Institutions])
    assert_type(of_discharge.CASE, Aggregate[discharge.Facts, discharge.Conclusions, Mapping[str, Place]])
    assert_type(of_followup.CASE, Aggregate[followup.Facts, followup.Conclusions, None])
    assert_type(of_primarycare.CASE, Aggregate[primarycare.Facts, primarycare.Conclusions, Directory])
    assert_type(of_directory.INSTITUTION, Aggregate[directory.Facts, directory.Conclusions, None])
    assert_type(of_bulletin.CASE, Aggregate[case.Facts, case.Conclusions, None])
    assert_type(of_bulletin.DAY, Aggregate[day.Facts, day.Conclusions, day.Counts])
    assert_type(of_intake.INSTITUTION, Aggregate[replicas.Facts, replicas.Conclusions, None])
    assert_type(of_contact.SUBSCRIPTION, Aggregate[subscription.Switch, subscription.Nothing, None])
