"""The figures of the bulletin's days, counted from the rows of its cases, as the bulletin's `count_days.sql` does.

PostgreSQL reads tallies that a trigger keeps in step with `bulletin_case`, in the transaction that writes the case; to
count the rows that a transaction sees is the same.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

Row = Mapping[str, Any]
Asked = tuple[str, str, date]
_FLOWS = (("confirmed_on", "confirmed"), ("discharged_on", "discharged"), ("died_on", "died"))
_APART = (("asymptomatic_on", "asymptomatic"), ("turned_on", "turned"), ("released_on", "released"))
_ORIGINS = ("imported", "local")
_SUMS = tuple(f"{figure}_{origin}" for _, figure in (*_FLOWS, *_APART) for origin in _ORIGINS)
_OF_FLOWS = len(_FLOWS) * len(_ORIGINS)


class Day(NamedTuple):
    """What one day adds, and what all days up to it add up to; both in the order of `_SUMS`."""

    new: tuple[int, ...]
    total: tuple[int, ...]
    youngest_months: int | None
    online: Sequence[Sequence[Any]] = ()


class OnlineCare:
    """The consultations and deliveries of a jurisdiction, asked for the counts of its channels as of a day's end."""

    def __init__(self, jurisdiction: str, consultations: Iterable[Row], deliveries: Iterable[Row]) -> None:
        self._held = [row for row in consultations if row["jurisdiction"] == jurisdiction]
        self._delivered = [row for row in deliveries if row["jurisdiction"] == jurisdiction]
        self.days = {row["held_on"] for row in self._held} | {row["delivered_on"] for row in self._delivered}

    def up_to(self, day: date) -> list[list[Any]]:
        """Each channel: consultations, people, experts, visits avoided, medicines delivered."""
        held = [row for row in self._held if row["held_on"] <= day]
        return [self._counts(channel, day, held) for channel in sorted({row["channel_id"] for row in held})]

    def _counts(self, channel: str, day: date, held: Iterable[Row]) -> list[Any]:
        of_channel = [row for row in held if row["channel_id"] == channel]
        arrived = [row for row in self._delivered if row["channel_id"] == channel and row["delivered_on"] <= day]
        people, experts = ({row[name] for row in of_channel} for name in ("person_ref", "expert_ref"))
        avoided = sum(not row["refers"] for row in of_channel)
        return [channel, len(of_channel), len(people), len(experts - {None}), avoided, len(arrived)]


def count_days(
    asked: Sequence[Asked],
    cases: Sequence[Row],
    emitted: Sequence[Row],
    wakes: Iterable[Row],
    consultations: Sequence[Row] = (),
    deliveries: Sequence[Row] = (),
) -> Iterator[tuple[str, str]]:
    """(key, counts as JSON) of each asked day."""
    woken = {tuple(row["key"].split("/")) for row in wakes if row["kind"] == "day"}
    taken = {(jurisdiction, day) for _, jurisdiction, day in asked}
    taken |= {(jurisdiction, date.fromisoformat(day)) for jurisdiction, day in woken}
    for key, jurisdiction, day in asked:
        of_cases = [row for row in cases if row["jurisdiction"] == jurisdiction]
        of_days = {row["day"]: row for row in emitted if row["jurisdiction"] == jurisdiction}
        care = OnlineCare(jurisdiction, consultations, deliveries)
        days = _days(of_cases, {*of_days, *care.days, *(on for _, where, on in asked if where == jurisdiction)}, care)
        outdated = _outdated(days, of_days, [on for _, where, on in asked if where == jurisdiction])
        later = {on: silent for on, silent in outdated.items() if on > day and (jurisdiction, on) not in taken}
        yield key, json.dumps(_counts(jurisdiction, day, days[day], of_cases, later))


def _counts(
    jurisdiction: str, day: date, counted: Day, cases: Sequence[Row], later: Mapping[date, bool]
) -> dict[str, Any]:
    return {
        "jurisdiction": jurisdiction,
        "day": day.isoformat(),
        "new": _pairs(counted.new[:_OF_FLOWS]),
        "cumulative": _pairs(counted.total[:_OF_FLOWS]),
        "discharges": _discharges([row for row in cases if row["discharged_on"] == day]),
        "youngest_months": counted.youngest_months,
        "new_apart": _pairs(counted.new[_OF_FLOWS:]),
        "cumulative_apart": _pairs(counted.total[_OF_FLOWS:]),
        "online": counted.online,
        "later": [on.isoformat() for on in sorted(later) if not later[on]],
        "silent": [on.isoformat() for on in sorted(later) if later[on]],
    }


def _pairs(sums: Sequence[int]) -> list[Sequence[int]]:
    return [sums[at : at + 2] for at in range(0, len(sums), 2)]


def _days(cases: Sequence[Row], known: set[date], care: OnlineCare) -> dict[date, Day]:
    new: dict[date, Counter[str]] = defaultdict(Counter)
    ages: dict[date, list[int]] = defaultdict(list)
    for row in cases:
        for column, figure in (*_FLOWS, *_APART):
            if row[column] is not None:
                new[row[column]][f"{figure}_{row['origin']}"] += 1
        if row["child"] and row["origin"] == "imported" and row["confirmed_on"] is not None:
            ages[row["confirmed_on"]].append(row["age_months"])
    days: dict[date, Day] = {}
    total: Counter[str] = Counter()
    youngest: list[int] = []
    for day in sorted({*known, *new}):
        total += new[day]
        youngest += ages[day]
        sums = tuple(new[day][name] for name in _SUMS), tuple(total[name] for name in _SUMS)
        days[day] = Day(*sums, min(youngest, default=None), care.up_to(day))
    return days


def _outdated(days: Mapping[date, Day], emitted: Mapping[date, Row], asked: Iterable[date]) -> dict[date, bool]:
    """The days to be judged anew → whether there is no bulletin of them yet."""
    found: dict[date, bool] = {}
    for day, row in emitted.items():
        counted = days[day]
        silent = row["confirmed_imported"] is None
        now = (*counted.total, counted.youngest_months, _in_words(counted.online))
        if _stated(row) != now and (not silent or _is_eventful(counted)):
            found[day] = silent
    for day in asked:
        following = day + timedelta(days=1)
        if _is_eventful(days[day]) and following not in emitted:
            found[following] = False
    return found


def _is_eventful(counted: Day) -> bool:
    """Whether anybody was confirmed, or found asymptomatic, or had a consultation online, by then."""
    return any(counted.total[:2]) or any(counted.total[_OF_FLOWS : _OF_FLOWS + 2]) or bool(counted.online)


def _stated(row: Row) -> tuple[int | str | None, ...]:
    return tuple(row[name] for name in (*_SUMS, "youngest_months", "online_care"))


def _in_words(channels: Iterable[Sequence[Any]]) -> str:
    return ";".join(" ".join(str(value) for value in channel) for channel in channels)


def _discharges(cases: Sequence[Row]) -> dict[str, dict[str, int]]:
    tables: dict[str, Counter[str]] = defaultdict(Counter)
    for row in cases:
        for name in ("origin_country", "severity", "age_band", "nationality"):
            cell = row[name] or ("unknown" if name == "severity" else None)
            if cell is not None:
                tables[f"by_{name}"][cell] += 1
    return {name: dict(sorted(cells.items())) for name, cells in sorted(tables.items())}
