"""What follows for a case: its episodes, where each one's patient is sent, and whatever somebody has to look into."""

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct, field

from chassis.decide.judge import Clock, State
from services.intake.domain.confirmation import Episode, episodes
from services.intake.domain.departures import died_at
from services.intake.domain.facts import Arrival, Facts
from services.intake.domain.institutions import Institutions, Relative
from services.intake.domain.patients import Place, course, place_of, required
from services.intake.domain.sending import transfers
from services.intake.domain.transfer import Transfer
from services.intake.domain.unplaced import Unplaced, unplaced
from services.intake.domain.ways import ways
from services.intake.policy import LOOK_AGAIN_AFTER


class Duplicate(Struct, frozen=True, array_like=True):
    """Another case of the same person, and since when both courses have run (I6)."""

    case_id: str
    since: datetime


class Conclusions(Struct, frozen=True, array_like=True):
    """The episodes of a case, excluded ones too, and a transfer for each way that its patient has to go.

    `place`: where the case is looked after. The course runs from when to when it says, open without an end. `apart`:
    those of the party who were sent later, and elsewhere.
    """

    episodes: tuple[Episode, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    due: datetime | None = None
    done: dict[str, str] = field(default_factory=dict)
    place: Place | None = None
    unplaced: tuple[Unplaced, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()
    course_from: datetime | None = None
    course_until: datetime | None = None
    apart: tuple[str, ...] = ()


CaseState = State[Facts, Conclusions]


def conclude(facts: Facts, announced: Conclusions, clock: Clock, context: Institutions) -> Conclusions:
    """I1 to I7; an institution once chosen is remembered from what was announced."""
    known = episodes(facts, died_at(facts, clock))
    place, (begins, ends) = place_of(facts, context), course(facts, known)
    own = _relative(facts, announced.transfers, begins, ends)
    sent = transfers(ways(facts, known, place), announced.transfers, own, clock, context)
    not_placed = unplaced(facts, known)
    if not_placed and not place.is_known:
        _look_again(not_placed[0].resulted_at, clock)
    return Conclusions(
        known,
        sent,
        due=clock.due,
        done=clock.done,
        place=place,
        unplaced=not_placed,
        duplicates=tuple(_duplicates(own, context)),
        course_from=begins,
        course_until=ends,
        apart=tuple(_apart(_relative(facts, sent, begins, ends), context)),
    )


def _apart(own: Relative, context: Institutions) -> Iterator[str]:
    """I5: who of the party does not know yet that this one was sent somewhere first."""
    for other in context.party_of(own) if own.sent_to else ():
        if other.sent_to and other.sent_to != own.sent_to and own.turn < other.turn:
            yield other.key


def _look_again(since: datetime, clock: Clock) -> None:
    """Where a positive is of whom nobody knows is looked for by itself: the directory may come without waking it."""
    rounds = max(0, (clock.now - since) // LOOK_AGAIN_AFTER) + 1
    clock.passed(since + rounds * LOOK_AGAIN_AFTER)


def _duplicates(own: Relative, context: Institutions) -> Iterator[Duplicate]:
    """I6: the other cases of the person, and from when on two of them ran."""
    for other in context.same_person_as(own):
        if own.course_from and other.course_from:
            yield Duplicate(other.key, max(own.course_from, other.course_from))


def _relative(facts: Facts, sent: tuple[Transfer, ...], begins: datetime | None, ends: datetime | None) -> Relative:
    """What other cases may have to be seen with."""
    person = facts.person
    last = shown(sent)
    return Relative(
        facts.case_id,
        person.party_id if isinstance(person, Arrival) else None,
        person.person_ref if person else None,
        last.to_institution_id if last else None,
        last.required_capabilities if last else required(person, begins) if begins else (),
        begins,
        ends,
        last.chosen_at if last else None,
    )


def shown(sent: tuple[Transfer, ...]) -> Transfer | None:
    """Of several transfers the one that is awaited and due first, else the last; None where there is none."""
    awaited = [one for one in sent if one.is_open]
    return min(awaited, key=lambda one: one.respond_by) if awaited else sent[-1] if sent else None


def relative(state: CaseState) -> Relative:
    """What other cases may have to be seen with, as of a judgement."""
    conclusions: Conclusions = state.conclusions
    return _relative(state.facts, conclusions.transfers, conclusions.course_from, conclusions.course_until)


def with_taken(context: Institutions, before: CaseState, after: CaseState) -> Institutions:
    """The context of the next case: with the patients whom this case has just sent somewhere, and with what it is."""
    known = {transfer.name: transfer.sent for transfer in before.conclusions.transfers}
    for transfer in after.conclusions.transfers:
        if transfer.sent is not None and transfer.sent != known.get(transfer.name):
            context = context.with_sent(*transfer.sent)
    was, now = relative(before), relative(after)
    return context if was == now else context.with_relative(was, now)


def wakes(before: CaseState, after: CaseState) -> Iterator[tuple[str, str]]:
    """I5, I6: who has another course, or was sent elsewhere, looks at those it belongs with once more, when what it is
    has been saved: cases beside each other see each other then. And it tells those for whom something follows.
    """
    was, now = relative(before), relative(after)
    has_moved = now.party is not None and was.sent_to != now.sent_to
    if now.in_common and (has_moved or _course(was) != _course(now)):
        yield "case", now.key
    known = {one.case_id for one in before.conclusions.duplicates}
    others = known ^ {one.case_id for one in after.conclusions.duplicates}
    for key in sorted(others | set(after.conclusions.apart) - set(before.conclusions.apart)):
        yield "case", key


def _course(one: Relative) -> tuple[str | None, datetime | None, datetime | None]:
    return one.person, one.course_from, one.course_until
