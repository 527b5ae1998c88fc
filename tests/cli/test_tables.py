"""How the command line prints: one style of table, figures to the right, an event a line, a stranger's text tamed."""

import io
from datetime import date, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from afterward.cli import messages
from afterward.cli.bulletin_table import bulletin_sections
from afterward.cli.console import plain_table, utc
from afterward.cli.event_text import event_line, name_of, summary
from afterward.cli.live_view import LiveView
from afterward.cli.status import _status_table
from schemas.topics import TOPICS
from tests.schemas.examples import NAMES

FIGURE = {"total": 1085, "imported": 7, "local": 1078}
GROUP = {"confirmed": FIGURE, "discharged": FIGURE, "deaths": FIGURE}


def drawn(*parts: Any) -> list[str]:
    """What a terminal of 80 columns shows."""
    console = Console(file=io.StringIO(), width=80, soft_wrap=True)
    for part in parts:
        console.print(part)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]  # type: ignore[attr-defined]


def test_figures_stand_to_the_right_and_words_to_the_left() -> None:
    table = plain_table("service", "outbox", figures=("outbox",))
    table.add_row("intake", "12")
    table.add_row("treatment", "1085")
    assert drawn(table) == ["service    outbox", "─────────────────", "intake         12", "treatment    1085"]


def test_a_bulletin_has_the_style_of_every_table() -> None:
    bulletin = {"jurisdiction": "CN-SH", "date": "2020-10-16", "new": GROUP, "cumulative": GROUP, "in_hospital": FIGURE}
    lines = drawn(*bulletin_sections(bulletin | {"discharges": {"age_band": {"0-17": 1, "18-44": 5}}}))
    assert lines[1] == "Bulletin of CN-SH for 2020-10-16"
    assert lines[2].split() == ["cases", "total", "imported", "local"]
    assert set(lines[3]) == {"─"}
    assert lines[4] == "new confirmed           1085         7   1078"
    assert lines[-1] == "discharged age band: 18-44 5, 0-17 1"


PUBLIC = {
    "jurisdiction": "CN-SH",
    "date": "2020-10-16",
    "edition": "public",
    "new": GROUP,
    "cumulative": GROUP,
    "in_hospital": FIGURE,
    "discharges": {
        "by_severity": {"mild": 13, "common": 9},
        "by_age_band": {},
        "by_origin_country": {"PH": 10},
        "by_nationality": {},
        "suppressed": ["by_origin_country", "by_age_band"],
    },
    "online_care": [{"channel_id": "sh-online", "consultations": 42, "people": 37, "experts": 6}],
}


def test_a_public_bulletin_says_which_tables_are_not_whole_and_names_no_empty_one() -> None:
    lines = drawn(*bulletin_sections(PUBLIC))
    assert lines[1] == "Bulletin of CN-SH for 2020-10-16, public edition"
    assert [line for line in lines if line.startswith("discharged")] == [
        "discharged by severity: mild 13, common 9",
        "discharged by age band: not shown",
        "discharged by origin country: PH 10, others not shown",
    ]


def test_a_bulletin_has_a_row_for_each_channel_and_says_what_is_not_shown_of_it() -> None:
    head, rule, row = drawn(*bulletin_sections(PUBLIC))[-3:]
    assert head.split()[:2] == ["online", "care"]
    assert set(rule) == {"─"}
    assert row.split() == ["sh-online", "42", "37", "6", "not", "shown", "not", "shown"]


def test_the_status_of_a_service_that_does_not_answer_leaves_its_figures_empty() -> None:
    services = {"intake": {"healthy": True, "partitions": [0, 1], "pid": 4194304, "records_behind": 123456}}
    good, bad = drawn(_status_table({**services, "bulletin": {"healthy": False, "pid": 7}}))[2:]
    assert good.split() == ["intake", "good", "2", "4194304", "123456"]
    assert bad.split() == ["bulletin", "bad", "0", "7"]
    assert max(map(len, drawn(_status_table(services)))) <= 80


def test_an_instant_is_said_in_utc_wherever_it_was_written() -> None:
    assert utc(datetime(2020, 10, 16, 8, tzinfo=timezone(timedelta(hours=8)))) == "2020-10-16 00:00:00 UTC"


def test_every_message_has_a_name_that_fits_its_column() -> None:
    assert {name_of(message.type_name()) for topic in TOPICS for message in topic.messages} == set(NAMES)
    assert max(map(len, NAMES)) <= 22


def test_that_an_event_was_withdrawn_comes_first() -> None:
    assert summary("CallRequested", {"why": "day_missed", "attempt": 1, "withdrawn": True}) == (
        "withdrawn, why day_missed, attempt 1"
    )


def test_what_a_stranger_sends_does_not_steer_the_terminal() -> None:
    line = event_line(None, "\x1b[2J", "case-1", ["no object"])
    assert "\x1b" not in line
    assert line.split() == ["\\x1b[2J", "case-1"]


@pytest.mark.parametrize(("is_terminal", "width"), [(True, 80), (False, 121)])
def test_a_line_is_cut_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch, is_terminal: bool, width: int) -> None:
    file = io.StringIO()
    monkeypatch.setattr(messages, "out", Console(file=file, width=80, soft_wrap=True, force_terminal=is_terminal))
    messages._show_line("x" * 121)
    assert len(file.getvalue().rstrip("\n")) == width
    assert file.getvalue().count("\n") == 1


def test_the_demos_live_view_is_such_a_table() -> None:
    heard = SimpleNamespace(counts={"intake.events.v1": 12, "treatment.events.v1": 1085})
    lines = drawn(LiveView()._table(date(2020, 10, 1), 5, heard))  # type: ignore[arg-type]
    assert lines[-2:] == ["intake.events.v1         12", "treatment.events.v1    1085"]
