"""Of two versions of a thing: which holds, and what of the other is kept, as deadlines are judged by it (F10)."""

from datetime import datetime
from typing import Any

from msgspec.structs import replace

from chassis.decide.ordered_facts import known_as, place, replace_versions, take
from services.followup.domain.facts import Call, Consultation, Discharge, Facts, Retest, Sign, Word


def as_it_arrived(new: Call, known: Call) -> Call:
    """Whichever version holds, with the outcome that came first, and since when its own is known (F10)."""
    holds, other = (new, known) if new.rank > known.rank else (known, new)
    first = min(holds, other, key=lambda call: call.received_at)
    received_at, since = first.received_at, holds.since or holds.received_at
    if holds.outcome == other.outcome:
        since = min(since, other.since or other.received_at)
    first_as = first.first_outcome if first.first_outcome != holds.outcome else ""
    return replace(holds, received_at=received_at, since=since if since != received_at else None, first_as=first_as)


def known_since(discharges: tuple[Discharge, ...], new: Discharge) -> tuple[Discharge, ...]:
    """`discharges` with a new version in its place, known since the first of the same discharge was (F3)."""
    known = known_as(discharges, new)
    if known is None or known.discharged_at != new.discharged_at or known.kind == "revoked":
        return place(discharges, new)
    known_at = _first(known.known_at, new.known_at) if known.known_at else None
    holds = replace(new if new.rank > known.rank else known, known_at=known_at)
    return discharges if holds == known else replace_versions(discharges, (known,), (holds,))


def consulted(consultations: tuple[Consultation, ...], new: Consultation) -> tuple[Consultation, ...]:
    """`consultations` with a new version in its place, and with when each thing that it may say first came (F10)."""
    known = known_as(consultations, new)
    if known is None:
        return place(consultations, new)
    holds = replace(
        new if new.rank > known.rank else known,
        symptoms_known_at=_first(known.symptoms_known_at, new.symptoms_known_at),
        referral_known_at=_first(known.referral_known_at, new.referral_known_at),
    )
    return consultations if holds == known else replace_versions(consultations, (known,), (holds,))


def _first(*instants: datetime | None) -> datetime | None:
    return min((at for at in instants if at is not None), default=None)


def merged(known: Retest, new: Retest) -> Retest:
    """Whichever version holds; what the other said is kept where that was something else."""
    holds, other = (new, known) if new.rank > known.rank else (known, new)
    words = [*known.earlier, *new.earlier, *((other.word,) if other.rank != holds.rank else ())]
    received_at = holds.received_at
    kept: list[Word] = []
    for word in sorted(words, key=lambda word: (word.rank, word.received_at), reverse=True):
        if not kept and _statement(word) == _statement(holds.word):
            received_at = min(received_at, word.received_at)
        elif not kept or kept[-1].rank != word.rank:
            kept.append(word)
    earlier = tuple(word for word in reversed(kept) if word.received_at < received_at)
    return replace(holds, lab=known.lab or new.lab, received_at=received_at, earlier=earlier)


def _statement(word: Word) -> tuple[object, ...]:
    return word.collected_at, word.positive, word.speaks, word.ct_values


def sign_named(letter: str, at: datetime, observer: str) -> str:
    """The name of a sign among the quiet ones."""
    return f"{letter}{at.timestamp()}{f' {observer}' if observer else ''}"


def either(facts: Facts, fact: Sign, name: str, counts: bool) -> dict[str, Any]:
    """The changes that put a sign among the facts, or among the quiet ones, wherever it was before.

    What counted already keeps the time at which it first came. One of the first edition, which knew no observer, is
    the same as any at its instant.
    """
    before = known_as(facts.signs, fact)
    if before is None and fact.observer:
        before = known_as(facts.signs, replace(fact, observer=""))
    if counts and before is not None and before.received_at is not None and before.key == fact.key:
        return {"signs": take(facts.signs, fact, replace)}
    if fact.rank <= max(facts.quiet.get(name, ""), before.rank if before else ""):
        return {}
    gone = (before,) if before else ()
    if not counts:
        return {"signs": replace_versions(facts.signs, gone, ()), "quiet": facts.quiet | {name: fact.rank}}
    quiet = facts.quiet
    if name in quiet:
        quiet = {other: rank for other, rank in quiet.items() if other != name}
    return {"signs": replace_versions(facts.signs, gone, (fact,)), "quiet": quiet}
