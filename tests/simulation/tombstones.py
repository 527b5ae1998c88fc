"""What was stated for a moment and then taken back: its reader keeps a tombstone of it.

Whether it was ever stated depends on the moment, so two runs of the same reports may differ in it: services that are
killed, or late, hear of a thing in more steps, or in fewer.
"""

from typing import Any


def counts_for_nothing(fact: Any) -> bool:
    """Whether a fact is the tombstone of what was taken back."""
    given = (getattr(fact, "withdrawn", False), not getattr(fact, "stands", True), not getattr(fact, "readmits", True))
    return any(given)
