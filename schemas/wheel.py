"""Builds the wheel of the published language, `afterward-schemas`, for those who write or read records in Python.

python -m schemas.wheel FOLDER

In the wheel the language is called `afterward_schemas`: an environment may hold another package called `schemas`.
Inside are the messages, the envelope and the topics, with `published/` (JSON Schemas, AsyncAPI) and an example of each
message; what writes `published/` is not. Version, Python and pydantic are those of the project.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any, Final

NAME: Final = "afterward_schemas"
_HERE: Final = Path(__file__).parent
_STAYS: Final = shutil.ignore_patterns(
    "generate.py",
    "wheel.py",
    "publishing",
    "released.json",
    "invalid",
    "*.mjs",
    "package*.json",
    "node_modules",
    "__pycache__",
)
_IMPORT: Final = re.compile(r"^(\s*(?:from|import) )schemas\b", re.MULTILINE)


def build(folder: Path) -> Path:
    """Writes the wheel into `folder`, and says where it is. Raises CalledProcessError when it cannot be built."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        _write_sources(Path(scratch))
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
        subprocess.run([*command, "--wheel-dir", str(folder.absolute()), scratch], check=True)
    return next(folder.glob(f"{NAME}-{_project()['version']}-*.whl"))


def _write_sources(folder: Path) -> None:
    shutil.copytree(_HERE, folder / NAME, ignore=_STAYS)
    for module in (folder / NAME).rglob("*.py"):
        module.write_text(renamed(module.read_text(encoding="utf-8")), encoding="utf-8")
    (folder / "pyproject.toml").write_text(_configuration(_project()), encoding="utf-8")


def renamed(source: str) -> str:
    """A module as it stands in the wheel: what it imports of the language has the language's name there."""
    return _IMPORT.sub(rf"\1{NAME}", source)


def _project() -> dict[str, Any]:
    project: dict[str, Any] = tomllib.loads((_HERE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project


def _configuration(project: dict[str, Any]) -> str:
    needed = [each for each in project["dependencies"] if re.match(r"(pycountry|pydantic|tzdata)\W", each)]
    return f"""
[build-system]
requires = ["setuptools>=80"]
build-backend = "setuptools.build_meta"

[project]
name = "afterward-schemas"
version = "{project["version"]}"
description = "The messages of Afterward: envelope, reports, events and topics, with their JSON Schemas"
license = "{project["license"]}"
requires-python = "{project["requires-python"]}"
dependencies = {json.dumps(needed)}

[tool.setuptools.packages.find]
include = ["{NAME}*"]

[tool.setuptools.package-data]
"*" = ["*.json", "py.typed"]
"""


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m schemas.wheel", description="Builds the wheel afterward-schemas.")
    parser.add_argument("folder", type=Path, help="where the wheel is written")
    sys.stdout.write(f"{build(parser.parse_args().folder)}\n")
