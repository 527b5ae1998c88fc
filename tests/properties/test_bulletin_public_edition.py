"""B5, as a property: nobody is found by subtraction, whatever the days, their restatements and the attacker.

Two attackers. One has 30 days of public editions and a solver. The other knows the rule by heart: of a small world it
tries every truth there could be, and keeps those that would have led to the very same editions.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import product
from random import Random
from typing import Any

import pytest

from chassis.decide.judge import judge_tick
from schemas.events.bulletin import BulletinFields
from services.bulletin.domain.day import Counts
from services.bulletin.domain.day.figures import Discharges, Figure, Flow, Online
from services.bulletin.domain.public_day import public_edition
from services.bulletin.domain.public_day.public_edition import Table
from services.bulletin.policy import smallest_shown
from services.bulletin.routes import DAY, PUBLIC_DAY
from tests.properties.attacker import BANDS, SEVERITIES, TABLES, Attacker, Cell

FIRST_DAY = date(2020, 10, 1)
DAYS = 30
WHERE = "CN-SH"
K = smallest_shown(WHERE, FIRST_DAY)
LATER = datetime.fromisoformat("2021-06-01T00:00:00+08:00")
COUNTRIES = ("PH", "FR", "US", "ET", "MR", "CN", "RU", "JP", "AQ", "unknown")
"""Of which the attacker asks; `AQ` has never a case."""
CATEGORIES: Mapping[str, Sequence[str]] = {
    "by_origin_country": [name for name in COUNTRIES if name != "AQ"],
    "by_severity": SEVERITIES,
    "by_age_band": BANDS,
    "by_nationality": [name for name in COUNTRIES if name != "AQ"],
}
Patient = Mapping[str, str]
"""Table → the patient's category; of a local case there is no country of origin."""


def patient(dice: Random) -> Patient:
    """Somebody who was discharged: most are like most others."""
    of = {name: dice.choices(names, [4**-rank for rank in range(len(names))])[0] for name, names in CATEGORIES.items()}
    return of if dice.random() < 0.8 else {name: of[name] for name in of if name != "by_origin_country"}


def counts(day: date, patients: Sequence[Patient]) -> Counts:
    """What SQL would count of the patients who were discharged on a day."""
    imported = sum("by_origin_country" in one for one in patients)
    left = Figure(imported, len(patients) - imported)
    tables: dict[str, dict[str, int]] = {name: defaultdict(int) for name in TABLES}
    for one in patients:
        for name, category in one.items():
            tables[name][category] += 1
    flow = Flow(confirmed=Figure(1000, 1000), discharged=left)
    return Counts(WHERE, day, Flow(discharged=left), flow, Discharges(**{name: dict(tables[name]) for name in TABLES}))


def truths(dice: Random, *, only_add: bool) -> Iterator[list[Patient]]:
    """Who was discharged on a day, as it was known at each of its judgements."""
    known = [patient(dice) for _ in range(dice.choice([0, 1, 3, 4, 5, 6, 8, 12, 20, 40, 90]))]
    yield known
    for _ in range(dice.choice([0, 0, 1, 2])):
        taken = 0 if only_add and dice.random() < 0.6 else dice.randint(0, 4)
        added = 0 if only_add and taken else dice.randint(0, 4)
        known = [*dice.sample(known, max(0, len(known) - taken)), *(patient(dice) for _ in range(added))]
        yield known


def editions(dice: Random, *, only_add: bool, days: int = DAYS) -> list[BulletinFields]:
    """All public editions of some days, as their readers have them."""
    published: list[BulletinFields] = []
    for number in range(days):
        state = PUBLIC_DAY.begin()
        for known in truths(dice, only_add=only_add):
            counted = counts(FIRST_DAY + timedelta(days=number), known)
            day = judge_tick(DAY, DAY.begin(), LATER, counted).state.conclusions
            judged = judge_tick(PUBLIC_DAY, state, LATER, day)
            state = judged.state
            published += [emitted.event for emitted in judged.emitted]
    return published


def find_somebody(seed: int, *, only_add: bool, days: int = DAYS) -> tuple[int, list[tuple[Cell, tuple[int, int]]]]:
    """How many cells were asked for, and those of which too much is known."""
    dice = Random(seed)
    attacker = Attacker(editions(dice, only_add=only_add, days=days), COUNTRIES, reports_only_add=only_add)
    suppressed = [*attacker.suppressed()]
    asked = dice.sample(suppressed, min(len(suppressed), 4 * days))
    found = []
    for cell in asked:
        least, greatest = attacker.bounds(cell)
        if greatest - least + 1 < attacker.width_owed(cell, K):
            found.append((cell, (least, greatest)))
    return len(asked), found


@pytest.mark.parametrize("only_add", [True, False], ids=["reports only add or only take away", "whatever reports do"])
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.thorough) for seed in range(1, 6))])
def test_no_suppressed_cell_of_thirty_days_can_be_narrowed_to_fewer_than_k_values(seed: int, only_add: bool) -> None:
    asked, found = find_somebody(seed, only_add=only_add)

    assert asked > DAYS
    assert found == []


def test_suppressing_only_the_small_cells_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public_edition, "_hides", lambda *_: True)
    assert find_somebody(0, only_add=True, days=10)[1] != []
    assert narrowed(_only_edition) != []


def test_showing_what_was_suppressed_once_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    forgetful = public_edition.edition
    monkeypatch.setattr(public_edition, "edition", lambda tables, _, *rest: forgetful(tables, None, *rest))
    assert narrowed(_two_editions) != []


SMALLEST, CELLS, MOST = 3, 4, 9
Numbers = tuple[int, ...]
World = tuple[Numbers, ...]
"""A table as it was known at each edition."""


def partitions(cells: int, most: int) -> Iterator[Numbers]:
    """Every table of so many cells and at most so many cases."""
    return (one for one in product(range(most + 1), repeat=cells) if sum(one) <= most)


def _only_edition() -> Iterator[World]:
    return ((one,) for one in partitions(CELLS, MOST))


def _two_editions() -> Iterator[World]:
    """Every table, and each that late reports can make of it by adding cases only, or by taking away some only."""
    for first in partitions(CELLS, MOST - 2):
        for change in partitions(CELLS, 2):
            grown = tuple(one + more for one, more in zip(first, change, strict=True))
            yield first, grown
            yield grown, first


def shown_of(world: World) -> tuple[Table, ...]:
    """What the editions of one table show."""
    before: dict[str, Table] | None = None
    tables = []
    for numbers in world:
        cells = {str(at): count for at, count in enumerate(numbers) if count}
        before = public_edition.edition(Discharges(by_severity=cells), before, {"by_severity": CELLS}, SMALLEST)
        tables.append(before["by_severity"])
    return tuple(tables)


def narrowed(worlds: Any) -> list[tuple[Any, int, int, set[int]]]:
    """The cells that are not shown and could have fewer values than they are owed, over all truths that look alike."""
    alike: dict[Any, list[World]] = defaultdict(list)
    for world in worlds():
        shown = tuple((tuple(sorted(table.cells.items())), table.hidden) for table in shown_of(world))
        alike[shown].append(world)
    found = []
    for shown, truth in alike.items():
        for at in range(len(shown)):
            known = {int(name) for cells, _ in shown[: at + 1] for name, _ in cells}
            if not all(hidden for _, hidden in shown[: at + 1]):  # an edition has shown each cell, the empty ones too
                continue
            total = sum(truth[0][at])
            for cell in set(range(CELLS)) - known:
                values = {world[at][cell] for world in truth}
                if max(values) - min(values) + 1 < min(SMALLEST, total + 1):
                    found.append((shown, at, cell, values))
    return found


@pytest.mark.parametrize("worlds", [_only_edition, _two_editions])
def test_who_knows_the_rule_and_tries_every_truth_finds_nobody_either(worlds: Any) -> None:
    assert narrowed(worlds) == []


def test_the_people_of_a_channel_that_is_not_named_could_be_none_or_any_number_below_k() -> None:
    """Three days of one channel: on each some people come for the first time, and some come again."""
    alike: dict[Any, list[Numbers]] = defaultdict(list)
    for moves in product(product(range(7), range(3)), repeat=3):
        if any(sum(column) > most for column, most in zip(zip(*moves, strict=True), (6, 2), strict=True)):
            continue
        people = consultations = 0
        seen, truth = [], []
        for new, again in moves:
            people, consultations = people + new, consultations + new + (again if people + new else 0)
            channel = Online("a", consultations, people, min(people, 1), consultations, 0)
            named = public_edition.channels((channel,) if consultations else (), SMALLEST)
            seen.append(tuple(one.in_public(SMALLEST).items()) if (one := next(iter(named), None)) else None)
            truth.append(people)
        alike[tuple(seen)].append(tuple(truth))
    for shown, truths_alike in alike.items():
        for day, one in enumerate(shown):
            values = {truth[day] for truth in truths_alike}
            assert one is not None or values == set(range(SMALLEST)), (shown, day, values)
