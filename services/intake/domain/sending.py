"""Where each patient is sent, whether they have got there, and how long they have been awaited (I3, I4, I5)."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from chassis.decide.judge import Clock
from schemas.calendar import local_date
from services.intake.domain.facts import Admission
from services.intake.domain.institutions import Institutions, Relative
from services.intake.domain.patients import is_child
from services.intake.domain.transfer import CONFIRMED, ELSEWHERE, ONWARD, Choice, Transfer
from services.intake.domain.ways import Way

_A_MOMENT = timedelta(microseconds=1)


def transfers(
    found: Iterator[Way], chosen: tuple[Transfer, ...], own: Relative, clock: Clock, context: Institutions
) -> tuple[Transfer, ...]:
    """A transfer for each way; of one that is over only where somebody had been asked, or admitted."""
    before, party = {transfer.name: transfer for transfer in chosen}, context.party_of(own)
    made: list[Transfer] = []
    for way in found:
        known = before.get((way.episode, way.kind, way.leaves_at))
        choice = _choice(way, known, own, party, clock, context)
        if choice.institution_id or way.kind == ONWARD or not (way.over_at or way.is_ended):
            made.append(_awaited(way, _transfer(way, choice), clock))
            sent = made[-1].sent
            if sent is not None and (known is None or known.sent != sent):
                context = context.with_sent(*sent)
    return tuple(made)


def _choice(
    way: Way, before: Transfer | None, own: Relative, party: Sequence[Relative], clock: Clock, context: Institutions
) -> Choice:
    """I3: where the patient lies, else the institution once announced while its ground is there, else who suits best.

    An institution is asked as of when the way opened, unless that leaves it no time. Onward nobody chooses.
    """
    if way.kind == ONWARD:
        return Choice(way.named or next((one.institution_id for one in way.admissions), None))
    kept = before if before and before.jurisdiction == way.place.jurisdiction else None
    announced = kept.to_institution_id if kept else None
    lies_in = _lies_in(way, announced, context)
    if kept and announced and not (lies_in or way.is_ended) and _has_ground(way, kept, own, party, context):
        was_asked = not kept.follows_from_an_admission
        return _chosen(kept) if was_asked else _now(way, announced, clock)
    if lies_in:
        return _lying(way, lies_in, kept if kept and lies_in.institution_id == announced else None, clock)
    if way.over_at is not None or way.is_ended:
        return Choice()
    institution_id = _suits_best(way, party, clock, context)
    return _now(way, institution_id, clock) if institution_id else Choice()


def _chosen(kept: Transfer) -> Choice:
    return Choice(kept.to_institution_id, kept.chosen_on, kept.chosen_at, kept.asked_late_at)


def _now(way: Way, institution_id: str, clock: Clock) -> Choice:
    today, respond_by = local_date(clock.now, way.place.time_zone), _opened_at(way) + way.terms.respond_within
    return Choice(institution_id, today, clock.now, clock.now if clock.now >= respond_by else None)


def _lying(way: Way, admission: Admission, kept: Transfer | None, clock: Clock) -> Choice:
    """Who lay there before anybody was asked is there since the admission, whatever intake learnt first (I3)."""
    institution_id, admitted_at = admission.institution_id, admission.admitted_at
    if kept and (kept.chosen_at is None or kept.chosen_at <= admitted_at):
        return _chosen(kept)
    if admitted_at > clock.now:
        return _now(way, institution_id, clock)
    return Choice(institution_id, local_date(admitted_at, way.place.time_zone), admitted_at, admitted_at)


def _suits_best(way: Way, party: Sequence[Relative], clock: Clock, context: Institutions) -> str | None:
    """Back to the hospital that had discharged where it can, and also where nobody else can."""
    place = way.place
    if way.named and context.stands(way.named, place.jurisdiction, way.required):
        return way.named
    today = local_date(clock.now, place.time_zone)
    return context.choose(place.jurisdiction, place.district, way.required, today, party) or way.named


def _has_ground(way: Way, kept: Transfer, own: Relative, party: Sequence[Relative], context: Institutions) -> bool:
    """Whether an institution that was asked still has to be: suitable, or asked before the episode was over.

    I5: of two of one party who were sent apart, not knowing of each other, the one who was sent later follows.
    """
    announced, jurisdiction = kept.to_institution_id or "", way.place.jurisdiction
    if way.over_at is not None:
        return not kept.follows_from_an_admission and (kept.asked_late_at or way.opened_at) < way.over_at
    if announced == way.named:
        return True
    first = min((one for one in party if one.sent_to), key=lambda one: one.turn, default=own)
    follows = way.kind == CONFIRMED and first.turn < own.turn and first.sent_to != announced
    if follows and context.stands(first.sent_to or "", jurisdiction, way.required):
        return False
    return context.stands(announced, jurisdiction, way.required)


def _lies_in(way: Way, announced: str | None, context: Institutions) -> Admission | None:
    """The first admission by an institution that would do: whoever lies in one is not sent to another (I3).

    The one announced would do though it has closed since: whoever has been admitted stays.
    """
    return next(
        (
            admission
            for admission in way.admissions
            if admission.institution_id == announced
            or context.stands(admission.institution_id, way.place.jurisdiction, way.required)
        ),
        None,
    )


def _transfer(way: Way, choice: Choice) -> Transfer:
    admitted = (one.admitted_at for one in way.admissions if one.institution_id == choice.institution_id)
    admitted_at = next(admitted, None)
    asked_at = _asked_at(way, choice, admitted_at)
    return Transfer(
        episode=way.episode,
        jurisdiction=way.place.jurisdiction,
        to_institution_id=choice.institution_id,
        required_capabilities=way.required,
        why=tuple(_why(way)),
        requested_at=asked_at,
        respond_by=asked_at + way.terms.respond_within,
        party_id=way.party_id,
        admitted_at=admitted_at,
        chosen_on=choice.on,
        asked_late_at=choice.asked_late_at,
        kind=way.kind,
        leaves_at=way.leaves_at,
        chosen_at=choice.at,
    )


def _opened_at(way: Way) -> datetime:
    """When the way opened; or when that came to be known, where the time to admit was over by then."""
    late = way.known_at is not None and way.known_at >= way.opened_at + way.terms.respond_within
    return way.known_at if late and way.known_at else way.opened_at


def _asked_at(way: Way, choice: Choice, admitted_at: datetime | None) -> datetime:
    """As of when the way opened, or late; but whoever had been admitted by then was not asked for any more."""
    late_at, opened_at = choice.asked_late_at, _opened_at(way)
    return opened_at if late_at is None or (admitted_at and admitted_at <= late_at) else late_at


def _awaited(way: Way, transfer: Transfer, clock: Clock) -> Transfer:
    """I4: overdue once for each period until the institution admits or the next episode begins; while nobody is known,
    looked at again. When another institution admits, that is asked about once, and ends it after a while.
    """
    if not transfer.is_open:
        return transfer
    if transfer.to_institution_id is None and way.kind != ONWARD:
        if not way.admissions:
            _look_again(transfer, way, clock)
        return transfer
    if elsewhere := _elsewhere(way, transfer):
        at, admission = elsewhere
        if (way.over_at is None or at < way.over_at) and clock.passed(at):
            return _asked_about(way, transfer, at, admission, clock)
    every, over_at = way.terms.overdue_every, way.over_at
    until = clock.now if over_at is None else min(clock.now, over_at)
    overdue = max(0, (until - transfer.respond_by) // every + 1)
    next_at = transfer.respond_by + overdue * every
    if over_at is None or next_at <= over_at:
        clock.passed(next_at)
    return replace(transfer, overdue=overdue, overdue_at=next_at - every) if overdue else transfer


def _elsewhere(way: Way, transfer: Transfer) -> tuple[datetime, Admission] | None:
    """When and about whom is asked: who admits after the request at once, who had admitted before it when it is due."""
    after = next((one for one in way.admissions if one.admitted_at >= transfer.requested_at), None)
    if after is not None:
        return after.admitted_at, after
    return (transfer.respond_by, way.admissions[-1]) if way.admissions else None


def _asked_about(way: Way, transfer: Transfer, at: datetime, admission: Admission, clock: Clock) -> Transfer:
    """The level counts on from how often it had been overdue before."""
    before = max(0, (at - _A_MOMENT - transfer.respond_by) // way.terms.overdue_every + 1)
    ends_at = at + way.terms.asked_about_for
    return replace(
        transfer,
        why=(*transfer.why, ELSEWHERE),
        overdue=before + 1,
        overdue_at=at,
        admitted_by=admission.institution_id,
        ended_at=ends_at if clock.passed(ends_at) else None,
    )


def _look_again(transfer: Transfer, way: Way, clock: Clock) -> None:
    """A case that waits is looked at again by itself: what it waits for may come without waking it."""
    every = way.terms.look_again_after
    rounds = max(0, (clock.now - transfer.requested_at) // every) + 1
    clock.passed(transfer.requested_at + rounds * every)


def _why(way: Way) -> Iterator[str]:
    """I5: a child that travels with others is sent with its party, whose adults are with it."""
    yield way.kind if way.kind != CONFIRMED or way.episode == 1 else "positive_again"
    if is_child(way.person, way.opened_at):
        yield "child"
        if way.party_id:
            yield "with_party"
