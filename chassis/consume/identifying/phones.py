"""Telephone numbers in text that `plain` has written: by their country's plan and by how people group them.

Digits alone are no telephone: a list of readings has as many. So what has neither `+` nor a label must be grouped as
telephones are, or begin as a mobile of the case's country does.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

import phonenumbers

_LENGTHS: Final = range(7, 16)
_RUN: Final = re.compile(r"(?<![\d])(?<!\d\.)(\+ ?\(?)?(\d(?:[ .\-_()·/]{0,3}\d){6,39})")
_GROUP: Final = re.compile(r"\d+")
_LABELLED: Final = re.compile(
    r"(?:\bTEL|PHONE|\bMOBILE|\bMOB\b|WHATSAPP|WECHAT|WEIXIN|TELEGRAM|\bQQ|手机|手機|电话|電話|致电|联系方式|聯繫|微信|热线)"
    r"[^\d\n]{0,12}(\d(?:[ .\-_()·]{0,3}\d){6,14})"
)
_MOBILE_OF_CHINA: Final = re.compile(r"(?:0{0,2}86)?0?(1[3-9]\d{9})")
_MOBILE_SHAPES: Final = frozenset(
    {(11,), (3, 4, 4), (3, 8), (7, 4), (3, 3, 5), (5, 3, 3), (4, 4, 3), (4, 3, 4), (5, 6), (1,) * 11}
)
_TRUNK_SHAPES: Final = frozenset(
    {(5, 6), (5, 5), (5, 3, 3), (3, 4, 4), (4, 3, 4), (4, 3, 3), (4, 4, 3), (3, 3, 4), (4, 7), (3, 8), (3, 7), (4, 8)}
    | {(2, 4, 4), (2, 8), (2, 2, 2, 2, 2), (4, 6), (3, 4, 3), (4, 4, 4)}
)
_MOST_GROUPS: Final = 4
_NORTH_AMERICA: Final = re.compile(r"1?[2-9]\d\d[2-9]\d{6}")
_NORTH_AMERICAN_SHAPES: Final = frozenset({(3, 3, 4), (1, 3, 3, 4), (3, 7)})
_PAIRS: Final = (2, 2, 2, 2, 2)
"""With a 0 before them they are a telephone; without it they are readings."""
_SHAPES: Final = (_TRUNK_SHAPES - {_PAIRS}) | {(4, 4), (8,), (10,), (11,), (9,), (3, 3, 3)}


def telephones(text: str, regions: Iterable[str]) -> bool:
    """Whether a telephone number stands there, in the form of one of the regions, with a label, or with its `+`."""
    if _LABELLED.search(text):
        return True
    regions = tuple(regions)
    for run in _RUN.finditer(text):
        groups = _GROUP.findall(run[2])
        if run[1] and any(_international("".join(groups[:end])) for end in range(1, len(groups) + 1)):
            return True
        if any(_national(window, regions) for window in _windows(groups)):
            return True
    return False


def is_mobile_of_china(number: str) -> bool:
    """Whether digits and what parts them are one mobile of the mainland and nothing else."""
    return _chinese_mobile(_GROUP.findall(number))


def _windows(groups: list[str]) -> Iterator[list[str]]:
    """Every run of neighbouring groups that may be one number: a reading may stand before or behind it."""
    for start in range(len(groups)):
        length = 0
        for end in range(start, len(groups)):
            length += len(groups[end])
            if length > _LENGTHS[-1]:
                break
            if length >= _LENGTHS[0]:
                yield groups[start : end + 1]


def _international(digits: str) -> bool:
    """Behind a `+` a number need only be possible: those that are made up for films are not in any plan."""
    return len(digits) in _LENGTHS and _parsed(f"+{digits}", None, phonenumbers.is_possible_number)


def _national(groups: list[str], regions: tuple[str, ...]) -> bool:
    digits, shape = "".join(groups), tuple(map(len, groups))
    if _NORTH_AMERICA.fullmatch(digits) and shape in _NORTH_AMERICAN_SHAPES:
        return True
    if digits.startswith("00") and _parsed(f"+{digits[2:]}", None, phonenumbers.is_valid_number):
        return True
    if digits.startswith("0") and not digits.startswith("00") and shape in _TRUNK_SHAPES and shape != (4, 4, 4):
        return True
    if "CN" in regions and (_chinese_mobile(groups) or _chinese_line(groups)):
        return True
    return shape in _SHAPES and any(_of_region(digits, region) for region in regions if region != "CN")


def _chinese_mobile(groups: list[str]) -> bool:
    found = _MOBILE_OF_CHINA.fullmatch("".join(groups))
    if found is None:
        return False
    own = groups[1:] if groups[0] in {"86", "0086"} else [found[1]] if len(groups) == 1 else groups
    return tuple(map(len, own)) in _MOBILE_SHAPES


def _chinese_line(groups: list[str]) -> bool:
    """With its area code, which begins with 0, in few groups or digit by digit: else it is readings behind a `38.0`."""
    digits, few = "".join(groups), len(groups) <= _MOST_GROUPS and len(groups[0]) in {1, 3, 4, len("".join(groups))}
    return (
        digits.startswith("0")
        and (few or len(groups) == len(digits))
        and _parsed(digits, "CN", phonenumbers.is_valid_number)
    )


def _of_region(digits: str, region: str) -> bool:
    return _parsed(digits, region, phonenumbers.is_valid_number)


def _parsed(number: str, region: str | None, test: object) -> bool:
    try:
        return bool(test(phonenumbers.parse(number, region)))  # type: ignore[operator]
    except phonenumbers.NumberParseException:
        return False
