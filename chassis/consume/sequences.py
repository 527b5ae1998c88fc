"""Whether the sequence of an event lies where its producer can have come to: one far above all before is alarming.

Of two events about a thing the higher sequence holds, for good. So whoever can write to a topic, and states an event
under a sequence that its producer will not reach in a hundred years, silences the producer for that thing. The event is
taken all the same (nobody here can tell that it is not true), but it is not taken in silence.
"""

import logging

from prometheus_client import Counter

from chassis.consume.reader import Record
from chassis.publish.sequence import EPOCH
from schemas.envelope import Envelope

log = logging.getLogger("afterward.sequences")

FAR = 10**8
"""A hundred thousand steps of one case: no case takes as many while nobody reads what it says."""
MANY_EPOCHS = 10
"""So often no store is set back between two events."""
REMEMBERED = 50_000
"""Subjects of which a process remembers the highest sequence."""


def is_far(sequence: int, known: int) -> bool:
    """Whether a sequence lies farther above the last known one than its producer can have come; 0: none is known."""
    epochs, steps = divmod(sequence, EPOCH)
    known_epochs, known_steps = divmod(known, EPOCH)
    if epochs > known_epochs:
        return epochs > known_epochs + MANY_EPOCHS or steps > known_steps + FAR
    return sequence > known + FAR


class Sequences:
    """The highest sequence of each subject on each topic that this process has met of late."""

    def __init__(self, alarms: Counter) -> None:
        self._alarms = alarms
        self._highest: dict[tuple[str, str], int] = {}

    def look(self, record: Record, envelope: Envelope) -> None:
        """Takes note of an event; one that is far above all before it is counted, and said once."""
        sequence = envelope.sequence
        if sequence is None:
            return
        about = record.topic, envelope.subject
        known = self._highest.pop(about, 0)
        self._highest[about] = max(known, sequence)  # at the end: the others are forgotten before it
        if len(self._highest) > REMEMBERED:
            del self._highest[next(iter(self._highest))]
        if is_far(sequence, known):
            self._alarms.inc()
            log.error(
                "%s[%s]@%s: the sequence of this event lies far above the last one known of its subject: see who wrote "
                "it (docs/operations/parked-records.md)",
                record.topic,
                record.partition,
                record.offset,
            )
