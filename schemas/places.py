"""Districts, written by many people in many ways: which of them are the same."""

from functools import cache
from unicodedata import combining, normalize


def same_district(one: str | None, other: str | None) -> bool:
    """Whether two districts are the same without case, blanks, signs and accents. An unknown one is like no other."""
    return bool(one and other) and plain_district(one or "") == plain_district(other or "")


@cache
def plain_district(district: str) -> str:
    """As it is compared: decomposed (NFKD), without combining marks, case folded, letters and digits only."""
    letters = "".join(sign for sign in normalize("NFKD", district) if not combining(sign))
    return "".join(sign for sign in letters.casefold() if sign.isalnum())
