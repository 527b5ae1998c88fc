"""Which forms of phone numbers and ids are looked for where, in text.

E-mail addresses, telephone numbers in international form or with a label (`tel`, `手机`, `passport`), and ids whose
form nothing else has are looked for everywhere. What is only a number among others needs a row: eight digits are a
telephone in Hong Kong and a specimen elsewhere.
"""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

from schemas.reference import ALWAYS, EVERYWHERE, Row, in_force


class Formats(NamedTuple):
    """What is looked for. `phones`: regions whose national form is read; `ids`: names in `national.NATIONAL`."""

    phones: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()

    def beside(self, phones: str = "", ids: str = "") -> "Formats":
        """These and some more, named as words of a text."""
        return Formats(self.phones | set(phones.split()), self.ids | set(ids.split()))


_UNMISTAKABLE: Final = Formats().beside(
    ids="br_cpf cn_ric es_dni gb_nino hk_card hk_id in_aadhaar it_codice kr_rrn machine_readable sg_nric th_id tw_id"
    " us_ssn"
)
_CHINA: Final = _UNMISTAKABLE.beside("CN", "cn_passport cn_permit cn_ric_old")
_PLAN: Final = "the country's numbering plan, as libphonenumber has it"

FORMATS: Final[Sequence[Row[Formats]]] = (
    Row(EVERYWHERE, ALWAYS, _UNMISTAKABLE, "default: forms that nothing else has"),
    Row("CN", ALWAYS, _CHINA, f"GB 11643-1999; passports and travel permits of the NIA; {_PLAN}"),
    Row("CN-HK", ALWAYS, _CHINA.beside("HK"), _PLAN),
    Row("CN-MO", ALWAYS, _CHINA.beside("MO"), _PLAN),
    Row("CN-TW", ALWAYS, _CHINA.beside("TW"), _PLAN),
    Row("HK", ALWAYS, _CHINA.beside("HK"), _PLAN),
    Row("MO", ALWAYS, _CHINA.beside("MO"), _PLAN),
    Row("TW", ALWAYS, _CHINA.beside("TW"), _PLAN),
    Row("GB", ALWAYS, _UNMISTAKABLE.beside("GB"), _PLAN),
    Row("IN", ALWAYS, _UNMISTAKABLE.beside("IN"), _PLAN),
    Row("JP", ALWAYS, _UNMISTAKABLE.beside("JP", "jp_my_number"), _PLAN),
    Row("KR", ALWAYS, _UNMISTAKABLE.beside("KR"), _PLAN),
    Row("SG", ALWAYS, _UNMISTAKABLE.beside("SG"), _PLAN),
    Row("US", ALWAYS, _UNMISTAKABLE.beside("US"), _PLAN),
)

UNSTATED: Final = "CN"
"""By whose row a report is looked at that names no jurisdiction: the house's own (*default*)."""


@lru_cache(maxsize=1024)
def formats_in_force(jurisdiction: str | None, on: date) -> Formats:
    """What is looked for in a report of a jurisdiction on a civil day; None: a report that names none."""
    return in_force(FORMATS, jurisdiction or UNSTATED, on)
