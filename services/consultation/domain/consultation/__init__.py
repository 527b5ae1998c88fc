"""A consultation: asked for, routed, waiting, with an expert, held or cancelled, and where the patient is referred."""

from services.consultation.domain.consultation.announce import announce, standing
from services.consultation.domain.consultation.conclude import Conclusions, conclude
from services.consultation.domain.consultation.facts import Facts
from services.consultation.domain.consultation.learn import learn_cancelled, learn_completed, learn_requested
from services.consultation.domain.consultation.queue import Online, Queue, Shift
from services.consultation.domain.consultation.read_model import COLUMNS, row, wakes, with_taken
from services.consultation.domain.consultation.routing import Channel, Channels

__all__ = [
    "COLUMNS",
    "Channel",
    "Channels",
    "Conclusions",
    "Facts",
    "Online",
    "Queue",
    "Shift",
    "announce",
    "conclude",
    "learn_cancelled",
    "learn_completed",
    "learn_requested",
    "row",
    "standing",
    "wakes",
    "with_taken",
]
