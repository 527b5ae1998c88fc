"""The case's row in `contact_case`: what the delivery worker may begin."""

import msgspec

from services.contact.domain.case.conclude import CaseState, Conclusions
from services.contact.domain.case.deliveries import AWAITED


def row(state: CaseState) -> tuple[str] | None:
    """JSON of `delivery_id` → attempt; None where there is nothing.

    An attempt that nobody has answered for a day is among them: it may lie unread on the bus.
    """
    conclusions: Conclusions = state.conclusions
    awaited = {one.delivery_id: one.attempt for one in conclusions.deliveries if one.state in AWAITED}
    return (msgspec.json.encode(awaited).decode(),) if awaited else None
