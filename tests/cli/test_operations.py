"""parked and republish: what could not be judged is seen and put back in, and what was said is said again."""

import io
import json
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from afterward.cli.operations import _parked_table
from tests.cli.conftest import Command
from tests.journeys.stack import Sent, Stack

pytestmark = pytest.mark.timeout(600)

WHISPER = Sent("treatment.reports.v1", b"cli-whisper", b'{"not": "an envelope", "of": "cli-whisper"}')


@pytest.fixture
async def parked(stack: Stack, command: Command) -> dict[str, Any]:
    """Something that nobody understands."""
    await stack.publish([WHISPER])
    await stack.quiet()
    return listed(command)[-1]


def listed(command: Command) -> list[dict[str, Any]]:
    """What is parked, an object a line."""
    return [json.loads(line) for line in command("parked", "list", "--json").stdout.splitlines()]


async def test_what_is_parked_is_listed_with_why_and_where_from(parked: dict[str, Any]) -> None:
    assert (parked["service"], parked["reason"], parked["topic"]) == ("treatment", "not_cloudevents", WHISPER.topic)
    assert parked["bytes"] == len(WHISPER.value or b"")
    assert parked["replay"] is False


async def test_what_is_parked_is_shown_with_its_bytes(command: Command, parked: dict[str, Any]) -> None:
    shown = json.loads(command("parked", "show", "treatment", str(parked["id"]), "--json").stdout)
    assert shown["value"] == (WHISPER.value or b"").decode()
    assert shown["record_key"] == "cli-whisper"
    assert shown["headers"] == [["content-type", "application/cloudevents+json; charset=UTF-8"]]
    assert command("parked", "show", "treatment", str(parked["id"])).stdout.startswith("service: treatment\n")


async def test_what_is_put_back_and_still_not_understood_is_parked_as_before(
    command: Command, stack: Stack, parked: dict[str, Any]
) -> None:
    done = command("parked", "replay", "treatment", str(parked["id"]), "--json")
    await stack.quiet()
    assert json.loads(done.stdout) == {"replayed": 1}
    assert listed(command)[-1] == parked


@pytest.mark.parametrize(
    ("arguments", "emitted"),
    [
        (("show", "treatment", "999999"), "has parked nothing under 999999"),
        (("show", "laundry", "1"), "no service laundry; there are directory, intake"),
        (("replay", "treatment"), "say which"),
        (("discard", "treatment", "999999", "--why", "x"), "has parked nothing under 999999"),
        (("discard", "treatment", "1", "--why", " "), "--why takes a line of 1 to 500 characters"),
        (("replay", "treatment", "999999"), "has parked nothing under 999999"),
    ],
)
def test_a_question_about_what_is_not_parked_is_answered_in_a_line(
    command: Command, arguments: tuple[str, ...], emitted: str
) -> None:
    done = command("parked", *arguments)
    assert done.returncode == 1
    assert emitted in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_list_shows_reason_and_place_whole_on_a_terminal_of_80_columns() -> None:
    place = {"topic": "primarycare.reports.v1", "partition": 4, "record_offset": 1_000_000}
    place |= {"received_at": "2020-10-21T04:00:00Z"}
    row = {"service": "primarycare", "id": 1, "reason": "unreadable:UnsupportedCodecError", "key": None}
    console = Console(file=io.StringIO(), width=80, soft_wrap=True)
    console.print(_parked_table([{**row, **place, "replay": False, "cut": True, "bytes": 200_000}]))
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "UnsupportedCodecError" in shown
    assert all(emitted in shown for emitted in ("primarycare.reports.v1", "[4]@1000000", "200000 bytes (cut)"))


def test_republish_says_again_what_was_recorded_since_an_instant(command: Command) -> None:
    everything = json.loads(command("republish", "intake", "--json").stdout)
    nothing = json.loads(command("republish", "intake", "--since", "2021-12-01T00:00:00+08:00", "--json").stdout)
    assert everything["republished"] >= 2
    assert nothing == {"republished": 0}


@pytest.mark.parametrize("since", ["lately", "2020-12-01T00:00:00"])
def test_republish_takes_an_instant_with_its_offset(command: Command, since: str) -> None:
    done = command("republish", "intake", "--since", since)
    assert done.returncode == 1
    assert done.stderr.startswith("afterward: --since takes an instant with its offset")


async def test_a_parked_record_is_discarded_and_who_did_so_is_kept(command: Command, stack: Stack) -> None:
    await stack.publish([replace(WHISPER, value=b"an interface says hello")])
    await stack.quiet()
    one = listed(command)[-1]
    done = command("parked", "discard", "treatment", str(one["id"]), "--why", "sent by [red]mistake", "--json")
    assert json.loads(done.stdout) == {
        "service": "treatment",
        "id": one["id"],
        "key": None,
        "replayed": 0,
        "still_parked": 0,
    }
    assert one["id"] not in [row["id"] for row in listed(command)]
    kept = json.loads(command("parked", "list", "--discarded", "--json").stdout.splitlines()[-1])
    assert (kept["service"], kept["id"], kept["why"]) == ("treatment", one["id"], "sent by [red]mistake")
    assert "sent by [red]" in command("parked", "list", "--discarded").stdout
