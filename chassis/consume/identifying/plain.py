"""One writing for what people write in many: full-width digits, Chinese numerals, invisible characters, long dashes."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

_NUMERALS: Final = "〇零○一二三四五六七八九幺壹贰叁肆伍陆柒捌玖"
_VALUES: Final = "000123456789" + "1" + "123456789"
_DASHES: Final = "‐‑‒–—―−﹣－ー"
_CHARACTERS: Final = str.maketrans(
    {**dict(zip(_NUMERALS, _VALUES, strict=True)), **dict.fromkeys(_DASHES, "-"), "。": ".", "•": "·"}
)
_WORDS: Final = {
    word: str(value)
    for value, words in enumerate(("zero oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"))
    for word in words.split()
}
_WORD: Final = re.compile(rf"\b({'|'.join(_WORDS)})\b", re.IGNORECASE)


def plain(text: str) -> str:
    """The text in upper case with every digit, dash and blank in one writing; what cannot be seen is left out."""
    return _WORD.sub(lambda found: _WORDS[found[0].lower()], text if text.isascii() else _plain(text)).upper()


@lru_cache(maxsize=1024)
def _plain(text: str) -> str:
    seen = (each for each in unicodedata.normalize("NFKC", text) if unicodedata.category(each) not in {"Cf", "Mn"})
    return "".join(map(_digit, seen)).translate(_CHARACTERS)


def _digit(character: str) -> str:
    """Any script's decimal digit in ASCII, any blank as a space, anything else as it is."""
    if character.isspace():
        return " "
    return str(unicodedata.decimal(character)) if character.isdecimal() else character
