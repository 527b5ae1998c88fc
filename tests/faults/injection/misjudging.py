"""Services broken on purpose (`variants`): they read a clock or an order that is not the case's own."""

from itertools import count

import chassis.consume.reader
import services.followup.domain.calendar
from chassis.consume.reader import Record
from chassis.decide.judge import Receipt
from schemas.calendar import end_of, local_date
from schemas.envelope import Envelope
from tests.faults.injection.failpoints import patch


def naive_local_days() -> None:
    """A day of a plan is a day in UTC."""
    calendar = services.followup.domain.calendar
    patch(calendar, "end_of", lambda on, _zone: end_of(on, "UTC"))
    patch(calendar, "local_date", lambda at, _zone: local_date(at, "UTC"))


def order_by_arrival() -> None:
    """Of two versions of a thing the one that came last holds."""
    original, arrived = chassis.consume.reader.receipt, count()

    def receipt(envelope: Envelope, record: Record, is_report: bool) -> Receipt:
        made = original(envelope, record, is_report)
        return made._replace(rank=f"{next(arrived):048x}") if is_report else made

    patch(chassis.consume.reader, "receipt", receipt)
