"""Codes of public lists: countries, subdivisions, civil time zones, and LOINC's check digit (CONTRACTS *Conventions*).

Reports are checked against them, events are not: what was said once can be read for ever, whatever becomes of a list.
Lists: ISO 3166 as `pycountry` has it, the IANA time zone database as `tzdata` has it. An outdated code is refused with
the name of its successor.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final, Self

import pycountry
from pydantic import BaseModel, model_validator
from pydantic_core import PydanticCustomError

from schemas.message import CaseReport, Report

SUCCESSORS: Final[Mapping[str, str]] = {
    "UK": "GB",
    "EL": "GR",  # in use elsewhere, never codes of ISO 3166
    "AN": "CW, SX or BQ",
    "BU": "MM",
    "CS": "CZ, SK, RS or ME",
    "CT": "KI",
    "DD": "DE",
    "DY": "BJ",
    "FQ": "TF or AQ",
    "FX": "FR",
    "HV": "BF",
    "JT": "UM",
    "MI": "UM",
    "NH": "VU",
    "NQ": "AQ",
    "NT": "IQ or SA",
    "PC": "FM, MH, MP or PW",
    "PU": "UM",
    "PZ": "PA",
    "RH": "ZW",
    "SU": "RU or the code of the state",
    "TP": "TL",
    "VD": "VN",
    "WK": "UM",
    "YD": "YE",
    "YU": "RS or the code of the state",
    "ZR": "CD",
}
"""Outdated code of a country → what stands in its place. Source: ISO 3166-3."""

_CHINESE: Final = {
    "11": "BJ",
    "12": "TJ",
    "13": "HE",
    "14": "SX",
    "15": "NM",
    "21": "LN",
    "22": "JL",
    "23": "HL",
    "31": "SH",
    "32": "JS",
    "33": "ZJ",
    "34": "AH",
    "35": "FJ",
    "36": "JX",
    "37": "SD",
    "41": "HA",
    "42": "HB",
    "43": "HN",
    "44": "GD",
    "45": "GX",
    "46": "HI",
    "50": "CQ",
    "51": "SC",
    "52": "GZ",
    "53": "YN",
    "54": "XZ",
    "61": "SN",
    "62": "GS",
    "63": "QH",
    "64": "NX",
    "65": "XJ",
    "71": "TW",
    "91": "HK",
    "92": "MO",
}
SUBDIVISION_SUCCESSORS: Final[Mapping[str, str]] = {f"CN-{old}": f"CN-{new}" for old, new in _CHINESE.items()}
"""Outdated code of a subdivision → its successor. Source: ISO 3166-2, change of 23 November 2017."""

Fault = tuple[str, str]
"""The kind of an error, and words that say what is allowed; nothing of what was sent."""


@cache
def country_fault(code: str) -> Fault | None:
    """What is wrong with a country's code of ISO 3166-1; None where it stands in the list."""
    if pycountry.countries.get(alpha_2=code) is not None:
        return None
    return _unlisted("a country of ISO 3166-1, e.g. PH", SUCCESSORS.get(code))


@cache
def subdivision_fault(code: str) -> Fault | None:
    """What is wrong with a subdivision's code of ISO 3166-2; None where it stands in the list."""
    if code in _subdivisions():
        return None
    return _unlisted("a subdivision of ISO 3166-2, e.g. CN-SH", SUBDIVISION_SUCCESSORS.get(code))


@cache
def zone_fault(name: str) -> Fault | None:
    """What is wrong with a time zone; None where it is the civil time of a place by its present name."""
    if name in _civil_zones():
        return None
    successor = _links().get(name)
    return _unlisted(
        "a civil time zone of IANA, e.g. Asia/Shanghai", successor if successor in _civil_zones() else None
    )


@cache
def loinc_fault(code: str) -> Fault | None:
    """Whether a LOINC code ends with another check digit than its number has (Mod 10)."""
    number, _, digit = code.partition("-")
    doubled = sum(sum(divmod(2 * int(each), 10)) for each in number[::-2])
    total = doubled + sum(int(each) for each in number[-2::-2])
    if -total % 10 == int(digit):
        return None
    return "check_digit", "must be a LOINC code, e.g. 94500-6: the check digit after the - is another"


def _unlisted(allowed: str, successor: str | None) -> Fault:
    instead = f"; this one is outdated: write {successor}" if successor else ""
    return "unlisted_code", f"must be {allowed}{instead}"


@cache
def _subdivisions() -> frozenset[str]:
    return frozenset(each.code for each in pycountry.subdivisions)


@cache
def _civil_zones() -> frozenset[str]:
    lines = (line.split("\t") for table in ("zone.tab", "zone1970.tab") for line in _table(table))
    return frozenset(parts[2].strip() for parts in lines if not parts[0].startswith("#"))


@cache
def _links() -> Mapping[str, str]:
    parts = (line.split() for line in _table("tzdata.zi") if line.startswith("L "))
    return {old: new for _, new, old in parts}


def _table(name: str) -> list[str]:
    return (files("tzdata.zoneinfo") / name).read_text(encoding="utf-8").splitlines()


CODED: Final[Mapping[str, Callable[[str], Fault | None]]] = {
    "nationality": country_fault,
    "origin_country": country_fault,
    "transit_countries": country_fault,
    "jurisdiction": subdivision_fault,
    "time_zone": zone_fault,
    "test": loinc_fault,
}
"""Names of fields whose values are codes, wherever in a report they stand → what is wrong with one."""


class Coded(Report):
    """A report with codes of public lists: each has to stand in its list."""

    @model_validator(mode="after")
    def codes_are_listed(self) -> Self:
        for path, kind, words in _faults(self, ""):
            raise PydanticCustomError(kind, words, {"at": path})
        return self


class CodedCaseReport(Coded, CaseReport):
    """A report about one case, with codes of public lists."""


def _faults(value: BaseModel, path: str) -> Iterator[tuple[str, str, str]]:
    for name in _looked_at(type(value)):
        given = getattr(value, name)
        if given is None:
            continue
        if isinstance(given, str):  # as nearly all are
            if fault := CODED[name](given):
                yield f"{path}{name}", *fault
        elif isinstance(given, BaseModel):
            yield from _faults(given, f"{path}{name}.")
        else:
            for place, code in enumerate(given):
                if code is not None and (fault := CODED[name](code)):
                    yield f"{path}{name}[{place}]", *fault


@cache
def _looked_at(model: type[BaseModel]) -> tuple[str, ...]:
    """Names of the fields that hold codes, themselves or deeper."""
    return tuple(name for name, field in model.model_fields.items() if name in CODED or _nested(field.annotation))


def _nested(annotation: Any) -> bool:
    inner = getattr(annotation, "__args__", ())
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return bool(_looked_at(annotation))
    return any(_nested(each) for each in inner)
