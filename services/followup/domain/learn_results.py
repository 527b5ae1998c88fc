"""How a result becomes a fact: what stands of it, and what it had said before, for deadlines that had passed (F10)."""

from msgspec.structs import replace

from chassis.decide.judge import Receipt
from chassis.decide.ordered_facts import known_as, replace_versions
from schemas.episodes import is_retest
from schemas.events.treatment import TestResultCorrected, TestResultRecorded, TestResultRetracted
from schemas.reference import NUCLEIC_ACID_TESTS, RESPIRATORY_SPECIMENS
from services.followup.domain.facts import Facts, Retest, Word
from services.followup.domain.learn import with_

TestResultEvent = TestResultRecorded | TestResultCorrected | TestResultRetracted


def learn_result(facts: Facts, message: TestResultEvent, receipt: Receipt) -> Facts:
    """A nucleic acid test on a respiratory specimen, in whatever setting it was taken (F5)."""
    stands = not message.withdrawn and message.status != "retracted" and not isinstance(message, TestResultRetracted)
    speaks = stands and is_retest(message.test, message.specimen_type, message.status)
    result = Retest(
        message.result_id,
        message.collected_at,
        message.resulted_at,
        receipt.rank,
        receipt.received_at,
        message.result == "detected",
        message.lab,
        speaks and message.result in {"detected", "not_detected"},
        dict(message.ct_values or {}) if message.result == "detected" else {},
        stands=stands and message.test in NUCLEIC_ACID_TESTS and message.specimen_type in RESPIRATORY_SPECIMENS,
    )
    name = f"r{message.lab}/{message.result_id}"
    known = known_as(facts.retests, result) or known_as(facts.retests, replace(result, lab=""))
    if known is None and not result.stands:
        quiet = max(facts.quiet.get(name, ""), result.rank)
        return facts if facts.quiet.get(name) == quiet else with_(facts, message, quiet=facts.quiet | {name: quiet})
    if known is None and facts.quiet.get(name, "") > result.rank:
        return facts
    holds = _merged(known, result) if known else result
    if holds == known:
        return facts
    return with_(facts, message, retests=replace_versions(facts.retests, (known,) if known else (), (holds,)))


def _merged(known: Retest, new: Retest) -> Retest:
    """Whichever version holds; what the other said is kept where that was something else."""
    holds, other = (new, known) if new.rank > known.rank else (known, new)
    words = [*known.earlier, *new.earlier, *((other.word,) if other.rank != holds.rank else ())]
    received_at = holds.received_at
    kept: list[Word] = []
    for word in sorted(words, key=lambda word: (word.rank, word.received_at), reverse=True):
        if not kept and _said(word) == _said(holds.word):
            received_at = min(received_at, word.received_at)
        elif not kept or kept[-1].rank != word.rank:
            kept.append(word)
    earlier = tuple(word for word in reversed(kept) if word.received_at < received_at)
    return replace(holds, lab=known.lab or new.lab, received_at=received_at, earlier=earlier)


def _said(word: Word) -> tuple[object, ...]:
    return word.collected_at, word.positive, word.speaks, word.ct_values
