"""How what an event says may end: as an event of another type, which a subscription can forget to name.

Whoever opens a task for each `CallRequested` closes none without `CallCompleted`. Drawn from the table of things
(schemas.topics): an event of the same thing; or of one that is drawn later and is named by the id of this one; or by
all that names this one, where that has several types: how something stands is told by one of several.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from functools import cache

from schemas.topic import Thing, Topic


@cache
def endings(topics: tuple[Topic, ...]) -> Mapping[str, tuple[str, ...]]:
    """Name of an event → the names of those of another type that may have the last word on it."""
    events = [(event.__name__, thing, topic.producer) for topic in topics for event, thing in topic.things.items()]
    types = Counter(thing for _, thing, _ in events)

    def ends(at: int, place: int) -> bool:
        (_, thing, producer), (_, ending, ended_by) = events[at], events[place]
        if thing == ending:
            return at != place
        stands = ended_by == producer and types[ending] > 1 and ending.fields == thing.fields
        return place > at and (stands or _is_named_by_id(ending, thing))

    places = range(len(events))
    return {name: tuple(events[one][0] for one in places if ends(at, one)) for at, (name, _, _) in enumerate(events)}


def unheard(types: Collection[str], topics: tuple[Topic, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Of some names of events each with an end that is not among them, and those ends."""
    for name in sorted(types):
        missing = tuple(end for end in endings(topics)[name] if end not in types)
        if missing:
            yield name, missing


def _is_named_by_id(ending: Thing, thing: Thing) -> bool:
    """Whether all that names the one names the other too, an id of its own among it."""
    has_id = any(field.endswith("_id") and field != "institution_id" for field in ending.fields)
    return has_id and set(ending.fields) <= set(thing.fields)
