"""What a channel learns from each report."""

from typing import Any

from msgspec.structs import replace

from chassis.decide.judge import Receipt, Rejection
from chassis.decide.ordered_facts import place
from schemas.reports.consultation import ChannelClosed, ChannelOpened, ExpertRostered, ExpertUnrostered
from services.consultation.domain.channel.facts import Closing, Declaration, Facts, Shift

NO_SHIFT = Rejection("invalid", "a shift ends later than it begins: later than `from`", "until")


def learn_opened(facts: Facts, report: ChannelOpened, receipt: Receipt) -> Facts:
    """What the channel is, from `opened_at` on."""
    declaration = Declaration(
        report.opened_at,
        receipt.rank,
        report.institution_id,
        report.name,
        report.departments,
        report.priority_groups,
        report.open_24h,
        receipt.received_at,
    )
    return _placed(facts, report.channel_id, "declarations", declaration)


def learn_closed(facts: Facts, report: ChannelClosed, receipt: Receipt) -> Facts:
    """The channel is no more; since when the report was written down, where it names no instant."""
    closing = Closing(report.closed_at or receipt.recorded, receipt.rank, receipt.received_at)
    return _placed(facts, report.channel_id, "closings", closing)


def learn_rostered(facts: Facts, report: ExpertRostered, receipt: Receipt) -> Facts | Rejection:
    """A shift, or another end of one. One that does not end later than it begins is refused."""
    if report.until <= report.from_:
        return NO_SHIFT
    shift = Shift(
        from_at=report.from_,
        expert_ref=report.expert_ref,
        rank=receipt.rank,
        stands=True,
        until=report.until,
        department=report.department,
        prescriber=report.prescriber,
        recorded=receipt.recorded,
    )
    return _placed(facts, report.channel_id, "shifts", shift)


def learn_unrostered(facts: Facts, report: ExpertUnrostered, receipt: Receipt) -> Facts:
    """A shift is taken back: a version of it like any other, so whichever was recorded later holds."""
    shift = Shift(report.from_, report.expert_ref, receipt.rank, False, report.from_, recorded=receipt.recorded)
    return _placed(facts, report.channel_id, "shifts", shift)


def _placed(facts: Facts, channel_id: str, field: str, fact: Declaration | Closing | Shift) -> Facts:
    known: tuple[Any, ...] = getattr(facts, field)
    placed = place(known, fact)
    return facts if placed is known else replace(facts, channel_id=channel_id, **{field: placed})
