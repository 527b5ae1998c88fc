"""worklist and the grid of case: what is due, how late, why, and the next step, for people and for programs."""

import asyncio
import json
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from afterward.cli import worklist_text
from afterward.cli.app import app
from afterward.cli.status import at_unknown_places
from afterward.cli.worklist import Entry, page_of
from afterward.stack.postgres import Postgres
from afterward.stack.running import Running, ServiceProcess, clock_file
from chassis.clock import VirtualTime
from tests.cli.answering import answering
from tests.cli.listed_cases import NEIGHBOUR, NOW, SERVICES, tell_all
from tests.domain.followup import journeys as followup

WIDTH = 80


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A stack of which four services answer, and whose clock stands at NOW."""
    folder = tmp_path_factory.mktemp("worklist")
    postgres = Postgres(folder, durable=False)
    asyncio.run(tell_all(postgres))
    VirtualTime(clock_file(folder)).step_to(NOW, 0)
    dsns = {name: postgres.dsn(name) for name in SERVICES}
    with answering(dsns, VirtualTime(clock_file(folder))) as urls:
        processes = {name: ServiceProcess(os.getpid(), url) for name, url in urls.items()}
        Running("localhost:1", f"{NOW.isoformat()}@step", processes, "", os.getpid()).save(folder)
        yield folder
    asyncio.run(postgres.stop())
    postgres.remove()


def command(data_dir: Path, *arguments: str) -> Result:
    """The command line, on a terminal of 80 columns."""
    return CliRunner(env={"COLUMNS": str(WIDTH)}).invoke(app, [*arguments, "--data-dir", str(data_dir)])


def listed(data_dir: Path, *arguments: str) -> list[dict[str, Any]]:
    """The entries of a list of Shanghai, as programs get them."""
    done = command(data_dir, "worklist", *arguments, "--jurisdiction", "CN-SH", "--json")
    assert done.exit_code == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_call_is_told_with_when_it_is_due_how_late_why_and_the_next_step(data_dir: Path) -> None:
    first, second = listed(data_dir, "calls")
    call_id = first["item"]["call_id"]
    assert first == {
        "case_id": "case-17",
        "district": "Pudong",
        "due": "2020-10-23T16:00:00+00:00",
        "late_seconds": -23 * 3600,
        "what": "call 1 of 3",
        "why": "day 5 missed",
        "next_step": "call the patient and report the outcome; without an answer: call 2",
        "cursor": "2020-10-23T16:00:00+00:00/case-17",
        "item": {
            "kind": "call",
            "visit": None,
            "time_zone": "Asia/Shanghai",
            "more": 0,
            "call_id": call_id,
            "attempt": 1,
            "calls": 3,
            "days": [5],
            "since": "2020-10-23T00:00:00+08:00",
            "why": "day_missed",
        },
    }
    assert (second["case_id"], second["district"], second["due"]) == (NEIGHBOUR, "Minhang", first["due"])


@pytest.mark.parametrize(
    ("of", "emitted"),
    [
        ("calls", ["2020-10-24 00:00  case-17  call 1 of 3", "in 23 h           Pudong   day 5 missed"]),
        (
            "visits",
            ["2020-11-01 00:00  case-17  return visit week 2", "due on 2020-10-31; and 1 more for the same case"],
        ),
        (
            "linkages",
            [
                "2020-10-18 10:00  case-1  linkage for N18.6",
                "4 d 15 h late     Pudong  pd-01-centre has not answered; medicines last until",
                "pd-01-centre accepts or declines; escalated to",
            ],
        ),
        (
            "alerts",
            [
                "2020-10-23 08:15  case-1  high alert of day 5: fever",
                "in 7 h 15 min     Pudong  nobody has acknowledged it: pd-01-centre, CN-SH-SPHCC",
                "look at the patient and acknowledge it; level 1",
            ],
        ),
        (
            "unplaced",
            [
                "2020-09-10 12:00  early             a positive that confirms nobody",
                "42 d 13 h late    Pudong            collected before the arrival that is known;",
                "2020-10-18 10:00  no-district       nobody near home is told of the discharge",
                "4 d 15 h late     district unknown  the district is not known; not a confirmed",
            ],
        ),
        (
            "duplicates",
            [
                "2020-09-14 20:10  twin-1      one person, 2 cases at once",
                "the courses of twin-1, twin-2 overlap",
                "find out which case is the patient's; withdraw or",
            ],
        ),
        (
            "not-understood",
            [
                "2020-09-15 09:00  case-child  a test not understood",
                "test 718-7 is on no list of nucleic acid tests;",
            ],
        ),
        (
            "transfers",
            [
                "2020-09-16 09:00  case-child  transfer, to nobody yet",
                "36 d 16 h late    Pudong      confirmed, child, with party; needs",
                "declare a designated institution with",
            ],
        ),
    ],
)
def test_every_list_fits_a_terminal_of_80_columns(data_dir: Path, of: str, emitted: list[str]) -> None:
    done = command(data_dir, "worklist", of, "--jurisdiction", "CN-SH")
    assert done.exit_code == 0, done.stderr
    assert [line for line in emitted if line not in done.stdout] == []
    assert max(map(len, done.stdout.splitlines())) <= WIDTH
    assert "…" not in done.stdout


@pytest.mark.parametrize(
    ("of", "found"),
    [
        ("unplaced", [("stray", "a positive that confirms nobody")]),
        ("not-understood", [("stray", "a test not understood"), ("nowhere", "words not understood")]),
        ("calls", [("nowhere", "call 2 of 3")]),
    ],
)
def test_cases_of_which_nobody_knows_the_place_are_on_the_lists_of_unknown(
    data_dir: Path, of: str, found: list[tuple[str, str]]
) -> None:
    done = command(data_dir, "worklist", of, "--jurisdiction", "unknown", "--json")
    assert done.exit_code == 0, done.stderr
    assert [(entry["case_id"], entry["what"]) for entry in map(json.loads, done.stdout.splitlines())] == found


@pytest.mark.parametrize("of", ["unplaced", "not-understood"])
def test_a_list_that_two_services_know_is_read_page_by_page_as_one(data_dir: Path, of: str) -> None:
    place = "unknown" if of == "not-understood" else "CN-SH"
    arguments = ("worklist", of, "--jurisdiction", place, "--json")
    whole = command(data_dir, *arguments).stdout.splitlines()
    assert len(whole) == 2
    (first,) = command(data_dir, *arguments, "--limit", "1").stdout.splitlines()
    (rest,) = command(data_dir, *arguments, "--after", json.loads(first)["cursor"]).stdout.splitlines()
    assert [first, rest] == whole


def test_a_page_does_not_end_between_two_services_that_name_the_same_case_at_the_same_instant() -> None:
    early, both, late = (Entry(key, "", NOW, {}) for key in ("case-1", "case-2", "case-3"))
    entries = [early, both, both, late]
    assert [len(page_of(entries, limit)) for limit in (1, 2, 3, 4)] == [1, 3, 3, 4]


def test_a_page_ends_with_where_the_next_one_begins(data_dir: Path) -> None:
    first = command(data_dir, "worklist", "calls", "--jurisdiction", "CN-SH", "--limit", "1")
    cursor = first.stdout.splitlines()[-1].removeprefix("more: --after ")
    assert cursor == "2020-10-23T16:00:00+00:00/case-17"
    assert [entry["case_id"] for entry in listed(data_dir, "calls", "--after", cursor)] == [NEIGHBOUR]
    last = command(data_dir, "worklist", "calls", "--jurisdiction", "CN-SH", "--after", cursor)
    assert "more:" not in last.stdout


def test_programs_get_no_more_than_they_ask_for(data_dir: Path) -> None:
    assert [entry["case_id"] for entry in listed(data_dir, "calls", "--limit", "1")] == ["case-17"]


def test_a_list_keeps_to_the_district_and_the_instant_asked_for(data_dir: Path) -> None:
    assert [entry["case_id"] for entry in listed(data_dir, "calls", "--district", "Minhang")] == [NEIGHBOUR]
    assert listed(data_dir, "calls", "--due-before", "2020-10-24T00:00:00+08:00") == []
    assert len(listed(data_dir, "calls", "--due-before", "2020-10-24T00:00:01+08:00")) == 2


def test_where_nothing_is_due_that_is_said(data_dir: Path) -> None:
    done = command(data_dir, "worklist", "calls", "--jurisdiction", "CN-SH", "--district", "Jinshan")
    assert (done.exit_code, done.stdout) == (0, "nothing is due in Jinshan\n")
    assert command(data_dir, "worklist", "calls", "--jurisdiction", "CN-BJ").stdout == "nothing is due in CN-BJ\n"


@pytest.mark.parametrize(
    ("arguments", "emitted"),
    [
        (("--after", "case-17"), "--after takes a cursor as a page gave it"),
        (("--after", "yesterday/case-17"), "--after takes an instant with its offset"),
        (("--due-before", "tomorrow"), "--due-before takes an instant with its offset"),
    ],
)
def test_what_is_asked_wrongly_is_said_in_a_line(data_dir: Path, arguments: tuple[str, ...], emitted: str) -> None:
    done = command(data_dir, "worklist", "calls", "--jurisdiction", "CN-SH", *arguments)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith(f"afterward: {emitted}")


def test_a_list_that_there_is_not_is_answered_with_those_that_there_are(data_dir: Path) -> None:
    done = command(data_dir, "worklist", "dreams", "--jurisdiction", "CN-SH")
    assert done.exit_code == 2
    assert "'transfers', 'unplaced', 'duplicates', 'not-understood'" in " ".join(done.stderr.replace("│", " ").split())


def test_a_case_shows_its_fourteen_days(data_dir: Path) -> None:
    done = command(data_dir, "case", "case-17")
    assert done.exit_code == 0, done.stderr
    lines = [line.rstrip() for line in done.stdout.splitlines()]
    assert "  4  2020-10-21  36.6 °C  36.6 °C" in lines
    assert "  5  2020-10-22  missed   missed" in lines
    assert "  6  2020-10-23" in lines
    assert "  7  2020-10-24                    test due" in lines
    assert " 14  2020-10-31                    test due; return visit week 2 awaited" in lines
    assert "day 28, 2020-11-14: return visit week 4 awaited" in lines
    assert "call 1 about day 5, by 2020-10-24 00:00: open" in lines
    assert max(map(len, lines)) <= WIDTH


def test_a_case_tells_programs_of_its_fourteen_days(data_dir: Path) -> None:
    (plan,) = json.loads(command(data_dir, "case", "case-17", "--json").stdout)["followup"]["plans"]
    assert [day["local_date"] for day in plan["days"]] == [
        str((followup.at(0) + timedelta(days=day)).date()) for day in range(1, 15)
    ]
    assert [day["day"] for day in plan["days"] if day["missed"]] == [5]
    assert plan["days"][3]["pm"]["temperature_c"] == 36.6
    assert (plan["slots"], plan["test_days"], plan["tests"]) == (["am", "pm"], [7, 14], [])


def test_status_takes_the_cases_of_which_nobody_knows_the_place_from_intakes_health() -> None:
    known: dict[str, Any] = {"treatment": {"healthy": True}, "intake": {"healthy": True, "at_unknown_places": 1}}
    assert at_unknown_places(known) == 1
    ill: dict[str, Any] = {"intake": {"healthy": False, "error": "ClientConnectorError"}}
    assert (at_unknown_places({}), at_unknown_places(ill)) == (None, None)


def test_an_item_that_the_first_edition_stored_is_told_as_it_was() -> None:
    item: dict[str, Any] = {
        "kind": "transfer",
        "to_institution_id": None,
        "why": ["confirmed"],
        "required_capabilities": [],
    }
    item |= {"party_id": None, "overdue": 0}
    assert worklist_text.what(item) == "transfer, to nobody yet"
    assert worklist_text.why(item) == "confirmed"
    onward = item | {"way": "onward", "is_case": False}
    assert worklist_text.what(onward) == "transfer onward, to any house"
    assert worklist_text.why(onward) == "confirmed; not a confirmed case"


@pytest.mark.parametrize(
    ("why", "visit", "text"),
    [
        ("day_missed", None, "day 5, 6 missed"),
        ("day_unknown", None, "day 5, 6 unknown: the discharge was not known yet"),
        ("retest_missed", None, "re-test of day 5, 6 not taken"),
        ("return_visit_missed", "week_2", "return visit week 2 missed"),
    ],
)
def test_a_call_says_what_it_is_about(why: str, visit: str | None, text: str) -> None:
    item = {"kind": "call", "why": why, "visit": visit, "days": [5, 6], "more": 0}

    assert worklist_text.why(item) == text
