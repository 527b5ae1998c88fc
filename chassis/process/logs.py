"""What a process says: one line a record, as JSON or as text, with what it is about, and never with a payload.

Of an exception a line has the type and the places in the code that it came through, never the message: libraries
repeat in theirs what they were given.
"""

import json
import logging
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from traceback import walk_tb
from typing import Any, Final, TextIO

from chassis.clock import monotonic

ABOUT: Final = ("case_id", "event_id", "topic", "partition", "offset")
"""What a line may be about: `extra` of a call to log may have these, and no others are written."""
OURS: Final = "afterward"
QUIET: Final = ("aiokafka", "kafka", "asyncio", "asyncpg", "aiohttp", "faststream.access")
"""Libraries that tell of each step: of theirs only what is wrong is said."""
AGAIN_SECONDS: Final = 30.0
"""A library that says the same again within this time is heard once."""
REMEMBERED: Final = 200
PLACES: Final = 5
_NUMBERS: Final = re.compile(r"\d+")
_COLOURS: Final = {"WARNING": "\x1b[33m", "ERROR": "\x1b[31m", "CRITICAL": "\x1b[1;31m"}
_PLAIN: Final = "\x1b[0m"
_UNWRITTEN: Final = "a line could not be written"


def about(**known: str | int | None) -> dict[str, Any]:
    """`extra` for a call to log: what the line is about, as far as it is known."""
    return {name: value for name, value in known.items() if value is not None}


def error_of(record: logging.LogRecord) -> dict[str, Any] | None:
    """The exception of a record without its message: its type, and the last places that it came through."""
    error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
    if error is None:
        return None
    places = [f"{frame.f_code.co_filename}:{line}" for frame, line in walk_tb(error.__traceback__)]
    return {"type": type(error).__name__, "at": places[-PLACES:]}


class Lines(logging.Formatter):
    """What every line has, in either format."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def parts(self, record: logging.LogRecord) -> Iterator[tuple[str, Any]]:
        """Name and value, in order."""
        yield "time", datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        yield "level", record.levelname.lower()
        yield "service", self._service
        yield "logger", record.name
        yield "message", record.getMessage()
        yield from ((name, getattr(record, name)) for name in ABOUT if hasattr(record, name))
        if (error := error_of(record)) is not None:
            yield "error", error
        if again := getattr(record, "again", 0):
            yield "again", again


class JsonLines(Lines):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; whatever control signs a message has are escaped."""
        return json.dumps(dict(self.parts(record)), ensure_ascii=False, default=str)


class TextLines(Lines):
    """For people. `colours`: the level is coloured."""

    def __init__(self, service: str, *, colours: bool) -> None:
        super().__init__(service)
        self._colours = colours

    def format(self, record: logging.LogRecord) -> str:
        """The line, in one line whatever the message has."""
        known = dict(self.parts(record))
        level = record.levelname
        if self._colours and level in _COLOURS:
            level = f"{_COLOURS[level]}{level}{_PLAIN}"
        message = "".join(letter if letter.isprintable() else " " for letter in known.pop("message"))
        line = f"{known.pop('time')} {level} {message}"
        if error := known.pop("error", None):
            line += f" [{error['type']} at {' < '.join(reversed(error['at'])) or '?'}]"
        others = (f"{name}={value}" for name, value in known.items() if name in {*ABOUT, "again"})
        return " ".join((line, *others))


class Repeats(logging.Filter):
    """Lets a library say the same once in a while; the next time it is heard, the line has how often it was not."""

    def __init__(self) -> None:
        super().__init__()
        self._heard: dict[tuple[str, int, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a line is let through: ours always."""
        if record.name.partition(".")[0] == OURS:
            return True
        key = record.name, record.levelno, _NUMBERS.sub("#", str(record.msg))[:80]
        since, kept_back = self._heard.get(key, (-AGAIN_SECONDS, 0))
        now = monotonic()
        if now - since < AGAIN_SECONDS:
            self._heard[key] = since, kept_back + 1
            return False
        if len(self._heard) > REMEMBERED:
            self._heard.clear()
        self._heard[key] = now, 0
        record.again = kept_back
        return True


class Handler(logging.StreamHandler[TextIO]):
    """Where a call to log is itself wrong, Python would print what it was called with."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        """Writes that a line is missing, and of which logger."""
        instead = logging.LogRecord(record.name, logging.ERROR, record.pathname, record.lineno, _UNWRITTEN, (), None)
        self.stream.write(f"{self.format(instead)}\n")


def take_over(service: str, level: str, form: str, stream: TextIO | None = None) -> int:
    """From now on all that this process logs goes through one handler, whoever logs it. The level as a number."""
    stream = sys.stderr if stream is None else stream
    handler = Handler(stream)
    handler.setFormatter(JsonLines(service) if form == "json" else TextLines(service, colours=stream.isatty()))
    handler.addFilter(Repeats())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in list(logging.root.manager.loggerDict):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
    logging.getLogger("faststream").setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_uncaught
    return root.level


def _log_uncaught(_type: type[BaseException], error: BaseException, _trace: Any) -> None:
    """An exception that nobody caught ends the process; it is said as everything is."""
    logging.getLogger("afterward.service").critical("the process ends", exc_info=error)
