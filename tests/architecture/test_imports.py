"""Who may import whom: every import contract is seen to fail on a deliberate violation."""

import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.architecture import sample_repo

CONTRACTS = [
    contract["name"]
    for contract in tomllib.loads((sample_repo.ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
]

STANDS_ON, MEET_ON_THE_BUS, INSIDE_A_SERVICE, DOMAIN, JUDGE, ANNOUNCING, LANGUAGE, STORY, VERBS, SHIPPED = CONTRACTS

VIOLATIONS = [
    (STANDS_ON, "schemas/topics.py", "import chassis.decide.judge"),
    (STANDS_ON, "chassis/publish/relay.py", "import services.intake"),
    (STANDS_ON, "chassis/publish/relay.py", "import afterward"),
    (STANDS_ON, "services/intake/app.py", "import afterward"),
    (MEET_ON_THE_BUS, "services/intake/app.py", "import services.discharge.views"),
    (MEET_ON_THE_BUS, "services/intake/policy.py", "import services.discharge.policy"),
    (INSIDE_A_SERVICE, "services/intake/policy.py", "import services.intake.domain"),
    (INSIDE_A_SERVICE, "services/intake/domain.py", "import services.intake.routes"),
    (INSIDE_A_SERVICE, "services/intake/routes.py", "import services.intake.app"),
    (INSIDE_A_SERVICE, "services/intake/routes.py", "import services.intake.views"),
    (INSIDE_A_SERVICE, "services/intake/domain.py", "import services.intake.context"),
    (INSIDE_A_SERVICE, "services/intake/another_file.py", ""),
    (DOMAIN, "services/intake/domain.py", "import chassis.store.engine"),
    (DOMAIN, "services/intake/domain.py", "import asyncpg"),
    (DOMAIN, "services/intake/domain.py", "import os"),
    (DOMAIN, "services/intake/domain.py", "def conclude():\n    import time"),
    (DOMAIN, "services/intake/domain.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import aiokafka"),
    (DOMAIN, "services/intake/policy.py", "import random"),
    (JUDGE, "chassis/decide/judge.py", "import asyncio"),
    (JUDGE, "chassis/decide/judge.py", "import msgspec"),
    (JUDGE, "chassis/decide/judge.py", "import chassis.store.engine"),
    (ANNOUNCING, "chassis/decide/announcing.py", "import chassis.store.engine"),
    (ANNOUNCING, "chassis/decide/announcing.py", "import time"),
    (LANGUAGE, "schemas/envelope.py", "import msgspec"),
    (LANGUAGE, "schemas/envelope.py", "import pydantic_settings"),
    (STORY, "story/__init__.py", "import chassis.ids"),
    (STORY, "story/__init__.py", "import services.intake"),
    (STORY, "story/__init__.py", "import pydantic"),
    (VERBS, "afterward/cli/verb.py", "import asyncpg"),
    (VERBS, "afterward/cli/verb.py", "def ask():\n    from chassis.store.engine import connect"),
    (VERBS, "afterward/context/target.py", "import chassis.store.engine"),
    (VERBS, "afterward/demo/run.py", "import asyncpg"),
    (SHIPPED, "chassis/store/engine.py", "import tests"),
    (SHIPPED, "afterward/__init__.py", "import bench"),
]


def broken_contracts(root: Path) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """What import-linter says of the tree at `root`, and which of our contracts it calls broken."""
    done = sample_repo.run(
        root, "-c", "from importlinter.cli import lint_imports_command as lint; lint()", "--no-logo", "--no-cache"
    )
    return done, [name for name in CONTRACTS if f"{name} BROKEN" in done.stdout]


def test_the_small_house_keeps_every_contract(tmp_path: Path) -> None:
    sample_repo.build(tmp_path, {})
    done, _ = broken_contracts(tmp_path)
    assert done.returncode == 0, done.stdout
    assert all(f"{name} KEPT" in done.stdout for name in CONTRACTS), done.stdout


def test_this_tree_keeps_every_contract() -> None:
    done, _ = broken_contracts(sample_repo.ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("contract", "path", "line"), VIOLATIONS)
def test_an_import_that_breaks_a_contract_is_found_and_the_contract_named(
    contract: str, path: str, line: str, tmp_path: Path
) -> None:
    sample_repo.build(tmp_path, {path: f"{line}\n"})
    done, broken = broken_contracts(tmp_path)
    assert done.returncode == 1
    assert contract in broken, done.stdout


def test_every_contract_has_been_seen_to_fail() -> None:
    assert {contract for contract, _, _ in VIOLATIONS} == set(CONTRACTS)
