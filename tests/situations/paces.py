"""One service reads again what it was given in step, with each of its topics at a pace of its own (RULES F10).

What lies on the bus is the same, with the same instants; only the order between topics differs, as it does when one
topic is far behind another. A deadline waits until all that had come by it has been read. The same has to stand.
"""

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from chassis.store.locked_row import LockedRow
from schemas.folding import ThingKey
from tests.rest.house import House
from tests.rest.run import spelt_alike
from tests.situations.play import Play

SERVICES = ("intake", "treatment", "discharge", "followup", "primarycare")
SPEEDS = (1.0, 1.0, 0.1, 0.001)
"""A topic of the last speed is read when nearly all others have been."""

Standing = dict[ThingKey, Any]

CHOSEN = frozenset({"transfer"})
"""Which house is asked for, and when, is a choice that stands once it was said (CONTRACTS §2): intake, when it is
behind, cannot have asked earlier than it knew."""


class Reading(House):
    """A house in which one service reads, and nobody hears it."""

    def __init__(self, service: str, play: Play, dice: Random) -> None:
        super().__init__(play.now, dice)
        self._one = self.services[service]
        for record in play.given[service]:
            self._one.waiting[record.topic, (record.key or b"").decode()].append(record)
        self._speeds = {topic: dice.choice(SPEEDS) for topic, _ in self._one.lines}

    def read(self) -> "Reading":
        """Institutions first, for a choice among them stands (CONTRACTS §2); then the rest, and the deadlines."""
        for line in [line for line in self._one.lines if line[0].startswith("directory.")]:
            while self._one.waiting[line]:
                self._read(self._one, line)
        while True:
            lines, others = self._one.lines, list(self._but_reading())
            if others and (not lines or self.dice.random() < 0.5):
                self.dice.choice(others)()
            elif lines:
                (line,) = self.dice.choices(lines, [self._speeds[topic] for topic, _ in lines])
                self._read(self._one, line)
            else:
                return self

    def standing_of_service(self) -> Standing:
        """What stands of its events."""
        return standing(self, self._one.name)

    def _but_reading(self) -> Iterator[Callable[[], None]]:
        """What others of the service asked to be judged again, and what is due and waits for nothing unread."""
        for about in list(self._one.woken):
            yield lambda about=about: self._wake(self._one, about)  # type: ignore[misc]
        for case in self._due():
            yield lambda case=case: self._tick(self._one, case, case.state.conclusions.due)  # type: ignore[misc]

    def _due(self) -> list[LockedRow]:
        watermark = self._one.watermark(self.now)
        cases = self._one.cases.values()
        return [one for one in cases if (due := one.state.conclusions.due) is not None and due <= watermark]


def standing(house: House, service: str) -> Standing:
    """What stands of a service's events: thing → what it says, and since when."""
    source = f"/services/{service}"
    return {
        about: (_but_who_is_asked(str(about[0]), data), time)
        for (whose, about), emitted in house.standing.items()
        if whose == source and about[0] not in CHOSEN
        for data, time in [spelt_alike(emitted)]
    }


def _but_who_is_asked(kind: object, data: dict[str, Any]) -> dict[str, Any]:
    """After a move told late whoever had been asked stays asked: that, too, is a choice that stands."""
    left_out = {"institution_id", "to_institution_id"} if kind == "alert_escalation" else set()
    return {name: value for name, value in data.items() if name not in left_out}


def differences(one: Standing, other: Standing) -> list[str]:
    """The things of which two readings say something else."""
    pairs = {about: (one.get(about), other.get(about)) for about in {**one, **other}}
    return sorted(f"{about}: {first}, {second}" for about, (first, second) in pairs.items() if first != second)
