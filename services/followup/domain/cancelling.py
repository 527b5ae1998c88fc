"""What ends a plan before its time (F8)."""

from collections.abc import Iterator, Sequence

from services.followup.domain.basis import Basis
from services.followup.domain.facts import Facts
from services.followup.domain.retests import PositiveAgain
from services.followup.domain.status import Cancellation
from services.followup.domain.stays import Stay, first_after

_ENDS = {"died": "died", "excluded": "excluded"}


def cancellation(
    basis: Basis, facts: Facts, positive: PositiveAgain | None, stays: Sequence[Stay]
) -> Cancellation | None:
    """The earliest of what ends a plan before its time; None where nothing does.

    A patient who is discharged again was readmitted before that, if nothing else had ended the plan.
    """
    return min(_cancellations(basis, facts, positive, stays), default=None)


def _cancellations(
    basis: Basis, facts: Facts, positive: PositiveAgain | None, stays: Sequence[Stay]
) -> Iterator[Cancellation]:
    """Revoked, excluded, readmitted, died, ended. A transfer takes back that the patient left for home."""
    if basis.stop is not None and basis.recalled_at is None:
        yield Cancellation(basis.stop.at, _ENDS.get(basis.stop.kind, "revoked"))
    for exclusion in facts.exclusions:
        if exclusion.episode == basis.start.episode and exclusion.excluded_at is not None:
            yield Cancellation(max(exclusion.excluded_at, basis.start.discharged_at), "excluded")
    yield from _in_hospital(basis, positive, stays)
    for ending in facts.endings:
        if basis.holds(ending.ended_at):
            yield Cancellation(ending.ended_at, ending.why, ending.by)


def _in_hospital(basis: Basis, positive: PositiveAgain | None, stays: Sequence[Stay]) -> Iterator[Cancellation]:
    """Positive again, brought back after a recall, or dead in another stay."""
    if positive is not None and positive.branch == "readmit":
        yield Cancellation(positive.since, "readmitted")
    if basis.recalled_at is not None and (at := first_after(stays, basis.recalled_at)) is not None:
        yield Cancellation(at, "readmitted")
    for stay in stays:
        if stay.died and stay.stands and stay.ended_at is not None:
            yield Cancellation(stay.ended_at, "died")
