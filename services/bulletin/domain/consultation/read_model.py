"""The consultation's row in `bulletin_consultation`, and which days have to be counted again."""

from typing import Any

from msgspec.structs import astuple

from services.bulletin.domain.consultation.conclude import ConsultationState, Held


def row(state: ConsultationState) -> tuple[Any, ...] | None:
    """The consultation's row in `bulletin_consultation`; None where it has none."""
    held: Held | None = state.conclusions.held
    return astuple(held) if held else None


def wakes(before: ConsultationState, after: ConsultationState) -> list[tuple[str, str]]:
    """B3: the days at which counts begin to differ, be it of the old row or of the new one."""
    was, now = before.conclusions.held, after.conclusions.held
    moved = () if was == now else (was, now)
    return [("day", day) for day in sorted({f"{one.jurisdiction}/{one.held_on}" for one in moved if one})]
