"""What contact learns of a subscription: that it was switched."""

from chassis.decide.judge import Receipt
from schemas.reports.contact import SubscriptionSwitched
from services.contact.domain.subscription.facts import Switch


def learn_switched(switch: Switch, report: SubscriptionSwitched, receipt: Receipt) -> Switch:
    """Of two the one that was switched later holds, else the one written down later."""
    known = switch.switched_at
    if known is not None and (known, switch.rank) >= (report.switched_at, receipt.rank):
        return switch
    return Switch(report.switched_at, receipt.rank, report.on, report.why)
