"""Discharge: whether a patient may leave, whether the hospital kept to it, and what was taken back (D0 to D8)."""

from services.discharge.domain.announce import announce
from services.discharge.domain.conclude import conclude
from services.discharge.domain.conclusions import Conclusions
from services.discharge.domain.facts import Facts
from services.discharge.domain.read_model import row

__all__ = ["Conclusions", "Facts", "announce", "conclude", "row"]
