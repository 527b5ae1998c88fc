"""What directory decides: what each institution is now, of all that was declared of it."""

from services.directory.domain.announce import announce
from services.directory.domain.conclude import Conclusions, conclude
from services.directory.domain.entry import entry
from services.directory.domain.facts import Facts, Version
from services.directory.domain.learn import learn_declared, learn_withdrawn

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
