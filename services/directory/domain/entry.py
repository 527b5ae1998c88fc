"""What an institution is now: the latest of its versions that has begun to hold."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import asdict

from chassis.judge import Clock, Said, State
from schemas.events.directory import InstitutionDelisted, InstitutionListed
from schemas.limits import within_limits
from services.directory.domain.facts import Facts, Version


class Conclusions(Struct, frozen=True, array_like=True):
    """How many versions have begun to hold; the last of them is what the institution is. It waits for the next."""

    in_force: int = 0
    due: datetime | None = None
    done: dict[str, str] = {}


class Entry(NamedTuple):
    """What stands: `said` tells what the institution is, or was before `since`, from which on it is no more."""

    said: Version
    since: datetime
    number: int
    is_gone: bool


def conclude(facts: Facts, announced: Conclusions, clock: Clock, world: None) -> Conclusions:
    """A version holds from its instant on, whenever it was declared."""
    in_force = sum(clock.passed(version.effective_from) for version in facts.versions)
    return Conclusions(in_force, due=clock.due, done=clock.done)


def entry(facts: Facts, conclusions: Conclusions) -> Entry | None:
    """What stands of an institution; None while nothing holds that says what it is."""
    begun = facts.versions[: conclusions.in_force]
    said = next((version for version in reversed(begun) if not version.is_gone), None)
    if said is None:
        return None
    return Entry(said, begun[-1].effective_from, len(begun), begun[-1].is_gone)


def announce(before: State, after: State) -> Iterator[Said]:
    """The entry, when it is another than before."""
    was, now = _event(before), _event(after)
    if now is not None and now != was:
        yield Said(now, now.effective_from)
    elif was is not None and now is None:
        yield Said(was.model_copy(update={"withdrawn": True}), was.effective_from)


def _event(state: State) -> InstitutionListed | InstitutionDelisted | None:
    stands = entry(state.facts, state.conclusions)
    if stands is None:
        return None
    kind: type[InstitutionListed | InstitutionDelisted] = InstitutionDelisted if stands.is_gone else InstitutionListed
    told = {**asdict(stands.said), "effective_from": stands.since, "version": stands.number}
    return within_limits(kind)(institution_id=state.facts.institution_id, **told)
