"""What a publisher is told of a public report before it is on the bus, and what whoever reads a case sees."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from afterward.cli.case_view import CaseView, Section
from afterward.reports import Refusal, Report, check
from tests.situations.play import HERE, Play, lines, public_report, situation

ACCEPTED = ("15", "16", "17", "18", "19")
PUBLIC = sorted(path.name[:2] for path in (HERE / "inputs" / "public_reports").glob("*.jsonl"))
UNREADABLE = "20"
"""Nobody can be answered about the first of its records: the bus parks it."""


def drawn(play: Play, case: str) -> str:
    """A case as it is printed."""
    known = {section.value: json.loads(json.dumps(play.view(section.value, case), default=str)) for section in Section}
    console = Console(file=io.StringIO(), width=200, soft_wrap=True)
    for part in CaseView(case, known).parts():
        console.print(part)
    return str(console.file.getvalue())  # type: ignore[attr-defined]


@pytest.mark.parametrize("number", ACCEPTED)
def test_what_others_refuse_is_accepted(number: str) -> None:
    for line in lines(f"public_reports/{number}-*.jsonl"):
        assert isinstance(check(line), Report)


def test_a_blank_in_an_identifier_is_refused_in_words_that_say_what_is_allowed() -> None:
    case, flight = (check(line) for line in lines("public_reports/20-*.jsonl"))
    assert isinstance(case, Refusal)
    assert isinstance(flight, Refusal)
    assert (case.at, flight.at) == ("subject", "data.flight")
    for refusal, example in ((case, "e.g. sh-2020-1078"), (flight, "e.g. MU212")):
        assert "without blanks" in refusal.reason
        assert example in refusal.reason
        assert "^" not in refusal.reason, "no regular expression"


def test_the_header_of_a_traveller_who_tested_negative_says_not_a_case() -> None:
    header = drawn(public_report("12"), "pub-12").splitlines()[0]
    assert "not a case" in header
    assert "awaiting admission" not in header


def test_the_header_of_a_confirmed_case_whom_nobody_has_admitted_says_awaiting_admission() -> None:
    assert "awaiting admission" in drawn(public_report("18"), "pub-18").splitlines()[0]


def test_a_correction_of_a_result_that_nobody_has_is_seen_in_the_case() -> None:
    assert "corrects a result that nobody has" in drawn(public_report("09"), "pub-09a")


@pytest.mark.parametrize("number", [number for number in PUBLIC if number != UNREADABLE])
def test_every_case_of_a_public_report_can_be_drawn(number: str) -> None:
    play = public_report(number)
    for case in {json.loads(line)["subject"] for line in map(_text, lines(f"public_reports/{number}-*.jsonl"))}:
        assert case in drawn(play, case)


def _text(line: bytes) -> str:
    return line.decode("utf-8-sig")


@pytest.mark.parametrize("path", sorted((HERE / "inputs" / "situations").glob("*.jsonl")), ids=lambda path: path.stem)
def test_every_case_of_a_situation_can_be_drawn(path: Path) -> None:
    play = situation(path.stem)
    cases = {json.loads(line)["envelope"]["subject"] for line in path.read_text().splitlines() if "case_id" in line}
    assert cases
    for case in cases:
        assert case in drawn(play, case)
