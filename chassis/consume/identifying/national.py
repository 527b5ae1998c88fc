"""Ids of people by the form that each country gives them, read from text in one writing (`plain`).

Where the form alone is like nothing else it is enough; where a laboratory may number its tubes alike, the check digit
or the date of birth inside decides.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Final, NamedTuple

from stdnum import verhoeff
from stdnum.br import cpf
from stdnum.cn import ric
from stdnum.es import dni, nie
from stdnum.jp import in_ as my_number

_PROVINCES: Final = frozenset(
    {*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82, 83}
)
"""The first two digits of a region (GB/T 2260)."""
_FIRST_CASES: Final = date(2019, 12, 1)
_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
"""Of Taiwan, in the order in which they count from 10."""


class Id(NamedTuple):
    """How one kind of id is written. `holds`: whether what was found is one, given its letters and digits alone."""

    form: re.Pattern[str]
    holds: Callable[[str], bool]


def named(text: str, aggregates: Iterable[str]) -> bool:
    """Whether one of these kinds of ids stands in a text that `plain` has written."""
    for aggregate in aggregates:
        form, holds = NATIONAL[aggregate]
        if any(holds(_GLUE.sub("", found[0])) for found in form.finditer(text)):
            return True
    return False


def is_resident(number: str) -> bool:
    """Whether 18 characters have a province and a date of birth where the mainland's ids have them.

    Of a day since the first cases, by which tubes are numbered as well, the check digit must be right besides.
    """
    if int(number[:2]) not in _PROVINCES or not _is_date(number[6:14]):
        return False
    return not is_sampling_day(number[6:14]) or bool(ric.calc_check_digit(number) == number[17])


def is_resident_for_certain(number: str) -> bool:
    """Also by its check digit, and born before the first cases.

    Laboratories number tubes by region, day and count in the same 18 digits: those days are days of the epidemic.
    """
    return (
        is_resident(number)
        and ric.calc_check_digit(number) == number[17]
        and date.fromisoformat(f"{number[6:10]}-{number[10:12]}-{number[12:14]}") < _FIRST_CASES
    )


def is_sampling_day(digits: str) -> bool:
    """Whether eight digits are a day since the first cases, as many number what they take on it."""
    return _is_date(digits) and digits >= "20191201"


def _is_date(digits: str) -> bool:
    try:
        return 1850 <= date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).year <= 2200
    except ValueError:
        return False


def _is_short_date(digits: str) -> bool:
    return _is_date(f"19{digits}") or _is_date(f"20{digits}")


def _old_resident(number: str) -> bool:
    return int(number[:2]) in _PROVINCES and _is_date(f"19{number[6:12]}")


def _hong_kong(number: str) -> bool:
    """By its check digit: letters count from 10, a missing first one 36."""
    letters, digits, check = number[:-7], number[-7:-1], number[-1]
    values = [36] * (2 - len(letters)) + [int(letter, 36) for letter in letters] + [int(digit) for digit in digits]
    total = sum(weight * value for weight, value in zip(range(9, 1, -1), values, strict=True))
    return (total + int(check, 36)) % 11 == 0


def _taiwan(number: str) -> bool:
    tens, ones = divmod(_LETTERS.index(number[0]) + 10, 10)
    second = int(number[1])
    weighted = sum(weight * int(digit) for weight, digit in zip(range(7, 0, -1), number[2:9], strict=True))
    return (tens + 9 * ones + 8 * second + weighted + int(number[9])) % 10 == 0


def _not_a_sampling_day(number: str) -> bool:
    return not is_sampling_day(number[1:9])


def _any(_: str) -> bool:
    return True


def _id(form: str, holds: Callable[[str], bool] = _any) -> Id:
    return Id(re.compile(rf"(?<![A-Z0-9])(?:{form})(?![A-Z0-9])"), holds)


_GLUE: Final = re.compile(r"[^A-Z0-9]")
_GAP: Final = r"[ .\-_]{0,2}"

NATIONAL: Final[Mapping[str, Id]] = {
    "br_cpf": _id(r"\d{3}\.\d{3}\.\d{3}-\d{2}", cpf.is_valid),
    "cn_passport": _id(r"(?:[EGDSPHMK]\d{8}|E[A-HJ-NP-Z]\d{7}|[DSP]E\d{7}|[KM][AJ]\d{7})", _not_a_sampling_day),
    "cn_permit": _id(r"[HM]\d{8}(?:\d\d)?", _not_a_sampling_day),
    "cn_ric": Id(re.compile(rf"(?<!\d)[1-8](?:{_GAP}\d){{16}}{_GAP}[\dX](?!\d)"), is_resident),
    "cn_ric_old": _id(r"[1-8]\d{14}", _old_resident),
    "es_dni": _id(r"\d{8}-?[A-Z]|[XYZ]-?\d{7}-?[A-Z]", lambda number: dni.is_valid(number) or nie.is_valid(number)),
    "gb_nino": _id(r"[A-Z]{2} ?\d\d ?\d\d ?\d\d ?[A-D]"),
    "hk_card": _id(r"[A-Z]{1,2}\d{6} ?\([\dA]\)"),
    "hk_id": _id(r"[A-Z]{1,2}\d{6}[\dA]", _hong_kong),
    "in_aadhaar": _id(r"[2-9]\d{3}[ -]\d{4}[ -]\d{4}", verhoeff.is_valid),
    "it_codice": _id(r"[A-Z]{6}\d\d[A-EHLMPRST]\d\d[A-Z]\d{3}[A-Z]"),
    "jp_my_number": _id(r"\d{4}[ -]?\d{4}[ -]?\d{4}", my_number.is_valid),
    "kr_rrn": _id(r"\d{6}-[1-8]\d{6}", lambda number: _is_short_date(number[:6])),
    "machine_readable": Id(re.compile(r"[PVI][A-Z<][A-Z]{3}[A-Z<]+<<"), _any),
    "sg_nric": _id(r"[STFGM]\d{7}[A-Z]"),
    "th_id": _id(r"\d-\d{4}-\d{5}-\d{2}-\d"),
    "tw_id": _id(r"[A-Z][1289]\d{8}", _taiwan),
    "us_ssn": _id(r"(?!000|666|9)\d{3}-(?!00)\d\d-(?!0000)\d{4}(?!-)"),
}
