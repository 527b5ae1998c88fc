"""validate and rejections: what is wrong with reports before anybody sends them, and what has become of it after."""

import asyncio
import json
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest
from typer.testing import CliRunner

from afterward.cli.app import app
from afterward.rejections import naming_fields, refused
from schemas.envelope import Envelope, read
from schemas.message import Report
from schemas.topics import TOPICS
from tests.cli.conftest import Command
from tests.journeys.stack import Sent, Stack
from tests.schemas.examples import valid


def report(id_: str, **fields: Any) -> Envelope:
    envelope = read(valid("TestResultReported"))
    return envelope._replace(id=id_, data={**envelope.data, **fields})


def answer(to: Envelope, at: str) -> Envelope:
    data = {"report_id": to.id, "report_type": to.type, "source": to.source, "code": "out_of_range", "reason": "…"}
    return read(valid("ReportRejected"))._replace(subject=to.subject, data={**data, "at": at})


REPORTS = [message for topic in TOPICS for message in topic.messages if issubclass(message, Report)]
WRONG, RIGHT = report("1", test="0"), report("2", test="94500-6")


def test_what_was_refused_is_open_until_its_publisher_says_it_again() -> None:
    (before,) = refused([answer(WRONG, "test")], [WRONG])
    (after,) = refused([answer(WRONG, "test")], [WRONG, RIGHT])

    assert (before.state, after.state) == ("open", "corrected by 2")


@pytest.mark.parametrize(
    "other",
    [
        report("2", result_id="another"),
        report("2")._replace(source="/labs/elsewhere"),
        report("2")._replace(subject="another"),
    ],
    ids=["another result", "another publisher", "another case"],
)
def test_another_report_corrects_nothing(other: Envelope) -> None:
    (one,) = refused([answer(WRONG, "test")], [WRONG, other])

    assert one.corrected_by is None


def test_a_correction_that_was_refused_too_corrects_nothing_and_one_from_before_neither() -> None:
    again = report("3", test="1")
    first, second = refused([answer(WRONG, "test"), answer(again, "test")], [RIGHT, WRONG, again])

    assert (first.state, second.state) == ("open", "open")


def test_the_field_at_fault_may_be_the_one_that_names_the_thing() -> None:
    wrong = report("1", result_id="r 1")
    (one,) = refused([answer(wrong, "result_id")], [wrong, report("2", result_id="r-1")])

    assert one.corrected_by == "2"


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.__name__)
def test_every_report_has_something_that_tells_it_from_others_of_its_type(report: type[Report]) -> None:
    assert set(naming_fields(report.type_name())) - {report.key_field} or report.clinical_time is None


@pytest.fixture
def file(tmp_path: Path) -> Path:
    good, bad = json.loads(valid("TravellerArrived")), json.loads(valid("TravellerArrived"))
    bad["data"]["origin_country"] = "UK"
    late = json.loads(valid("TravellerArrived"))
    late["data"]["arrived_at"] = "2190-01-01T00:00:00+08:00"
    path = tmp_path / "reports.jsonl"
    path.write_text("".join(f"{json.dumps(each)}\n" for each in (good, bad, late)))
    return path


def test_reports_are_validated_with_nothing_running(file: Path) -> None:
    done = CliRunner().invoke(app, ["validate", str(file)])

    assert done.exit_code == 1
    assert done.stdout == "1 valid, 2 not\n"
    assert f"{file}:2: data.origin_country: origin_country must be a country of ISO 3166-1, e.g. PH" in done.stderr
    assert "write GB" in done.stderr
    assert f"{file}:3: data.arrived_at" in done.stderr


def sent(case: str, spo2_percent: float) -> Sent:
    line = json.loads(valid("VitalSignsReported"))
    when = "2020-09-20T08:00:00+08:00"
    line["data"].update(case_id=case, spo2_percent=spo2_percent, measured_at=when)
    line.update(
        time=when,
        recordedtime=when,
        subject=case,
        partitionkey=case,
        id=str(uuid5(NAMESPACE_URL, f"{case} {spo2_percent}")),
    )
    return Sent("treatment.reports.v1", case.encode(), json.dumps(line).encode())


@pytest.fixture
def refused_child(stack: Stack, command: Command) -> str:
    """A case of which a saturation was sent as a fraction, and then as it should be."""
    asyncio.run(stack.publish([sent("cli-refused", 0.95), sent("cli-refused", 95.0)]))
    assert command("wait").returncode == 0
    return "cli-refused"


@pytest.mark.timeout(600)
def test_what_was_refused_is_listed_and_shown_in_its_case(command: Command, refused_child: str) -> None:
    listed = [json.loads(line) for line in command("rejections", "--json").stdout.splitlines()]
    mine = [one for one in listed if one["case"] == refused_child]
    shown = command("case", refused_child).stdout
    elsewhere = command("rejections", "--source", "/labs/nobody")

    assert [(one["code"], one["state"]) for one in mine] == [("out_of_range", "corrected")]
    assert "spo2_percent: out_of_range, corrected by" in " ".join(shown.split())
    assert elsewhere.stdout == "nothing was refused\n"
