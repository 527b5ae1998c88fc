"""Which messages of a batch are judged together: those of a case that has many of them."""

from collections import Counter, deque
from collections.abc import Collection, Sequence

from chassis.consume.reader import Accepted, Keyed, Rejected, Wake

MANY = 20
"""A case that has so many messages in one batch is concluded upon once for all of them, where that is safe."""
MOST_ALONE = 5
"""So many of these are judged alone where they have to be. No hospital takes back more than that in a moment."""

Group = tuple[Accepted | Rejected, ...]


def gathered(items: Sequence[Accepted | Rejected], many: Collection[tuple[str, str]]) -> deque[Group]:
    """Each by itself, but those of a case that has many in the place of its first, cut where one has to be alone."""
    if not many:
        return deque((item,) for item in items)
    groups: list[list[Accepted | Rejected]] = []
    unfinished: dict[tuple[str, str], list[Accepted | Rejected]] = {}
    cuts = Counter[tuple[str, str]]()
    for item in items:
        name = about(item)
        takes_back = isinstance(item, Accepted) and item.route.alone and cuts[name] < MOST_ALONE
        cuts[name] += takes_back
        alone = takes_back or name not in many
        group = unfinished.pop(name, None)
        if alone or group is None:
            groups.append(group := [])
        group.append(item)
        if not alone:
            unfinished[name] = group
    return deque(map(tuple, groups))


def behind_others(groups: deque[Group], group: Group) -> deque[Group]:
    """Each of a group by itself, and what else there is of its case, after those of the other cases."""
    name = about(group[0])
    later = [waiting for waiting in groups if about(waiting[0]) == name]
    others = [waiting for waiting in groups if about(waiting[0]) != name]
    return deque([*others, *((one,) for one in group), *later])


def of_many(items: Sequence[Keyed], cases: int) -> Collection[tuple[str, str]]:
    """Of so many cases those that have many messages; but not where an operator puts back what was parked."""
    if len(items) - cases < MANY - 1:
        return ()  # none of them can have so many: a batch like nearly all
    messages = [item for item in items if not isinstance(item, Wake)]
    many = {name for name, times in Counter(map(about, messages)).items() if times >= MANY}
    return many and many - {about(item) for item in messages if item.record.parked_id is not None}


def about(item: Keyed) -> tuple[str, str]:
    """The case of an item."""
    return item.aggregate.name, item.key
