"""What a prescription learns: that its medicine is at the patient's, or that it is not after all."""

from msgspec.structs import replace

from chassis.decide.judge import Receipt
from chassis.decide.ordered_facts import place
from schemas.events.consultation import MedicineDelivered
from services.bulletin.domain.delivery.facts import Arrival, Facts


def learn_delivered(facts: Facts, event: MedicineDelivered, receipt: Receipt) -> Facts:
    """C6: the medicine was delivered, once."""
    arrival = Arrival(receipt.rank, not event.withdrawn, event.delivered_at, event.jurisdiction, event.channel_id)
    arrivals = place(facts.arrivals, arrival)
    return facts if arrivals is facts.arrivals else replace(facts, arrivals=arrivals)
