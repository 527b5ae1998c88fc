"""tail, case, bulletin and status: what an operator or a program gets to see."""

import json
import re
from datetime import datetime

import pytest

from schemas.services import SERVICES
from tests.cli.conftest import Command
from tests.journeys.patient import SHANGHAI, Patient
from tests.journeys.stack import Sent, Stack, envelope

pytestmark = pytest.mark.timeout(600)

WIDTH = 80
STRANGER = Patient("cli-stranger", datetime(2020, 9, 20, tzinfo=SHANGHAI))


def test_tail_shows_a_case_from_its_first_record_on_an_object_a_line(command: Command, child: Patient) -> None:
    done = command("tail", "--from-start", "--no-follow", "--json", "--case", child.case_id)

    records = [json.loads(line) for line in done.stdout.splitlines()]
    names = {record["type"].split(".")[1] for record in records}
    assert {record["subject"] for record in records} == {child.case_id}
    assert {"TravellerArrived", "CaseImported", "DischargeCriteriaMet", "Discharged", "QuarantineStarted"} <= names
    assert {"topic", "partition", "offset", "id", "time", "data"} <= records[0].keys()


def test_tail_shows_sequence_type_case_and_a_summary_an_event_a_line(command: Command, child: Patient) -> None:
    head, *lines = command("tail", "discharge.events.v1", "--from-start", "--no-follow").stdout.splitlines()
    assert head.split() == ["sequence", "type", "case", "summary"]
    *_, left = (line for line in lines if line.split()[1:3] == ["Discharged", child.case_id])
    sequence, _, _, summary = left.split(maxsplit=3)
    assert int(sequence) > 0
    assert summary.startswith("disposition recovered, destination home")
    assert left.index(child.case_id) == head.index("case")


def test_tail_of_a_topic_shows_that_topic_only(command: Command) -> None:
    done = command("tail", "intake.events.v1", "--from-start", "--no-follow", "--json")
    assert {json.loads(line)["topic"] for line in done.stdout.splitlines()} == {"intake.events.v1"}


async def test_what_is_no_envelope_is_shown_by_where_it_lies_and_why(command: Command, stack: Stack) -> None:
    strange = json.dumps({**json.loads(envelope(STRANGER.arrived()).value or b""), "type": "strange"}).encode()
    await stack.publish(Sent("intake.reports.v1", b"cli-stranger", value) for value in (b"nonsense", strange))

    shown = command("tail", "intake.reports.v1", "--from-start", "--no-follow")
    for_programs = command("tail", "intake.reports.v1", "--from-start", "--no-follow", "--json")

    assert (shown.returncode, shown.stderr) == (0, "")
    assert re.search(r"^ +\(unreadable\) +not_json at intake\.reports\.v1\[\d\]@\d+$", shown.stdout, re.MULTILINE)
    assert re.search(r"^ +strange +cli-stranger", shown.stdout, re.MULTILINE)
    records = [json.loads(line) for line in for_programs.stdout.splitlines()]
    assert [record["unreadable"] for record in records if "unreadable" in record] == ["not_json"]


def test_tail_without_follow_ends_at_once_where_nothing_is_asked_for(command: Command) -> None:
    done = command("tail", "--no-follow")
    assert (done.returncode, done.stdout) == (0, "")


def test_a_topic_that_does_not_exist_is_answered_with_those_that_do(command: Command) -> None:
    done = command("tail", "nonsense.v1")
    assert done.returncode == 1
    assert "no topic nonsense.v1" in done.stderr
    assert "intake.reports.v1" in done.stderr


def test_a_case_is_one_object_with_what_each_service_knows(command: Command, child: Patient) -> None:
    known = json.loads(command("case", child.case_id, "--json").stdout)
    services = {"intake", "treatment", "discharge", "followup", "primarycare", "bulletin"}
    assert known.keys() == {"case_id", "as_of", "refused", *services}
    assert known["discharge"]["stage"] == "discharged"
    assert len(known["followup"]["plans"][0]["days"]) == 14


def test_a_section_of_a_case_is_what_one_service_knows(command: Command, child: Patient) -> None:
    known = json.loads(command("case", child.case_id, "--section", "followup", "--json").stdout)
    assert known.keys() == {"case_id", "as_of", "refused", "followup"}
    shown = command("case", child.case_id, "--section", "followup").stdout
    assert shown.startswith(f"{child.case_id} · ")
    assert "times in Asia/Shanghai" in shown
    assert "At home, " in shown
    assert "Discharge criteria" not in shown
    assert command("case", child.case_id, "--section", "laundry").returncode == 2


def test_wait_returns_and_says_nothing(command: Command) -> None:
    done = command("wait")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_case_that_nobody_has_heard_of_is_exit_code_1(command: Command) -> None:
    done = command("case", "unheard-of", "--json")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "afterward: no service has heard of this case\n")


@pytest.mark.parametrize(
    "question",
    [
        ("case", "cli-child"),
        ("worklist", "visits", "--jurisdiction", "CN-SH"),
        ("status",),
        ("parked", "list"),
        ("parked", "list", "--discarded"),
        ("clock", "show"),
    ],
    ids=lambda question: question[0],
)
def test_what_people_look_at_fits_a_terminal_of_80_columns(command: Command, question: tuple[str, ...]) -> None:
    done = command(*question)
    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines()), default=0) <= WIDTH
    assert "…" not in done.stdout


def test_status_lists_every_service(command: Command) -> None:
    given = json.loads(command("status", "--json").stdout)
    assert given.keys() == {"bus", "clock", "now", "cases_at_unknown_places", "services"}
    assert given["services"].keys() >= set(SERVICES)
    for service in given["services"].values():
        assert service["healthy"] is True
        assert (service["records_behind"], service["outbox"], service["overdue"], service["blocked"]) == (0, 0, 0, 0)
    assert given["services"]["intake"]["at_unknown_places"] == given["cases_at_unknown_places"]


def test_a_day_that_has_not_ended_has_no_bulletin(command: Command) -> None:
    done = command("bulletin", "--jurisdiction", "CN-SH", "--date", "2021-09-26")
    assert done.returncode == 1
    assert done.stderr.startswith("afterward: no bulletin of CN-SH for 2021-09-26")


def test_a_date_that_is_none_is_said_in_a_line(command: Command) -> None:
    done = command("bulletin", "--jurisdiction", "CN-SH", "--date", "yesterday")
    assert (done.returncode, done.stderr) == (1, "afterward: --date takes a civil day, YYYY-MM-DD\n")
