"""Whoever follows the recipe for a new service ends with one that judges, and that the house accepts."""

import subprocess
from pathlib import Path

import pytest

from tests.architecture import recipe
from tests.architecture.reading import blemishes
from tests.architecture.sample_repo import run
from tests.architecture.test_imports import broken_contracts

JUDGES = """
from datetime import datetime, timedelta
from random import Random

from schemas.reports.vaccination import DoseReported
from tests.rest.house import House

given_at = datetime.fromisoformat("2021-03-01T09:00:00+08:00")
house = House(given_at, Random(0))
for days in (0, 21):
    house.step_to(given_at + timedelta(days=days, minutes=1))
    house.report(DoseReported(case_id="case-17", given_at=given_at + timedelta(days=days), vaccine="vector"))
    house.rest(10)
house.step_to(given_at + timedelta(days=36))
house.rest(10)
print(*(f"{word.type} {word.time.isoformat()}" for word in house.last.values()))
"""
"""Records of two doses, on the bus; read, judged and stated by the service's own reader and unit of work."""


@pytest.fixture(scope="module")
def steps() -> list[recipe.Step]:
    return recipe.steps(recipe.PAGE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def tree(steps: list[recipe.Step], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this tree in which the recipe has been followed, but for its last command."""
    root = tmp_path_factory.mktemp("tree")
    recipe.copy_of_the_tree(root)
    recipe.follow(root, steps)
    *commands, _ = recipe.commands(steps[-1].text)
    for command in commands:
        done = _typed(root, command)
        assert done.returncode == 0, done.stdout + done.stderr
    return root


def _typed(root: Path, command: list[str]) -> subprocess.CompletedProcess[str]:
    """What a reader types, with the packages of `root`."""
    if command[0] == "python":
        return run(root, *command[1:])
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


@pytest.mark.thorough
def test_the_last_command_of_the_recipe_finds_tests_that_pass(tree: Path, steps: list[recipe.Step]) -> None:
    *_, last = recipe.commands(steps[-1].text)
    done = _typed(tree, last)
    assert done.returncode == 0, done.stdout
    assert "passed" in done.stdout


@pytest.mark.thorough
def test_the_service_of_the_recipe_judges_a_record(tree: Path) -> None:
    done = run(tree, "-c", JUDGES)
    assert done.stdout == "afterward.ProtectionReached.v1 2021-04-05T09:00:00+08:00\n", done.stderr


@pytest.mark.wide
def test_the_tree_of_the_recipe_keeps_the_rules_of_the_house(tree: Path) -> None:
    done, _ = broken_contracts(tree)
    assert done.returncode == 0, done.stdout
    guards = [
        f"tests/{name}.py" for name in ("architecture/test_limits", "schemas/test_examples", "schemas/test_topics")
    ]
    of_it = "Dose or Protection or service or topic or every_message or every_report"
    for command in (
        ("ruff", "check", "--no-cache", "schemas", "services", "tests/domain"),
        ("ruff", "format", "--no-cache", "--check", "schemas", "services", "tests/domain"),
        ("schemas.generate", "--check"),
        ("afterward.documents", "--check"),
        ("pytest", "-q", "-k", of_it, *guards),
    ):
        done = run(tree, "-m", *command)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


def test_what_the_recipe_adds_reads_well(tree: Path, steps: list[recipe.Step]) -> None:
    touched = [step.path for step in steps if step.path is not None]
    assert [blemish for path in touched for blemish in blemishes(path, (tree / path).read_text(encoding="utf-8"))] == []


def test_a_recipe_that_names_what_is_not_there_is_found(steps: list[recipe.Step], tmp_path: Path) -> None:
    topics, _ = [step for step in steps if step.language == "diff"]
    assert topics.path is not None
    (tmp_path / topics.path).parent.mkdir()
    (tmp_path / topics.path).write_text("TOPICS = ()\n", encoding="utf-8")
    with pytest.raises(LookupError, match="0 times in the file"):
        recipe.follow(tmp_path, [topics])


def test_a_change_is_made_where_its_lines_stand_and_only_there() -> None:
    assert recipe.changed("a\nb\nc\n", " a\n+x\n@@\n-c\n+d\n") == "a\nx\nb\nd\n"
    with pytest.raises(LookupError, match="2 times in the file"):
        recipe.changed("a\na\n", " a\n+x\n")
