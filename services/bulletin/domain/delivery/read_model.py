"""The row of a delivery in `bulletin_delivery`, and which days have to be counted again."""

from typing import Any

from msgspec.structs import astuple

from services.bulletin.domain.delivery.conclude import Delivered, DeliveryState


def row(state: DeliveryState) -> tuple[Any, ...] | None:
    """The row in `bulletin_delivery`; None where there is none."""
    delivered: Delivered | None = state.conclusions.delivered
    return astuple(delivered) if delivered else None


def wakes(before: DeliveryState, after: DeliveryState) -> list[tuple[str, str]]:
    """B3: the days at which counts begin to differ, be it of the old row or of the new one."""
    was, now = before.conclusions.delivered, after.conclusions.delivered
    moved = () if was == now else (was, now)
    return [("day", day) for day in sorted({f"{one.jurisdiction}/{one.delivered_on}" for one in moved if one})]
