"""What a publisher is told of a public report before it is on the bus, and what whoever reads the case sees."""

import pytest

from afterward.cli.case_view import CaseView
from afterward.reports import Refusal, Report, check
from tests.situations.play import lines, public_report

ACCEPTED = ("15", "16", "17", "18", "19")


@pytest.mark.parametrize("number", ACCEPTED)
def test_what_others_refuse_is_accepted(number: str) -> None:
    for line in lines(f"public_reports/{number}-*.jsonl"):
        assert isinstance(check(line), Report)


def test_a_blank_in_an_identifier_is_refused_in_words_that_say_what_is_allowed() -> None:
    case, flight = (check(line) for line in lines("public_reports/20-*.jsonl"))
    assert isinstance(case, Refusal)
    assert isinstance(flight, Refusal)
    assert (case.at, flight.at) == ("subject", "data.flight")
    for refusal, example in ((case, "e.g."), (flight, "e.g. MU212")):
        assert "without blanks" in refusal.reason
        assert example in refusal.reason
        assert "^" not in refusal.reason, "no regular expression"


def test_the_header_of_a_traveller_who_tested_negative_says_not_a_case() -> None:
    play = public_report("12")
    view = CaseView("pub-12", {name: play.view(name, "pub-12") for name in ("intake", "treatment", "discharge")})
    header = str(next(view.parts()))
    assert "not a case" in header
    assert "awaiting admission" not in header
