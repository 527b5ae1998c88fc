"""What a publisher and an operator are told when something is wrong: where it is, and what is wanted there."""

import json

import asyncpg
import pytest
import typer

from afterward.cli.console import emitted_of, verb
from afterward.reports import Refusal, Report, check
from afterward.stack.topics import TopicsDiffer
from tests.architecture.sample_repo import ROOT

VALID = json.loads((ROOT / "docs" / "examples" / "a-late-log.jsonl").read_text(encoding="utf-8").splitlines()[0])
WITH_OFFSET = "2020-10-17T08:00:00+08:00"
MISSING = "a CloudEvent needs specversion, id, source, type, subject and time, each as plain text"


@pytest.mark.parametrize(
    ("changed", "at", "reason"),
    [
        ({"id": "42"}, "id", "this must be a UUID"),
        (
            {"subject": "Zhang San"},
            "subject",
            "this must be the key of the topic, such as the case_id: letters A to Z, digits and . _ : / - without "
            "blanks, a letter or digit first, e.g. sh-2020-1078",
        ),
        ({"time": "2020-10-17T08:00"}, "time", f"this must be an instant with its offset, such as {WITH_OFFSET}"),
        ({"specversion": "0.3"}, "specversion", "only CloudEvents 1.0 is understood"),
        ({"specversion": None}, None, MISSING),
        ({"source": None}, None, MISSING),
        ({"type": None}, None, MISSING),
        ({"time": None}, None, MISSING),
    ],
    ids=str,
)
def test_an_envelope_that_nobody_could_answer_is_told_by_its_attribute(
    changed: dict[str, str | None], at: str | None, reason: str
) -> None:
    line = {name: value for name, value in (VALID | changed).items() if value is not None}
    refusal = check(json.dumps(line).encode())
    assert isinstance(refusal, Refusal)
    assert (refusal.at, refusal.reason) == (at, reason)


@pytest.mark.parametrize(
    ("line", "reason"),
    [(b"", "this is empty"), (b"{", "this is not JSON"), (b"[]", "an envelope is a JSON object")],
)
def test_what_is_no_envelope_at_all_is_told_so(line: bytes, reason: str) -> None:
    refusal = check(line)
    assert isinstance(refusal, Refusal)
    assert (refusal.at, refusal.reason) == (None, reason)


def test_what_is_right_goes_to_its_topic_as_it_is() -> None:
    line = json.dumps(VALID).encode()
    assert check(line) == Report("followup.reports.v1", VALID["subject"].encode(), line)


@pytest.mark.parametrize(
    ("failure", "given"),
    [
        (TopicsDiffer("a has 2 partitions, 6 are wanted"), "a has 2 partitions, 6 are wanted"),
        (asyncpg.InterfaceError("[main] is no DSN"), "[main] is no DSN"),
        (FileNotFoundError(2, "No such file or directory", "[abc].jsonl"), "No such file or directory: '[abc].jsonl'"),
        (TimeoutError(), "did not answer in time"),
    ],
    ids=str,
)
def test_an_expected_failure_is_one_whole_line_and_no_traceback(
    failure: Exception, given: str, capsys: pytest.CaptureFixture[str]
) -> None:
    @verb
    async def fails() -> None:
        raise failure

    with pytest.raises(typer.Exit):
        fails()
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("afterward: ")
    assert given in line
    assert line.removeprefix("afterward: ") == emitted_of(failure)
