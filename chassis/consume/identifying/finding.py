"""Whether a text, or an identifier, identifies a person. What is asked first costs little: nearly all is clean.

A text is anything that may hold a blank. An identifier is one word that a publisher made up; a laboratory's tubes have
numbers too, so there only what cannot be one of those counts.
"""

import re
from functools import lru_cache
from typing import Final

from stdnum import verhoeff

from chassis.consume.identifying.addresses import mails
from chassis.consume.identifying.national import is_resident_for_certain, is_sampling_day, named
from chassis.consume.identifying.phones import is_mobile_of_china, telephones
from chassis.consume.identifying.plain import plain
from chassis.consume.identifying.policy import Formats

_SUSPECT: Final = re.compile(
    r"@|\d(?:[^\n\d]{0,3}\d){5}|<<|[\[({<]\s*at\s*[\])}>]|\bat\b.*(?:\.|\bdot\b)|passport|\b(?:id|identity) |nric|ssn"
    r"|\b(?:zero|oh|one|two|three|four|five|six|seven|eight|nine)[ \-]+(?:zero|oh|one|two|three|four|five|six|seven)",
    re.IGNORECASE,
)
_LABELLED_ID: Final = re.compile(
    r"(?:PASSPORT|护照|護照|身份证|身分證|身份證|证件|證件|通行证|通行證|居留证"
    r"|\bID CARD|IDENTITY|NATIONAL ID|CITIZEN ID|\bSSN|\bNRIC)"
    r"[^\d\n]{0,16}?(?=[A-Z0-9\-]*\d)([A-Z]{0,3}\d[A-Z0-9\-]{4,19})"
)
_TIME: Final = r"(?:[T ]\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?(?: ?Z|[+\-]\d\d:?\d\d)?)?"
_NOT_OF_PEOPLE: Final = re.compile(
    r"(?<![A-Z0-9])[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}(?![A-Z0-9])"  # a UUID
    r"|(?<![A-Z0-9])(?=[0-9]*[A-F])[0-9A-F]{24,}(?![A-Z0-9])"  # a digest
    rf"|(?<![\d\-+])(?:19|20)\d\d[\-/.年](?:0?[1-9]|1[0-2])[\-/.月](?:[0-2]?\d|3[01])日?(?!\d){_TIME}"
    rf"|(?<![\d\-+])(?:[0-2]?\d|3[01])[\-/.](?:[0-2]?\d|3[01])[\-/.](?:19|20)\d\d(?!\d){_TIME}"
)
_OF_A_DRUG: Final = re.compile(
    r"(?:药准字|藥準字|批准文号|注册证号|批号|批號|\bLOT\b|\bBATCH\b)(?: NO\.?)?[: ]*[A-Z]{1,2}\d{8}(?![A-Z0-9])"
)
"""Its licence, or its batch, has as many letters and digits as a passport."""
_DECIMALS: Final = re.compile(r"(?<![\d.])\d{1,3}\.\d{1,2}(?: +\d{1,3}\.\d{1,2})+(?![\d.])")
"""Readings one behind the other."""
_TIMES: Final = re.compile(
    r"(?<!\d)(?:[01]\d|2[0-3])(?:[03]0(?: (?:[01]\d|2[0-3])[03]0)+|[0-5]\d(?: (?:[01]\d|2[0-3])[0-5]\d){2,})(?! ?\d)"
)
"""Times of a day, as wards write when something is given."""
_A_DAY: Final = re.compile(r"(?<![\d\-+])((?:19|20)\d{6})(?!\d)")
_SNOMED: Final = re.compile(r"[1-9]\d{2,6}0[0-2]\d|[1-9]\d{3,7}0[0-2]\d|[1-9]\d{0,7}1000\d{3}1[0-2]\d")


@lru_cache(maxsize=8192)
def in_text(text: str, formats: Formats) -> bool:
    """Whether a text holds an e-mail address, a telephone number or an id of a person."""
    if text.isascii() and not _SUSPECT.search(text):
        return False
    if is_snomed(text):
        return False
    written = _OF_A_DRUG.sub("|", plain(text))
    if mails(written) or named(written, formats.ids):
        return True
    undated = _A_DAY.sub(_without_day, _NOT_OF_PEOPLE.sub("|", written))
    if _LABELLED_ID.search(undated):
        return True
    return telephones(_TIMES.sub("|", _DECIMALS.sub("|", undated)), formats.phones)


def is_snomed(text: str) -> bool:
    """Whether digits are a SNOMED CT identifier: its partition, in the long form its namespace, and its check digit.

    No mobile of China and no resident's id is one by accident: they have other digits where these stand.
    """
    return _SNOMED.fullmatch(text) is not None and verhoeff.is_valid(text)


_CERTAIN: Final = re.compile(r"(?<![A-Za-z0-9])(?:86)?1[3-9]\d-?\d{4}-?\d{4}(?![A-Za-z0-9])")
_RESIDENT: Final = re.compile(r"(?<!\d)[1-8]\d{16}[\dXx](?![A-Za-z0-9])")
_A_NUMBER: Final = re.compile(r"\d{3}(?:\d{6}|-\d{4}-\d{4})", re.ASCII)


def in_identifier(identifier: str) -> bool:
    """Whether an identifier of any thing holds a resident's id."""
    return any(is_resident_for_certain(found[0].upper()) for found in _RESIDENT.finditer(identifier))


def in_key(identifier: str) -> bool:
    """Whether an identifier that stands for people or for a publisher holds a resident's id or a mobile number."""
    if not _A_NUMBER.search(identifier):
        return False
    return in_identifier(identifier) or any(is_mobile_of_china(found[0]) for found in _CERTAIN.finditer(identifier))


_PERSONAL: Final = Formats(ids=frozenset({"hk_id", "kr_rrn", "sg_nric", "tw_id", "us_ssn"}))
_DIGITS_OF_AN_ID: Final = re.compile(r"\d{6}|\d{3}-\d\d-\d{4}")
"""What each of these has, and a passport."""
_WHOLE_PASSPORT: Final = re.compile(r"[EG]\d{8}|E[A-HJ-NP-Z]\d{7}")


def in_pseudonym(reference: str) -> bool:
    """Whether what stands for a person is rather an id of theirs."""
    if not _DIGITS_OF_AN_ID.search(reference):
        return in_key(reference)
    written = reference.upper()
    if in_key(reference) or named(written, _PERSONAL.ids):
        return True
    return _WHOLE_PASSPORT.fullmatch(written) is not None and not is_sampling_day(written[1:9])


def _without_day(found: re.Match[str]) -> str:
    return "|" if is_sampling_day(found[1]) else found[0]
