"""E-mail addresses in text that `plain` has written, also as people write them who have been told not to."""

import re
from typing import Final

_LOCAL: Final = r"[\w.!#$%&'*+/=?^`{|}~\-\"]+"
_LABEL: Final = r"\w(?:[\w\-]*\w)?"
_AT: Final = r"(?:@|艾特|\(A\)|[\[({<]\s*(?:AT|@|艾特)\s*[\])}>])"
_DOT: Final = r"(?:\.|点|點|[\[({<]\s*(?:DOT|\.|点|點)\s*[\])}>]| DOT )"
_ENDINGS: Final = r"(?:COM|NET|ORG|EDU|GOV|CN|HK|TW|MO|SG|JP|KR|UK|DE|FR|IO|INFO|BIZ|CO|AC|EU|US|CA|AU|RU|CH)"
_FORMS: Final = re.compile(
    rf"{_LOCAL}\s*{_AT}\s*{_LABEL}(?:\s*{_DOT}\s*{_LABEL})+"  # x@y.z, x [at] y [dot] z
    rf"|{_LOCAL}@\[[\d.:A-FIPV]+\]"  # at a machine's number
    rf"|{_LOCAL} AT {_LABEL}(?: DOT {_LABEL})+"  # x at y dot z
    rf"|{_LOCAL} AT (?:{_LABEL}\.)+{_ENDINGS}\b"  # x at y.com
)


def mails(text: str) -> bool:
    """Whether an e-mail address stands there."""
    return _FORMS.search(text) is not None
