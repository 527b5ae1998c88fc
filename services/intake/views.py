"""Questions that others may ask of intake's database; read only."""

from datetime import datetime
from typing import Any, Final

from msgspec import to_builtins
from msgspec.structs import asdict

from chassis.questions.question import CaseQuestion, Location, Questions, WorkListQuestion
from chassis.store.connection import Connection, sql
from chassis.store.pagination import Entry, Page, read_page
from schemas.reference import NUCLEIC_ACID_TESTS
from services.intake import answers
from services.intake.domain import Conclusions, Facts
from services.intake.domain.facts import Arrival, Person, Residence
from services.intake.domain.transfer import Transfer


def case(facts: Facts, conclusions: Conclusions, now: datetime) -> dict[str, Any]:
    """Who the case is, its episodes with what each rests on, where its patient is sent, and what confirms nobody.

    `status`: `confirmed`, `excluded` or `not_a_case`. `tests_not_understood`: LOINC codes that are on no list.
    """
    person = facts.person
    return {
        "status": _status(conclusions),
        "origin": _origin(facts),
        "place": as_json(conclusions.place) if conclusions.place else None,
        "person": as_json(person) if person else None,
        "episodes": [as_json(episode) for episode in conclusions.episodes],
        "transfers": [{**as_json(transfer), "stage": _stage(transfer)} for transfer in conclusions.transfers],
        "unplaced": [as_json(positive) for positive in conclusions.unplaced],
        "duplicates": [as_json(duplicate) for duplicate in conclusions.duplicates],
        "withdrawn_at": to_builtins(facts.withdrawal.withdrawn_at) if facts.withdrawal else None,
        "results_known": len({version.name for version in facts.results}),
        "tests_not_understood": sorted({version.test for version in facts.results} - NUCLEIC_ACID_TESTS),
        "looks_again_at": to_builtins(conclusions.due) if conclusions.due and conclusions.due > now else None,
    }


def place(facts: Facts, conclusions: Conclusions) -> Location | None:
    """Where the case is looked after, as long as somebody knows that."""
    found = conclusions.place
    return Location(found.jurisdiction, found.district or None) if found and found.is_known else None


async def transfers(connection: Connection, page: Page) -> list[Entry]:
    """The transfers that are awaited, by when the patient had to be admitted: `domain.worklist.TransferItem`s."""
    return await read_page(connection, sql("list_transfers", "services.intake.sql"), page)


async def unplaced(connection: Connection, page: Page) -> list[Entry]:
    """The positives that confirm nobody, by when they resulted: `domain.worklist.UnplacedItem`s (I1).

    Those of whom nobody knows where they are have the jurisdiction `unknown`.
    """
    return await read_page(connection, sql("list_unplaced", "services.intake.sql"), page)


async def duplicates(connection: Connection, page: Page) -> list[Entry]:
    """The cases of one person that run at once, by since when: `domain.worklist.DuplicateItem`s (I6)."""
    return await read_page(connection, sql("list_duplicates", "services.intake.sql"), page)


async def at_unknown_places(connection: Connection) -> int:
    """How many cases are on no place's list, since nobody knows where they are."""
    return int(await connection.fetchval(sql("count_unknown", "services.intake.sql")))


def _status(conclusions: Conclusions) -> str:
    if not conclusions.episodes:
        return "not_a_case"
    stands = any(episode.excluded_at is None for episode in conclusions.episodes)
    return "confirmed" if stands else "excluded"


def _origin(facts: Facts) -> str | None:
    """`imported` for a traveller who came through another country, or from nobody knows where (I1)."""
    if facts.person is None:
        return None
    return "imported" if isinstance(facts.person, Arrival) and facts.person.is_from_abroad else "local"


def _stage(transfer: Transfer) -> str:
    """`waiting`: no suitable designated institution of the jurisdiction is known yet. `ended`: another one admitted."""
    if transfer.admitted_at is not None:
        return "completed"
    if transfer.ended_at is not None:
        return "ended"
    if not transfer.is_stated:
        return "waiting"
    return "overdue" if transfer.overdue else "requested"


def as_json(fact: Any) -> dict[str, Any]:
    """The fields that say something, ready for JSON; `rank` is the service's own business.

    Of a person and a residence what nobody knows is `unknown`; an unknown age is left out.
    """
    unknown = "unknown" if isinstance(fact, Person | Residence) else None
    given = {name: unknown if value == "" else value for name, value in asdict(fact).items() if name != "rank"}
    shown = {name: value for name, value in given.items() if value is not None}
    if isinstance(fact, Person) and not fact.age.unit:
        del shown["age"]
    return {
        name: as_json(value) if name in {"age", "residence"} else to_builtins(value) for name, value in shown.items()
    }


QUESTIONS: Final[Questions] = (
    CaseQuestion(case, answers.Case, place),
    WorkListQuestion("transfers", transfers, answers.TransferItem),
    WorkListQuestion("unplaced", unplaced, answers.UnplacedItem),
    WorkListQuestion("duplicates", duplicates, answers.DuplicateItem),
)
