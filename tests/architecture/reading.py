"""What a reader of the tree should never meet: the rules of STYLE.md and of the lock files that can be checked."""

import ast
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

LINES_OF_A_FILE = 300
LINES_OF_A_FUNCTION = 40

_NOT_OURS = {"node_modules", "build", "dist", "__pycache__"}

_FORBIDDEN_NAME = re.compile(r"(?:^|_)(?:utils?|common|helpers?|managers?|base|misc)(?:_|$)")
_REGISTRY = re.compile(
    r"(?:pypi|pythonhosted|npmjs)\.(?:org|com)|repo1?\.maven|^\s*--(?:extra-)?index-url|^\s*--(?:find-links|trusted-host)",
    re.MULTILINE,
)
_MACHINE_PATH = re.compile(r"(?<![\w.])/(?:home|root|work|farm|Users)/[A-Za-z.]")
_UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b|\bNotImplemented" r"Error\b")
_LEFT_BY_A_STACK = "afterward-up."
"""What `afterward up`, and so the demo, leaves beside `.afterward`: git ignores it, too."""


def texts(root: Path) -> Iterator[tuple[str, str]]:
    """Every text of ours that people read: its path relative to `root`, and what it says."""
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if _is_ours(name))
        for path in (Path(folder, name) for name in sorted(files) if not name.startswith(_LEFT_BY_A_STACK)):
            with suppress(UnicodeDecodeError):
                yield path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")


def _is_ours(folder: str) -> bool:
    hidden = folder.startswith(".") and folder != ".ci"
    return not hidden and folder not in _NOT_OURS and not folder.endswith(".egg-info")


def blemishes(path: str, text: str) -> list[str]:
    """What is wrong with the file `path` (relative to the root), a sentence each."""
    found = list(_marks(path, text))
    if any(_FORBIDDEN_NAME.search(Path(name).stem) for name in Path(path).parts):
        found.append(f"{path} is named after nothing that it is")
    if path.endswith(".py"):
        found += _sizes(path, text)
    return found


def _marks(path: str, text: str) -> Iterator[str]:
    for pattern, what in (
        (_REGISTRY, "names a package registry"),
        (_MACHINE_PATH, "carries a path of somebody's machine"),
        (_UNFINISHED, "carries a mark of unfinished work"),
    ):
        if match := pattern.search(text):
            yield f"{path}:{text.count(chr(10), 0, match.start()) + 1} {what}: {match.group().strip()}"


def _sizes(path: str, text: str) -> Iterator[str]:
    if text.count("\n") > LINES_OF_A_FILE:
        yield f"{path} has {text.count(chr(10))} lines: which two things is it?"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            lines = node.end_lineno - node.lineno + 1
            if lines > LINES_OF_A_FUNCTION:
                yield f"{path}:{node.lineno} {node.name} has {lines} lines: which two things is it?"
