"""Every rule that code or a test cites by its id stands in the README of its service, and every rule there is cited."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
OWNERS = {
    "I": "intake",
    "S": "treatment",
    "D": "discharge",
    "F": "followup",
    "P": "primarycare",
    "C": "consultation",
    "B": "bulletin",
}
"""The letter of an id → the service whose README defines it."""
FOLDERS = ("services", "tests/domain", "schemas")
_ID = re.compile(rf"\b[{''.join(OWNERS)}][0-9]\b")
_DEFINITION = re.compile(rf"^- \*\*([{''.join(OWNERS)}][0-9])\*\*", re.MULTILINE)


def prose(source: str) -> Iterator[str]:
    """The docstrings and comments of a program. Other strings may be codes of diseases, which look like ids."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.value.value
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


def cited(source: str) -> set[str]:
    """The ids of rules that a program cites in prose."""
    return {found for text in prose(source) for found in _ID.findall(text)}


def defined(service: str, readme: str) -> list[str]:
    """The ids of the rules that a README defines. Raises AssertionError for one of another service."""
    ids: list[str] = _DEFINITION.findall(readme)
    assert [found for found in ids if OWNERS[found[0]] != service] == []
    return ids


def undefined(citations: dict[str, set[str]], rules: set[str]) -> list[str]:
    """`where: id` for each id that is cited and defined nowhere."""
    return [f"{where}: {rule}" for where, ids in sorted(citations.items()) for rule in sorted(ids - rules)]


def _citations() -> dict[str, set[str]]:
    return {
        path.relative_to(ROOT).as_posix(): cited(path.read_text(encoding="utf-8"))
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*.py"))
    }


def _rules() -> list[str]:
    readmes = {service: ROOT / "services" / service / "README.md" for service in OWNERS.values()}
    return [rule for service, path in readmes.items() for rule in defined(service, path.read_text(encoding="utf-8"))]


def test_every_rule_that_is_cited_is_defined_once_in_the_readme_of_its_service() -> None:
    rules = _rules()

    assert undefined(_citations(), set(rules)) == []
    assert sorted(set(rules)) == sorted(rules)


def test_every_rule_that_is_defined_is_cited() -> None:
    assert set(_rules()) - set().union(*_citations().values()) == set()


def test_a_rule_without_a_definition_is_found_in_docstrings_and_comments_and_not_in_codes() -> None:
    source = 'def f():\n    """D9: odd (D1)."""\n    return "I10", "F7"  # as in F9\n'
    rules = set(defined("discharge", "# discharge\n\n- **D1** Temperature.\n\nD9 is only spoken of.\n"))

    assert undefined({"a.py": cited(source)}, rules) == ["a.py: D9", "a.py: F9"]
