"""A file that may be replaced while the process runs: read again once it has changed."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

T = TypeVar("T")
log = logging.getLogger("afterward.questions")


class Reread(Generic[T]):
    """What a file says. `parse`: its bytes → that; it raises ValueError where they are not what they must be."""

    def __init__(self, path: Path, parse: Callable[[bytes], T], variable: str) -> None:
        self._path, self._parse, self._variable = path, parse, variable
        self._at: tuple[int, ...] | None = None
        self._known: T | None = None

    def first(self) -> "Reread[T]":
        """Reads it for the first time. Raises ValueError, which names the variable, where it cannot be used."""
        try:
            self._read()
        except (OSError, ValueError) as error:
            raise ValueError(f"{self._variable}: {self._path} cannot be used: {_why(error)}") from None
        return self

    def now(self) -> T:
        """What it says now. A file that is gone or wrong meanwhile leaves what it said before, and is logged once."""
        try:
            self._read()
        except (OSError, ValueError) as error:
            log.warning("%s: %s cannot be used, so it holds as before: %s", self._variable, self._path, _why(error))
        if self._known is None:
            raise ValueError(f"{self._variable}: {self._path} cannot be used")
        return self._known

    def _read(self) -> None:
        status = self._path.stat()
        at = (status.st_mtime_ns, status.st_size, status.st_ino)
        if at != self._at:
            self._at = at
            self._known = self._parse(self._path.read_bytes())


def _why(error: Exception) -> str:
    return error.strerror or "it cannot be read" if isinstance(error, OSError) else str(error)
