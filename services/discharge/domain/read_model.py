"""The row of a case in a small table: whose place it has, while intake has not said where it is."""

from services.discharge.domain.conclusions import CaseState
from services.discharge.domain.episodes import institution_of


def row(state: CaseState) -> tuple[str] | None:
    """The institution whose entry of the directory the case is judged by; a change of that entry wakes it."""
    institution_id = institution_of(state.facts)
    return (institution_id,) if institution_id else None
