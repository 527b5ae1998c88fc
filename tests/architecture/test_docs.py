"""The pages for people hold: their links lead somewhere, and the settings and commands that they name exist."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from afterward.cli.app import app
from afterward.reports import Refusal, check
from chassis.process.settings import Settings
from schemas.services import EVERY_SERVICE
from tests.architecture.sample_repo import ROOT

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CODE = re.compile(r"^```.*?^```$|`[^`\n]+`", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"(?:^|[\s`])afterward((?: [a-z]+)+)")
_TARGET = re.compile(r"(?:^|[\s`])make ([a-z]+)")
_EXAMPLES = ROOT / "docs" / "examples"


def pages() -> list[Path]:
    """Every page that people read; what npm has installed for an example is not ours."""
    folders = ("docs", "services", "deploy", "afterward", "story")
    doors = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
    below = (page for name in folders for page in sorted((ROOT / name).rglob("*.md")))
    return [*doors, *(page for page in below if "node_modules" not in page.parts)]


def dead_links(page: Path, text: str) -> list[str]:
    """The relative links of a page that lead nowhere: to no file, or to no heading of a page."""
    relative = (link for link in _LINK.findall(text) if "://" not in link and not link.startswith("mailto:"))
    return [link for link in relative if not _leads_somewhere(page, link)]


def _leads_somewhere(page: Path, link: str) -> bool:
    path, _, heading = link.partition("#")
    target = page.parent / path if path else page
    if not target.exists():
        return False
    return not heading or heading in anchors(target.read_text(encoding="utf-8"))


def anchors(text: str) -> set[str]:
    """What links to the headings of a page end with: in small letters, without punctuation, joined by hyphens."""
    titles = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def unknown_commands(text: str) -> list[str]:
    """What a page tells its reader to type that the command line does not know; `text` is Markdown."""
    code = "\n".join(found.group() for found in _CODE.finditer(text))
    return [" ".join(words) for words in map(str.split, _COMMAND.findall(code)) if not _is_known(words)]


def _is_known(words: list[str]) -> bool:
    command = typer.main.get_command(app)
    for word in words:
        if not (below := getattr(command, "commands", None)):
            return True  # what follows a verb is its argument
        if word not in below:
            return False
        command = below[word]
    return True


def targets_without_work(text: str, makefile: str) -> list[str]:
    """What a page tells its reader to make for which the Makefile has no rule that does anything."""
    code = "\n".join(found.group() for found in _CODE.finditer(text))
    rule = r"^{}:(?: [^#\s]|.*\n\t)"  # it needs something, or does something
    return [name for name in _TARGET.findall(code) if not re.search(rule.format(name), makefile, re.MULTILINE)]


def undocumented_settings(text: str) -> Iterator[str]:
    """Settings whose row in the table does not name them with their default."""
    rows = dict(re.findall(r"^\| `(AFTERWARD_\w+)` \| (.*?) \|", text, re.MULTILINE))
    for name, field in Settings.model_fields.items():
        shown = rows.get(f"AFTERWARD_{name.upper()}", "missing").strip("`").replace('"', "'").lower()
        if shown != str("none" if field.default is None else field.default).lower():
            yield name


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere_and_commands_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert dead_links(page, text) == []
    assert unknown_commands(text) == []
    assert targets_without_work(text, (ROOT / "Makefile").read_text(encoding="utf-8")) == []


def test_the_readme_is_read_in_a_few_minutes() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").split()) <= 700


def test_every_setting_is_told_with_its_default() -> None:
    text = (ROOT / "docs" / "operations" / "settings.md").read_text(encoding="utf-8")
    assert list(undocumented_settings(text)) == []


def test_whoever_refills_a_lost_bus_has_every_service_say_again_what_it_has_stated() -> None:
    page = (ROOT / "docs" / "operations" / "lost-bus.md").read_text(encoding="utf-8")
    named = re.findall(r"^\$ afterward republish (\w+)$", page, re.MULTILINE)
    assert sorted([*named, "contact"]) == sorted(EVERY_SERVICE), "contact is spoken of below: only where it runs"


def test_before_a_commit_runs_what_make_check_runs() -> None:
    rule = re.search(r"^check:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    assert rule
    commands = [line.strip("\t@").replace("$(BIN)", ".venv/bin") for line in rule[1].splitlines()]
    assert re.findall(r"^ +entry: (.*)$", hooks, re.MULTILINE) == commands


def test_the_lines_that_the_first_look_publishes_are_valid_but_for_the_one_that_is_wrong() -> None:
    refused = [
        (path.name, answer.at)
        for path in sorted(_EXAMPLES.glob("*.jsonl"))
        for line in path.read_bytes().splitlines()
        if isinstance(answer := check(line), Refusal)
    ]
    assert refused == [("a-line-that-is-wrong.jsonl", "data.resulted_at")]


def test_a_dead_link_a_verb_that_is_none_a_target_without_a_rule_and_a_stale_default_are_found() -> None:
    links = (
        "[a](docs/nowhere.md#x) [b](README.md) [c](https://example.org/d) [e](README.md#two-commands) [f](README.md#g)"
    )
    assert dead_links(ROOT / "README.md", links) == ["docs/nowhere.md#x", "README.md#g"]
    assert unknown_commands("`afterward fly` and\n```\n$ afterward clock back 1h\n```\n") == ["fly", "clock back"]
    makefile = ".PHONY: test chaos bench\ntest: setup ## tests\n\t@pytest\nbench:\n"
    assert targets_without_work("`make test`, `make chaos ONLY=kills`, `make bench`", makefile) == ["chaos", "bench"]
    assert "workers" in set(undocumented_settings("| `AFTERWARD_WORKERS` | `3` | parallel transactions |"))
