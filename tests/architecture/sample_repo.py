"""A copy of the house small enough to be broken on purpose: its rooms with nothing in them, under its own rules."""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import tests.architecture.allowed

ROOT = Path(__file__).parents[2]
SERVICES = sorted(path.parent.name for path in (ROOT / "services").glob("*/__init__.py"))

_KEEPING_THE_RULES = {
    "afterward/__init__.py": "import services.intake.app\n",
    "afterward/cli/__init__.py": "",
    "afterward/cli/database.py": "import chassis.store.engine\n",
    "afterward/context/__init__.py": "",
    "afterward/demo/__init__.py": "",
    "chassis/__init__.py": "",
    "chassis/decide/__init__.py": "",
    "chassis/publish/__init__.py": "",
    "chassis/store/__init__.py": "",
    "chassis/store/engine.py": "import asyncpg\n\nimport chassis.decide.judge\nimport schemas.envelope\n",
    "chassis/decide/announcing.py": "import chassis.decide.judge\nimport schemas.envelope\n",
    "chassis/decide/judge.py": "from datetime import datetime\n",
    "chassis/decide/ordered_facts.py": "from datetime import datetime\n\nimport chassis.decide.index\n",
    "chassis/decide/index.py": "from bisect import insort\n",
    "schemas/__init__.py": "",
    "schemas/envelope.py": "import json\n\nimport pydantic\n",
    "services/__init__.py": "",
    "story/__init__.py": "import schemas.envelope\n",
}
_ONE_SERVICE = {
    "__init__.py": "",
    "app.py": "import chassis.store.engine\nimport services.{name}.routes\n",
    "routes.py": "import services.{name}.domain\nimport services.{name}.context\n",
    "views.py": "import services.{name}.domain\n",
    "context.py": "import asyncpg\nimport services.{name}.domain\n",
    "domain.py": (
        "import chassis.decide.announcing\nimport chassis.decide.judge\nimport chassis.decide.ordered_facts\n"
        "import msgspec\nimport schemas.envelope\n"
        "import services.{name}.policy\n"
    ),
    "policy.py": "from datetime import date\n",
}


def build(root: Path, changes: Mapping[str, str]) -> None:
    """Writes the sample to `root`; `changes` (path → text) replaces or adds files."""
    rooms = _KEEPING_THE_RULES | {
        f"services/{name}/{file}": text.format(name=name) for name in SERVICES for file, text in _ONE_SERVICE.items()
    }
    for path, text in {**rooms, **changes}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    shutil.copy(ROOT / "pyproject.toml", root)
    guards = root / "tests/architecture"
    guards.mkdir(parents=True)
    shutil.copy(tests.architecture.allowed.__file__, guards)


def run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A Python program with the packages of `root`, not ours; its output is not wrapped."""
    return subprocess.run(
        [sys.executable, *arguments], cwd=root, env={"COLUMNS": "200"}, capture_output=True, text=True, check=False
    )
