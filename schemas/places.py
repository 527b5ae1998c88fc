"""Names of districts as people write them: without case, blanks and accents one is as good as the other (P1)."""

import unicodedata
from functools import lru_cache


@lru_cache(maxsize=4096)
def plain_district(district: str | None) -> str:
    """What is compared of a district's name; empty for one that is not known."""
    letters = unicodedata.normalize("NFKD", district or "")
    return "".join(one for one in letters if not unicodedata.combining(one) and one.isalnum()).casefold()


def same_district(one: str | None, other: str | None) -> bool:
    """Whether two names are of one district; one that is not known is none."""
    return plain_district(one) == plain_district(other) != ""
