"""Which channel a request goes to (C2), and which class it is of (C3)."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from msgspec import Struct

from schemas.places import same_district
from services.consultation.domain.consultation.facts import Request
from services.consultation.policy import (
    DEPARTMENTS,
    DEPARTMENTS_OF,
    NEED_THEIR_OWN,
    PRIORITY_GROUPS,
    RED_FLAG_SYMPTOMS,
    plain_department,
)

CHILDREN = frozenset({"child", "children"})


class Channel(Struct, frozen=True):
    """A channel as a router sees it; its place is that of its institution, None while that is not known.

    `closed_at`: since when it is no more, as is known since `closing_received_at`. One that is yet to open is not open.
    """

    channel_id: str
    institution_id: str
    name: str
    opened_at: datetime
    jurisdiction: str | None = None
    district: str | None = None
    departments: tuple[str, ...] = ()
    priority_groups: tuple[str, ...] = ()
    open_24h: bool = False
    is_open: bool = True
    closed_at: datetime | None = None
    closing_received_at: datetime | None = None

    @property
    def groups(self) -> frozenset[str]:
        """Whom it is for before others; `children` is `child`."""
        return frozenset("child" if group in CHILDREN else group for group in self.priority_groups)

    @property
    def is_for_children_only(self) -> bool:
        """Whether nobody else is named among those whom it is for (*default*)."""
        return self.groups == {"child"}

    def has(self, departments: Collection[str]) -> bool:
        """Whether one of these departments has joined."""
        return any(plain_department(name) in departments for name in self.departments)

    def is_for(self, group: str) -> bool:
        """Whether it names a group, or has the group's own department."""
        return group in self.groups or self.has(DEPARTMENTS_OF.get(group, frozenset()))


class Misfit(NamedTuple):
    """Why a channel is not for a request, in a word."""

    channel: Channel
    why: str


class Channels:
    """The open channels by id, and those that are no more."""

    def __init__(self, entries: Iterable[Channel]) -> None:
        every = list(entries)
        self._known = {entry.channel_id: entry for entry in every if entry.is_open}
        self._closed = {entry.channel_id: entry for entry in every if entry.closed_at is not None}

    def entry(self, channel_id: str) -> Channel | None:
        """An open channel; None where none of this name is open."""
        return self._known.get(channel_id)

    def closed(self, channel_id: str) -> Channel | None:
        """A channel that is no more; None where none of this name has closed."""
        return self._closed.get(channel_id)

    def choose(
        self, request: Request, tried: Collection[str | None] = (), opened_by: datetime | None = None
    ) -> str | None:
        """C2: the channel that is named, else the one that fits best, of those that were not tried; None: none does.

        `opened_by`: only of those that had opened then.

        A children's channel comes first for a child; then the channels that name one of the patient's groups, those of
        the patient's district, the one that has been open for longest, and the id.
        """
        left = [one for one in self._known.values() if one.channel_id not in tried]
        if opened_by is not None:
            left = [one for one in left if one.opened_at <= opened_by]
        if any(one.channel_id == request.channel_id for one in left):
            return request.channel_id
        able = [one for one in left if misfit(one, request) is None]
        return min(able, key=lambda one: _preference(one, request)).channel_id if able else None

    def misfits(self, request: Request) -> Iterator[Misfit]:
        """The channels of the jurisdiction that are not for the request, and why."""
        for one in self._known.values():
            why = misfit(one, request)
            if why is not None and why != "jurisdiction":
                yield Misfit(one, why)


def misfit(channel: Channel, request: Request) -> str | None:
    """C2: why a channel is not for a request; None where it fits.

    `jurisdiction`: it is of another. `children_only`: the patient is no child. `dialysis`, `pregnant`: it has nobody
    for them. `departments`: none of its departments sees what the patient has.
    """
    groups = request.belongs_to
    if channel.jurisdiction != request.jurisdiction:
        return "jurisdiction"
    if channel.is_for_children_only and "child" not in groups:
        return "children_only"
    for group in NEED_THEIR_OWN:
        if group in groups and not channel.is_for(group):
            return group
    if not channel.has(DEPARTMENTS) and not any(channel.is_for(group) for group in groups):
        return "departments"
    return None


def _preference(channel: Channel, request: Request) -> tuple[bool, bool, bool, bool, datetime, str]:
    groups = request.belongs_to
    is_child = "child" in groups
    return (
        is_child and not channel.is_for_children_only,
        is_child and not channel.is_for("child"),
        not any(channel.is_for(group) for group in groups),
        not same_district(channel.district, request.district),
        channel.opened_at,
        channel.channel_id,
    )


def class_of(request: Request) -> str:
    """C3: `red_flag`, `priority` or `other`."""
    if request.red_flags or RED_FLAG_SYMPTOMS & set(request.symptoms):
        return "red_flag"
    return "priority" if PRIORITY_GROUPS & set(request.belongs_to) else "other"
