"""The number by which readers tell the last word on a thing: epoch, version of the row, place in its step.

It has at most 18 digits, and so fits a 64-bit integer; in epoch 0 it is the version and the place alone.
"""

EVENTS_PER_STEP = 1_000
"""`sequence` counts so many places for each version of a row."""
EPOCH = 10**13
"""And so much for each time that a store has gone back: more than any row's version and place."""
LAST_EPOCH = 10**5 - 1
"""Beyond it a sequence would have a nineteenth digit."""


def sequence_of(epoch: int, version: int, index: int) -> int:
    """The number of an event: the `index`th of the step that made a row this version."""
    return epoch * EPOCH + version * EVENTS_PER_STEP + index


def epoch_of(sequence: int) -> int:
    """The epoch of its store in which an event was stated."""
    return sequence // EPOCH


def version_of(sequence: int) -> int:
    """The version that the event's row had then."""
    return sequence % EPOCH // EVENTS_PER_STEP
