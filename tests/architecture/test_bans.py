"""Calls that imports cannot catch: each ban is seen to catch what it forbids, in every room that is held to it."""

import json
import tomllib
from pathlib import Path

import pytest

from tests.architecture import sample_repo

BANS = tomllib.loads((sample_repo.ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]["flake8-tidy-imports"][
    "banned-api"
]
HELD = ["schemas", "chassis", *(f"services/{name}" for name in sample_repo.SERVICES)]
ALLOWED = ["chassis/clock.py", "chassis/ids.py", "chassis/process/settings.py"]


def use_of(name: str) -> str:
    """A program that uses the banned `name` and does nothing else."""
    module = name.partition(".")[0]
    return f"import {module}\n\nFOUND = {name}\n"


def found_bans(root: Path) -> dict[str, list[str]]:
    """path → what ruff says of banned names there, under the rules of `root`."""
    done = sample_repo.run(root, "-m", "ruff", "check", "--no-cache", "--output-format=json", ".")
    found: dict[str, list[str]] = {}
    for finding in json.loads(done.stdout):
        if finding["code"] == "TID251":
            path = Path(finding["filename"]).relative_to(root.resolve()).as_posix()
            found.setdefault(path, []).append(finding["message"])
    return found


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What ruff says of a house in which every ban is broken in every room, and at the doors."""
    root = tmp_path_factory.mktemp("house")
    everything = "".join(use_of(name) for name in BANS)
    rooms = {f"{room}/uses_{name.replace('.', '_')}.py": use_of(name) for room in HELD for name in BANS}
    sample_repo.build(root, rooms | dict.fromkeys(ALLOWED, everything))
    return found_bans(root)


@pytest.mark.parametrize("room", HELD)
@pytest.mark.parametrize("name", BANS)
def test_a_banned_name_is_found_in_every_room_that_is_held_to_it(
    name: str, room: str, found: dict[str, list[str]]
) -> None:
    messages = found[f"{room}/uses_{name.replace('.', '_')}.py"]
    assert any(BANS[name]["msg"] in message for message in messages)


@pytest.mark.parametrize("module", ALLOWED)
def test_the_three_modules_may_read_time_ids_and_settings(module: str, found: dict[str, list[str]]) -> None:
    assert module not in found


def test_nothing_here_uses_a_banned_name() -> None:
    assert found_bans(sample_repo.ROOT) == {}


def test_no_room_that_is_held_to_the_bans_excuses_itself() -> None:
    excused = [
        path
        for room in ("schemas", "chassis", "services")
        for path in (sample_repo.ROOT / room).rglob("*.py")
        if "noqa: TID251" in path.read_text()
    ]
    assert excused == []
