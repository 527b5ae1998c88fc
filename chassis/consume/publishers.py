"""Who may report under which `source`: by the principal that the bus names, else by the list of publishers.

The list is a JSON object: a source, or a prefix of sources ending in `/` → the reports topics that it may publish to,
or null for all. It is read again when the file has changed.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from chassis.clock import monotonic
from chassis.consume.refusals import NOT_ALLOWED, NOT_LISTED, NOT_THEIRS
from chassis.decide.judge import Rejection
from schemas.access import Principal, principal
from schemas.message import Report
from schemas.topics import TOPICS

log = logging.getLogger("afterward.publishers")

LOOK_AGAIN_SECONDS: Final = 1.0
REPORT_TOPICS: Final = tuple(topic.name for topic in TOPICS if topic.direction == "in")

_UNREAD: Final = "{} cannot be read ({}): AFTERWARD_PUBLISHERS_FILE names it"

Headers = Sequence[tuple[str, bytes | None]]


class BadPublishers(ValueError):
    """The list cannot be used; the message says which file, where in it, and what would be right."""


class Publishers:
    """What is allowed. `header`: a trusted gateway says in it who published; `file`: the list. Without them: all."""

    def __init__(self, header: str | None = None, file: Path | None = None) -> None:
        """Raises BadPublishers."""
        self._header, self._file = header, file
        self._stamp = _stamp(file) if file else None
        self._listed = load(file) if file else None
        self._looked = monotonic()
        self._principals: dict[bytes, Principal | None] = {}

    def refusal(self, report: Report, source: str, topic: str, headers: Headers) -> Rejection | None:
        """Why a report of this source is not taken on this topic. A class that names its sources needs no list."""
        if not report.may_come_from(source):
            return NOT_ALLOWED
        named = self._named(headers)
        if named is not None:
            who = self._principal(named)
            return None if who is not None and who.owns(source) else NOT_THEIRS
        if self._file is None or report.sources:
            return None
        self._look_again()
        return None if self._is_listed(source, topic) else NOT_LISTED

    def _named(self, headers: Headers) -> bytes | None:
        """Who published, if the bus says so. Whoever adds the header a second time is nobody."""
        if self._header is None:
            return None
        named = [value or b"" for name, value in headers if name == self._header]
        return None if not named else named[0] if len(named) == 1 else b""

    def _principal(self, named: bytes) -> Principal | None:
        if named not in self._principals:
            try:
                found = principal(named.decode())
            except ValueError:  # UnicodeDecodeError is one
                return None
            self._principals[named] = found
        return self._principals[named]

    def _is_listed(self, source: str, topic: str) -> bool:
        listed = self._listed or {}
        ends = [source, *(source[: at + 1] for at, letter in enumerate(source) if letter == "/")]
        return any(one in listed and _covers(listed[one], topic) for one in ends)

    def _look_again(self) -> None:
        """A list that cannot be used is said so, once; the one before holds."""
        now = monotonic()
        if self._file is None or now - self._looked < LOOK_AGAIN_SECONDS:
            return
        self._looked = now
        try:
            stamp = _stamp(self._file)
            if stamp == self._stamp:
                return
            self._stamp = stamp
            self._listed = load(self._file)
        except (BadPublishers, OSError) as error:
            log.warning("the list of publishers was changed and cannot be used; the one before holds: %s", error)
        else:
            log.info("the list of publishers was changed: %d sources and prefixes", len(self._listed))


EVERYONE: Final = Publishers()


def _covers(topics: frozenset[str] | None, topic: str) -> bool:
    return topics is None or topic in topics


def _stamp(file: Path) -> tuple[int, int, int]:
    """What changes with the file; a secret that is mounted is replaced as a whole. Raises BadPublishers."""
    try:
        found = file.stat()
    except OSError as error:
        raise BadPublishers(
            f"{file} cannot be read ({type(error).__name__}): AFTERWARD_PUBLISHERS_FILE names it"
        ) from None
    return found.st_mtime_ns, found.st_size, found.st_ino


def load(file: Path) -> Mapping[str, frozenset[str] | None]:
    """Source or prefix → its topics, None for all. Raises BadPublishers."""
    try:
        listed = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadPublishers(
            f"{file} cannot be read ({type(error).__name__}): AFTERWARD_PUBLISHERS_FILE names it"
        ) from None
    except ValueError:
        raise BadPublishers(f"{file} is not JSON") from None
    if not isinstance(listed, dict):
        raise BadPublishers(f"{file} must hold an object: source → reports topics, or null for all")
    return {source: _topics(file, source, topics) for source, topics in listed.items()}


def _topics(file: Path, source: str, topics: Any) -> frozenset[str] | None:
    if not source.startswith("/"):
        raise BadPublishers(f"{file}: {source!r} is no source; one begins with /")
    if topics is None:
        return None
    if not isinstance(topics, list) or any(one not in REPORT_TOPICS for one in topics):
        raise BadPublishers(f"{file}: of {source!r} a list of reports topics is wanted, or null for all of them")
    return frozenset(topics)
