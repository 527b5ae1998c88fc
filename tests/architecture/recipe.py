"""The recipe of CONTRIBUTING.md for a new service, read as its reader follows it: files, changes of files, commands."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.architecture.sample_repo import ROOT

PAGE = ROOT / "CONTRIBUTING.md"
_BLOCK = re.compile(
    r"(?:^`(?P<path>[\w./-]+)`[^\n]*\n\n)?^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
_LEFT_OUT = shutil.ignore_patterns("node_modules", "__pycache__", ".*", "*.egg-info", "build", "dist")


class Step(NamedTuple):
    """One block: a file to write, a change (`diff`) of one, or commands (`console`), which have no path."""

    path: str | None
    language: str
    text: str


def steps(page: str, title: str = "A service") -> list[Step]:
    """The blocks under a heading of a page, in their order."""
    (section,) = re.findall(rf"^### {title}\n(.*?)(?=^##)", page, re.MULTILINE | re.DOTALL)
    return [Step(*found.group("path", "language", "text")) for found in _BLOCK.finditer(section)]


def changed(text: str, diff: str) -> str:
    """A text after a change without line numbers; parts of the change are divided by `@@`.

    Raises:
        LookupError: what a part says is there (context and what goes) is not there exactly once.
    """
    for part in re.split(r"^@@\n", diff, flags=re.MULTILINE):
        lines = part.splitlines(keepends=True)
        before = "".join(line[1:] for line in lines if line[0] != "+")
        after = "".join(line[1:] for line in lines if line[0] != "-")
        places = [found.start() for found in re.finditer(f"^(?={re.escape(before)})", text, re.MULTILINE)]
        if len(places) != 1:
            raise LookupError(f"{len(places)} times in the file, and not once: {before!r}")
        text = text[: places[0]] + after + text[places[0] + len(before) :]
    return text


def commands(text: str) -> Iterator[list[str]]:
    """The commands of a console block, a list of words each."""
    for line in text.splitlines():
        if line.startswith("$ "):
            yield line.removeprefix("$ ").split()


def copy_of_the_tree(root: Path) -> None:
    """What is committed or could be, at `root`."""
    shutil.copytree(ROOT, root, ignore=_LEFT_OUT, dirs_exist_ok=True)


def follow(root: Path, recipe: list[Step]) -> None:
    """Writes and changes the files that a recipe names. Raises LookupError for a change that does not fit."""
    for step in recipe:
        if step.path is not None:
            path = root / step.path
            path.parent.mkdir(parents=True, exist_ok=True)
            text = changed(path.read_text(encoding="utf-8"), step.text) if step.language == "diff" else step.text
            path.write_text(text, encoding="utf-8")
