"""A real list of cases, told two years late and told again: the bulletin of each day has the figures of that day."""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from schemas.folding import standing
from tests.journeys.conftest import BACKENDS, servers
from tests.journeys.stack import Stack, afterward, running_stack

SINGAPORE = Path(__file__).with_name("singapore")
CLOCK = "2022-02-14T00:00:00+08:00"
WHERE = "SG-01"


@pytest.fixture(scope="module", params=BACKENDS)
def singapore(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack of its own, which was told of the hospitals and then of the cases."""
    folder = tmp_path_factory.mktemp("singapore")
    with servers(request.param) as (bus, options), running_stack(folder / "data", bus, CLOCK, *options) as stack:
        publish(stack, "institutions.jsonl")
        publish(stack, "reports.jsonl")
        yield stack


@pytest.mark.timeout(300)
@pytest.mark.wide
async def test_each_of_the_35_bulletins_has_the_figures_of_its_day(singapore: Stack) -> None:
    stated = [event.data for event in standing(await singapore.events()).values() if "Bulletin" in event.type]
    full = [data for data in stated if data["jurisdiction"] == WHERE and data["edition"] == "commission"]
    figures = {data["date"]: figures_of(data) for data in full}

    expected = rows()
    assert len(expected) == 35
    assert {date: figures.get(date) for date in expected} == expected
    last = [*expected][-1]
    assert figures_of(singapore.bulletin(WHERE, last)) == expected[last]
    assert singapore.parked() == []


@pytest.mark.timeout(300)
@pytest.mark.wide
async def test_the_list_sent_again_under_new_ids_says_not_one_further_event(singapore: Stack) -> None:
    before = Counter(event.id for event in await singapore.events())
    publish(singapore, "sent-again.jsonl")
    further = [event for event in await singapore.events() if event.id not in before]
    assert [(event.type, event.subject, event.data) for event in further] == []
    assert singapore.parked() == []


def publish(stack: Stack, name: str) -> None:
    """By the command, as an operator would; returns when all that follows has been said."""
    for arguments in (("publish", str(SINGAPORE / name)), ("wait",)):
        done = afterward(stack.data_dir, *arguments)
        assert done.returncode == 0, done.stderr


def rows() -> Mapping[str, Mapping[str, int]]:
    """Day → figure → number, as they are held."""
    with (SINGAPORE / "expected.csv").open(encoding="utf-8") as file:
        return {row.pop("date"): {name: int(number) for name, number in row.items()} for row in csv.DictReader(file)}


def figures_of(bulletin: Mapping[str, Any]) -> Mapping[str, int]:
    """The same figures of a bulletin."""
    confirmed, discharged = (bulletin["cumulative"][what] for what in ("confirmed", "discharged"))
    return {
        "confirmed": confirmed["total"],
        "imported": confirmed["imported"],
        "discharged": discharged["total"],
        "in_hospital": bulletin["in_hospital"]["total"],
    }
