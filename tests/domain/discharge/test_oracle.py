"""D4 by brute force: random courses of tests, judged as of random instants, against the rule written down once more.

AFTERWARD_COURSES=5000 .venv/bin/python -m pytest tests/domain/discharge/test_oracle.py     more courses than usual
"""

import os
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from random import Random
from typing import Any, NamedTuple

import pytest

from schemas.events.treatment import TestResult, TestResultCorrected, TestResultRecorded, TestResultRetracted
from schemas.message import Message
from services.discharge.domain.criteria import verdicts
from services.discharge.domain.facts import Result
from tests.domain.discharge.journeys import CASE, confirmed
from tests.domain.discharge.judging import judged

COURSES = int(os.environ.get("AFTERWARD_COURSES", "300"))
INSTANTS = 6
"""As of so many each course is judged."""
SHANGHAI = timezone(timedelta(hours=8))
STARTS = (date(2020, 2, 22), date(2020, 3, 1), date(2020, 10, 10), date(2022, 3, 11), date(2022, 5, 10))
"""Under versions 6, 8 and 9, and over the midnights at which versions 7 and 9 begin."""
VERSIONS = ((date(2020, 3, 3), "v6"), (date(2020, 8, 18), "v7"), (date(2022, 3, 14), "v8"), (date.max, "v9"))
"""A version holds before its day."""
GENES = ("N", "ORF1ab", "RNaseP")
HOUR = timedelta(hours=1)


class Version(NamedTuple):
    """One version of a result, as a laboratory reports it."""

    lab: str
    result_id: str
    fields: dict[str, Any]

    @property
    def resulted_at(self) -> datetime:
        found: datetime = self.fields["resulted_at"]
        return found


def course(seed: int) -> list[list[Version]]:
    """A few results in up to three versions each: few specimens, few numbers, two laboratories, whole hours."""
    random = Random(seed)
    start = random.choice(STARTS)
    midnight = datetime(start.year, start.month, start.day, tzinfo=SHANGHAI)
    results: dict[tuple[str, str], list[Version]] = {}
    for _ in range(random.randint(2, 7)):
        name = random.choice("AB"), str(random.randint(1, 4))
        if name not in results:
            results[name] = list(_versions(random, midnight, *name))
    return list(results.values())


def _versions(random: Random, midnight: datetime, lab: str, result_id: str) -> Iterator[Version]:
    fields: dict[str, Any] = {"specimen_id": f"S{random.randint(1, 4)}", "test": "94500-6", "setting": "hospital"}
    fields |= _read(random, midnight)
    resulted_at = fields["collected_at"] + random.randint(24, 40) * HOUR
    statuses = [random.choice(["final", "final", "final", "preliminary"])]
    statuses += random.choices(["corrected", "retracted", "final"], k=random.choice([0, 0, 0, 1, 2]))
    for status in statuses:
        yield Version(lab, result_id, {**fields, "status": status, "resulted_at": resulted_at})
        fields |= _read(random, midnight) if random.random() < 0.5 else {}
        resulted_at += random.randint(1, 48) * HOUR
        resulted_at = max(resulted_at, fields["collected_at"] + 24 * HOUR)


def _read(random: Random, midnight: datetime) -> dict[str, Any]:
    values = {gene: random.choice([24.0, 35.0, 37.5]) for gene in random.sample(GENES, random.randint(0, 3))}
    return {
        "specimen_type": random.choice(["nasal", "nasopharyngeal", "sputum", "nasopharyngeal", "saliva", "anal"]),
        "result": random.choice([*["not_detected"] * 6, "detected", "detected", "inconclusive", "invalid"]),
        "collected_at": midnight + random.randint(0, 100) * HOUR,
        "collected_precision": random.choice(["minute", "minute", "day"]),
        "ct_values": values or None,
    }


def met(results: list[list[Version]], instant: datetime) -> bool:
    """The rule, read from its text: as of an instant, in the version of the protocol then in force."""
    protocol = next(version for until, version in VERSIONS if instant.astimezone(SHANGHAI).date() < until)
    counted = []
    for versions in results:
        known = [version for version in versions if version.resulted_at <= instant]
        if known:
            found = max(known, key=lambda version: version.resulted_at)
            verdict = _verdict(found.fields, protocol)
            if verdict:
                counted.append((found.fields["collected_at"], verdict, found.result_id, found.lab, found.fields))
    counted.sort(key=lambda one: one[:4])
    run: list[dict[str, Any]] = []
    for _, verdict, _, _, fields in counted:
        run = [] if verdict == "positive" else [*run, fields]
    if len({fields["specimen_id"] for fields in run}) < 2:
        return False
    first, last = run[0], run[-1]
    if protocol == "v6":
        return (_day(last) - _day(first)).days >= 1
    return _starts(last) - _ends(first) >= timedelta(hours=24)


def _verdict(fields: dict[str, Any], protocol: str) -> str | None:
    final = fields["status"] in ("final", "corrected")
    if not final or fields["specimen_type"] in ("saliva", "anal"):
        return None
    if fields["result"] != "detected":
        return "negative" if fields["result"] == "not_detected" else None
    viral = [ct for gene, ct in (fields["ct_values"] or {}).items() if gene in ("N", "ORF1ab")]
    return "negative" if protocol == "v9" and viral and min(viral) >= 35 else "positive"


def _day(fields: dict[str, Any]) -> date:
    day: date = fields["collected_at"].astimezone(SHANGHAI).date()
    return day


def _starts(fields: dict[str, Any]) -> datetime:
    collected: datetime = fields["collected_at"]
    if fields["collected_precision"] == "minute":
        return collected
    return collected.replace(hour=0, minute=0)


def _ends(fields: dict[str, Any]) -> datetime:
    return _starts(fields) + timedelta(days=fields["collected_precision"] == "day")


def emitted(versions: list[Version]) -> Message:
    """The result as treatment states it when all its versions are known."""
    *before, now = versions
    name = {"lab": now.lab, "result_id": now.result_id}
    fields = {"case_id": CASE, **name, **now.fields}
    earlier = [TestResult(**name, **version.fields) for version in before]
    old = earlier.pop() if earlier else None
    if now.fields["status"] == "retracted":
        return TestResultRetracted(**fields, old=old, earlier=tuple(earlier))
    if old is None:
        return TestResultRecorded(**fields)
    return TestResultCorrected(**fields, old=old, new=TestResult(**name, **now.fields), earlier=tuple(earlier))


def differences(seeds: range) -> Iterator[str]:
    """A sentence for each instant of a course at which the service finds otherwise than the rule."""
    for seed in seeds:
        results, random = course(seed), Random(seed)
        reports = [confirmed(), *map(emitted, results)]
        every = [version.resulted_at for versions in results for version in versions]
        for instant in [*random.choices(every, k=INSTANTS - 2), min(every) - HOUR, max(every) + HOUR]:
            found = judged(reports, instant)["two_negatives"].met
            if found is not met(results, instant):
                yield f"course {seed} as of {instant}: {found}"


def test_d4_in_random_courses_of_tests_is_what_the_rule_says_as_of_every_instant() -> None:
    assert list(differences(range(COURSES))) == []


def test_d4_is_met_in_some_of_these_courses_and_unmet_in_others() -> None:
    last = [course(seed) for seed in range(300)]
    found = [met(results, max(one.resulted_at for each in results for one in each)) for results in last]
    assert 30 < sum(found) < 270


def _as_an_instant(result: Result, positive: bool, episode: Any) -> Any:
    right = _VERDICT(result, positive, episode)
    return right._replace(begun_by=right.collected_at, over_by=right.collected_at)


def _by_every_gene(outcome: str, cts: dict[str, float], limit: float | None) -> bool:
    return limit is None or not cts or min(cts.values()) < limit


_VERDICT = verdicts._verdict
WRONG: dict[str, tuple[Any, str, Any]] = {
    "one specimen counts as often as it is told of": (verdicts, "_differ", lambda run, begins: begins < len(run) - 1),
    "a day is taken for an instant": (verdicts, "_verdict", _as_an_instant),
    "an internal control counts": (verdicts, "is_positive", _by_every_gene),
    "no Ct value makes a negative": (verdicts, "is_positive", lambda *_: True),
    "another laboratory's result of that number is the same": (
        Result,
        "name",
        property(lambda known: ("", known.result_id)),
    ),
}


@pytest.mark.parametrize(("where", "name", "wrong"), WRONG.values(), ids=WRONG)
def test_a_rule_that_is_wrong_is_found(monkeypatch: pytest.MonkeyPatch, where: Any, name: str, wrong: Any) -> None:
    monkeypatch.setattr(where, name, wrong)
    assert next(differences(range(300)), None)
