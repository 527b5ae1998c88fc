"""Every mistake that a harness is there to see, listed once: its name, what it breaks, and who must catch it.

How a mistake is made is the harness's own affair (`tests/simulation/broken.py`, `tests/faults/injection/variants.py`,
`tests/rest/mutants.py`, `tests/rest/online_mutants.py`); which there are is said here only.
`tests/architecture/test_mutants.py` holds the five together.
"""

from dataclasses import dataclass
from typing import Literal

Harness = Literal["simulation", "faults", "rest", "online"]
HARNESSES: tuple[Harness, ...] = ("simulation", "faults", "rest", "online")


@dataclass(frozen=True)
class Mutant:
    """`name`: what it does, as a clause; `breaks`: the promise that is broken; `caught_by`: who must see that."""

    name: str
    breaks: str
    caught_by: tuple[Harness, ...]


_S: tuple[Harness, ...] = ("simulation",)
_F: tuple[Harness, ...] = ("faults",)
_R: tuple[Harness, ...] = ("rest",)
_O: tuple[Harness, ...] = ("online",)
_S_F = _S + _F
_READ = "what was not judged is read again"
_ONCE = "what comes again is judged once"
_CASE = "a case is judged by one at a time"
_STATED = "what was concluded is said, once and in order"
_TIME = "a deadline passes once, after what came before it"
_TRUE = "only what its owner has stated is a fact"
_TURN = "who asked first of a class is served first, and a red flag before others"
_DUTY = "who has a consultation is on duty, and nobody else has it"
_PASSED_ON = "what nobody has answered is overdue, and passed on"
_COUNTED = "a person, and a delivery, counts once"
_REST = "whatever is told, all services come to rest"

MUTANTS = (
    Mutant("Kafka's offsets are trusted", _READ, _S_F),
    Mutant("Kafka's offsets are trusted, and committed for what was fetched", _READ, _S_F),
    Mutant("Kafka's offsets are trusted, and committed for all that was read ahead", _READ, _S),
    Mutant("Kafka's offsets are trusted, and committed before the transaction", _READ, _F),
    Mutant("how far was read is noted in another transaction", _READ, _S_F),
    Mutant("all that was handed on is noted as read", _READ, _S),
    Mutant("a group begins at the latest record", _READ, _S_F),
    Mutant("a record with headers that cannot be decoded is passed over", _READ, _F),
    Mutant("a store that has gone back begins no epoch", _STATED, _S_F),
    Mutant("nothing is left out", _ONCE, _S_F),
    Mutant("what was seen is saved in another transaction", _ONCE, _S_F),
    Mutant("rows are not locked", _CASE, _S_F),
    Mutant("no row is made before the lock", _CASE, _S_F),
    Mutant("events are said outside of the transaction", _STATED, _S),
    Mutant("events are published past the outbox", _STATED, _F),
    Mutant("the relay acknowledges what it has not sent", _STATED, _S),
    Mutant("the relay minds no gap in its memory", _STATED, _S),
    Mutant("numbers are given without a lock", _STATED, _F),
    Mutant("the relay goes on after a failed batch", _STATED, _S),
    Mutant("ticks do not wait for what came before them", _TIME, _S),
    Mutant("wakes are taken when they are found", _TIME, _S),
    Mutant("a tick is judged twice", _TIME, _F),
    Mutant("a day of a plan is a day in UTC", _TIME, _F),
    Mutant("of two versions the one that came last holds", _TRUE, _F),
    Mutant("what a transaction aborted is read", _TRUE, _S_F),
    Mutant("an event is believed whoever states it", _TRUE, _S_F),
    Mutant("two services answer each other for ever", _REST, _S_F + _R),
    Mutant("an episode begins by the earliest of all versions of its result", _REST, _R),
    Mutant("an episode has the discharges up to where the next one begins", _REST, _R),
    Mutant("a plan has the re-tests up to where the next one begins", _REST, _R),
    Mutant("a closed alert is none", _REST, _R),
    Mutant("the queue forgets the class", _TURN, _O),
    Mutant("whoever is judged first is served first", _TURN, _O),
    Mutant("an expert keeps a consultation after the shift", _DUTY, _O),
    Mutant("a consultation is assigned anew whenever it is judged", _DUTY, _O),
    Mutant("an expert takes whoever comes", _DUTY, _O),
    Mutant("nobody finds that nobody has answered", _PASSED_ON, _O),
    Mutant("a medicine is delivered twice", _COUNTED, _O),
    Mutant("a person counts once for each consultation", _COUNTED, _O),
)


def caught_by(harness: Harness) -> tuple[str, ...]:
    """The names of all that a harness must catch."""
    return tuple(mutant.name for mutant in MUTANTS if harness in mutant.caught_by)
