"""The public edition of a day: drawn from what the day stands at, without what would tell who somebody is (B5).

It learns nothing from messages, so it has no `learn`: the day wakes it.
"""

from services.bulletin.domain.public_day.announce import announce, bulletin
from services.bulletin.domain.public_day.conclude import Conclusions, conclude
from services.bulletin.domain.public_day.facts import Facts

__all__ = ["Conclusions", "Facts", "announce", "bulletin", "conclude"]
