"""P1: the primary institution of the residence is told of every discharge home; and all that follows from it."""

from datetime import datetime

from chassis.judge import Clock
from services.primarycare import policy
from services.primarycare.domain.alerts import handed_on, raised
from services.primarycare.domain.conclusions import Aftercare, Conclusions
from services.primarycare.domain.facts import Facts
from services.primarycare.domain.ground import Ground, grounds
from services.primarycare.domain.institutions import PRIMARY, Directory
from services.primarycare.domain.linkage import linkage


def conclude(facts: Facts, announced: Conclusions, clock: Clock, world: Directory) -> Conclusions:
    """What follows: of each discharge who is told and who takes the patient on, of each alert who has seen it."""
    before = {one.key: one for one in announced.aftercare}
    stand = {ground.key: ground for ground in grounds(facts)}
    found = {key: _aftercare(ground, facts, before.get(key), clock, world) for key, ground in stand.items()}
    sent = {alert.alert_id: alert for alert in announced.alerts}
    alerts = [handed_on(one, sent.get(one.alert.alert_id), clock, world) for one in raised(facts, found, stand)]
    return Conclusions(tuple(found.values()), tuple(alerts), clock.due, clock.done)


def _aftercare(ground: Ground, facts: Facts, before: Aftercare | None, clock: Clock, world: Directory) -> Aftercare:
    primary_id = _primary(ground, before, clock.now, world)
    if primary_id is None and ground.goes_home and ground.ended is None:
        _look_again(ground, clock)
    linked = linkage(ground, facts, primary_id, before.linkage if before else None, clock, world)
    return Aftercare(
        ground.key, ground.start.episode, ground.choosing, primary_id, _waits_until(ground), linked, ground.ended
    )


def _primary(ground: Ground, before: Aftercare | None, now: datetime, world: Directory) -> str | None:
    """P1: named in the discharge, else the community centre of the district.

    Once told it stays the one, while it is one of the district; when the plan is over, whatever becomes of it.
    """
    start = ground.start
    if start.primary_institution_id is not None:
        return start.primary_institution_id
    told = before.primary_id if before is not None and before.ground == ground.choosing else None
    if told is not None and (ground.ended is not None or now >= ground.ends_at):
        return told
    if told is not None and world.stands(told, start.jurisdiction, start.district, (PRIMARY,)):
        return told
    return world.primary(start.jurisdiction, start.district)


def _look_again(ground: Ground, clock: Clock) -> None:
    """Nobody known: looked for again daily, and once more when there is nothing left to be told of."""
    every = policy.looking(ground.start.jurisdiction, ground.day_0).again_after
    rounds = max(0, (clock.now - ground.start.discharged_at) // every) + 1
    clock.passed(min(ground.start.discharged_at + rounds * every, _waits_until(ground)))


def _waits_until(ground: Ground) -> datetime:
    """The plan's end, but not before it was looked again: a plan of no days ends with the day of the discharge."""
    every = policy.looking(ground.start.jurisdiction, ground.day_0).again_after
    return max(ground.ends_at, ground.start.discharged_at + every)
