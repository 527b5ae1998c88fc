"""How far a process is behind: in records and in seconds, by topic and partition."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from chassis.clock import real_now
from chassis.consume.read_offsets import Place, ReadOffsets
from chassis.consume.watermarks import Watermarks, arrival


class Lag(NamedTuple):
    """`records`, `seconds`: by topic and partition. All seconds are real ones, whatever the stack's clock shows."""

    records: Mapping[Place, int]
    seconds: Mapping[Place, float]
    oldest_unjudged_seconds: float
    unanswered_seconds: float


class Lags:
    """Looks now and then, and remembers when each partition was last seen read to its end."""

    def __init__(self, watermarks: Watermarks, read_offsets: ReadOffsets | None) -> None:
        self._watermarks, self._read_offsets = watermarks, read_offsets
        self._since: dict[Place, datetime] = {}

    def look(self) -> Lag:
        """What is behind as of now.

        The age of a record that nobody has read is not known. It came after the last one that was read, and after the
        last look that found nothing left: it is at most as old as the later of these. Of a partition that was given
        to this process with a backlog, nothing is known before the first record: it counts from then on.
        """
        now, records, since = real_now(), {}, {}
        for place, behind, last_real in self._watermarks.readings():
            known = self._since.get(place, now)
            records[place], since[place] = behind, max(known, last_real or known) if behind else now
        self._since = since
        seconds = {place: (now - at).total_seconds() for place, at in since.items()}
        waits = max([*seconds.values(), self._handed_on_seconds(now)], default=0.0)
        return Lag(records, seconds, waits, self._watermarks.unanswered_seconds())

    def _handed_on_seconds(self, now: datetime) -> float:
        stamp = self._read_offsets.oldest_stamp() if self._read_offsets is not None else None
        return 0.0 if stamp is None else (now - arrival(stamp)).total_seconds()
