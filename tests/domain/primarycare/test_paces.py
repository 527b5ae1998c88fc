"""P2, P4, F10: what is escalated when, against an oracle that looks at every hour, at whatever pace topics are read."""

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from schemas.message import Message
from tests.domain.primarycare.journeys import (
    CENTRE,
    CLINIC,
    HOME_AT,
    SECOND,
    WARD,
    acknowledged,
    answered,
    discharged,
    needing,
    raised,
    revoked,
)
from tests.domain.primarycare.paces import Arrival, concluded, course, hours, lagging, punctual

COURSES = int(os.environ.get("AFTERWARD_COURSES", "300"))
HOUR = timedelta(hours=1)
UNTIL = HOME_AT + 170 * HOUR
"""When the last level of whatever came has been reached."""
WITHIN = {"urgent": 2 * HOUR, "high": 24 * HOUR}
Levels = list[tuple[int, datetime]]
When = tuple[datetime, Message]


def later(random: Random, most: int) -> datetime:
    return HOME_AT + random.randint(1, most) * HOUR


def first_home(random: Random) -> dict[str, str]:
    """Where the patient is said to live at first; in Huangpu there is nobody but the commission."""
    return {"jurisdiction": "CN-SH", "district": random.choice(["Pudong", "Pudong", "Minhang", "Huangpu"])}


def ending(random: Random) -> list[When]:
    """Sometimes the discharge is cancelled, or the patient dies, after all that is said of the discharge."""
    at, arrivals = later(random, 70), HOME_AT + random.randint(41, 90) * HOUR
    died = discharged(needing(), disposition="died", discharged_at=at)
    which = random.choice([None, None, None, revoked("10-17T10:00", revoked_at=at), died])
    return [(max(at, arrivals), which)] if which is not None else []


def alerting(random: Random) -> list[Arrival]:
    """An alert that is restated, graver or less, and seen by some, told sooner or later; the home may be corrected."""
    messages: list[When] = [(HOME_AT, discharged(needing(), residence=first_home(random)))]
    messages.append((later(random, 40), discharged(needing())))
    at = later(random, 20)
    for _ in range(random.randint(1, 3)):
        severity = random.choice(["urgent", "high", "high", "routine"])
        gone: dict[str, Any] = {"withdrawn": True} if random.random() < 0.1 else {}
        messages.append((later(random, 60), raised(severity, raised_at=at, **gone)))
    for _ in range(random.randint(0, 3)):
        by, seen = random.choice([CENTRE, WARD, CLINIC]), later(random, 70)
        notified = max(seen, later(random, 90))
        messages.append((notified, acknowledged("10-17T10:00", by).model_copy(update={"acknowledged_at": seen})))
    return course(*messages, *ending(random))


def linking(random: Random) -> list[Arrival]:
    """A patient who needs care, the condition known sooner or later, and answers that are given and corrected."""
    needed = later(random, 40)
    first = discharged(needing(), residence=first_home(random))
    messages: list[When] = [(HOME_AT, discharged()), (needed, first)]
    messages.append((max(needed, later(random, 40)), discharged(needing())))
    for _ in range(random.randint(0, 6)):
        by, given = random.choice([CENTRE, SECOND, CLINIC]), later(random, 80)
        answer = answered(by, random.choice(["accepted", "declined", "declined"]), "10-17T10:00")
        messages.append((max(given, later(random, 110)), answer.model_copy(update={"answered_at": given})))
    return course(*messages, *ending(random))


def alert_levels(arrivals: Sequence[Arrival]) -> Levels:
    """P4, looked at hour by hour: by what had come before, is the alert unanswered, and is it time?"""
    steps: Levels = []
    for now in hours(UNTIL):
        known = [one for one in arrivals if one.at < now]
        versions = [one for one in known if hasattr(one.message, "severity")]
        if not versions or versions[-1].message.withdrawn or over(known) or len(steps) == 2:
            continue
        within = WITHIN.get(versions[-1].message.severity)
        stood = [one for one in versions if not one.message.withdrawn]
        first = {name: min(one.at for one in stood if one.message.severity == name) for name in severities(stood)}
        pressing = [at for name, at in first.items() if within is None or WITHIN.get(name, 99 * HOUR) <= within]
        graver_since = min(pressing) if len(pressing) < len(first) else None
        acks = [one.message.acknowledged_at for one in known if hasattr(one.message, "acknowledged_at")]
        if within is None or any(graver_since is None or at >= graver_since for at in acks):
            continue
        raised_at, heard_at = versions[-1].message.raised_at, min(first.values())
        asked = graver_since or (heard_at if heard_at >= raised_at + within else raised_at)
        if now > asked and (now - asked) % within == timedelta() and (not steps or now > steps[-1][1]):
            steps.append((len(steps) + 1, now))
    return steps


def severities(versions: Sequence[Arrival]) -> set[str]:
    return {one.message.severity for one in versions}


def over(known: Sequence[Arrival]) -> bool:
    return any(hasattr(one.message, "revoked_at") or getattr(one.message, "disposition", "") == "died" for one in known)


def linkage_levels(arrivals: Sequence[Arrival]) -> Levels:
    """P2, looked at hour by hour: whose answer was awaited by what had come before, and is it time?"""
    found: Levels = []
    for now in hours(UNTIL):
        known = [one for one in arrivals if one.at < now]
        view = awaited(known)
        if view is None:
            continue
        at, asked, by = view
        steps = at_once(found, at) if asked is None else list(found)
        is_time = now > at and now >= by and (now - by) % (24 * HOUR) == timedelta()
        if is_time and len(steps) < 2 and (not steps or now > steps[-1][1]):
            found = [*steps, (len(steps) + 1, now)]
    last = awaited(arrivals)
    return at_once(found, last[0]) if last is not None and last[1] is None else found


def at_once(found: Levels, at: datetime) -> Levels:
    """Nobody is left since: escalated at once."""
    goes = len(found) < 2 and (not found or at > found[-1][1])
    return [*found, (len(found) + 1, at)] if goes else list(found)


def awaited(known: Sequence[Arrival]) -> tuple[datetime, str | None, datetime] | None:
    """Since when, whose answer is awaited (None: nobody is left), and by when."""
    needs = [one.at for one in known if getattr(one.message, "comorbidities", ()) and not over([one])]
    answers = {
        who: [one for one in known if getattr(one.message, "answer", "") and one.message.institution_id == who]
        for who in (CENTRE, SECOND, CLINIC)
    }
    if not needs or over(known) or any(one[-1].message.answer == "accepted" for one in answers.values() if one):
        return None
    at, heard_at = HOME_AT, min(needs)
    for who, words in answers.items():
        asked = heard_at if heard_at >= at + 24 * HOUR else at
        if not words:
            return asked, who, asked + 24 * HOUR
        at = max(at, words[-1].message.answered_at)
        heard_at = max(heard_at, min(one.at for one in words if one.message.answer == "declined"))
    return at, None, at + 24 * HOUR


@pytest.mark.parametrize("first", range(0, COURSES, 100))
def test_p4_an_alert_is_escalated_when_the_oracle_says_at_every_pace(first: int) -> None:
    for seed in range(first, min(first + 100, COURSES)):
        random = Random(seed)
        arrivals = alerting(random)
        state = punctual(arrivals)
        for alert in state.conclusions.alerts:
            assert [(step.level, step.at) for step in alert.steps] == alert_levels(arrivals), seed
        assert concluded(lagging(arrivals, random)) == concluded(state), seed


@pytest.mark.parametrize("first", range(0, COURSES, 100))
def test_p2_a_linkage_is_escalated_when_the_oracle_says_at_every_pace(first: int) -> None:
    for seed in range(first, min(first + 100, COURSES)):
        random = Random(seed)
        arrivals = linking(random)
        state = punctual(arrivals)
        (one,) = state.conclusions.aftercare
        steps = one.linkage.steps if one.linkage else ()
        assert [(step.level, step.at) for step in steps] == linkage_levels(arrivals), seed
        assert concluded(lagging(arrivals, random)) == concluded(state), seed
