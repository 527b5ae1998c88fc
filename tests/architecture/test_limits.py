"""Every service builds its events within their limits: one that is built as it comes may raise, and block its case."""

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from schemas.message import Event

SERVICES = Path(__file__).parents[2] / "services"


def events_in(tree: ast.AST) -> set[str]:
    """The names by which a module knows events."""
    imported = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    names = ((node.module or "", alias) for node in imported for alias in node.names)
    return {alias.asname or alias.name for module, alias in names if _is_event(module, alias.name)}


def _is_event(module: str, name: str) -> bool:
    if not module.startswith("schemas.events."):
        return False
    found = getattr(import_module(module), name)
    return isinstance(found, type) and issubclass(found, Event)


def built_unbounded(source: str) -> Iterator[str]:
    """The events that a module builds as they come."""
    tree = ast.parse(source)
    events = events_in(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in events:
            yield node.func.id


def test_no_service_builds_an_event_but_within_its_limits() -> None:
    found = {str(path): list(built_unbounded(path.read_text())) for path in sorted(SERVICES.rglob("*.py"))}
    assert {path: names for path, names in found.items() if names} == {}


def test_the_rule_sees_an_event_that_is_built_as_it_comes() -> None:
    source = "from schemas.events.treatment import Admitted\nAdmitted(case_id='c')\n"
    assert list(built_unbounded(source)) == ["Admitted"]
