"""The words of before stay out: the glossary's words are the only ones (docs/glossary.md)."""

import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture import sample_repo

ROOT = sample_repo.ROOT
ROOMS = ("schemas", "chassis", "services", "afterward", "story", "bench", "tests")
NOT_OURS = ("node_modules", "corpus", "migrations", "published")
GONE = {
    "docket",
    "dockets",
    "lane",
    "lanes",
    "taught",
    "unjudgeable",
    "stuck",
    "unstick",
    "bookmark",
    "bookmarks",
    "courier",
    "couriers",
    "postman",
    "nursery",
    "telling",
    "tellings",
}
"""Words that nothing is called any more, in code or in what is written about it."""
GONE_FROM_NAMES = GONE | {"arena", "told", "said", "came", "desk", "door", "telemetry"}
"""In a sentence these are plain English; as a name they said nothing."""
KEPT = re.compile(r"/services/contact/couriers?|/couriers/|courier_error|0002_stuck")
"""What stands in messages keeps its name, for readers compare with it; so does a migration that has been applied."""
SELF = Path(__file__)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def sources(pattern: str) -> Iterator[Path]:
    """The files of the project's rooms, but for what is stored or generated."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob(pattern)):
            if not set(NOT_OURS) & set(path.parts) and path != SELF:
                yield path


def old_names(source: str) -> set[str]:
    """Names in Python code that have an old word in them; a test's name is a sentence."""
    names = {
        token.string for token in tokenize.generate_tokens(io.StringIO(source).readline) if token.type == tokenize.NAME
    }
    return {name for name in names if (GONE if name.startswith("test_") else GONE_FROM_NAMES) & parts(name)}


def parts(name: str) -> set[str]:
    """The words that an identifier is made of."""
    return {word.lower() for word in _WORD.findall(name)}


def old_words(text: str) -> set[str]:
    """Old words in a text, whether code, comment or prose."""
    return GONE & {word.lower() for word in re.findall(r"[A-Za-z]+", KEPT.sub("", text))}


@pytest.mark.parametrize("room", ROOMS)
def test_no_name_is_made_of_an_old_word(room: str) -> None:
    found = {
        str(path.relative_to(ROOT)): names
        for path in sources("*.py")
        if path.is_relative_to(ROOT / room) and (names := old_names(path.read_text(encoding="utf-8")))
    }
    assert found == {}


@pytest.mark.parametrize("pattern", ["*.py", "*.sql", "*.md"])
def test_nothing_is_described_with_an_old_word(pattern: str) -> None:
    found = {
        str(path.relative_to(ROOT)): words
        for path in sources(pattern)
        if (words := old_words(path.read_text(encoding="utf-8")))
    }
    assert found == {}


def test_no_page_uses_an_old_word() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "deploy").glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    found = {
        str(page.relative_to(ROOT)): words
        for page in pages
        if not set(NOT_OURS) & set(page.parts) and (words := old_words(page.read_text(encoding="utf-8")))
    }
    assert found == {}


def test_an_old_word_is_seen() -> None:
    assert old_names("def take_docket(told: int, LaneOf: int) -> None: ...\n") == {"take_docket", "told", "LaneOf"}
    assert old_names("def test_what_was_told_stays() -> None: ...\n") == set()
    assert old_words("# the courier of '/services/contact/courier'") == {"courier"}
    assert old_words("'/services/contact/courier' answered courier_error") == set()
