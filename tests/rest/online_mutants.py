"""Rules of online care as they must not be: each breaks one promise that `online_rules` has to see broken."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from msgspec.structs import replace

from services.consultation.domain.consultation import queue, visits
from services.consultation.domain.consultation.queue import Assignment, Place, Queue
from services.consultation.domain.prescription import course
from tests.rest.mutants import Replaced

judging = import_module("services.consultation.domain.consultation.conclude")
counting = import_module("services.bulletin.domain.consultation.conclude")
_assigned, _held, _dispatched = judging._assigned, counting._held, course._dispatched


def _of_one_class(_priority: str, requested_at: Any, consultation_id: str) -> Place:
    return 0, requested_at, consultation_id


def _whoever_is_judged(self: Queue, _place: Place, at: Any) -> Assignment | None:
    """To the first who is judged, whoever stands before."""
    return _take(self, (-1, at, ""), at)


_take = Queue.take


def _kept(facts: Any, request: Any, priority: str, visit: Any, announced: Any, *rest: Any) -> Assignment | None:
    """Who has it keeps it, on duty or not."""
    if announced.assigned is not None and announced.channel_id == visit.channel_id:
        kept: Assignment = announced.assigned
        return kept
    found: Assignment | None = _assigned(facts, request, priority, visit, announced, *rest)
    return found


def _anew(facts: Any, request: Any, priority: str, visit: Any, announced: Any, *rest: Any) -> Assignment | None:
    """It is nobody's whenever it is judged."""
    found: Assignment | None = _assigned(facts, request, priority, visit, replace(announced, assigned=None), *rest)
    return found


def _sent_again(before: Any, step: Any) -> Any:
    """A medicine that was delivered may be dispatched once more."""
    last = before.attempts[-1] if before.attempts else None
    if last is not None and last.is_delivered:
        failed = (*before.attempts[:-1], replace(last, outcome="failed"))
        sent = _dispatched(replace(before, attempts=failed), step)
        return None if sent is None else replace(sent, attempts=(*before.attempts, *sent.attempts[-1:]))
    return _dispatched(before, step)


def _somebody_else(facts: Any) -> Any:
    """Each consultation is another person's."""
    held = _held(facts)
    return held and replace(held, person_ref=f"{held.person_ref} {facts.closings[0].closed_at}")


BROKEN: Mapping[str, Replaced] = {
    "the queue forgets the class": {(judging, "place_of"): _of_one_class},
    "whoever is judged first is served first": {(Queue, "take"): _whoever_is_judged},
    "an expert keeps a consultation after the shift": {(judging, "_assigned"): _kept},
    "a consultation is assigned anew whenever it is judged": {(judging, "_assigned"): _anew},
    "an expert takes whoever comes": {(queue, "MOST_OPEN"): 1_000},
    "nobody finds that nobody has answered": {(visits, "_lapses"): lambda *_: False},
    "a medicine is delivered twice": {(course, "_dispatched"): _sent_again},
    "a person counts once for each consultation": {(counting, "_held"): _somebody_else},
}
