"""A line is one line, whoever logs it; it says what it is about, of an exception where it was, never what it said."""

import io
import json
import logging
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chassis.process import logs
from chassis.process.logs import AGAIN_SECONDS, about, take_over

Taking = Callable[..., io.StringIO]


class Terminal(io.StringIO):
    """What says that it is one."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def taking() -> Iterator[Taking]:
    """Takes logging over into a stream, and gives it back afterwards."""
    root, hook = logging.getLogger(), sys.excepthook
    handlers, level = list(root.handlers), root.level
    levels = {name: logging.getLogger(name).level for name in logs.QUIET}

    def take(form: str = "json", level: str = "INFO", stream: io.StringIO | None = None) -> io.StringIO:
        stream = stream or io.StringIO()
        take_over("treatment", level, form, stream)
        return stream

    yield take
    root.handlers, sys.excepthook = handlers, hook
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


def lines_of(stream: io.StringIO) -> list[dict[str, Any]]:
    """Each line, read as JSON."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_one_object_with_what_it_is_about(taking: Taking) -> None:
    stream = taking()
    known = about(case_id="c-1", event_id=None, topic="treatment.reports.v1", partition=3, offset=17)
    logging.getLogger("afterward.engine").error("a rule raised %s\nat %s", "KeyError", "x.py:1", extra=known)
    (line,) = lines_of(stream)
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "error",
        "service": "treatment",
        "logger": "afterward.engine",
        "message": "a rule raised KeyError\nat x.py:1",
        "case_id": "c-1",
        "topic": "treatment.reports.v1",
        "partition": 3,
        "offset": 17,
    }


def test_nothing_else_that_is_handed_over_is_written(taking: Taking) -> None:
    stream = taking()
    logging.getLogger("afterward.engine").error("parked", extra={"payload": "Zhang Wei", "case_id": "c-1"})
    assert "Zhang" not in stream.getvalue()
    assert lines_of(stream)[0]["case_id"] == "c-1"


@pytest.mark.parametrize("form", ["json", "text"])
def test_of_an_exception_the_type_and_the_place_are_said_and_no_word_of_it(taking: Taking, form: str) -> None:
    stream = taking(form)
    try:
        int("13812345678 is no temperature")
    except ValueError as error:
        logging.getLogger("afterward.service").critical("a job failed", exc_info=error)
    assert "13812345678" not in stream.getvalue()
    assert "ValueError" in stream.getvalue()
    assert "test_logs.py" in stream.getvalue()
    assert len(stream.getvalue().splitlines()) == 1


def test_an_exception_that_nobody_caught_is_said_in_the_same_way(taking: Taking) -> None:
    stream = taking()
    error = RuntimeError("13812345678")
    sys.excepthook(RuntimeError, error, None)
    assert (lines_of(stream)[0]["message"], lines_of(stream)[0]["error"]["type"]) == (
        "the process ends",
        "RuntimeError",
    )
    assert "13812345678" not in stream.getvalue()


def test_text_is_one_line_and_has_colours_on_a_terminal_only(taking: Taking) -> None:
    plain, coloured = taking("text"), Terminal()
    logging.getLogger("afterward.relay").warning("late\nand more", extra=about(offset=4))
    assert plain.getvalue().endswith(" WARNING late and more offset=4\n")
    assert "\x1b" not in plain.getvalue()
    taking("text", stream=coloured)
    logging.getLogger("afterward.relay").warning("late")
    assert "\x1b[33mWARNING\x1b[0m" in coloured.getvalue()
    terminal = Terminal()
    taking("json", stream=terminal)
    logging.getLogger("afterward.relay").warning("late")
    assert "\x1b" not in terminal.getvalue()


def test_a_library_is_heard_once_and_then_with_how_often_it_was_not(
    taking: Taking, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr(logs, "monotonic", lambda: now)
    stream = taking()
    for number in range(90):
        logging.getLogger("some.library").warning("cannot reach node %s", number)
        logging.getLogger("some.library").warning(f"attempt {number} failed")  # noqa: G004 - as libraries do
        logging.getLogger("afterward.relay").warning("ours is always said")
    assert [line["message"] for line in lines_of(stream) if line["logger"] == "some.library"] == [
        "cannot reach node 0",
        "attempt 0 failed",
    ]
    assert sum(line["logger"] == "afterward.relay" for line in lines_of(stream)) == 90
    now += AGAIN_SECONDS
    logging.getLogger("some.library").warning("cannot reach node %s", 90)
    assert (lines_of(stream)[-1]["message"], lines_of(stream)[-1]["again"]) == ("cannot reach node 90", 89)


def test_what_a_library_makes_up_anew_each_time_does_not_fill_memory(taking: Taking) -> None:
    taking()
    (kept,) = (each for each in logging.getLogger().handlers[0].filters if isinstance(each, logs.Repeats))
    for number in range(5_000):
        word = "".join(chr(97 + int(digit)) for digit in str(number))
        logging.getLogger("some.library").warning(f"{word} is unknown")  # noqa: G004
    assert len(kept._heard) <= logs.REMEMBERED + 1


def test_every_logger_that_had_handlers_of_its_own_goes_through_the_one(taking: Taking) -> None:
    own = logging.getLogger("uvicorn.error")
    elsewhere = io.StringIO()
    own.addHandler(logging.StreamHandler(elsewhere))
    own.propagate = False
    stream = taking()
    own.error("bad request")
    warnings.warn("old", DeprecationWarning, stacklevel=1)
    assert elsewhere.getvalue() == ""
    assert [line["logger"] for line in lines_of(stream)] == ["uvicorn.error", "py.warnings"]


def test_the_level_is_a_setting_and_libraries_say_only_what_is_wrong(taking: Taking) -> None:
    stream = taking(level="INFO")
    logging.getLogger("afterward.engine").debug("not said")
    logging.getLogger("afterward.engine").info("said")
    logging.getLogger("aiokafka.consumer").info("not said")
    taking(level="ERROR", stream=stream)
    logging.getLogger("afterward.engine").warning("not said")
    assert [line["message"] for line in lines_of(stream)] == ["said"]


def test_of_a_call_to_log_that_is_wrong_its_arguments_are_not_printed(
    taking: Taking, capsys: pytest.CaptureFixture[str]
) -> None:
    stream = taking()
    logging.getLogger("some.library").error("%d patients", "13812345678")
    assert [line["message"] for line in lines_of(stream)] == ["a line could not be written"]
    assert "13812345678" not in stream.getvalue() + capsys.readouterr().err


def test_a_terminal_does_not_obey_what_a_stranger_has_sent(taking: Taking) -> None:
    stream = taking("text")
    logging.getLogger("afterward.relay").warning("a\x1b[2Jb\r\nc")
    assert stream.getvalue().endswith("WARNING a [2Jb  c\n")
