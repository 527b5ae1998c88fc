"""publish: good lines go on their way, bad ones are named, and nothing of what they hold is repeated."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command, lines_of
from tests.journeys.patient import Patient
from tests.journeys.stack import envelope

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def mixed(tmp_path: Path, child: Patient) -> Path:
    """Good, result before its collection, not JSON, unknown type, an event instead of a report, good."""
    line = (envelope(child.swabbed("mixed", child.at(10, 8), "detected")).value or b"").decode()
    too_early = line.replace(child.at(10, 14).isoformat(), child.at(9, 14).isoformat())
    unknown = line.replace("TestResultReported.v1", "TestResultReported.v9")
    event = line.replace("TestResultReported.v1", "TestResultRecorded.v1")
    file = tmp_path / "mixed.jsonl"
    lines = [line, too_early, '{"name": "Zhang San', unknown, event, "", line]
    file.write_text("".join(f"{one}\n" for one in lines))
    return file


def test_bad_lines_are_named_with_file_line_field_and_reason_and_the_rest_goes_on(
    command: Command, mixed: Path
) -> None:
    done = command("publish", str(mixed))

    named = done.stderr.splitlines()
    assert done.returncode == 1
    assert done.stdout == "2 published, 4 refused\n"
    assert named[0] == f"{mixed}:2: data.resulted_at: resulted_at must not precede collected_at [impossible_time]"
    assert [line.removeprefix(f"{mixed}:").partition(":")[0] for line in named] == ["2", "3", "4", "5"]
    assert "Zhang" not in done.stderr
    assert "Traceback" not in done.stderr


def test_for_programs_the_count_is_one_object_and_each_refusal_a_line_on_standard_error(
    command: Command, mixed: Path
) -> None:
    done = command("publish", str(mixed), "--json")

    refusals = [json.loads(line)["refused"] for line in done.stderr.splitlines()]
    assert json.loads(done.stdout) == {"published": 2, "refused": 4}
    assert [(refusal["line"], refusal["code"], refusal["at"]) for refusal in refusals] == [
        (2, "impossible_time", "data.resulted_at"),
        (3, "not_json", None),
        (4, "unknown_type", "type"),
        (5, "unknown_type", "type"),
    ]


def test_standard_input_is_read_where_the_file_is_a_hyphen(command: Command, tmp_path: Path, child: Patient) -> None:
    line = lines_of(tmp_path / "one.jsonl", [child.arrived()]).read_bytes()
    done = command("publish", "-", given=line + b"[]\n")
    assert (done.returncode, done.stdout) == (1, "1 published, 1 refused\n")
    assert done.stderr.startswith("<stdin>:2: envelope: ")


def test_only_good_lines_are_exit_code_0(command: Command, tmp_path: Path, child: Patient) -> None:
    done = command("publish", str(lines_of(tmp_path / "good.jsonl", child.stay())))
    assert (done.returncode, done.stderr) == (0, "")


def test_a_file_that_does_not_exist_is_said_in_a_line_before_any_is_published(command: Command, mixed: Path) -> None:
    done = command("publish", str(mixed), "[nowhere].jsonl")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "afterward: [nowhere].jsonl: not a file; nothing was done\n"
