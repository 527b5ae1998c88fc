"""What directory decides: what each institution is now, of all that was declared of it."""

from services.directory.domain.entry import Conclusions, announce, conclude, entry
from services.directory.domain.facts import Facts, Version, learn_declared, learn_withdrawn

__all__ = [
    "Conclusions",
    "Facts",
    "Version",
    "announce",
    "conclude",
    "entry",
    "learn_declared",
    "learn_withdrawn",
]
