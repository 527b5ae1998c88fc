"""Whoever has all public editions and wants to know a cell that they do not show (B5).

The attacker reads the events alone, and knows the rules: a table adds up to its published total (B2), a cell that is
not shown is no greater than any that is, and, where late reports only add cases or only take them away, so do the
cells. What is left is a question for a solver: the least and the greatest number of cases in a cell.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, get_args

import highspy

from schemas.events.bulletin import Breakdown, BulletinFields
from schemas.values import Severity
from services.bulletin.policy import AGE_BANDS, COUNTRIES

TABLES: tuple[str, ...] = get_args(Breakdown)
SEVERITIES = tuple(name for name in get_args(Severity) if name != "asymptomatic")
BANDS = tuple(band.label for row in AGE_BANDS for band in row.value)
_COUNTRY_TABLES = frozenset({"by_origin_country", "by_nationality"})
_OTHERS = "others"
"""The countries that no edition has named, together."""


class Cell(NamedTuple):
    """A cell of one edition: the number of the edition, its table, its category."""

    edition: int
    table: str
    category: str


@dataclass
class Attacker:
    """Asks a solver for the bounds of cells, given a sequence of public editions.

    `countries`: those of which the attacker asks in particular. `reports_only_add`: the attacker assumes as well that
    between two editions of a day no report took a case away where its total grew, and none added one where it fell.
    """

    editions: Sequence[BulletinFields]
    countries: Iterable[str]
    reports_only_add: bool = True
    _model: highspy.Highs = field(init=False)
    _variables: dict[Cell, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._model = highspy.Highs()  # type: ignore[no-untyped-call]
        self._model.silent()
        for number, one in enumerate(self.editions):
            for table in TABLES:
                self._read(number, one, table)
        if self.reports_only_add:
            self._compare_editions()

    def suppressed(self) -> Iterator[Cell]:
        """The cells that are not shown, and that no earlier edition of their day had shown."""
        for number, one in enumerate(self.editions):
            before = [each for each in self.editions[:number] if _day(each) == _day(one)]
            for table in one.discharges.suppressed or ():
                for category in self._categories(table):
                    known = any(is_shown(each, table, category) for each in before)
                    if category != _OTHERS and not known and not is_shown(one, table, category):
                        yield Cell(number, table, category)

    def bounds(self, cell: Cell) -> tuple[int, int]:
        """The least and the greatest number of cases that the cell can have."""
        variable = self._variables[cell]
        return self._extreme(variable, -1), self._extreme(variable, 1)

    def width_owed(self, cell: Cell, smallest: int) -> int:
        """How many values the cell must be able to have: k of them, or as many as its published total allows."""
        return min(smallest, total(self.editions[cell.edition], cell.table) + 1)

    def _extreme(self, variable: Any, sign: int) -> int:
        if sign > 0:
            self._model.maximize(variable)
        else:
            self._model.minimize(variable)
        status = self._model.getModelStatus()
        assert status == highspy.HighsModelStatus.kOptimal, status
        value: float = self._model.val(variable)
        return round(value)

    def _categories(self, table: str) -> Sequence[str]:
        known: set[str] = set()  # beyond the likely ones only what an edition has named
        for one in self.editions:
            known |= set(getattr(one.discharges, table))
        if table == "by_severity":
            return (*SEVERITIES, *sorted(known - set(SEVERITIES)))
        if table == "by_age_band":
            return (*BANDS, *sorted(known - set(BANDS)))
        return (*self.countries, _OTHERS)

    def _read(self, number: int, one: BulletinFields, table: str) -> None:
        cells: Mapping[str, int] = getattr(one.discharges, table)
        is_suppressed = table in (one.discharges.suppressed or ())
        hidden = total(one, table) - sum(cells.values())
        assert set(cells) <= set(self._categories(table)), "the attacker knows of every category that is shown"
        most = min([hidden, *cells.values()]) if is_suppressed else 0
        variables = []
        for category in self._categories(table):
            least, greatest = (cells[category],) * 2 if category in cells else (0, most)
            if category == _OTHERS and is_suppressed:
                greatest = min(hidden, most * (COUNTRIES - len([*self.countries])))
            whole = highspy.HighsVarType.kInteger
            variable = self._model.addVariable(lb=least, ub=greatest, type=whole)
            self._variables[Cell(number, table, category)] = variable
            variables.append(variable)
        self._model.addConstr(sum(variables[1:], variables[0] + 0) == total(one, table))

    def _compare_editions(self) -> None:
        for number, one in enumerate(self.editions):
            before = [at for at in range(number) if _day(self.editions[at]) == _day(one)]
            for table in TABLES if before else ():
                grew = total(one, table) - total(self.editions[before[-1]], table)
                for category in self._categories(table):
                    was, now = (self._variables[Cell(at, table, category)] for at in (before[-1], number))
                    if grew >= 0:
                        self._model.addConstr(now - was >= 0)
                    if grew <= 0:
                        self._model.addConstr(now - was <= 0)


def is_shown(one: BulletinFields, table: str, category: str) -> bool:
    """Whether an edition says how many cases a cell has; where nothing is suppressed, no cell means none."""
    return category in getattr(one.discharges, table) or table not in (one.discharges.suppressed or ())


def total(one: BulletinFields, table: str) -> int:
    """What a table adds up to: the day's discharges, or the imported ones."""
    figure = one.new.discharged
    return figure.imported if table == "by_origin_country" else figure.total


def _day(one: BulletinFields) -> tuple[str, Any]:
    return one.jurisdiction, one.date
