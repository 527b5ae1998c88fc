"""The domain of discharge stays flat, and each criterion whole: nothing else knows one by its name."""

import ast
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from pathlib import Path

from services.discharge.domain.criteria import CRITERIA
from tests.architecture.sample_repo import ROOT

DOMAIN = "services.discharge.domain"
MODULES_AT_MOST = 18
LEVELS_AT_MOST = 7
"""Modules of the longest chain in which each imports the next."""


def sources() -> dict[str, str]:
    """Module → its text, of all of discharge but the domain's own list of what it offers."""
    root = ROOT / "services" / "discharge"
    texts = {_module(path): path.read_text(encoding="utf-8") for path in root.rglob("*.py")}
    return {module: text for module, text in texts.items() if module != DOMAIN}


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def levels(texts: Mapping[str, str]) -> int:
    """How many modules the longest chain of imports among these has. Raises CycleError where they form a ring."""
    imports = {module: {found for found in _imported(text) if found in texts} for module, text in texts.items()}
    level: dict[str, int] = {}
    for module in TopologicalSorter(imports).static_order():
        level[module] = 1 + max((level[found] for found in imports[module]), default=0)
    return max(level.values())


def _imported(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def named_elsewhere(texts: Mapping[str, str]) -> set[str]:
    """`module: name` wherever a module other than the criterion's own holds its name in a string."""
    home = {rule.name: rule.__module__ for rule in CRITERIA}
    return {
        f"{module}: {node.value}"
        for module, text in texts.items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and home.get(node.value, module) != module
    }


def test_the_domain_of_discharge_has_few_modules_in_few_levels() -> None:
    domain = {module: text for module, text in sources().items() if module.startswith(f"{DOMAIN}.")}
    assert len(domain) <= MODULES_AT_MOST
    assert levels(domain) <= LEVELS_AT_MOST


def test_no_other_module_knows_a_criterion_by_its_name() -> None:
    assert named_elsewhere(sources()) == set()


def test_one_level_more_and_a_name_elsewhere_are_seen() -> None:
    chain = {f"{DOMAIN}.m{place}": f"from {DOMAIN}.m{place - 1} import x\n" for place in range(1, LEVELS_AT_MOST + 2)}
    assert levels(chain) == LEVELS_AT_MOST + 1
    assert levels({"a.b": "from a import c\n", "a.c": ""}) == 2
    assert named_elsewhere({f"{DOMAIN}.horizon": 'unmet <= {"temperature"}\n'}) == {f"{DOMAIN}.horizon: temperature"}
