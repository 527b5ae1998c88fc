"""Nothing that identifies a person passes the door: phone numbers, national ids, passports and e-mail addresses."""

from chassis.identifying.door import IDENTIFYING, IDENTIFYING_REASON, Door, identifies

__all__ = ["IDENTIFYING", "IDENTIFYING_REASON", "Door", "identifies"]
