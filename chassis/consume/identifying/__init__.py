"""Nothing that identifies a person passes the check: phone numbers, national ids, passports and e-mail addresses."""

from chassis.consume.identifying.text_check import IDENTIFYING, IDENTIFYING_REASON, TextCheck, identifies

__all__ = ["IDENTIFYING", "IDENTIFYING_REASON", "TextCheck", "identifies"]
