"""A civil day of a jurisdiction: counted of the cases, published once it is over, restated whenever it changes.

It learns nothing from messages, so it has no `learn`.
"""

from services.bulletin.domain.day.announce import announce, bulletin
from services.bulletin.domain.day.conclude import Conclusions, conclude
from services.bulletin.domain.day.counts import Counts
from services.bulletin.domain.day.facts import Facts
from services.bulletin.domain.day.read_model import row, wakes

__all__ = ["Conclusions", "Counts", "Facts", "announce", "bulletin", "conclude", "row", "wakes"]
