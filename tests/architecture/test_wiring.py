"""The tables in the services' READMEs list what each service really reads."""

from importlib import import_module
from pathlib import Path

import pytest

from chassis.decide.aggregate import AnyAggregate
from schemas import generate
from schemas.publishing.tables import wiring
from schemas.services import EVERY_SERVICE
from schemas.topics import registry

ROOT = Path(__file__).parents[2]


def learnt(service: str) -> set[str]:
    """The names of the messages for which a service has a function that learns from them."""
    aggregates: tuple[AnyAggregate, ...] = import_module(f"services.{service}.routes").AGGREGATES
    return {registry()[name][0].__name__ for aggregate in aggregates for name in aggregate.by_type}


@pytest.mark.parametrize("service", EVERY_SERVICE)
def test_what_a_table_lists_is_what_the_service_learns_from(service: str) -> None:
    """Contact learns events only where there are subscriptions; without them its reports are left."""
    routes = (ROOT / "services" / service / "routes.py").read_text(encoding="utf-8")

    assert generate.accepted(routes) == learnt(service)


def test_a_message_of_a_topic_that_nothing_learns_from_is_not_listed() -> None:
    listed = generate.accepted("from schemas.events.intake import CaseExcluded\nfrom elsewhere import CaseImported\n")

    assert listed == {"CaseExcluded"}
    assert "| `intake.events.v1` | intake | `CaseExcluded.v1` |" in wiring("treatment", listed)
