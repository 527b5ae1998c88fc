"""Twenty identities of nobody, and a scanner that finds them in whatever form they are written."""

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import quote, quote_plus

IDENTITIES: Final = (
    "Zhang Wei-Ming",
    "张伟明",
    "María-José Carreño",
    "O'Brien, Siobhán",
    "13912340001",
    "+86 139 1234 0002",
    "021-64370003",
    "+44 7700 900004",
    "310101199001010005",
    "31010119900101006X",
    "900101-1234507",
    "123-45-6708",
    "E12345609",
    "AB1234510",
    "护照号码：K1234511",
    "wei.ming.12@example.com",
    "weiming13@163.com",
    "14 Huaihai Middle Road, Flat 1402",
    "淮海中路15号1503室",
    "1990-01-16 born in Flat 16",
)


def forms(planted: str) -> set[str]:
    """A text as it may be written: itself, in JSON, in an address, in hexadecimal, in base 64, without blanks."""
    raw = planted.encode()
    return {
        planted,
        planted.lower(),
        json.dumps(planted)[1:-1],
        json.dumps(planted, ensure_ascii=False)[1:-1],
        ascii(planted)[1:-1],
        repr(raw)[2:-1],
        quote(planted),
        quote_plus(planted),
        raw.hex(),
        base64.b64encode(raw).decode().rstrip("="),
        "".join(planted.split()),
    }


def found(planted: Iterable[str], where: Mapping[str, str]) -> set[tuple[str, str]]:
    """Which of the planted texts is in which text, in any form."""
    return {
        (each, name)
        for each in planted
        for name, text in where.items()
        if any(form in text or form in text.lower() for form in forms(each))
    }
