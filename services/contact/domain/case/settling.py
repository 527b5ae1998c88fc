"""When a thing has settled: what is said of it and taken back at once is written to nobody.

A stay that is reported in one go raises what the next report withdraws. So a first word waits a short while for the
next one about the same thing, and of those that came meanwhile only the last is delivered; of a thing that was taken
back before anybody heard of it, none.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from services.contact import policy
from services.contact.domain.case.facts import Wanted, delivery_id_of


class Settled(NamedTuple):
    """When an event may be delivered to a subscription; `superseded`: never, another word holds."""

    at: datetime
    superseded: bool = False


def settled(events: Iterable[Wanted]) -> dict[str, Settled]:
    """`delivery_id` → when it has settled, by what has come. An event of the first edition had settled as it came."""
    found: dict[str, Settled] = {}
    of_thing: dict[tuple[str, str], list[Wanted]] = {}
    known_before: set[tuple[str, str]] = set()
    for event in events:
        for name in event.to:
            if event.thing:
                of_thing.setdefault((name, event.thing), []).append(event)
            else:
                known_before.add((name, event.type))
                found[delivery_id_of(event.event_id, name)] = Settled(event.received_at)
    for (name, _), known in of_thing.items():
        is_known = any((name, event.type) in known_before for event in known)
        found.update(_of_a_thing(name, known, is_known=is_known))
    return found


def _of_a_thing(name: str, known: Iterable[Wanted], *, is_known: bool) -> Iterator[tuple[str, Settled]]:
    """`is_told`: the subscriber may have heard of the thing before."""
    for at, words in _windows(sorted(known, key=lambda event: (event.received_at, event.sequence))):
        last = max(words, key=lambda event: event.sequence)
        is_news = is_known or not last.withdrawn
        for event in words:
            yield delivery_id_of(event.event_id, name), Settled(at, superseded=event is not last or not is_news)
        is_known = not last.withdrawn


def _windows(known: Sequence[Wanted]) -> Iterator[tuple[datetime, list[Wanted]]]:
    """What came while the thing settled, one time after the other, and when it had.

    It has a while after the last word, but not for ever; what is urgent waits no longer for what comes after it.
    """
    words: list[Wanted] = []
    settles_at = at_most = known[0].received_at
    for event in known:
        if words and event.received_at >= settles_at:
            yield settles_at, words
            words = []
        terms = policy.settling(event.received_at.date())
        after = event.received_at + terms.after
        at_most = at_most if words else event.received_at + terms.most
        at_most = min(at_most, after) if event.urgent else at_most
        settles_at = min(after, at_most)
        words.append(event)
    yield settles_at, words
