"""clock: time goes on when told, never back, and what follows from it has been done when the command returns."""

import json
from datetime import datetime, timedelta

import pytest

from tests.cli.conftest import Command

pytestmark = pytest.mark.timeout(600)


def shown(command: Command) -> datetime:
    """What the stack's clock shows."""
    return datetime.fromisoformat(json.loads(command("clock", "show", "--json").stdout)["now"])


def test_the_clock_goes_on_by_a_duration(command: Command) -> None:
    before = shown(command)
    done = command("clock", "advance", "12h", "--json")
    assert datetime.fromisoformat(json.loads(done.stdout)["now"]) == shown(command) == before + timedelta(hours=12)


def test_the_clock_goes_on_to_an_instant_and_a_day_that_has_ended_has_its_bulletin(command: Command) -> None:
    tomorrow = (shown(command) + timedelta(days=1)).date()
    done = command("clock", "advance", "--to", f"{tomorrow}T20:00:00Z")
    assert done.stdout == f"it is {tomorrow} 20:00:00 UTC\n"
    bulletin = json.loads(command("bulletin", "--jurisdiction", "CN-SH", "--date", str(tomorrow), "--json").stdout)
    assert bulletin["cumulative"]["discharged"] == {"total": 1, "imported": 1, "local": 0}
    public = ("--edition", "public", "--jurisdiction", "CN-SH", "--date", str(tomorrow))
    seen = json.loads(command("bulletin", *public, "--json").stdout)
    assert (seen["edition"], seen["cumulative"]) == ("public", bulletin["cumulative"])


@pytest.mark.parametrize(
    ("arguments", "emitted"),
    [
        (("--to", "2020-09-20T00:00:00+08:00"), "does not go back"),
        (("--to", "2020-12-01T00:00:00"), "--to takes an instant with its offset"),
        (("soon",), "say how far"),
        ((), "say how far"),
        (("1h", "--to", "2020-12-01T00:00:00+08:00"), "not both"),
    ],
)
def test_what_the_clock_cannot_do_is_said_in_a_line(command: Command, arguments: tuple[str, ...], emitted: str) -> None:
    before = shown(command)
    done = command("clock", "advance", *arguments)
    assert done.returncode == 1
    assert emitted in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert shown(command) == before
