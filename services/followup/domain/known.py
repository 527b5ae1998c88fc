"""What was known of a case by an instant, and when a plan was known to be cancelled (F8, F10).

A deadline that passed before anybody knew of the cancellation was met or missed as if there were none, whenever it is
judged: so topics that are read at different paces find the same.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final, TypeVar

from msgspec.structs import replace

from services.followup.domain.basis import Basis, bases
from services.followup.domain.cancelling import cancellation
from services.followup.domain.changes import Admission
from services.followup.domain.deadlines import EVER, Pause
from services.followup.domain.evidence import alarming
from services.followup.domain.facts import Consultation, Facts, Retest
from services.followup.domain.retests import changes_of, positive_again, read
from services.followup.domain.stays import stays_of

T = TypeVar("T")
_A_MOMENT: Final = timedelta(microseconds=1)


def closures(basis: Basis, facts: Facts, over_at: datetime | None) -> tuple[Pause, ...]:
    """The times at which it was known that a plan had been cancelled, in order; the last is open where it still is."""
    if over_at is None and not _may_have_been(basis, facts):
        return ()
    found: list[Pause] = []
    news = sorted({at for at in _news(basis, facts) if at > basis.start.discharged_at})
    for at, following in pairwise([*news, EVER]):
        ended = _ended_before(basis, facts, at + _A_MOMENT)
        if ended is None:
            continue
        since, until = max(at, ended), following
        if found and found[-1].until == at and since <= at:
            found[-1] = Pause(found[-1].since, until)
        elif since < until:
            found.append(Pause(since, until))
    return tuple(found)


def _may_have_been(basis: Basis, facts: Facts) -> bool:
    """Whether anything is known that may have cancelled a plan that runs."""
    return bool(
        any(not one.starts or one.discharged_at > basis.start.discharged_at for one in facts.discharges)
        or facts.exclusions
        or facts.endings
        or facts.stay_ends
        or any(word.positive for test in facts.retests for word in (test.word, *test.earlier))
    )


def _ended_before(basis: Basis, facts: Facts, at: datetime) -> datetime | None:
    """When a plan was over by what had come before an instant; None where it was not."""
    known = known_before(facts, at)
    before = next((one for one in bases(known) if one.key == basis.key), None)
    if before is None:
        return None
    positive = positive_again(before, known, read(before, known))
    found = cancellation(before, known, positive, stays_of(before, known))
    return min((end for end in (found and found.at, before.until) if end is not None), default=None)


def _news(basis: Basis, facts: Facts) -> Iterator[datetime]:
    """When anything came that may cancel a plan, or take that back."""
    yield from (one.known_at for one in facts.discharges if one.known_at is not None)
    yield from changes_of(facts.retests)
    yield from (alarm.received_at for alarm in alarming(basis, facts) if alarm.ill)
    yield from (one.received_at for one in facts.stay_ends)
    for admission in facts.admissions:
        yield from (at for at in (admission.received_at, admission.gone_at) if at is not None)
    yield from (at for one in facts.exclusions if (at := one.received_at) is not None)
    yield from (at for ending in facts.endings if (at := ending.received_at) is not None)


def known_before(facts: Facts, at: datetime) -> Facts:
    """What had come before an instant; of what has no instant in documents of the first edition, all."""
    return replace(
        facts,
        discharges=tuple(one for one in facts.discharges if one.known_at is None or one.known_at < at),
        logs=_before(facts.logs, at),
        calls=_before(facts.calls, at),
        visits=_before(facts.visits, at),
        retests=tuple(one for one in (_word_before(known, at) for known in facts.retests) if one is not None),
        signs=_before(facts.signs, at),
        consultations=tuple(_consultation_before(one, at) for one in facts.consultations),
        admissions=tuple(_admission_before(one, at) for one in _before(facts.admissions, at)),
        stay_ends=_before(facts.stay_ends, at),
        exclusions=_before(facts.exclusions, at),
        endings=_before(facts.endings, at),
    )


def _before(known: Iterable[T], at: datetime) -> tuple[T, ...]:
    return tuple(one for one in known if (arrived := getattr(one, "received_at", None)) is None or arrived < at)


def _word_before(retest: Retest, at: datetime) -> Retest | None:
    words = (retest.word, *reversed(retest.earlier))
    word = next((word for word in words if word.received_at < at), None)
    if word is None:
        return None
    return replace(
        retest,
        collected_at=word.collected_at,
        positive=word.positive,
        speaks=word.speaks,
        ct_values=word.ct_values,
        received_at=word.received_at,
        earlier=tuple(one for one in retest.earlier if one.received_at < word.received_at),
    )


def _consultation_before(consultation: Consultation, at: datetime) -> Consultation:
    known = consultation.symptoms_known_at is not None and consultation.symptoms_known_at < at
    refers = consultation.referral_known_at is not None and consultation.referral_known_at < at
    return replace(
        consultation,
        symptoms=consultation.symptoms if known else (),
        referred_at=consultation.referred_at if refers else None,
    )


def _admission_before(admission: Admission, at: datetime) -> Admission:
    gone = admission.gone_at is not None and admission.gone_at < at
    return admission if gone else replace(admission, gone_at=None)
