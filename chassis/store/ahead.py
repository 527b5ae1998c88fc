"""What a look at the clock could find of what this process has just saved: so nobody looks in vain, nor late."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from chassis.store.locked_row import LockedRow


class Ahead:
    """What was committed since the last look. It may say too much, never too little.

    `due`: partition → the earliest instant for which a saved row waits. `asked`: a row was woken, or freed, or what was
    parked was put back: that is to be looked for whatever the time.
    """

    def __init__(self) -> None:
        self.due: dict[int, datetime] = {}
        self.asked = False

    def saved(self, rows: Iterable[LockedRow], *, asked: bool) -> None:
        """These rows are committed; `asked`: and with them that others be judged."""
        self.asked = self.asked or asked
        for row in rows:
            due: datetime | None = row.state.conclusions.due
            if due is not None and not row.blocked:
                self.wait(row.partition, due)

    def wait(self, partition: int, due: datetime) -> None:
        """A row of this partition waits for this instant."""
        known = self.due.get(partition)
        if known is None or due < known:
            self.due[partition] = due

    def take(self) -> None:
        """A look begins, and sees all of this; what is committed from now on is noted anew."""
        self.due, self.asked = {}, False

    def may_have_come(self, now: datetime) -> bool:
        """Whether a look would find any of it, if all had been read that came until now."""
        return self.asked or any(due <= now for due in self.due.values())

    def has_come(self, reading: Mapping[int, datetime]) -> bool:
        """Whether a look would find any of it. `reading`: for each partition how far it has been read."""
        return self.asked or any(
            partition in reading and due <= reading[partition] for partition, due in self.due.items()
        )
