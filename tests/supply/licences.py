"""Under which licence a part is, as an SPDX expression, and which ones may be."""

import tomllib
from email.message import Message
from functools import cache
from pathlib import Path
from typing import Any, Final

from license_expression import ExpressionError, get_spdx_licensing

EXCEPTIONS: Final = Path(__file__).with_name("exceptions.toml")
ALLOWED: Final = {
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "PSF-2.0",
    "Python-2.0",
    "Zlib",
}
"""They ask for their text and no more; whoever ships Afterward may ship these with it."""
_NAMES: Final = {
    "3-clause bsd license": "BSD-3-Clause",
    "apache": "Apache-2.0",
    "apache 2": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache 2.0 license": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "apache software license - version 2.0": "Apache-2.0",
    "the apache license, version 2.0": "Apache-2.0",
    "the apache software license, version 2.0": "Apache-2.0",
    "bsd 2-clause license": "BSD-2-Clause",
    "go license": "BSD-3-Clause",
    "gnu general public license, version 2": "GPL-2.0-only",
    "gnu lesser general public license v2 or later (lgplv2+)": "LGPL-2.0-or-later",
    "isc license": "ISC",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "the mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "psfl": "PSF-2.0",
    "public domain, per creative commons cc0": "CC0-1.0",
    "python software foundation license": "PSF-2.0",
}
"""What people write instead of an identifier, in small letters."""
_SPDX: Final = get_spdx_licensing()


def expression(text: str) -> str:
    """A licence's name or expression as an SPDX expression; empty where nobody can know what it means."""
    named = _NAMES.get(text.strip().casefold(), text.strip())
    try:
        parsed = _SPDX.parse(named, validate=True) if named and len(named) < 200 else None
    except ExpressionError:
        return ""
    return "" if parsed is None else str(parsed)


def of_distribution(stated: Message | Any) -> str:
    """What the metadata of a Python distribution state: the expression, else the field of before, else a classifier."""
    for field in ("License-Expression", "License"):
        if found := expression(str(stated.get(field) or "")):
            return found
    classifiers = [str(each).split(" :: ") for each in stated.get_all("Classifier") or ()]
    named = {expression(each[-1]) for each in classifiers if each[0] == "License"} - {""}
    return " AND ".join(sorted(named))


def is_allowed(licence: str) -> bool:
    """Whether a choice that the expression leaves stays within the list. An empty one does not."""
    if not licence:
        return False
    return bool(_chosen(_SPDX.parse(licence)))


def _chosen(parsed: Any) -> bool:
    if parsed.isliteral:
        return str(parsed) in ALLOWED
    verdicts = [_chosen(each) for each in parsed.args]
    return any(verdicts) if isinstance(parsed, _SPDX.OR) else all(verdicts)


@cache
def exceptions() -> dict[str, list[dict[str, Any]]]:
    """What is let through, by scanner, each with its reason."""
    return tomllib.loads(EXCEPTIONS.read_text(encoding="utf-8"))


def excepted(name: str, licence: str) -> bool:
    """Whether this part is let through under just this licence."""
    return any((each["part"], each["licence"]) == (name, licence) for each in exceptions().get("licence", ()))
